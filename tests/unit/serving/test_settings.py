"""What the environment says, and each line that refuses it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from ml.errors import UsageError
from serving.settings import CONSENT, Environment, Settings


@pytest.mark.parametrize(
    ("environ", "home", "environment"),
    [
        ({}, "var", Environment.PRODUCTION),
        ({"APUALY_HOME": "", "APUALY_ENV": ""}, "var", Environment.PRODUCTION),
        ({"APUALY_HOME": "/srv/apualy"}, "/srv/apualy", Environment.PRODUCTION),
        ({"APUALY_ENV": "demo"}, "var", Environment.DEMO),
        ({"APUALY_ENV": "production"}, "var", Environment.PRODUCTION),
    ],
)
def test_environment_is_read(environ: Mapping[str, str], home: str, environment: Environment) -> None:
    read = Settings.from_environ(environ)
    assert (read.home, read.environment) == (Path(home), environment)
    assert read.database == f"sqlite:///{Path(home).absolute() / 'service.db'}"
    assert (read.provider, read.key, read.basis, read.needs_consent) == (None, None, CONSENT, True)


def test_a_database_may_have_a_password_which_is_not_shown() -> None:
    read = Settings.from_environ({"APUALY_DATABASE": "postgresql://apualy:pass-word@db/apualy"})
    assert read.database == "postgresql://apualy:pass-word@db/apualy"
    assert "pass-word" not in repr(read)


@pytest.mark.parametrize("written", ["Demo", "test", "prod", " demo"])
def test_another_environment_is_refused(written: str) -> None:
    with pytest.raises(UsageError, match='must be "demo" or "production"'):
        Settings.from_environ({"APUALY_ENV": written})


@pytest.mark.parametrize("written", ["", " ", "consent", "Consent", " CONSENT "])
def test_profiling_rests_on_consent(written: str) -> None:
    read = Settings.from_environ({"APUALY_PROFILING_BASIS": written})
    assert (read.basis, read.needs_consent) == (CONSENT, True)


def test_or_on_a_law_that_is_named() -> None:
    read = Settings.from_environ({"APUALY_PROFILING_BASIS": " Laki työvoimapalveluista 380/2023 § 5 "})
    assert (read.basis, read.needs_consent) == ("Laki työvoimapalveluista 380/2023 § 5", False)


@pytest.mark.parametrize("written", ["none", "off", "false", "0", "no", "law", "public interest", "consents", "2023"])
def test_what_names_no_law_does_not_do_away_with_consent(written: str) -> None:
    with pytest.raises(UsageError, match="must be") as refused:
        Settings.from_environ({"APUALY_PROFILING_BASIS": written})
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("environ", "words"),
    [
        ({"APUALY_PSEUDONYM_KEY_FILE": "/nowhere/key"}, "/nowhere/key cannot be read"),
        ({"APUALY_PSEUDONYM_KEY_FILE": "/x", "APUALY_PSEUDONYM_KEY_COMMAND": "y"}, "both are set; unset one"),
        ({"APUALY_PSEUDONYM_KEY_COMMAND": "echo short"}, "a key has 32 to 4096 bytes"),
        ({"APUALY_OIDC_AUDIENCE": "apualy"}, "APUALY_OIDC_ISSUER"),
        ({"APUALY_OIDC_ISUER": "https://login.example.fi"}, "APUALY_OIDC_ISUER is no setting of this service"),
        ({"APUALY_TELEMETRY": "yes"}, 'APUALY_TELEMETRY is "yes"'),
        ({"APUALY_METRICS_TOKEN_FILE": "/nowhere/token"}, "/nowhere/token"),
    ],
)
def test_what_cannot_be_read_is_told_in_a_line(environ: Mapping[str, str], words: str) -> None:
    with pytest.raises(UsageError) as refused:
        Settings.from_environ({"PATH": "/usr/bin:/bin", **environ})
    assert words in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("host", "loopback"),
    [
        ("127.0.0.1", True),
        ("127.8.8.8", True),
        ("::1", True),
        ("localhost", True),
        ("0.0.0.0", False),
        ("::", False),
        ("10.0.0.7", False),
        ("localhost.example.org", False),
        ("", False),
    ],
)
def test_demo_users_stay_on_loopback(host: str, loopback: bool) -> None:
    settings = Settings.from_environ({"APUALY_ENV": "demo"}).with_address(host, 8000)
    if loopback:
        settings.require_identity_provider()
    else:
        with pytest.raises(UsageError, match=r"127\.0\.0\.1"):
            settings.require_identity_provider()


def test_production_needs_an_identity_provider() -> None:
    with pytest.raises(UsageError, match="name the OpenID provider in APUALY_OIDC_ISSUER"):
        Settings.from_environ({}).require_identity_provider()
    provider = {"APUALY_OIDC_ISSUER": "https://login.example.fi", "APUALY_OIDC_AUDIENCE": "apualy"}
    Settings.from_environ(provider).with_address("0.0.0.0", 443).require_identity_provider()


@pytest.mark.parametrize("port", [-1, 65536])
def test_a_port_that_cannot_be_is_refused(port: int) -> None:
    with pytest.raises(UsageError, match=f"port {port} "):
        Settings.from_environ({}).with_address("127.0.0.1", port)


@pytest.mark.parametrize("workers", [0, -1, 65])
def test_so_many_workers_are_none(workers: int) -> None:
    with pytest.raises(UsageError, match=f"{workers} workers are not between 1 and 64"):
        Settings.from_environ({}).with_address("127.0.0.1", 8000, workers)

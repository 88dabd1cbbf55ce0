"""What the environment says, and where demo users may be."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from ml.errors import UsageError
from serving.settings import Environment, Settings


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
    assert Settings.from_environ(environ) == Settings(Path(home), environment)


@pytest.mark.parametrize("written", ["Demo", "test", "prod", " demo"])
def test_another_environment_is_refused(written: str) -> None:
    with pytest.raises(UsageError, match='must be "demo" or "production"'):
        Settings.from_environ({"APUALY_ENV": written})


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
    settings = Settings(Path("var"), Environment.DEMO).with_address(host, 8000)
    if loopback:
        settings.require_identity_provider()
    else:
        with pytest.raises(UsageError, match=r"127\.0\.0\.1"):
            settings.require_identity_provider()


def test_production_needs_an_identity_provider() -> None:
    with pytest.raises(UsageError, match="OpenID Connect is not built yet"):
        Settings(Path("var"), Environment.PRODUCTION).require_identity_provider()


@pytest.mark.parametrize("port", [-1, 65536])
def test_a_port_that_cannot_be_is_refused(port: int) -> None:
    with pytest.raises(UsageError, match=f"port {port} "):
        Settings(Path("var"), Environment.DEMO).with_address("127.0.0.1", port)

"""What the environment says about the provider: each mistake is a line that says what to set."""

from __future__ import annotations

from pathlib import Path

import pytest

from ml.errors import UsageError
from serving.identity.roles import Role, roles_of
from serving.identity.settings import ProviderSettings, provider_settings

BEARER = {"APUALY_OIDC_ISSUER": "https://login.example.fi/realms/staff", "APUALY_OIDC_AUDIENCE": "apualy-api"}
PAGES = {**BEARER, "APUALY_OIDC_CLIENT_ID": "pages", "APUALY_PUBLIC_URL": "https://apualy.example.fi/"}


def read(environ: dict[str, str]) -> ProviderSettings:
    found = provider_settings(environ)
    assert found is not None
    return found


@pytest.mark.parametrize("environ", [{}, {"APUALY_PUBLIC_URL": "x", "PATH": "/bin"}, {"APUALY_OIDC_ISSUER": " "}])
def test_no_provider(environ: dict[str, str]) -> None:
    assert provider_settings(environ) is None


def test_defaults() -> None:
    found = read(BEARER)
    assert (found.issuer, found.audience, found.client) == (*BEARER.values(), None)
    assert (found.reading.roles, found.reading.subject, found.reading.office) == ("roles", "sub", None)
    assert found.reading.meaning == {
        value: role for role in Role for value in (role, f"apualy-{role}", f"apualy_{role}")
    }  # fmt: skip


def test_all_of_it(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.touch(mode=0o600)
    secret.write_text("hush, hush\n", encoding="utf-8")
    found = read(
        {
            **PAGES,
            "APUALY_OIDC_CLIENT_SECRET_FILE": str(secret),
            "APUALY_OIDC_ROLES_CLAIM": "realm_access.roles",
            "APUALY_OIDC_ROLE_CASEWORKER": "guidance, S-1-5-21 ,Vastuutyöntekijät",
            "APUALY_OIDC_SUBJECT_CLAIM": "oid",
            "APUALY_OIDC_OFFICE_CLAIM": "unit",
        }
    )
    assert found.client is not None
    assert (found.client.client_id, found.client.public_url) == ("pages", "https://apualy.example.fi")
    assert found.client.secret == "hush, hush"
    assert "hush" not in repr(found)
    assert found.client.over_tls
    assert (found.reading.roles, found.reading.subject, found.reading.office) == ("realm_access.roles", "oid", "unit")
    given = ["guidance", "caseworker", "S-1-5-21", "operator"]
    assert [roles_of(each, found.reading.meaning) for each in given] == [
        {Role.CASEWORKER}, set(), {Role.CASEWORKER}, {Role.OPERATOR},
    ]  # fmt: skip


@pytest.mark.parametrize("address", ["http://127.0.0.1:8000", "http://localhost:8000", "http://[::1]:8000"])
def test_on_this_machine_without_tls(address: str) -> None:
    found = read({**PAGES, "APUALY_OIDC_ISSUER": address, "APUALY_PUBLIC_URL": address})
    assert found.client is not None
    assert not found.client.over_tls


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"APUALY_OIDC_ISSUER": ""}, "APUALY_OIDC_ISSUER is needed beside APUALY_OIDC_AUDIENCE"),
        ({"APUALY_OIDC_AUDIENCE": ""}, "APUALY_OIDC_AUDIENCE is needed beside"),
        ({"APUALY_OIDC_ISSUER": "http://login.example.fi"}, "APUALY_OIDC_ISSUER is not https"),
        ({"APUALY_OIDC_ISSUER": "http://127.0.0.1.example.fi"}, "APUALY_OIDC_ISSUER is not https"),
        ({"APUALY_OIDC_ISSUER": "login.example.fi"}, "APUALY_OIDC_ISSUER is no address"),
        ({"APUALY_OIDC_ISSUER": "https://login.example.fi\\@evil.example"}, "holds characters that none has"),
        ({"APUALY_OIDC_ISSUER": "https://"}, "APUALY_OIDC_ISSUER is no address"),
        ({"APUALY_OIDC_ISSUER": "https://a:b@login.example.fi"}, "APUALY_OIDC_ISSUER is no address"),
        ({"APUALY_OIDC_ISSUER": "https://login.example.fi:99999"}, "APUALY_OIDC_ISSUER is no address"),
        ({"APUALY_OIDC_ISSUER": "https://login.example.fi?x=1"}, "must end before any ? or #"),
        ({"APUALY_PUBLIC_URL": ""}, "APUALY_PUBLIC_URL is needed for sign-in"),
        ({"APUALY_PUBLIC_URL": "http://apualy.example.fi"}, "APUALY_PUBLIC_URL is not https"),
        ({"APUALY_PUBLIC_URL": "https://apualy.example.fi/#x"}, "must end before any ? or #"),
        ({"APUALY_OIDC_CLIENT_ID": "", "APUALY_OIDC_CLIENT_SECRET_FILE": "x"}, "of no use without APUALY_OIDC_CLIENT"),
        ({"APUALY_OIDC_CLIENT_SECRET_FILE": "/nowhere"}, "APUALY_OIDC_CLIENT_SECRET_FILE: /nowhere cannot be read"),
        ({"APUALY_OIDC_ROLE_CASEWORKR": "x"}, "APUALY_OIDC_ROLE_CASEWORKR is no setting of this service"),
        ({"APUALY_OIDC_CLIENT_SECRET": "x"}, "APUALY_OIDC_CLIENT_SECRET is no setting of this service"),
        ({"APUALY_OIDC_ROLE_OPERATOR": "a,,b"}, "APUALY_OIDC_ROLE_OPERATOR must be values between commas"),
        ({"APUALY_OIDC_ROLE_OPERATOR": "caseworker"}, '"caseworker" stands for two roles, caseworker and operator'),
    ],
)
def test_mistakes(changed: dict[str, str], words: str) -> None:
    with pytest.raises(UsageError) as refused:
        provider_settings({**PAGES, **changed})
    assert words in str(refused.value)


@pytest.mark.parametrize(("content", "mode", "words"), [
    ("hush", 0o644, "others can read it"), ("", 0o600, "in one line of text"), ("a\nb", 0o600, "in one line of text"),
])  # fmt: skip
def test_a_secret_that_is_none(content: str, mode: int, words: str, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text(content, encoding="utf-8")
    secret.chmod(mode)
    with pytest.raises(UsageError, match=words) as refused:
        provider_settings({**PAGES, "APUALY_OIDC_CLIENT_SECRET_FILE": str(secret)})
    assert "hush" not in str(refused.value)

"""Sign-in on the pages with a real provider: there and back, and what does not lead in."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from sqlalchemy import MetaData, create_engine

from ml.errors import AccessError, ForbiddenError, UnavailableError
from serving.identity.cookie import Cookie
from serving.identity.provider import Provider
from serving.identity.roles import Role
from serving.identity.session_table import session_table
from serving.identity.sessions import SqlSessions
from serving.identity.settings import provider_settings
from serving.identity.sign_in import SignIn
from serving.identity.transaction import Seal, sign_in_key

from .provider import SECRET, RealProvider

PAGES = "http://127.0.0.1:8123"


@dataclass
class Clock:
    """The time of day, moved by hand."""

    at: datetime = field(default_factory=lambda: datetime.now(UTC))

    def __call__(self) -> datetime:
        return self.at


@pytest.fixture(scope="module")
def running() -> Iterator[RealProvider]:
    provider = RealProvider()
    provider.start()
    provider.add_user("ada-1815", name="Ada Lovelace", realm_access={"roles": ["staff-caseworkers"]})
    provider.add_user("grace-1906", name="Grace Hopper", realm_access={"roles": []})
    provider.add_user("sync", realm_access={"roles": ["integration"]}, azp="apualy-pages")
    yield provider
    provider.stop()


@pytest.fixture
def real(running: RealProvider) -> RealProvider:
    if running.process is None:
        running.start()
    return running


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def sign_in(running: RealProvider, tmp_path: Path, clock: Clock) -> SignIn:
    secret = tmp_path / "secret"
    secret.touch(mode=0o600)
    secret.write_text(SECRET + "\n", encoding="utf-8")
    settings = provider_settings(
        {
            "APUALY_OIDC_ISSUER": running.issuer,
            "APUALY_OIDC_AUDIENCE": "apualy-api",
            "APUALY_OIDC_CLIENT_ID": "apualy-pages",
            "APUALY_OIDC_CLIENT_SECRET_FILE": str(secret),
            "APUALY_OIDC_ROLES_CLAIM": "realm_access.roles",
            "APUALY_OIDC_ROLE_CASEWORKER": "staff-caseworkers, staff-guidance",
            "APUALY_PUBLIC_URL": PAGES,
        }
    )
    assert settings is not None
    assert settings.client is not None
    provider = Provider(settings, clock)
    return SignIn(settings, settings.client, provider.issuer, Seal(sign_in_key(tmp_path / "home"), clock), clock)


def asked(address: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}


def test_there_and_back(sign_in: SignIn, real: RealProvider, tmp_path: Path) -> None:
    address, cookie = sign_in.begin("/clients?office=1")
    assert address.startswith(f"{real.issuer}/oauth2/authorize?")
    assert asked(address)["redirect_uri"] == f"{PAGES}/sign-in/complete"
    assert asked(address)["code_challenge_method"] == "S256"
    back = real.agree(address, "ada-1815")
    done = sign_in.complete(back["code"], back["state"], cookie.value)
    assert done.return_to == "/clients?office=1"
    assert (done.identity.subject, done.identity.name, done.identity.roles) == (
        "ada-1815", "Ada Lovelace", {Role.CASEWORKER}
    )  # fmt: skip

    metadata = MetaData()
    engine = create_engine(f"sqlite:///{tmp_path / 'sessions.db'}")
    sessions = SqlSessions(engine, session_table(metadata))
    metadata.create_all(engine)
    found = sessions.find(sessions.open(done.identity).session_id)
    assert found is not None
    assert found.identity.subject == "ada-1815"
    engine.dispose()


def test_what_the_browser_carries(sign_in: SignIn, real: RealProvider) -> None:
    address, cookie = sign_in.begin("/")
    header = cookie.header()
    assert header.startswith("apualy-sign-in=")
    assert header.endswith("; Max-Age=600; Path=/; HttpOnly; SameSite=Lax")  # Secure, too, over https: see test_cookie
    assert len(header) < 4096
    for secret in (asked(address)["state"], asked(address)["nonce"]):
        assert secret not in header
    assert cookie.value not in repr(cookie)
    assert sign_in.over().header() == "apualy-sign-in=; Max-Age=0; Path=/; HttpOnly; SameSite=Lax"


def test_who_has_no_role_and_who_is_no_person(sign_in: SignIn, real: RealProvider) -> None:
    for subject, words in (("grace-1906", "no role in this service"), ("sync", "machine client does not sign in")):
        address, cookie = sign_in.begin("/")
        back = real.agree(address, subject)
        with pytest.raises(ForbiddenError, match=words):
            sign_in.complete(back["code"], back["state"], cookie.value)


def test_a_code_is_used_once(sign_in: SignIn, real: RealProvider) -> None:
    address, cookie = sign_in.begin("/")
    back = real.agree(address, "ada-1815")
    sign_in.complete(back["code"], back["state"], cookie.value)
    with pytest.raises(AccessError, match="may be used or too old; begin again"):
        sign_in.complete(back["code"], back["state"], cookie.value)


def test_two_sign_ins_do_not_mix(sign_in: SignIn, real: RealProvider) -> None:
    """Another's answer in our browser; our answer with another's cookie; another's code under our state."""
    ours, our_cookie = sign_in.begin("/")
    theirs, their_cookie = sign_in.begin("/")
    back, other = real.agree(ours, "ada-1815"), real.agree(theirs, "grace-1906")
    with pytest.raises(AccessError, match="begun elsewhere"):
        sign_in.complete(other["code"], other["state"], our_cookie.value)
    with pytest.raises(AccessError, match="begun elsewhere"):
        sign_in.complete(back["code"], back["state"], their_cookie.value)
    with pytest.raises(AccessError, match="answered another sign-in"):  # the nonce tells
        sign_in.complete(other["code"], back["state"], our_cookie.value)
    assert sign_in.complete(back["code"], back["state"], our_cookie.value).identity.subject == "ada-1815"


@pytest.mark.parametrize("state", [None, "", "ä", "\udc80", "x" * 10_000])
def test_a_state_that_nobody_gave(state: str | None, sign_in: SignIn, real: RealProvider) -> None:
    _, cookie = sign_in.begin("/")
    with pytest.raises(AccessError, match="begun elsewhere"):
        sign_in.complete("code", state, cookie.value)


def test_a_cookie_that_is_none_altered_or_old(sign_in: SignIn, real: RealProvider, clock: Clock) -> None:
    address, cookie = sign_in.begin("/")
    back = real.agree(address, "ada-1815")
    middle = len(cookie.value) // 2
    altered = cookie.value[:middle] + ("A" if cookie.value[middle] != "A" else "B") + cookie.value[middle + 1 :]
    for value in (None, "", "ä", "\udc80", altered, cookie.value[:-4]):
        with pytest.raises(AccessError, match="begun elsewhere"):
            sign_in.complete(back["code"], back["state"], value)
    clock.at += timedelta(seconds=601)
    with pytest.raises(AccessError, match="more than ten minutes"):
        sign_in.complete(back["code"], back["state"], cookie.value)


def test_the_person_says_no(sign_in: SignIn, real: RealProvider) -> None:
    address, cookie = sign_in.begin("/")
    answer = httpx.post(address, data={"action": "deny"})
    back = asked(answer.headers["location"])
    assert back["error"] == "access_denied"
    with pytest.raises(AccessError, match="did not sign you in"):
        sign_in.complete(None, asked(address)["state"], cookie.value, back["error"])


def test_the_provider_is_down_in_between(sign_in: SignIn, real: RealProvider) -> None:
    address, cookie = sign_in.begin("/")
    back = real.agree(address, "ada-1815")
    real.stop()
    with pytest.raises(UnavailableError, match="sign-in cannot be completed: the identity provider cannot be reached"):
        sign_in.complete(back["code"], back["state"], cookie.value)
    assert isinstance(sign_in.begin("/")[1], Cookie)  # its addresses are known


def test_sign_out_with_the_provider(sign_in: SignIn, real: RealProvider) -> None:
    address = sign_in.sign_out_address()
    assert address is not None
    assert asked(address)["post_logout_redirect_uri"] == f"{PAGES}/signed-out"
    assert httpx.get(address).status_code == 200

"""Bearer tokens of a real provider: taken while it is there, rotates its keys, is down or hangs; forged ones never."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import logging
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import jwt
import pytest
from jwt.algorithms import RSAAlgorithm

from ml.errors import AccessError, ForbiddenError, UnavailableError
from serving.identity.issuer import BETWEEN_SECONDS, FRESH_SECONDS, KEPT_SECONDS
from serving.identity.provider import Provider
from serving.identity.roles import Role
from serving.identity.settings import provider_settings
from serving.logs import JsonLines

from .provider import RealProvider

AUDIENCE = "apualy-api"


class Clock:
    """A clock of the day and one of seconds, both moved by hand."""

    def __init__(self) -> None:
        self.passed = 0.0
        self.began = datetime.now(UTC)

    def now(self) -> datetime:
        return self.began + timedelta(seconds=self.passed)

    def steady(self) -> float:
        return self.passed


@pytest.fixture(scope="module")
def running() -> Iterator[RealProvider]:
    provider = RealProvider()
    provider.start()
    provider.add_user("ada-1815", name="Ada Lovelace", roles=["apualy-caseworker", "offline_access"], unit="Kallio")
    provider.add_user("grace-1906", name="Grace Hopper", roles=["gardener"])
    yield provider
    provider.stop()


@pytest.fixture
def real(running: RealProvider) -> Iterator[RealProvider]:
    """Return the provider, running; whatever a test did to it is over afterwards."""
    if running.process is None:
        running.start()
    yield running
    if running.process is not None:
        running.thaw()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def provider(running: RealProvider, clock: Clock) -> Provider:
    settings = provider_settings(
        {
            "APUALY_OIDC_ISSUER": running.issuer,
            "APUALY_OIDC_AUDIENCE": AUDIENCE,
            "APUALY_OIDC_OFFICE_CLAIM": "unit",
        }
    )
    assert settings is not None
    return Provider(settings, clock.now, clock.steady)


def test_a_token_says_who_and_what_and_where(provider: Provider, real: RealProvider, clock: Clock) -> None:
    who = provider.identify(real.bearer("ada-1815"))
    assert (who.subject, who.name, who.roles, who.office) == (
        "ada-1815", "Ada Lovelace", {Role.CASEWORKER}, "Kallio"
    )  # fmt: skip
    assert abs(who.expires - clock.now() - timedelta(hours=1)) < timedelta(seconds=30)


def test_who_has_no_role_here_is_told_so(provider: Provider, real: RealProvider) -> None:
    with pytest.raises(ForbiddenError, match="gives you no role in this service"):
        provider.identify(real.bearer("grace-1906"))


def test_for_another_service(provider: Provider, real: RealProvider) -> None:
    with pytest.raises(AccessError, match="meant for another service"):
        provider.identify(real.bearer("ada-1815", client_id="payroll"))


def test_the_same_key_under_another_issuer(provider: Provider, real: RealProvider) -> None:
    with pytest.raises(AccessError, match="issued by another provider"):
        provider.identify(real.bearer("ada-1815", host="localhost"))


def test_of_another_provider(provider: Provider, real: RealProvider) -> None:
    other = RealProvider()
    other.start()
    try:
        other.add_user("ada-1815", roles=["caseworker"])
        token = other.bearer("ada-1815")
    finally:
        other.stop()
    with pytest.raises(AccessError, match="not what the identity provider signed"):
        provider.identify(token)


@pytest.mark.parametrize(("seconds", "holds"), [(3600 + 55, True), (3600 + 65, False), (-55, True), (-65, False)])
@pytest.mark.parametrize("seen_before", [True, False])
def test_from_when_until_when(
    seconds: float, holds: bool, seen_before: bool, provider: Provider, real: RealProvider, clock: Clock
) -> None:
    """It is tried with a token that was seen before, too; only an earlier time is then not looked at again."""
    token = real.bearer("ada-1815")
    issued = jwt.decode(token.removeprefix("Bearer "), options={"verify_signature": False})["iat"]
    clock.began = datetime.fromtimestamp(issued, UTC)
    if seen_before:
        provider.identify(token)
    clock.began += timedelta(seconds=seconds)
    if holds or (seen_before and seconds < 0):
        assert provider.identify(token).subject == "ada-1815"
    else:
        with pytest.raises(AccessError, match="expired" if seconds > 0 else "not valid yet"):
            provider.identify(token)


def taken(provider: Provider, token: str) -> bool:
    try:
        provider.identify(token)
    except AccessError:
        return False
    return True


# ---------------------------------------------------------------- forged


def part(content: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(content).encode()).rstrip(b"=").decode()


def test_forgeries_of_a_real_token(provider: Provider, real: RealProvider) -> None:
    header, payload, signature = real.token("ada-1815").split(".")
    claims = json.loads(base64.urlsafe_b64decode(payload + "=="))
    greedy = part({**claims, "roles": ["operator"]})
    public = RSAAlgorithm.from_jwk(real.public_key())
    pem = public.public_bytes(*_pem())

    def hs256(key: bytes, **more: str) -> str:
        signed = f"{part({'alg': 'HS256', 'typ': 'JWT', **more})}.{greedy}"
        digest = hmac.new(key, signed.encode(), hashlib.sha256).digest()
        return f"{signed}.{base64.urlsafe_b64encode(digest).rstrip(b'=').decode()}"

    forged = {
        "other claims": f"{header}.{greedy}.{signature}",
        "no signature": f"{header}.{payload}.",
        "alg none": f"{part({'alg': 'none'})}.{greedy}.",
        "alg None": f"{part({'alg': 'None'})}.{greedy}.",
        "alg nOnE with a signature": f"{part({'alg': 'nOnE'})}.{greedy}.{signature}",
        "no alg": f"{part({'typ': 'JWT'})}.{greedy}.{signature}",
        "alg a list": f"{part({'alg': ['RS256']})}.{greedy}.{signature}",
        "HS256 with the public key": hs256(pem),
        "HS256 with the public key, named": hs256(pem, kid=real.public_key()["kid"]),
        "HS256 with the published JSON": hs256(json.dumps(real.public_key()).encode()),
        "another padding": f"{part({'alg': 'PS256'})}.{payload}.{signature}",
        "a longer hash": f"{part({'alg': 'RS512'})}.{payload}.{signature}",
    }
    provider.identify(f"Bearer {header}.{payload}.{signature}")
    for what, token in forged.items():
        with pytest.raises(AccessError) as refused:
            provider.identify(f"Bearer {token}")
        assert refused.value.status == 401, what
        assert token[:20] not in str(refused.value)


def _pem() -> tuple[object, object]:
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    return Encoding.PEM, PublicFormat.SubjectPublicKeyInfo


# ---------------------------------------------------------------- rotation, down, slow


def test_a_new_key_is_found_and_the_old_one_counts_no_more(
    provider: Provider, real: RealProvider, clock: Clock
) -> None:
    old = real.bearer("ada-1815")
    provider.identify(old)
    real.restart()
    new = real.bearer("ada-1815")
    with pytest.raises(AccessError):  # the provider was asked a moment ago, and is not again
        provider.identify(new)
    assert provider.identify(old).subject == "ada-1815"
    clock.passed += BETWEEN_SECONDS
    assert provider.identify(new).subject == "ada-1815"
    with pytest.raises(AccessError):  # also a token that was remembered
        provider.identify(old)


def test_keys_are_asked_for_beside_what_is_served(provider: Provider, real: RealProvider, clock: Clock) -> None:
    old = real.bearer("ada-1815")
    provider.identify(old)
    real.restart()
    clock.passed += FRESH_SECONDS
    assert provider.identify(old).subject == "ada-1815"  # at once, with what is known
    end = time.monotonic() + 10
    while taken(provider, old) and time.monotonic() < end:
        time.sleep(0.02)
    assert not taken(provider, old)


def test_down_at_the_start_and_back(provider: Provider, real: RealProvider, clock: Clock) -> None:
    token = real.bearer("ada-1815")
    real.stop()
    with pytest.raises(UnavailableError, match="its operator and the operator of this service can mend it") as refused:
        provider.identify(token)
    assert refused.value.status == 503
    real.start()
    with pytest.raises(UnavailableError):  # not asked again yet
        provider.identify(token)
    clock.passed += BETWEEN_SECONDS
    assert provider.identify(real.bearer("ada-1815")).subject == "ada-1815"


def test_down_later_for_a_day(
    provider: Provider, real: RealProvider, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    known, fresh = real.bearer("ada-1815"), real.bearer("ada-1815")
    provider.identify(known)
    real.stop()
    clock.passed += FRESH_SECONDS
    with caplog.at_level(logging.WARNING):
        assert provider.identify(known).subject == "ada-1815"
        assert provider.identify(fresh).subject == "ada-1815"
        end = time.monotonic() + 10
        while not caplog.records and time.monotonic() < end:
            time.sleep(0.02)
    line = json.loads(JsonLines().format(caplog.records[0]))
    assert (line["level"], line["event"]) == ("warning", "identity_provider_unavailable")
    assert line["known_keys_last_seconds"] == 85_800
    assert line["why"].startswith("cannot be reached")
    clock.passed = KEPT_SECONDS
    clock.began -= timedelta(seconds=KEPT_SECONDS)  # the token itself would still do
    with pytest.raises(UnavailableError):
        provider.identify(known)
    with pytest.raises(UnavailableError):
        provider.identify(fresh)


def test_a_provider_that_hangs(provider: Provider, real: RealProvider, clock: Clock) -> None:
    known, fresh = real.bearer("ada-1815"), real.bearer("ada-1815")
    provider.identify(known)
    clock.passed += BETWEEN_SECONDS
    real.freeze()
    unknown = f"Bearer {part({'alg': 'RS256', 'kid': 'made up'})}.{part({})}.c2ln"
    waiting = threading.Thread(target=taken, args=(provider, unknown))
    waiting.start()  # this one waits for the provider
    time.sleep(0.2)
    began = time.monotonic()
    for token in (known, fresh):  # and nobody else does
        assert provider.identify(token).subject == "ada-1815"
    with pytest.raises(AccessError):
        provider.identify(unknown)
    assert time.monotonic() - began < 0.5
    assert waiting.is_alive()
    waiting.join(10)
    assert time.monotonic() - began < 4


def test_a_provider_that_hangs_from_the_start(provider: Provider, real: RealProvider) -> None:
    token = real.bearer("ada-1815")
    real.freeze()
    began, refusals = time.monotonic(), list[Exception]()

    def ask() -> None:
        with pytest.raises(UnavailableError) as refused:
            provider.identify(token)
        refusals.append(refused.value)

    threads = [threading.Thread(target=ask) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(refusals) == 20
    assert time.monotonic() - began < 4  # all of them, not one after the other

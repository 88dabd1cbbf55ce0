"""Sign-in, with a provider that checks PKCE and answers whatever a test asks for."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from cryptography.fernet import Fernet

from ml.errors import AccessError, ForbiddenError, InputError, UnavailableError, UsageError
from serving.identity.issuer import Issuer
from serving.identity.roles import Role
from serving.identity.settings import Client, ProviderSettings
from serving.identity.sign_in import SignIn
from serving.identity.transaction import Seal, sign_in_key

from .signing import CLIENT_ID, Signer

SIXTY_FOUR = "s€cret: with signs & spaces"
Complete = Callable[..., Any]


def made(settings: ProviderSettings, client: Client) -> SignIn:
    return SignIn(settings, client, Issuer(settings.issuer), Seal(Fernet.generate_key()))


@pytest.fixture
def public(settings: ProviderSettings) -> SignIn:
    return made(settings, Client(CLIENT_ID, "https://apualy.example.fi/app"))


@pytest.fixture
def complete(public: SignIn, signer: Signer) -> Complete:
    """Return what signs in with an ID token of changed claims, and what stands beside it in the answer."""

    def run(beside: dict[str, Any] | None = None, key: str = "rsa", algorithm: str = "RS256", **changed: Any) -> Any:
        address, cookie = public.begin("/")
        nonce = parse_qs(urlsplit(address).query)["nonce"][0]
        claims = {"aud": CLIENT_ID, "nonce": nonce, **changed}
        answer = {"access_token": "opaque", "id_token": signer.token(key, algorithm, **claims), **(beside or {})}
        return public.complete(*signer.grant(address, **answer), cookie.value)

    return run


def test_pkce_and_no_secret(complete: Complete, signer: Signer) -> None:
    assert complete().identity.roles == {Role.CASEWORKER}
    (form,) = signer.forms
    assert form["client_id"] == CLIENT_ID
    assert form["redirect_uri"] == "https://apualy.example.fi/app/sign-in/complete"
    assert 43 <= len(form["code_verifier"]) <= 128
    assert signer.authorizations == [None]


def test_another_verifier_is_not_taken(public: SignIn, signer: Signer) -> None:
    """A code that was caught on its way is of no use to another sign-in; the provider checks that."""
    caught, _ = signer.grant(public.begin("/")[0], id_token=signer.token(aud=CLIENT_ID))
    address, cookie = public.begin("/")
    _, state = signer.grant(address)
    with pytest.raises(AccessError, match="does not take the code"):
        public.complete(caught, state, cookie.value)


def test_another_state_is_not_taken(public: SignIn, signer: Signer) -> None:
    address, cookie = public.begin("/")
    code, state = signer.grant(address)
    for other in (None, "", state[:-1], state + "x", signer.grant(public.begin("/")[0])[1]):
        with pytest.raises(AccessError, match="begun elsewhere"):
            public.complete(code, other, cookie.value)
    assert not signer.forms


@pytest.mark.parametrize("methods", [None, ["client_secret_basic", "client_secret_post"], ["client_secret_post"]])
def test_the_secret_is_shown_as_the_provider_wants_it(
    methods: list[str] | None, settings: ProviderSettings, signer: Signer
) -> None:
    if methods:
        signer.document["token_endpoint_auth_methods_supported"] = methods
    sign_in = made(settings, Client(CLIENT_ID, "https://apualy.example.fi", SIXTY_FOUR))
    address, cookie = sign_in.begin("/")
    nonce = parse_qs(urlsplit(address).query)["nonce"][0]
    sign_in.complete(*signer.grant(address, id_token=signer.token(aud=CLIENT_ID, nonce=nonce)), cookie.value)
    in_form = methods == ["client_secret_post"]
    assert signer.forms[0].get("client_secret") == (SIXTY_FOUR if in_form else None)
    assert signer.authorizations == [None if in_form else f"{CLIENT_ID}:{SIXTY_FOUR}"]


def half(algorithm: str, token: str = "opaque") -> str:
    digest = hashlib.new(algorithm, token.encode()).digest()
    return base64.urlsafe_b64encode(digest[: len(digest) // 2]).rstrip(b"=").decode()


@pytest.mark.parametrize(
    ("key", "algorithm", "hashed"),
    [("rsa", "RS256", "sha256"), ("p256", "ES256", "sha256"), ("ed25519", "EdDSA", "sha512")],
)
def test_the_hash_of_the_access_token(key: str, algorithm: str, hashed: str, complete: Complete) -> None:
    assert complete(key=key, algorithm=algorithm, at_hash=half(hashed)).return_to == "/"
    for wrong in (half(hashed, "another"), "", 7, [half(hashed)]):
        with pytest.raises(AccessError, match="answered another sign-in"):
            complete(key=key, algorithm=algorithm, at_hash=wrong)
    with pytest.raises(AccessError, match="answered another sign-in"):
        complete({"access_token": None}, key, algorithm, at_hash=half(hashed))


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"nonce": None}, "answered another sign-in"),
        ({"nonce": "another"}, "answered another sign-in"),
        ({"nonce": "ä"}, "answered another sign-in"),
        ({"nonce": ["x"]}, "answered another sign-in"),
        ({"azp": "another client"}, "answered another sign-in"),
        ({"aud": [CLIENT_ID, "another"]}, "answered another sign-in"),
        ({"aud": "apualy-api"}, "meant for another service"),
        ({"iss": "http://127.0.0.1"}, "issued by another provider"),
        ({"exp": 1_700_000_000}, "expired"),
        ({"iat": None}, "does not say who"),
        ({"sub": None}, "does not say who"),
    ],
)
def test_an_id_token_that_is_not_of_this_sign_in(changed: dict[str, Any], words: str, complete: Complete) -> None:
    with pytest.raises(AccessError, match=words):
        complete(**changed)


def test_several_audiences_and_this_client_as_the_party(complete: Complete) -> None:
    assert complete(aud=[CLIENT_ID, "another"], azp=CLIENT_ID).return_to == "/"


def test_a_forged_id_token(complete: Complete) -> None:
    for forged in ("e30.e30.", None, 7, "x" * 9000):
        with pytest.raises(AccessError):
            complete({"id_token": forged})
    with pytest.raises(AccessError, match="does not publish"):
        complete(key="another rsa")


def test_machines_and_people_without_roles(complete: Complete) -> None:
    with pytest.raises(ForbiddenError, match="machine client does not sign in"):
        complete(roles=["integration"], azp=CLIENT_ID)
    with pytest.raises(ForbiddenError, match="no role in this service"):
        complete(roles=[])


def test_a_token_endpoint_that_is_wrong(public: SignIn, signer: Signer) -> None:
    address, cookie = public.begin("/")
    code, state = signer.grant(address)
    signer.exchange = lambda form: (503, {})  # type: ignore[method-assign]
    with pytest.raises(UnavailableError, match="sign-in cannot be completed: the identity provider answers 503"):
        public.complete(code, state, cookie.value)
    signer.exchange = lambda form: (401, {"error": "invalid_client"})  # type: ignore[method-assign]
    with pytest.raises(AccessError, match="did not sign you in"):
        public.complete(code, state, cookie.value)


@pytest.mark.parametrize("path", ["/", "/clients?office=1&page=2#top", "/a//b", "/%2f%2fevil", "/@evil", "/a:b"])
def test_own_paths(path: str, public: SignIn) -> None:
    assert public.begin(path)[1].header().endswith("; HttpOnly; SameSite=Lax; Secure")


@pytest.mark.parametrize(
    "path",
    ["", "clients", "//evil", "/\\evil", "\\\\evil", "https:", "https://evil", "https:/evil", "///evil", "/\t/evil",
     "/\n/evil", " //evil", "/ x", "/a\r\nSet-Cookie: x=y", "javascript:alert(1)", "/\x00", "/ä", "/" + "x" * 1024,
     "@evil", ".evil", "/a\\..\\evil", "/clients\n"],
)  # fmt: skip
def test_paths_that_lead_elsewhere(path: str, public: SignIn, signer: Signer) -> None:
    with pytest.raises(InputError, match="must be a path of this service") as refused:
        public.begin(path)
    assert "evil" not in str(refused.value)


def test_a_cookie_over_https_is_this_hosts_alone(public: SignIn) -> None:
    _, cookie = public.begin("/" + "x" * 1023)
    assert cookie.header().startswith("__Host-apualy-sign-in=")
    assert "; Path=/;" in cookie.header()
    assert "Domain" not in cookie.header()
    assert len(cookie.header()) < 4096


def test_another_key_opens_nothing(settings: ProviderSettings, signer: Signer, public: SignIn) -> None:
    _, cookie = public.begin("/")
    with pytest.raises(AccessError, match="begun elsewhere"):
        Seal(Fernet.generate_key()).open(cookie.value)


def test_no_place_to_sign_out(public: SignIn, signer: Signer) -> None:
    assert public.sign_out_address() is None


def test_the_key_is_made_once_and_is_private(tmp_path: Path) -> None:
    key = sign_in_key(tmp_path / "home")
    file = tmp_path / "home" / "sign_in.key"
    assert sign_in_key(tmp_path / "home") == key
    assert file.stat().st_mode & 0o777 == 0o600
    file.chmod(0o644)
    with pytest.raises(UsageError, match="others can read it"):
        sign_in_key(tmp_path / "home")
    file.chmod(0o600)
    file.write_text("short")
    with pytest.raises(UsageError, match="holds no key of sign-ins; delete it"):
        sign_in_key(tmp_path / "home")

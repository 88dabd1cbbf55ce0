"""Which tokens hold. joserfc signs them; each refusal is a line that holds nothing of the token."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from joserfc.util import urlsafe_b64decode, urlsafe_b64encode

from ml.errors import AccessError, ForbiddenError
from serving.identity.provider import Provider
from serving.identity.roles import Role
from serving.identity.settings import ProviderSettings
from serving.logs import JsonLines

from .signing import Signer, jwk

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"  # of base64url, in order


def refused(provider: Provider, token: str) -> str:
    with pytest.raises(AccessError) as refused:
        provider.identify(f"Bearer {token}")
    assert refused.value.status == 401
    words = str(refused.value)
    assert "\n" not in words
    assert not token.strip() or token[:16] not in words
    return words


@pytest.mark.parametrize(
    ("key", "algorithm"), [("rsa", "RS256"), ("rsa", "PS256"), ("p256", "ES256"), ("ed25519", "EdDSA")]
)
def test_each_algorithm_with_its_kind_of_key(key: str, algorithm: str, provider: Provider, signer: Signer) -> None:
    assert provider.identify(f"Bearer {signer.token(key, algorithm)}").subject == "ada-1815"


@pytest.mark.parametrize(
    ("key", "algorithm"),
    [("rsa", "RS384"), ("rsa", "RS512"), ("rsa", "PS512"), ("p384", "ES384"), ("small rsa", "RS256"),
     ("another rsa", "RS256")],
)  # fmt: skip
def test_other_algorithms_small_and_unpublished_keys(
    key: str, algorithm: str, provider: Provider, signer: Signer
) -> None:
    signer.keys += [jwk("p384"), jwk("small rsa")]
    refused(provider, signer.token(key, algorithm))


@pytest.mark.parametrize(
    "narrowed", [{"alg": "PS256"}, {"use": "enc"}, {"key_ops": ["encrypt"]}, {"key_ops": "verify"}, {"kid": 7}]
)
def test_a_key_is_for_what_it_says(narrowed: dict[str, Any], provider: Provider, signer: Signer) -> None:
    signer.keys = [jwk("rsa", **narrowed), jwk("p256")]
    refused(provider, signer.token())


def test_a_private_key_counts_as_its_public_half(provider: Provider, signer: Signer) -> None:
    """Providers have published these; whoever reads only what is public reads them as any other key."""
    signer.keys = [{**jwk("rsa"), "d": "AQAB"}, {**jwk("p256"), "d": "AQAB"}, {**jwk("ed25519"), "d": "AQAB"}]
    for key, algorithm in (("rsa", "PS256"), ("p256", "ES256"), ("ed25519", "EdDSA")):
        assert provider.identify(f"Bearer {signer.token(key, algorithm)}").subject == "ada-1815"


@pytest.mark.parametrize("algorithm", ["RS256", "PS256", "ES256", "EdDSA"])
@pytest.mark.parametrize("key", ["rsa", "p256", "ed25519"])
def test_the_header_does_not_choose_the_kind_of_key(
    key: str, algorithm: str, provider: Provider, signer: Signer
) -> None:
    """A good signature under the name of another algorithm: RS256 as PS256, Ed25519 as ES256, and so on."""
    signs = {"rsa": "RS256", "p256": "ES256", "ed25519": "EdDSA"}[key]
    header = json.dumps({"alg": algorithm, "kid": key})
    token = signer.signed_text(json.dumps(signer.claims()), header, key, signs)
    if algorithm == signs:
        assert provider.identify(f"Bearer {token}").subject == "ada-1815"
    else:
        refused(provider, token)


def test_a_shared_secret_is_no_key(provider: Provider, signer: Signer) -> None:
    signer.keys = [{"kty": "oct", "k": "c2VjcmV0", "kid": "rsa", "alg": "RS256"}, jwk("p256"), "no object", {}]
    refused(provider, signer.token())


def test_a_name_of_two_keys_names_none(provider: Provider, signer: Signer) -> None:
    signer.keys = [jwk("rsa"), jwk("another rsa", kid="rsa")]
    refused(provider, signer.token())


def test_a_token_without_a_key_means_the_only_one(
    provider: Provider, settings: ProviderSettings, signer: Signer
) -> None:
    assert provider.identify(f"Bearer {signer.token(header={'kid': None})}").subject == "ada-1815"
    signer.keys.append(jwk("another rsa"))
    two = Provider(settings)
    refused(two, signer.token(header={"kid": None}))


@pytest.mark.parametrize(
    "kid",
    ["../../etc/passwd", "/dev/null", "file:///dev/null", "https://evil.example/keys", "rsa' OR '1'='1", "rsa\x00",
     "rsa\nlevel=INFO", "x" * 257, "", "none", "RSA"],
)  # fmt: skip
def test_the_name_of_a_key_is_only_ever_compared(
    kid: str, provider: Provider, signer: Signer, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(0):
        refused(provider, signer.token("another rsa", header={"kid": kid}))
    lines = "\n".join(JsonLines().format(record) for record in caplog.records)
    assert not kid or json.dumps(kid)[1:-1] not in lines
    assert set(signer.asked) <= {"/.well-known/openid-configuration", "/keys"}


@pytest.mark.parametrize("kid", [7, 1.5, True, ["rsa"], {"kid": "rsa"}])
def test_a_name_that_is_no_text(kid: Any, provider: Provider, signer: Signer) -> None:
    refused(provider, signer.signed_text(json.dumps(signer.claims()), json.dumps({"alg": "RS256", "kid": kid})))


def test_keys_that_a_token_brings_along_are_not_looked_at(provider: Provider, signer: Signer) -> None:
    own = jwk("another rsa", kid="rsa")
    for header in (
        {"jwk": own}, {"jku": f"{signer.issuer}/evil"}, {"x5u": f"{signer.issuer}/evil"}, {"x5c": ["MIIB"]},
    ):  # fmt: skip
        refused(provider, signer.token("another rsa", header={"kid": "rsa", **header}))
        assert provider.identify(f"Bearer {signer.token(header=header)}").subject == "ada-1815"
    assert not signer.asked["/evil"]


@pytest.mark.parametrize(
    "header",
    [
        {"crit": ["exp"]},
        {"crit": []},
        {"crit": ["b64"], "b64": True},
        {"b64": False},
        {"b64": True},
        {"typ": "logout+jwt"},
        {"typ": ["JWT"]},
    ],
)
def test_headers_that_change_what_a_token_is(header: dict[str, Any], provider: Provider, signer: Signer) -> None:
    text = json.dumps({"alg": "RS256", "kid": "rsa", **header})
    refused(provider, signer.signed_text(json.dumps(signer.claims()), text))


def test_the_kind_of_an_access_token(provider: Provider, signer: Signer) -> None:
    assert provider.identify(f"Bearer {signer.token(header={'typ': 'at+jwt'})}").subject == "ada-1815"


@pytest.mark.parametrize(
    ("payload", "header"),
    [
        ('{{"sub": "ada", {rest}}}', None),  # `sub` twice
        ('{{{rest}, "roles": ["operator"]}}', None),
        ('{{{rest}, "x": {{"a": 1, "a": 2}}}}', None),
        ('{{{rest}, "x": NaN}}', None),
        ("[{{{rest}}}]", None),
        ("{{{rest}", None),
        ("{{{rest}}}", '{"alg": "none", "alg": "RS256", "kid": "rsa"}'),
        ("{{{rest}}}", '["RS256"]'),
        ("{{{rest}}}", "[" * 5000),
        ("[" * 5000, None),
        ('{{{rest}, "x": ' + "9" * 5000 + "}}", None),
    ],
)
def test_json_that_two_readers_may_read_differently(
    payload: str, header: str | None, provider: Provider, signer: Signer
) -> None:
    rest = json.dumps(signer.claims())[1:-1]
    refused(provider, signer.signed_text(payload.format(rest=rest), header))


@pytest.mark.parametrize(
    "written",
    ["", " ", "a.b", "a.b.c", "a.b.c.d", "....", "ää.ää.ää", "\udc80.a.b", "e30.e30.e30", "x" * 8193, "x" * 1_000_000,
     "eyJhbGciOiJSUzI1NiJ9=.e30.e30", "eyJhbGciOiJSUzI1NiJ9.e30+.e30", "eyJhbGciOiJSUzI1NiJ9.e.e30"],
)  # fmt: skip
def test_what_is_no_token(written: str, provider: Provider, signer: Signer) -> None:
    began = time.perf_counter()
    refused(provider, written)
    assert time.perf_counter() - began < 0.5


@pytest.mark.parametrize("more", ["=", "!!!!", "\n\n\n\n", "++++", "    ", "A===="])
def test_a_good_signature_with_something_beside_it(more: str, provider: Provider, signer: Signer) -> None:
    """A lenient reader drops what is no base64, and takes the rest."""
    token = signer.token()
    refused(provider, f"{token[:-8]}{more}{token[-8:]}")
    assert provider.identify(f"Bearer {token}").subject == "ada-1815"


@pytest.mark.parametrize("more", ["=", "==", "===="])
@pytest.mark.parametrize(("key", "algorithm"), [("rsa", "RS256"), ("p256", "ES256")])
def test_a_good_signature_with_padding(more: str, key: str, algorithm: str, provider: Provider, signer: Signer) -> None:
    """Tokens have none (RFC 7515); PyJWT by itself takes two signs here."""
    refused(provider, signer.token(key, algorithm) + more)


def test_a_token_is_written_in_one_way(provider: Provider, signer: Signer) -> None:
    """The last letter of a signature carries bits that a lenient reader drops."""
    token = signer.token()
    last = LETTERS.index(token[-1])
    refused(provider, token[:-1] + LETTERS[last ^ 1])
    assert provider.identify(f"Bearer {token}").subject == "ada-1815"


def test_a_signature_of_p256_has_one_length(provider: Provider, signer: Signer) -> None:
    signed, _, written = signer.token("p256", "ES256").rpartition(".")
    signature = urlsafe_b64decode(written.encode())
    assert len(signature) == 64
    longer = urlsafe_b64encode(signature[:32] + bytes(1) + signature[32:]).decode()
    refused(provider, f"{signed}.{longer}")
    assert provider.identify(f"Bearer {signed}.{written}").subject == "ada-1815"


def test_a_token_of_8_kib_and_of_more(provider: Provider, signer: Signer) -> None:
    rest = len(signer.token(padding=""))
    fits = signer.token(padding="x" * int((8192 - rest) * 3 / 4 - 3))
    assert 8150 < len(fits) <= 8192
    assert provider.identify(f"Bearer {fits}").subject == "ada-1815"
    assert refused(provider, signer.token(padding="x" * 6200)) == "the token is longer than 8 KiB"


@pytest.mark.parametrize("header", [None, "", "Bearer", "Bearer ", "Basic YTpi", "Token abc", "bearerabc"])
def test_no_bearer_token(header: str | None, provider: Provider) -> None:
    with pytest.raises(AccessError, match="send the header Authorization: Bearer"):
        provider.identify(header)


# ---------------------------------------------------------------- claims


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"exp": None}, "does not say who and until when"),
        ({"exp": "4102444800"}, "does not say who and until when"),
        ({"exp": True}, "does not say who and until when"),
        ({"exp": 1e300}, "does not say who and until when"),
        ({"exp": -1}, "does not say who and until when"),
        ({"exp": 1_700_000_000}, "expired"),
        ({"nbf": 4_102_444_800}, "not valid yet"),
        ({"iat": 4_102_444_800}, "not valid yet"),
        ({"iss": None}, "another provider"),
        ({"iss": "http://127.0.0.1"}, "another provider"),
        ({"iss": ["x"]}, "another provider"),
        ({"aud": None}, "another service"),
        ({"aud": "payroll"}, "another service"),
        ({"aud": []}, "another service"),
        ({"aud": "xapualy-apix"}, "another service"),
        ({"aud": {"apualy-api": 1}}, "another service"),
        ({"sub": None}, "does not say who"),
        ({"sub": ""}, "does not say who"),
        ({"sub": 7}, "does not say who"),
        ({"sub": "ada\nlevel=INFO"}, "does not say who"),
        ({"sub": "x" * 256}, "does not say who"),
        ({"sub": "client:sync"}, "does not say who"),
    ],
)
def test_claims_that_do_not_hold(changed: dict[str, Any], words: str, provider: Provider, signer: Signer) -> None:
    claims = json.dumps(signer.claims(**changed))
    assert words in refused(provider, signer.signed_text(claims))


@pytest.mark.parametrize(("claim", "off", "sign"), [("exp", 50, -1), ("iat", 50, 1), ("nbf", 50, 1)])
def test_clocks_may_differ_by_a_minute(claim: str, off: int, sign: int, provider: Provider, signer: Signer) -> None:
    now = int(time.time())
    assert provider.identify(f"Bearer {signer.token(**{claim: now + sign * off})}").subject == "ada-1815"
    refused(provider, signer.token(**{claim: now + sign * (off + 25)}))


def test_one_of_several_audiences(provider: Provider, signer: Signer) -> None:
    assert provider.identify(f"Bearer {signer.token(aud=['payroll', 'apualy-api'])}").subject == "ada-1815"


@pytest.mark.parametrize(
    "roles",
    [None, [], "", "gardener", ["Caseworker"], [["caseworker"]], [{"caseworker": True}], {"caseworker": True},
     {"roles": ["operator"]}, 7, True, [None, 7], "caseworker operator", ["apualy_apualy_caseworker"]],
)  # fmt: skip
def test_claims_that_name_no_role(roles: Any, provider: Provider, signer: Signer) -> None:
    with pytest.raises(ForbiddenError, match="gives you no role in this service"):
        provider.identify(f"Bearer {signer.token(roles=roles)}")


@pytest.mark.parametrize(
    ("roles", "meant"),
    [
        (["apualy-service_manager"], {Role.SERVICE_MANAGER}),
        (["apualy_operator", "offline_access", {"x": 1}], {Role.OPERATOR}),
        ("data_protection_officer", {Role.DATA_PROTECTION_OFFICER}),
        (["caseworker", "apualy-caseworker", "ethics_reviewer"], {Role.CASEWORKER, Role.ETHICS_REVIEWER}),
    ],
)
def test_claims_that_name_roles(roles: Any, meant: set[Role], provider: Provider, signer: Signer) -> None:
    assert provider.identify(f"Bearer {signer.token(roles=roles)}").roles == meant


@pytest.mark.parametrize("client", [{"azp": "ura-sync"}, {"client_id": "ura-sync"}])
def test_a_machine_client_is_called_by_its_name(client: dict[str, str], provider: Provider, signer: Signer) -> None:
    who = provider.identify(f"Bearer {signer.token(roles=['integration'], name=None, **client)}")
    assert (who.subject, who.name, who.roles) == ("client:ura-sync", "client:ura-sync", {Role.INTEGRATION})


def test_a_machine_client_without_a_name_or_with_a_persons_role(provider: Provider, signer: Signer) -> None:
    refused(provider, signer.token(roles=["integration"]))
    with pytest.raises(ForbiddenError, match="holds the role integration alone"):
        provider.identify(f"Bearer {signer.token(roles=['integration', 'caseworker'], azp='ura-sync')}")


def test_an_identity_code_is_no_subject(provider: Provider, signer: Signer) -> None:
    with pytest.raises(ForbiddenError, match="APUALY_OIDC_SUBJECT_CLAIM") as refused:
        provider.identify(f"Bearer {signer.token(sub='131052-308T')}")
    assert "131052" not in str(refused.value)


def test_a_name_fits_a_line(provider: Provider, signer: Signer) -> None:
    who = provider.identify(f"Bearer {signer.token(name='Ada' + chr(10) + chr(27) + '[31m Lovelace ' + 'x' * 500)}")
    assert who.name.startswith("Ada[31m Lovelace x")
    assert len(who.name) == 100
    assert "Lovelace" not in repr(who)

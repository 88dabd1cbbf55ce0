"""What is known of the provider: what it may publish, how long one waits for it, and how seldom it is asked."""

from __future__ import annotations

import datetime
import json
import logging
import ssl
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from joserfc.util import int_to_base64

from ml.errors import AccessError, UnavailableError
from serving.identity.issuer import BETWEEN_SECONDS, FRESH_SECONDS, Issuer
from serving.identity.provider import Provider
from serving.identity.published import ask
from serving.logs import JsonLines

from .signing import PRIVATE, Signer, jwk


def why_not(issuer: str) -> str:
    with pytest.raises(UnavailableError) as refused:
        ask(issuer)
    return str(refused.value)


def test_what_it_publishes(signer: Signer) -> None:
    signer.document |= {"end_session_endpoint": f"{signer.issuer}/end"}
    said = ask(signer.issuer)
    assert (said.authorization_endpoint, said.end_session_endpoint) == (
        f"{signer.issuer}/authorize", f"{signer.issuer}/end",
    )  # fmt: skip
    assert [(key.key_id, key.algorithm_name) for key in said.keys] == [
        ("rsa", "RS256"), ("rsa", "PS256"), ("p256", "ES256"), ("ed25519", "EdDSA"),
    ]  # fmt: skip
    assert ask(signer.issuer).version == said.version
    signer.keys[0] = jwk("another rsa", kid="rsa")
    assert ask(signer.issuer).version != said.version


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"issuer": "http://127.0.0.1"}, "names another issuer"),
        ({"issuer": None}, "names another issuer"),
        ({"jwks_uri": None}, "does not say its jwks_uri"),
        ({"jwks_uri": "http://keys.example/keys"}, "a jwks_uri that is not https"),
        ({"jwks_uri": "file:///etc/passwd"}, "a jwks_uri that is no address"),
        ({"token_endpoint": "https://user:secret@login.example/token"}, "a token_endpoint that is no address"),
        ({"authorization_endpoint": "javascript:alert(1)"}, "a authorization_endpoint that is no address"),
        ({"authorization_endpoint": "https://login.example/\r\nSet-Cookie: a=b"}, "holds characters that none has"),
        ({"end_session_endpoint": "http://login.example/end"}, "a end_session_endpoint that is not https"),
    ],
)
def test_what_it_may_not_publish(changed: dict[str, Any], words: str, signer: Signer) -> None:
    signer.document |= changed
    assert words in why_not(signer.issuer)


@pytest.mark.parametrize(
    "keys",
    [[], ["x"], [{"kty": "RSA", "n": "AQAB", "e": "AQAB"}], [{"kty": "RSA"}], [{}], [{"kty": ["RSA"]}],
     [{"kty": "EC", "crv": "P-256", "x": "AQ", "y": "AQ"}], [{"kty": "OKP", "crv": "Ed25519", "x": 7}],
     [jwk("p384")], [jwk("p384", alg="ES256")], [jwk("p256", crv="P-384")], [jwk("rsa", n="\udc80")]],
)  # fmt: skip
def test_keys_that_are_of_no_use(keys: list[Any], signer: Signer) -> None:
    signer.keys = keys
    assert "publishes no key that can be used here" in why_not(signer.issuer)


@pytest.mark.parametrize(("bits", "kept"), [(2047, False), (2048, True), (8192, True), (8193, False)])
def test_how_large_an_rsa_key_may_be(bits: int, kept: bool, signer: Signer) -> None:
    signer.keys.append({"kty": "RSA", "kid": "made up", "e": "AQAB", "n": int_to_base64(2 ** (bits - 1) + 1)})
    assert ("made up" in {key.key_id for key in ask(signer.issuer).keys}) is kept


def test_the_order_of_keys_is_nothing_new(signer: Signer) -> None:
    """Else whoever lists them in another order each time makes us forget each token that was seen."""
    version = ask(signer.issuer).version
    signer.keys.reverse()
    assert ask(signer.issuer).version == version


OK = b"HTTP/1.0 200 OK\r\n\r\n"


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (b"HTTP/1.0 302 Found\r\nLocation: http://127.0.0.1:1/\r\n\r\n", "answers 302 (redirects are not followed)"),
        (b"HTTP/1.0 500 Oops\r\n\r\n{}", "answers 500"),
        (OK + b"<html>", "no JSON object"),
        (OK + b"[]", "no JSON object"),
        (OK + b'{"keys": [], "keys": []}', "no JSON object"),
        (OK + b"[" * 100_000, "no JSON object"),
        (OK + b" " * (256 * 1024 + 1), "more than 256 KiB"),
        (b"HTTP/1.0 200 OK\r\nContent-Length: 99999999\r\n\r\n" + b" " * (256 * 1024 + 1), "more than 256 KiB"),
        (b"", "breaks off"),
        (b"garbage\r\n\r\n", "breaks off"),
        (b"HTTP/1.0 200 OK\r\nContent-Length: 99\r\n\r\n{}", "breaks off"),
    ],
)
def test_answers_that_are_none(answer: bytes, words: str, signer: Signer) -> None:
    signer.raw["/keys"] = answer
    assert words in why_not(signer.issuer)


@pytest.mark.parametrize("answer", [OK + b" " * 1000, b"HTTP/1.0 200 OK\r\nX-Slow: " + b"x" * 1000])
def test_an_answer_that_comes_byte_by_byte(answer: bytes, signer: Signer) -> None:
    signer.raw["/keys"], signer.drip_seconds = answer, 0.1
    began = time.monotonic()
    assert why_not(signer.issuer) == "does not answer within 3 seconds"
    assert 2.9 < time.monotonic() - began < 4


def test_made_up_keys_do_not_make_us_ask(provider: Provider, signer: Signer, seconds: list[float]) -> None:
    """A thousand tokens under a hundred names, from eight threads: the provider hears of it once in ten seconds."""
    good = f"Bearer {signer.token()}"
    provider.identify(good)
    forged = [f"Bearer {signer.token('another rsa', header={'kid': f'made-up-{each}'})}" for each in range(100)]

    def attack(token: str) -> None:
        for _ in range(10):
            with pytest.raises(AccessError):
                provider.identify(token)
            assert provider.identify(good).subject == "ada-1815"

    for expected in (1, 2, 3):
        with ThreadPoolExecutor(8) as threads:
            list(threads.map(attack, forged))
        assert signer.asked["/keys"] == expected
        seconds[0] += BETWEEN_SECONDS


def test_tokens_that_could_never_hold_do_not_make_us_ask(
    provider: Provider, signer: Signer, seconds: list[float]
) -> None:
    good = {"alg": "RS256", "kid": "made up"}
    headers = ({"alg": "none"}, {"alg": "HS256"}, {"alg": "ES384"}, {"kid": "x" * 257}, {"crit": ["b64"]})
    named = [signer.signed_text("{}", json.dumps({**good, **header})) for header in headers]
    for token in ("garbage", "eyJhbGciOiJub25lIiwia2lkIjoieCJ9.e30.", "x" * 9000, *named):
        with pytest.raises(AccessError):
            provider.identify(f"Bearer {token}")
        seconds[0] += BETWEEN_SECONDS
    assert not signer.asked


def test_nobody_waits_for_who_asks_about_a_made_up_key(
    provider: Provider, signer: Signer, seconds: list[float]
) -> None:
    good = f"Bearer {signer.token()}"
    provider.identify(good)
    fresh = f"Bearer {signer.token(jti='another')}"
    seconds[0] += BETWEEN_SECONDS
    forged = f"Bearer {signer.token('another rsa', header={'kid': 'made up'})}"

    def ask_about_it() -> None:
        with pytest.raises(AccessError):
            provider.identify(forged)

    with signer.silent():
        asking = threading.Thread(target=ask_about_it)
        asking.start()
        _until_asked(signer, times=2)
        assert {provider.identify(each).subject for each in (good, fresh)} == {"ada-1815"}
        seconds[0] += BETWEEN_SECONDS  # it might be asked again by now, but somebody is still at it
        ask_about_it()
        assert asking.is_alive()
    asking.join()
    assert signer.asked["/keys"] == 2


def test_nobody_waits_while_known_keys_are_asked_for_anew(
    provider: Provider, signer: Signer, seconds: list[float], caplog: pytest.LogCaptureFixture
) -> None:
    good = f"Bearer {signer.token()}"
    provider.identify(good)
    seconds[0] += FRESH_SECONDS
    with signer.silent():
        for _ in range(100):
            assert provider.identify(good).subject == "ada-1815"
        _until_asked(signer, times=2)
        assert not caplog.records  # whoever asks has not given up yet, and all were let in


def test_who_waits_at_the_start_is_told_when_nothing_comes(signer: Signer) -> None:
    signer.wait_seconds, signer.keys = 0.5, []
    issuer = Issuer(signer.issuer)
    with ThreadPoolExecutor(8) as threads:
        asked = [threads.submit(issuer.known) for _ in range(8)]
    assert all(isinstance(each.exception(), UnavailableError) for each in asked)
    assert signer.asked["/keys"] == 1


def test_many_at_the_start_ask_once(provider: Provider, signer: Signer) -> None:
    signer.wait_seconds = 0.3
    tokens = [f"Bearer {signer.token(sub=f'p{each}')}" for each in range(32)]
    with ThreadPoolExecutor(32) as threads:
        subjects = {who.subject for who in threads.map(provider.identify, tokens)}
    assert len(subjects) == 32
    assert signer.asked["/keys"] == 1


def test_what_is_wrong_later_leaves_what_is_known(
    provider: Provider, signer: Signer, seconds: list[float], caplog: pytest.LogCaptureFixture
) -> None:
    token = signer.token()
    provider.identify(f"Bearer {token}")
    signer.keys = []
    seconds[0] += BETWEEN_SECONDS
    with caplog.at_level(logging.INFO), pytest.raises(AccessError):
        provider.identify(f"Bearer {signer.token('another rsa')}")
    line = JsonLines().format(caplog.records[-1])
    told = json.loads(line)
    assert (told["event"], told["known_keys_last_seconds"]) == ("identity_provider_unavailable", 86390)
    assert "publishes no key" in line
    assert token not in line
    assert provider.identify(f"Bearer {token}").subject == "ada-1815"


def test_nothing_is_asked_at_construction(signer: Signer) -> None:
    Issuer(signer.issuer)
    assert not signer.asked


# ---------------------------------------------------------------- TLS


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """Return a file with a key and a certificate for 127.0.0.1 that only its owner trusts."""
    import ipaddress

    key, name = PRIVATE["p256"], x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "a test")])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), 1, now, now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, SHA256())
    )
    file = tmp_path / "certificate.pem"
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    file.write_bytes(private + made.public_bytes(Encoding.PEM))
    return file


@pytest.mark.parametrize("trusted", [True, False])
def test_a_certificate(trusted: bool, certificate: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(json.dumps({"issuer": "another"}).encode())

        def log_message(self, format: str, *args: Any) -> None:
            pass

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    server = HTTPServer(("127.0.0.1", 0), Handler)
    server.handle_error = lambda *_: None  # type: ignore[method-assign]
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        if trusted:
            monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        words = why_not(f"https://127.0.0.1:{server.server_address[1]}")
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
    assert words.startswith("names another issuer" if trusted else "cannot be reached or breaks off (certificate:")


def _until_asked(signer: Signer, times: int) -> None:
    """Wait until the provider was asked to describe itself so many times."""
    end = time.monotonic() + 10
    while signer.asked["/.well-known/openid-configuration"] < times:
        assert time.monotonic() < end, "nobody asked"
        time.sleep(0.005)

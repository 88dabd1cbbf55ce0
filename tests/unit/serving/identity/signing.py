"""A provider on this machine that signs whatever a test asks for, with keys of each kind.

joserfc writes its keys and tokens, and PyJWT reads them: what one library has wrong does not cancel out.
"""

from __future__ import annotations

import base64
import hashlib
import json
import threading
import time
import warnings
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote_plus

from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from joserfc.errors import SecurityWarning
from joserfc.jwk import ECKey, Key, OKPKey, RSAKey
from joserfc.jws import JWSRegistry
from joserfc.util import urlsafe_b64encode

AUDIENCE = "apualy-api"
CLIENT_ID = "apualy-pages"
PRIVATE: dict[str, Any] = {
    "rsa": rsa.generate_private_key(65537, 2048),
    "another rsa": rsa.generate_private_key(65537, 2048),
    "small rsa": rsa.generate_private_key(65537, 1024),
    "p256": ec.generate_private_key(ec.SECP256R1()),
    "p384": ec.generate_private_key(ec.SECP384R1()),
    "ed25519": ed25519.Ed25519PrivateKey.generate(),
}


def jwk(name: str, **more: Any) -> dict[str, Any]:
    """Return a public key as a provider publishes it, under its name."""
    return {**_key(name).as_dict(private=False), "kid": name, **more}


def _key(name: str) -> Key:
    writers: dict[str, type[Key]] = {"rsa": RSAKey, "p": ECKey, "ed25519": OKPKey}
    writer = next(writers[kind] for kind in writers if kind in name)
    with warnings.catch_warnings(action="ignore", category=SecurityWarning):  # the small key is small
        return writer.import_key(PRIVATE[name])


class Signer:
    """The provider. What it publishes, and how it answers, may be changed at any time; it counts what it is asked."""

    def __init__(self, port: int) -> None:
        self.issuer = f"http://127.0.0.1:{port}"
        self.document: dict[str, Any] = {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys",
        }
        self.keys: list[Any] = [jwk("rsa"), jwk("p256"), jwk("ed25519")]
        self.asked: Counter[str] = Counter()
        self.raw: dict[str, bytes] = {}  # path → the whole answer, byte by byte
        self.drip_seconds = 0.0  # between the bytes of a raw answer
        self.wait_seconds = 0.0
        self._answers = threading.Event()
        self._answers.set()
        self.granted: dict[str, dict[str, Any]] = {}  # code → challenge, and what is answered
        self.forms: list[dict[str, str]] = []
        self.authorizations: list[str | None] = []

    @contextmanager
    def silent(self) -> Iterator[None]:
        """Listen to what is asked and answer nothing, until the end of this."""
        self._answers.clear()
        try:
            yield
        finally:
            self._answers.set()

    def claims(self, **changed: Any) -> dict[str, Any]:
        """Return the claims of a good token; None leaves one out."""
        now = int(time.time())
        claims = {"iss": self.issuer, "aud": AUDIENCE, "sub": "ada-1815", "name": "Ada", "roles": ["caseworker"],
                  "iat": now, "exp": now + 300, **changed}  # fmt: skip
        return {name: value for name, value in claims.items() if value is not None}

    def token(self, key: str = "rsa", algorithm: str = "RS256", header: Mapping[str, Any] | None = None,
              **changed: Any) -> str:  # fmt: skip
        """Return a token with changed claims and additional header fields, signed with one of the keys."""
        headers = {"typ": "JWT", "alg": algorithm, "kid": key, **(header or {})}
        headers = {name: value for name, value in headers.items() if value is not None}
        return self.signed_text(json.dumps(self.claims(**changed)), json.dumps(headers), key, algorithm)

    def signed_text(self, payload: str, header: str | None = None, key: str = "rsa", algorithm: str = "RS256") -> str:
        """Return a token over texts of one's own, which may be no JSON; the signature is good."""
        header = header or json.dumps({"alg": algorithm, "kid": key})
        signed = b".".join(urlsafe_b64encode(each.encode()) for each in (header, payload))
        signature = JWSRegistry.algorithms[algorithm].sign(signed, _key(key))
        return f"{signed.decode()}.{urlsafe_b64encode(signature).decode()}"

    def grant(self, address: str, **answered: Any) -> tuple[str, str]:
        """Agree to a sign-in at an address; return code and state. `answered` is what the code leads to."""
        asked = {name: values[0] for name, values in parse_qs(address.partition("?")[2]).items()}
        code = f"code-{len(self.granted)}"
        self.granted[code] = {"challenge": asked["code_challenge"], "answer": answered}
        return code, asked["state"]

    def exchange(self, form: Mapping[str, str]) -> tuple[int, dict[str, Any]]:
        """Answer a code, once, and only to who began the sign-in (RFC 7636)."""
        granted = self.granted.pop(form.get("code", ""), None)
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        if granted is None or granted["challenge"] != challenge:
            return 400, {"error": "invalid_grant"}
        return 200, granted["answer"]


@contextmanager
def signing() -> Iterator[Signer]:
    """Run a provider in threads of this process."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            signer.asked[self.path] += 1
            time.sleep(signer.wait_seconds)
            signer._answers.wait()
            if self.path in signer.raw:
                self._raw(signer.raw[self.path])
            elif self.path == "/.well-known/openid-configuration":
                self._json(200, signer.document)
            elif self.path == "/keys":
                self._json(200, {"keys": signer.keys})
            else:
                self._json(404, {})

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            form = {name: values[0] for name, values in parse_qs(body).items()}
            signer.forms.append(form)
            sent = self.headers.get("Authorization")
            shown = None if sent is None else base64.b64decode(sent.removeprefix("Basic ")).decode()
            signer.authorizations.append(None if shown is None else unquote_plus(shown))
            self._json(*signer.exchange(form))

        def _json(self, status: int, content: Any) -> None:
            body = json.dumps(content).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def _raw(self, content: bytes) -> None:
            if not signer.drip_seconds:
                self.wfile.write(content)
                return
            try:
                for byte in content:
                    self.wfile.write(bytes([byte]))
                    self.wfile.flush()
                    time.sleep(signer.drip_seconds)
            except OSError:
                pass  # whoever asked has gone

        def log_message(self, format: str, *args: Any) -> None:
            pass

    class Server(ThreadingHTTPServer):
        def handle_error(self, request: Any, client_address: Any) -> None:
            pass  # whoever asked has gone

    server = Server(("127.0.0.1", 0), Handler)
    signer = Signer(server.server_address[1])
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield signer
    finally:
        server.shutdown()
        server.server_close()
        thread.join()

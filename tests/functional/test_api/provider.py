"""An OpenID Connect provider that is none of ours (oidc-provider-mock), in a process of its own."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx

SECONDS_TO_START = 30
SECRET = "a secret of a test"


def free_port() -> int:
    """Return a port that nobody listens on now."""
    with closing(socket.create_server(("127.0.0.1", 0))) as listener:
        return int(listener.getsockname()[1])


@dataclass
class RealProvider:
    """The provider's process. Each start makes it a new signing key, as a rotation does; its users are told again."""

    port: int = field(default_factory=free_port)
    users: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    token_seconds: int = 3600
    process: subprocess.Popen[bytes] | None = None

    @property
    def issuer(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        argv = [sys.executable, "-W", "ignore", "-m", "oidc_provider_mock", "-H", "127.0.0.1", "-p", str(self.port)]
        argv += ["-e", str(self.token_seconds)]
        self.process = subprocess.Popen(argv, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        end = time.monotonic() + SECONDS_TO_START
        while not self._answers():
            assert self.process.poll() is None, "the provider stopped by itself"
            assert time.monotonic() < end, "the provider did not start"
            time.sleep(0.05)
        for subject, claims in self.users.items():
            self._tell(subject, claims)

    def stop(self) -> None:
        if self.process is not None:
            self.process.send_signal(signal.SIGCONT)
            self.process.terminate()
            self.process.wait(10)
            self.process = None

    def restart(self) -> None:
        """Come back with another key at the same address."""
        self.stop()
        self.start()

    def freeze(self) -> None:
        """Take connections and answer nothing."""
        assert self.process is not None
        os.kill(self.process.pid, signal.SIGSTOP)

    def thaw(self) -> None:
        assert self.process is not None
        os.kill(self.process.pid, signal.SIGCONT)

    def add_user(self, subject: str, **claims: Any) -> None:
        """Let somebody exist; they are told again after each start."""
        self.users[subject] = claims
        self._tell(subject, claims)

    def agree(self, address: str, subject: str) -> dict[str, str]:
        """Sign in as somebody at an address that a browser was sent to; return what it comes back with."""
        answer = httpx.post(address, data={"sub": subject})
        assert answer.status_code == 302, answer.text
        return {name: values[0] for name, values in parse_qs(urlsplit(answer.headers["location"]).query).items()}

    def token(self, subject: str, client_id: str = "apualy-api", host: str = "127.0.0.1") -> str:
        """Return a signed token about somebody for an audience; the host that is asked is its issuer."""
        asked = {"client_id": client_id, "redirect_uri": "http://127.0.0.1/back", "response_type": "code"}
        base = f"http://{host}:{self.port}/oauth2"
        query = httpx.QueryParams({**asked, "scope": "openid profile", "nonce": os.urandom(8).hex()})
        code = self.agree(f"{base}/authorize?{query}", subject)["code"]
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": asked["redirect_uri"]}
        answer = httpx.post(f"{base}/token", data=form, auth=(client_id, SECRET))
        return str(answer.json()["id_token"])

    def bearer(self, subject: str, **asked: str) -> str:
        """Return the header Authorization of somebody."""
        return f"Bearer {self.token(subject, **asked)}"

    def public_key(self) -> dict[str, str]:
        """Return the key that it signs with, as it publishes it."""
        return dict(httpx.get(f"{self.issuer}/jwks").json()["keys"][0])

    def _answers(self) -> bool:
        try:
            return httpx.get(f"{self.issuer}/jwks").status_code == 200
        except httpx.TransportError:
            return False

    def _tell(self, subject: str, claims: Mapping[str, Any]) -> None:
        assert httpx.put(f"{self.issuer}/users/{subject}", json=dict(claims)).status_code == 204

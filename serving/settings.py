"""What the environment and the command line say about one server: read once, frozen, checked at start."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import Self

from ml.errors import UsageError
from ml.home import home

HOST = "127.0.0.1"
PORT = 8000
HIGHEST_PORT = 65535


class Environment(StrEnum):
    """Where the server stands: a demonstration on one machine, or the real thing."""

    DEMO = "demo"
    PRODUCTION = "production"


@dataclass(frozen=True)
class Settings:
    """Facts of one deployment; modelling choices and ethical limits are not settings (design 2.11)."""

    home: Path
    environment: Environment
    host: str = HOST
    port: int = PORT

    @classmethod
    def from_environ(cls, environ: Mapping[str, str]) -> Self:
        """Return the settings of APUALY_HOME and APUALY_ENV; raises UsageError when one cannot be read."""
        written = environ.get("APUALY_ENV") or Environment.PRODUCTION
        try:
            environment = Environment(written)
        except ValueError:
            allowed = " or ".join(f'"{each}"' for each in Environment)
            raise UsageError(f'APUALY_ENV is "{written}"; it must be {allowed} (production when left out)') from None
        return cls(home(environ), environment)

    def with_address(self, host: str, port: int) -> Self:
        """Return the same settings at another address; raises UsageError when the port cannot be one."""
        if not 0 <= port <= HIGHEST_PORT:
            raise UsageError(f"port {port} is not between 0 and {HIGHEST_PORT}")
        return replace(self, host=host, port=port)

    @property
    def on_loopback(self) -> bool:
        """Whether only programs on this machine can reach the address."""
        if self.host == "localhost":
            return True
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return False

    def require_identity_provider(self) -> None:
        """Raise UsageError unless somebody can be identified at this address: demo users, on loopback only."""
        if self.environment is not Environment.DEMO:
            raise UsageError("sign-in through OpenID Connect is not built yet; run with APUALY_ENV=demo on 127.0.0.1")
        if not self.on_loopback:
            raise UsageError(
                f"demo users are for this machine only and {self.host} can be reached from others; use --host 127.0.0.1"
            )

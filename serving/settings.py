"""What the environment and the command line say about one server: read once, frozen, checked at start."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

from ml.errors import UsageError
from ml.home import home
from ml.pseudonym import KEY, MasterKey, read_key

from .identity.address import is_loopback
from .identity.settings import ProviderSettings, provider_settings
from .models.basis import CONSENT, LAW
from .operation import Operation

HOST = "127.0.0.1"
PORT = 8000
HIGHEST_PORT = 65535
MOST_WORKERS = 64
BASIS = "APUALY_PROFILING_BASIS"
MLFLOW_PAGES = "APUALY_MLFLOW_PAGES"


class Environment(StrEnum):
    """Where the server stands: a demonstration on one machine, or the real thing."""

    DEMO = "demo"
    PRODUCTION = "production"


@dataclass(frozen=True)
class Settings:
    """Facts of one deployment; modelling choices and ethical limits are not settings (design 2.11).

    database  address of the store; SQLite in the home when nothing else is said. It may hold a password.
    provider  who says who somebody is; None: demo users
    key       of pseudonyms, for identity codes that are posted; None: clients are named by pseudonym only
    basis     "consent", or the law on which profiling rests, as the public description names it
    mlflow_pages  where a browser finds MLflow's own pages; None: nobody said
    """

    home: Path
    environment: Environment
    database: str = field(repr=False)
    provider: ProviderSettings | None = None
    key: MasterKey | None = None
    basis: str = CONSENT
    mlflow_pages: str | None = None
    host: str = HOST
    port: int = PORT
    workers: int = 1
    operation: Operation = field(default_factory=Operation)

    @classmethod
    def from_environ(cls, environ: Mapping[str, str]) -> Self:
        """Return the settings of the environment; raises UsageError, in a line, when one cannot be read."""
        written = environ.get("APUALY_ENV") or Environment.PRODUCTION
        try:
            environment = Environment(written)
        except ValueError:
            allowed = " or ".join(f'"{each}"' for each in Environment)
            raise UsageError(f'APUALY_ENV is "{written}"; it must be {allowed} (production when left out)') from None
        keyed = environ.get(f"{KEY}_FILE") or environ.get(f"{KEY}_COMMAND")
        return cls(
            home=home(environ),
            environment=environment,
            database=database_address(environ),
            provider=provider_settings(environ),
            key=read_key(environ) if keyed else None,
            basis=_basis(environ.get(BASIS, "").strip()),
            mlflow_pages=_mlflow_pages(environ.get(MLFLOW_PAGES, "").strip()),
            operation=Operation.from_environ(environ),
        )

    def with_address(self, host: str, port: int, workers: int = 1) -> Self:
        """Return the same settings at another address; raises UsageError when the port cannot be one."""
        if not 0 <= port <= HIGHEST_PORT:
            raise UsageError(f"port {port} is not between 0 and {HIGHEST_PORT}")
        if not 1 <= workers <= MOST_WORKERS:
            raise UsageError(f"{workers} workers are not between 1 and {MOST_WORKERS}")
        return replace(self, host=host, port=port, workers=workers)

    @property
    def needs_consent(self) -> bool:
        """Whether profiling rests on consent."""
        return self.basis == CONSENT

    @property
    def on_loopback(self) -> bool:
        """Whether only programs on this machine can reach the address."""
        return is_loopback(self.host)

    def require_identity_provider(self) -> None:
        """Raise UsageError unless somebody can be identified: a provider, or demo users on this machine only."""
        if self.provider is not None:
            return
        if self.environment is not Environment.DEMO:
            raise UsageError(
                "nobody could sign in: name the OpenID provider in APUALY_OIDC_ISSUER and APUALY_OIDC_AUDIENCE, or run "
                "with APUALY_ENV=demo on 127.0.0.1"
            )
        if not self.on_loopback:
            raise UsageError(
                f"demo users are for this machine only and {self.host} can be reached from others; use --host 127.0.0.1"
            )


def _basis(written: str) -> str:
    """Return on what profiling rests. Whatever is no law leaves it on consent only where it says so, or nothing."""
    if written.casefold() in {"", CONSENT}:
        return CONSENT
    if not LAW.search(written):
        raise UsageError(
            f'{BASIS} is "{written}"; it must be "{CONSENT}", or name the law with its number, as "… 380/2023 § 5": '
            "clients are told, and nobody is asked for consent then"
        )
    return written


def _mlflow_pages(written: str) -> str | None:
    """Return where MLflow's pages are. Everybody signed in is shown the address, so it holds no password."""
    if not written:
        return None
    parts = urlsplit(written)
    plain = not ("@" in parts.netloc or parts.query or parts.fragment)
    if parts.scheme not in {"http", "https"} or not parts.hostname or not plain:
        raise UsageError(
            f"{MLFLOW_PAGES} must be the address of MLflow's pages as https://mlflow.example.fi, without user, "
            "password, ? and #"
        )
    return written.rstrip("/")


def database_address(environ: Mapping[str, str]) -> str:
    """Return the address of the service's database."""
    return environ.get("APUALY_DATABASE") or f"sqlite:///{home(environ).absolute() / 'service.db'}"

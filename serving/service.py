"""All that an endpoint needs to answer with; made once for each worker."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from starlette.requests import Request

from .edge import Edge
from .http.limits import Limiter
from .identity.identity import Identity
from .lanes import Lanes
from .language import Language
from .models.held import Models
from .store.database import Database

if TYPE_CHECKING:
    from ml.governance.registry import Registry

    from .identified import Entrance


@dataclass(frozen=True)
class Service:
    """One worker's parts.

    identify      returns who asks, or raises AccessError; may ask the provider, so it is called in a thread
    remembered    the same from memory, None where the provider must be asked
    needs_consent whether profiling rests on consent here
    secret        keys the digests of questions (Idempotency-Key)
    page_secret   keys how clients are named in the addresses of pages; all workers have the same
    entrance      where people of a browser come in; None: nobody does here
    basis         "consent", or the law on which profiling rests instead
    mlflow_pages  where a browser finds MLflow's own pages; None: nobody said
    registry      of all versions and their reviews; None: pages show none
    provider      raises UnavailableError while nobody can be identified; None: nobody else has to be asked
    """

    database: Database
    models: Models
    languages: Mapping[str, Language]
    edge: Edge
    identify: Callable[[Request], Identity]
    remembered: Callable[[Request], Identity | None]
    limits: Limiter
    lanes: Lanes
    needs_consent: bool
    secret: bytes
    page_secret: bytes
    cards: Path
    provider: Callable[[], object] | None = None
    entrance: Entrance | None = None
    basis: str = "consent"
    registry: Registry | None = None
    mlflow_pages: str | None = None

    def now(self) -> datetime:
        """Return the time of the service."""
        return self.database.clock()

"""Workers on an address, until they are told to stop.

The parent looks whether a model may be used and the database is as it should be, and binds the address; each worker
loads the models for itself (LightGBM's threads do not survive a fork) and answers.
"""

from __future__ import annotations

import gc
import logging
import os
import resource
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from fastapi import FastAPI

from ml.errors import GateError
from ml.governance.registry import Registry
from ml.models.artefact import require_digest

from .app import create_app
from .edge import Edge
from .greeting import example_of, greeting
from .http.limits import Limiter, Rate
from .identified import Entrance, Identified
from .identity.demo import DEMO, DemoUsers, demo_users
from .identity.provider import Provider
from .identity.sessions import SqlSessions
from .identity.sign_in import SignIn
from .identity.transaction import Seal, sign_in_key
from .lanes import THREADS, Lanes
from .language import read_languages
from .logs import log_to_stderr
from .models.basis import require_named
from .models.held import Models
from .models.looking import Looking
from .pages.rendering import page_assets
from .parent import Parent, address_of, listen
from .service import Service
from .settings import Settings
from .store.checkpoints import Checkpoints
from .store.database import Database
from .store.engines import sqlite_file
from .store.schema import require_current, revision, upgrade
from .store.tables import sessions

RATE = Rate(per_second=50, burst=200)
# Counts are mapped into memory: on a disk that is full, writing there would end the worker.
SHARED_MEMORY = Path("/dev/shm")  # noqa: S108  # a folder of our own is made there


@dataclass(frozen=True)
class Serving:
    """What a worker is made of: facts that can be handed on, nothing that is open.

    registry  opens the registry of the home
    names     the models to serve
    for_review  start also while none of them may be used: no advice then, but the pages of the review
    """

    settings: Settings
    registry: Callable[[], Registry]
    names: Sequence[str]
    for_review: bool = False

    def application(self) -> FastAPI:
        """Return the application of one worker, which looks for newer approvals from now on."""
        service = self.service()
        app = create_app(service, replace(self.settings.operation, shared=True))
        app.state.counts.threads.set(THREADS)
        logging.getLogger("serving").addHandler(app.state.counts.warned())
        Looking(service.models).start()
        Checkpoints(service.database).start()
        return app

    def service(self) -> Service:
        """Return the parts of one worker, with its models loaded."""
        settings, registry = self.settings, self.registry()
        database = Database(settings.database)
        people = self.people()
        entrance = self.entrance(people, database)
        identified = Identified(people) if entrance is None else entrance.identified
        return Service(
            database=database,
            models=Models.of_registry(registry, self.names, settings.basis),
            languages=read_languages(),
            edge=Edge(settings.key),
            identify=identified,
            remembered=identified.remembered,
            limits=Limiter(Rate(RATE.per_second / settings.workers, max(1, RATE.burst // settings.workers))),
            lanes=Lanes.of_worker(),
            needs_consent=settings.needs_consent,
            basis=settings.basis,
            secret=b"" if settings.key is None else settings.key.for_questions(),
            page_secret=sign_in_key(settings.home),
            cards=settings.home / "model_cards",
            provider=people.issuer.known if isinstance(people, Provider) else None,
            entrance=entrance,
            registry=registry,
            mlflow_pages=settings.mlflow_pages,
        )

    def entrance(self, people: Provider | DemoUsers, database: Database) -> Entrance | None:
        """Return where people of a browser come in; None where the provider knows no client for that."""
        settings = self.settings.provider
        if isinstance(people, DemoUsers):
            kept = SqlSessions(database.engine, sessions, database.clock, DEMO)
            return Entrance(kept, Identified(people, kept), over_tls=False, demo=people)
        if settings is None or settings.client is None:
            return None
        kept, client = SqlSessions(database.engine, sessions, database.clock, settings.issuer), settings.client
        flow = SignIn(settings, client, people.issuer, Seal(sign_in_key(self.settings.home)), database.clock)
        return Entrance(kept, Identified(people, kept, client.public_url), client.over_tls, sign_in=flow)

    def people(self) -> Provider | DemoUsers:
        """Return who says who somebody is."""
        settings = self.settings
        settings.require_identity_provider()
        if settings.provider is not None:
            return Provider(settings.provider)
        return demo_users(settings.home, settings.environment, settings.host)


def serve(serving: Serving) -> None:
    """Serve until told to stop.

    Raises GateError when no model may be used now, UsageError when nobody could sign in or the address is taken,
    UnavailableError when the database is not as it should be or no worker can start.
    """
    settings, approved = serving.settings, _approved(serving)
    people = serving.people()
    page_assets()  # said here, in a line, where they were not fetched
    if settings.operation.traced:
        from .http.traced import require_exporter  # slow to import, and seldom wanted

        require_exporter()
    database = Database(settings.database)
    prepare(database)
    listening = listen(settings.host, settings.port)
    tokens = people.users if isinstance(people, DemoUsers) else ()
    address = address_of(listening)
    greets = greeting(address, approved, tokens, example_of(database, tokens), _pages_at(settings, address))
    database.close()  # nothing that is open may be shared with the workers
    log_to_stderr()
    _open_many_files()
    with _folder_in_memory() as counted:
        make, ready = serving.application, lambda: print("\n".join(greets), flush=True)
        gc.freeze()  # nearly all that is here by now stays: nobody looks through it for garbage, here or in a worker
        gc.enable()
        Parent(listening, settings.workers, counted, make, ready).run()


def _pages_at(settings: Settings, address: str) -> str | None:
    """Return where browsers find the pages; None where nobody can sign in to them."""
    if settings.provider is None:
        return address
    return None if settings.provider.client is None else settings.provider.client.public_url


@contextmanager
def _folder_in_memory() -> Iterator[Path]:
    """Yield a folder, and remove it in the process that made it: its forks leave through here, too."""
    owner = os.getpid()
    folder = Path(tempfile.mkdtemp(prefix="apualy-", dir=SHARED_MEMORY if SHARED_MEMORY.is_dir() else None))
    try:
        yield folder
    finally:
        if os.getpid() == owner:
            shutil.rmtree(folder)


def _open_many_files() -> None:
    """Let the workers open as many files, and so connections, as the system allows this user."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def _approved(serving: Serving) -> list[Any]:
    """Return the versions that may be used now; each worker loads them for itself. Raises GateError: there is none."""
    registry, found, refused = serving.registry(), [], []
    for name in serving.names:
        try:
            approved = registry.load_approved(name, datetime.now(UTC))
            require_named(serving.settings.basis, approved)
            with tempfile.TemporaryDirectory() as scratch:
                require_digest(registry.fetch(approved, Path(scratch)), approved.digest)
            found.append(approved)
        except GateError as refusal:
            refused.append(str(refusal))
    if not found and not serving.for_review:
        none = "there is no model to serve yet; run apualy train, and have the model reviewed"
        raise GateError("; ".join(refused) or none)
    return found


def prepare(database: Database) -> None:
    """Make the tables of a new SQLite database; raise UnavailableError where an older or newer schema is found."""
    file = sqlite_file(database.engine)
    try:
        if file is not None and not (file.exists() and _has_tables(database)):
            upgrade(database)
        with database.reading() as connection:
            require_current(connection)
    finally:
        database.close()  # nothing that is open may be shared with the workers


def _has_tables(database: Database) -> bool:
    with database.reading() as connection:
        return revision(connection) is not None

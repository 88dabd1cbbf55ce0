"""Where MLflow is: a SQLite file in the home, a PostgreSQL, or MLflow's own server; whether it answers, in words."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import sqlalchemy
from mlflow.exceptions import MlflowException
from mlflow.utils.credentials import get_default_host_creds
from mlflow.utils.rest_utils import http_request
from sqlalchemy.exc import SQLAlchemyError

from ml.errors import ApualyError, UsageError

HTTP = ("http://", "https://")
PATIENCE = 10  # seconds; MLflow's own tries go on for minutes
LOCKED = 60  # seconds that somebody else may hold a SQLite file


@dataclass(frozen=True)
class Store:
    """MLflow's store of one home.

    address  where it is; None: a SQLite file in the home
    """

    home: Path
    address: str | None = None

    @property
    def uri(self) -> str:
        """Return the address as MLflow takes it; the folder of a file is made here, since SQLite makes none."""
        if self.address is not None:
            return self.address
        folder = self.home.absolute() / "mlflow"
        folder.mkdir(parents=True, exist_ok=True)
        return f"sqlite:///{folder / 'mlflow.db'}"

    @property
    def served(self) -> bool:
        """Return whether a server keeps the artefacts: it has a place of its own for them."""
        return self.address is not None and self.address.startswith(HTTP)

    @property
    def shown(self) -> str:
        """Return where it is, for people: without user, password and options."""
        if self.address is None:
            return str(self.home)
        parts = urlsplit(self.address)
        return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"

    def artefacts(self, name: str) -> str | None:
        """Return where artefacts of a new experiment go; None: the server says where."""
        return None if self.served else (self.home.absolute() / "mlflow" / "artifacts" / name).as_uri()

    def require_answer(self) -> None:
        """Raise ApualyError at once when nobody answers there; UsageError when the address shows a password."""
        if self.served:
            self._require_server()
            return
        patience = {"timeout": LOCKED} if self.uri.startswith("sqlite") else {"connect_timeout": PATIENCE}
        engine = sqlalchemy.create_engine(self.uri, connect_args=patience)
        try:
            sqlalchemy.inspect(engine).get_table_names()
        except SQLAlchemyError as problem:
            raise self._silent(getattr(problem, "orig", problem)) from None
        finally:
            engine.dispose()

    def _require_server(self) -> None:
        if "@" in urlsplit(self.uri).netloc:  # MLflow would tell it in its messages
            raise UsageError(
                f"the address of MLflow at {self.shown} holds a user or password: put them in "
                "MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD"
            )
        try:
            held = get_default_host_creds(self.uri)  # type: ignore[no-untyped-call]
            answer: Any = http_request(  # type: ignore[no-untyped-call]
                held, "/health", "GET", max_retries=0, timeout=PATIENCE, raise_on_status=False
            )
        except MlflowException as problem:
            raise self._silent(problem.message) from None
        if answer.status_code != 200:
            raise self._silent(f"/health says {answer.status_code}")

    def _silent(self, why: object) -> ApualyError:
        return ApualyError(f"MLflow at {self.shown} does not answer ({why}); start it, or mend APUALY_MLFLOW_URI")

    @contextmanager
    def told(self, what: str) -> Iterator[None]:
        """Raise ApualyError in words where MLflow raises: what it was asked, and what it says."""
        try:
            yield
        except MlflowException as problem:
            raise ApualyError(f"MLflow at {self.shown} cannot be asked {what}: {problem.message}") from problem

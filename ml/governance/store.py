"""MLflow's registry: the only client of it. What it holds of a model mirrors the review log, for people who look there.

It is a SQLite file in the home, a PostgreSQL, or MLflow's own server. Tags of a version: digest of its artefact
(apualy.digest), digest of what training wrote in its card (apualy.card), state, end of the approval and what the gate
says (apualy.state, apualy.expires, apualy.gate). Of a model: length and last digest of the log (apualy.log). Moving the
alias or a tag by hand opens nothing.
"""

from __future__ import annotations

import logging
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

import sqlalchemy
from sqlalchemy.exc import SQLAlchemyError

from ml.errors import ApualyError, GateError, UsageError

from . import rows
from .signing.chain import Witness

if TYPE_CHECKING:  # it takes more than a second to load, and a server needs it only for what `rows` cannot read
    from mlflow import MlflowClient
    from mlflow.entities.model_registry import RegisteredModel

ALIAS = "approved"
ARTEFACT_PATH = "artifacts/artefact"  # where MLflow keeps the folder inside its logged model
DIGEST_TAG, CARD_TAG = "apualy.digest", "apualy.card"
STATE_TAG, EXPIRES_TAG, GATE_TAG = "apualy.state", "apualy.expires", "apualy.gate"
WITNESS_TAG = "apualy.log"
OPEN = "open"
DRAFT = "draft"
LONGEST_COUNT = 12  # digits
HTTP = ("http://", "https://")
PATIENCE = 10  # seconds; MLflow's own tries go on for minutes
LOCKED = 60  # seconds that somebody else may hold a SQLite file


@dataclass(frozen=True)
class Mirrored:
    """What MLflow says of a version: its state, when its approval ends, and what the gate says."""

    state: str
    expires: str | None
    gate: str


@dataclass
class Store:
    """MLflow's store of one home.

    address  where it is; None: a SQLite file in the home
    """

    home: Path
    address: str | None = None
    _answered: bool = field(default=False, init=False, repr=False)

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
        self._database(lambda connection: sqlalchemy.inspect(connection).get_table_names())

    def _database(self, ask: Callable[[sqlalchemy.Connection], Any]) -> Any:
        """Return what the database answers. Raises ApualyError when it does not."""
        patience = {"timeout": LOCKED} if self.uri.startswith("sqlite") else {"connect_timeout": PATIENCE}
        engine = sqlalchemy.create_engine(self.uri, connect_args=patience)
        try:
            with engine.connect() as connection:
                return ask(connection)
        except SQLAlchemyError as problem:
            raise self._silent(getattr(problem, "orig", problem)) from None
        finally:
            engine.dispose()

    def require_elsewhere(self) -> None:
        """Raise ApualyError when MLflow is not in the home and does not answer; nothing is made."""
        if self.address is not None:
            self.require_answer()

    def _require_server(self) -> None:
        if "@" in urlsplit(self.uri).netloc:  # MLflow would tell it in its messages
            raise UsageError(
                f"the address of MLflow at {self.shown} holds a user or password: put them in "
                "MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD"
            )
        from mlflow.exceptions import MlflowException
        from mlflow.utils.credentials import get_default_host_creds
        from mlflow.utils.rest_utils import http_request

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
        from mlflow.exceptions import MlflowException

        try:
            yield
        except MlflowException as problem:
            raise ApualyError(f"MLflow at {self.shown} cannot be asked {what}: {problem.message}") from problem

    @property
    def client(self) -> MlflowClient:
        """Return MLflow's client. Raises ApualyError when MLflow does not answer."""
        from mlflow import MlflowClient

        logging.getLogger("alembic").setLevel(logging.WARNING)  # hundreds of lines on a new store otherwise
        # What goes wrong there is raised as well, and told in one line; MLflow would log a traceback beside it.
        logging.getLogger("mlflow.store").setLevel(logging.CRITICAL)
        if not self._answered:
            self.require_answer()
            self._answered = True
        with self.told("for anything"):  # of an older or newer schema it cannot
            return MlflowClient(self.uri, self.uri)

    # ---------------------------------------------------------------- what training makes

    def experiment(self, name: str) -> str:
        """Return the id of the experiment, made when it is new."""
        client = self.client
        with self.told(f"for the experiment {name}"):
            found = client.get_experiment_by_name(name)
            if found is not None:
                return str(found.experiment_id)
            return str(client.create_experiment(name, self.artefacts(name)))

    def register(self, name: str, model_id: str, run_id: str, digest: str) -> int:
        """Return the number of a new version that points to a logged model."""
        from mlflow.exceptions import MlflowException

        client = self.client
        with self.told(f"for a new version of {name}"):
            try:
                client.create_registered_model(name)
            except MlflowException as problem:
                if problem.error_code != "RESOURCE_ALREADY_EXISTS":
                    raise
            tags = {DIGEST_TAG: digest, STATE_TAG: DRAFT}
            made = client.create_model_version(name, f"models:/{model_id}", run_id, tags=tags, model_id=model_id)
        return int(made.version)

    def withdraw(self, name: str, version: int) -> None:
        """Remove a version whose card could not be written: no model without a card."""
        with self.told(f"to remove version {version} of {name}, which has no card"):
            self.client.delete_model_version(name, str(version))

    def remember_card(self, name: str, version: int, digest: str) -> None:
        """Remember what training wrote in a card."""
        with self.told(f"to remember the card of {name} version {version}"):
            self.client.set_model_version_tag(name, str(version), CARD_TAG, digest)

    def card(self, name: str, version: int) -> str | None:
        """Return the digest of what training wrote in a card; None: nobody remembers."""
        known = self._rows(lambda connection: rows.version_tag(connection, name, version, CARD_TAG))
        if known is not None:
            return str(known)
        with self.told(f"about {name} version {version}"):
            found = self.client.get_model_version(name, str(version)).tags.get(CARD_TAG)
        return None if found is None else str(found)

    def download(self, name: str, version: int, into: Path) -> Path:
        """Return the folder of a copy of the artefact. Raises GateError when it is gone."""
        known = self._rows(lambda connection: rows.location(connection, name, version))
        source = None if known is None else urlsplit(known)
        if source is not None and source.scheme == "file" and not source.netloc:
            return self._copied(Path(unquote(source.path)) / ARTEFACT_PATH, into, f"{name} version {version}")
        return self._downloaded(name, version, into)

    def _copied(self, folder: Path, into: Path, what: str) -> Path:
        try:
            return Path(shutil.copytree(folder, into / folder.name, dirs_exist_ok=True))
        except (OSError, shutil.Error) as problem:
            raise GateError(f"the artefact of {what} cannot be fetched: {problem}") from problem

    def _downloaded(self, name: str, version: int, into: Path) -> Path:
        import mlflow
        from mlflow.exceptions import MlflowException

        try:
            source = self.client.get_model_version_download_uri(name, str(version))
            place = f"{source}/{ARTEFACT_PATH}"
            return Path(mlflow.artifacts.download_artifacts(place, dst_path=str(into), tracking_uri=self.uri))
        except (MlflowException, OSError) as problem:
            raise GateError(f"the artefact of {name} version {version} cannot be fetched: {problem}") from problem

    # ---------------------------------------------------------------- what mirrors the log

    def witness(self, name: str) -> Witness | None:
        """Return what MLflow remembers of the log. Raises GateError when MLflow cannot be asked, or says odd things."""
        try:
            asked = self._rows(lambda connection: (rows.tag(connection, name, WITNESS_TAG),))
            if asked is not None:
                return self._witness(name, asked[0])
            known = self._known(name)
        except UsageError:
            raise
        except ApualyError as problem:
            raise GateError(str(problem)) from problem
        return None if known is None else self._witness(name, known.tags.get(WITNESS_TAG))

    def _rows(self, ask: Callable[[sqlalchemy.Connection], Any]) -> Any:
        """Return what the database's rows say; None where MLflow's client is to be asked."""
        if self.served:
            return None
        return self._database(lambda connection: ask(connection) if rows.readable(connection) else None)

    def witnesses(self) -> dict[str, Witness]:
        """Return what MLflow remembers of the log for each model, also for those that have no card any more."""
        if self.address is None and not (self.home / "mlflow" / "mlflow.db").exists():
            return {}  # nothing was ever kept there, and a store is not made to say so
        with self.told("for its models"):
            models = self.client.search_registered_models()
        found = {str(model.name): self._witness(model.name, model.tags.get(WITNESS_TAG)) for model in models}
        return {name: witness for name, witness in found.items() if witness is not None}

    def remember_log(self, name: str, witness: Witness) -> None:
        """Remember how long the log is, and how it ends."""
        with self.told("to remember the review log"):
            self.client.set_registered_model_tag(name, WITNESS_TAG, f"{witness.entries}:{witness.last}")

    def tell(self, name: str, versions: Mapping[int, Mirrored], used: int | None) -> None:
        """Let alias and tags say where each version stands; `used`: the version that the gate lets through."""
        client = self.client
        with self.told("to say what the review log says"):
            there = {str(each.version) for each in client.search_model_versions(f"name = '{name}'")}
            for version, says in versions.items():
                if str(version) not in there:
                    continue  # somebody removed it from MLflow: there is nothing to tag, and the log holds
                for tag, value in ((STATE_TAG, says.state), (EXPIRES_TAG, says.expires), (GATE_TAG, says.gate)):
                    if value is not None:
                        client.set_model_version_tag(name, str(version), tag, value)
            if used is not None and str(used) in there:
                client.set_registered_model_alias(name, ALIAS, str(used))
            elif self.aliased(name) is not None:
                client.delete_registered_model_alias(name, ALIAS)

    def aliased(self, name: str) -> int | None:
        """Return the version to which MLflow's alias points; None: there is no such alias, or no such model."""
        known = self._known(name)
        return int(known.aliases[ALIAS]) if known is not None and ALIAS in known.aliases else None

    def _witness(self, name: str, said: object) -> Witness | None:
        if said is None:
            return None
        count, _, last = str(said).partition(":")
        if not count.isdecimal() or len(count) > LONGEST_COUNT:
            raise GateError(f"MLflow at {self.shown} remembers the log of {name} as {said!r}; see who wrote that")
        return Witness(int(count), last)

    def _known(self, name: str) -> RegisteredModel | None:
        """Return what MLflow holds of a model, if it knows it. Raises ApualyError when MLflow cannot be asked."""
        from mlflow.exceptions import MlflowException

        client = self.client
        with self.told(f"about {name}"):
            try:
                return client.get_registered_model(name)
            except MlflowException as problem:
                if problem.error_code == "RESOURCE_DOES_NOT_EXIST":
                    return None
                raise

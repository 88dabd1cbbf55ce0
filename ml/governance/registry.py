"""The model registry behind the gate: the only client of MLflow's registry.

State in one folder (design.md 2.17):

    <home>/mlflow/mlflow.db, artifacts/           MLflow's store
    <home>/model_cards/<model>/<version>.json     the card (source), .md (rendered), .review.json (the review)

MLflow's alias says which version is meant; the review says whether it may be used. Both must agree.
"""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import mlflow
from mlflow import MlflowClient
from mlflow.exceptions import MlflowException

from ml.contracts import Policy
from ml.errors import GateError, UsageError

from .card.markdown.card import render_card
from .files import write_whole
from .review.review import Approval, Binding, Event, Review, read_review, require_in_force, write_review

Render = Callable[[Mapping[str, Any]], str]
ALIAS = "approved"
ARTEFACT_PATH = "artifacts/artefact"  # where MLflow keeps the folder inside its logged model
DIGEST_TAG = "apualy.digest"


@dataclass(frozen=True)
class Approved:
    """A version that may be used for advice now; its artefact is still to be fetched and held against the digest."""

    name: str
    version: int
    digest: str
    card: Mapping[str, Any]
    card_text: str
    approved_by: str
    expires: datetime


class Registry:
    """Versions of models, their cards and their reviews, in one home folder."""

    def __init__(self, home: Path, policy: Policy) -> None:
        """Open the registry; the store is made on first use."""
        self.home = home
        self.policy = policy

    @property
    def tracking_uri(self) -> str:
        """Return the address of MLflow's store; its folder is made here, since SQLite makes none."""
        folder = self.home.absolute() / "mlflow"
        folder.mkdir(parents=True, exist_ok=True)
        return f"sqlite:///{folder / 'mlflow.db'}"

    @property
    def client(self) -> MlflowClient:
        """Return MLflow's client on this home."""
        logging.getLogger("alembic").setLevel(logging.WARNING)  # hundreds of lines on a new store otherwise
        # What goes wrong there is raised as well, and told in one line; MLflow would log a traceback beside it.
        logging.getLogger("mlflow.store").setLevel(logging.CRITICAL)
        return MlflowClient(self.tracking_uri, self.tracking_uri)

    def experiment(self, name: str) -> str:
        """Return the id of the experiment, made when it is new, with its artefacts under this home."""
        client = self.client
        found = client.get_experiment_by_name(name)
        if found is not None:
            return str(found.experiment_id)
        return str(client.create_experiment(name, (self.home.absolute() / "mlflow" / "artifacts" / name).as_uri()))

    def register(self, name: str, model_id: str, run_id: str, digest: str) -> int:
        """Return the number of a new version that points to a logged model."""
        client = self.client
        try:
            client.create_registered_model(name)
        except MlflowException as problem:
            if problem.error_code != "RESOURCE_ALREADY_EXISTS":
                raise
        made = client.create_model_version(
            name, f"models:/{model_id}", run_id, tags={DIGEST_TAG: digest}, model_id=model_id
        )
        return int(made.version)

    def withdraw(self, name: str, version: int) -> None:
        """Remove a version whose card could not be written: no model without a card."""
        self.client.delete_model_version(name, str(version))

    def publish(self, card: Mapping[str, Any], render: Render = render_card) -> Path:
        """Write a version's card, both files or none, and return the path of its Markdown.

        render  the card's Markdown; the card of another kind of model reads otherwise
        """
        path = self.card_path(card["model"]["name"], card["model"]["version"])
        source = json.dumps(card, indent=1, ensure_ascii=False, allow_nan=False) + "\n"
        markdown = render(card)
        try:
            write_whole(path.with_suffix(".json"), source)
            write_whole(path, markdown)
        except BaseException:
            path.with_suffix(".json").unlink(missing_ok=True)
            raise
        return path

    def latest(self, name: str) -> int:
        """Return the number of the newest version."""
        folder = self.home / "model_cards" / name
        versions = [int(path.stem) for path in folder.glob("*.md") if path.stem.isdecimal()]
        if not versions:
            raise UsageError(f"no model named {name} in {self.home}; known: {', '.join(self.names()) or 'none'}")
        return max(versions)

    def names(self) -> list[str]:
        """Return the names of the models that have a card."""
        return sorted({path.parent.name for path in (self.home / "model_cards").glob("*/*.md")})

    def review(self, name: str, version: int) -> Review:
        """Return the review of a version that has a card."""
        if not self.card_path(name, version).is_file():
            raise UsageError(f"{name} has no version {version} in {self.home}")
        return read_review(self._review_path(name, version), name, version)

    def binding(self, name: str, version: int) -> Binding:
        """Return the digests that an approval of this version binds to, as the files are now."""
        card = self._card(name, version)
        return Binding(card["model"]["digest"], self._card_digest(name, version), self.policy.digest)

    def deviations(self, name: str, version: int) -> list[str]:
        """Return what an approver must accept in writing."""
        return list(self._card(name, version)["deviations"])

    def record(self, name: str, version: int, event: Event) -> Review:
        """Take one step of the review, and let the alias follow. Raises GateError when the step is not open.

        Cut short between alias and review, either order refuses service; this one lets the step be taken again.
        """
        review = self.review(name, version).taken(event)
        client = self.client
        if event.step == "approve":
            client.set_registered_model_alias(name, ALIAS, str(version))
        write_review(self._review_path(name, version), review)
        if event.step == "revoke" and self._aliased(name) == version:
            client.delete_registered_model_alias(name, ALIAS)
        client.set_model_version_tag(name, str(version), "apualy.state", review.state)
        return review

    def approved(self, name: str, now: datetime) -> Approved:
        """Return the version that may be used now. Raises GateError that says what is missing."""
        version = self._aliased(name)
        if version is None:
            known = f"; known models: {', '.join(self.names()) or 'none'}" if name not in self.names() else ""
            raise GateError(f"no version of {name} carries the alias “{ALIAS}”: submit one and have it approved{known}")
        approval = self._require_in_force(name, version, now)
        return Approved(
            name=name,
            version=version,
            digest=approval.binding.artefact,
            card=self._card(name, version),
            card_text=self.card_path(name, version).read_text(encoding="utf-8"),
            approved_by=approval.by,
            expires=approval.expires,
        )

    def fetch(self, approved: Approved, into: Path) -> Path:
        """Return the folder of a copy of the artefact: what is checked is then what is loaded.

        Raises GateError when the artefact is gone.
        """
        try:
            source = self.client.get_model_version_download_uri(approved.name, str(approved.version))
            found = mlflow.artifacts.download_artifacts(
                f"{source}/{ARTEFACT_PATH}", dst_path=str(into), tracking_uri=self.tracking_uri
            )
        except (MlflowException, OSError) as problem:
            raise GateError(
                f"the artefact of {approved.name} version {approved.version} cannot be fetched: {problem}"
            ) from problem
        return Path(found)

    def require_still_approved(self, approved: Approved, now: datetime) -> None:
        """Raise GateError when the approval has expired, was revoked, or no longer fits card or policy."""
        self._require_in_force(approved.name, approved.version, now)

    def card_path(self, name: str, version: int) -> Path:
        """Return where the Markdown of a version's card is."""
        return self.home / "model_cards" / name / f"{version}.md"

    def _require_in_force(self, name: str, version: int, now: datetime) -> Approval:
        if not self.card_path(name, version).with_suffix(".json").is_file():
            raise GateError(f"{name} version {version} has no card in {self.home}: no card, no service")
        approval = require_in_force(read_review(self._review_path(name, version), name, version), now)
        found = self.binding(name, version)
        for what, now_is, was in (
            ("card", found.card, approval.binding.card),
            ("policy", found.policy, approval.binding.policy),
            ("card's artefact digest", found.artefact, approval.binding.artefact),
        ):
            if now_is != was:
                raise GateError(
                    f"the {what} of {name} version {version} changed after its approval: it is {now_is}, "
                    f"approved was {was}; restore it or have the model reviewed again"
                )
        return approval

    def _aliased(self, name: str) -> int | None:
        try:
            return int(self.client.get_model_version_by_alias(name, ALIAS).version)
        except MlflowException:  # no such model or no such alias: MLflow tells them apart only by its wording
            return None

    def _card(self, name: str, version: int) -> dict[str, Any]:
        path = self.card_path(name, version).with_suffix(".json")
        try:
            card: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
            _ = card["model"]["digest"], card["deviations"]
        except (OSError, ValueError, KeyError, TypeError) as problem:
            raise GateError(f"{path}: the card cannot be read ({problem!r}); restore it") from problem
        return card

    def _card_digest(self, name: str, version: int) -> str:
        path = self.card_path(name, version)
        try:
            parts = [file.read_bytes() for file in (path.with_suffix(".json"), path)]
        except OSError as problem:
            raise GateError(f"{path}: the card cannot be read ({problem}); restore it") from problem
        of_each = b"".join(hashlib.sha256(part).digest() for part in parts)  # what is whose is part of the digest
        return f"sha256:{hashlib.sha256(of_each).hexdigest()}"

    def _review_path(self, name: str, version: int) -> Path:
        return self.card_path(name, version).with_suffix(".review.json")

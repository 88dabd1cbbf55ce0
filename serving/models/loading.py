"""An approved version, loaded from the registry: what a hint is made with."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Generic, TypeVar

from pydantic import TypeAdapter

from ml.errors import GateError
from ml.governance.registry import Approved, Registry
from ml.models import artefact
from ml.models.encode import Encoder
from ml.models.needs import artefact as needs_artefact
from ml.models.needs.model import NeedModel
from ml.models.trained import TrainedModel
from serving.hints.inputs import Row
from serving.hints.risk import compute_risk
from serving.wire.inputs import inputs_model

from .basis import CONSENT, require_named
from .watch import Watch

NEEDS_MODEL = "service-need"
Model = TypeVar("Model")


class Task(StrEnum):
    """What a model is asked."""

    RISK = "risk"
    NEEDS = "needs"


def task_of(name: str) -> Task:
    """Return what a model of this name is asked."""
    return Task.NEEDS if name == NEEDS_MODEL else Task.RISK


@dataclass(frozen=True)
class InUse(Generic[Model]):
    """One approved version and the model of its artefact.

    weak            what its card says of it
    inputs          wire model of what it takes
    still_approved  raises GateError when it may not be used now
    """

    approved: Approved
    model: Model
    weak: bool
    inputs: TypeAdapter[Row]
    still_approved: Callable[[], None]


def load(registry: Registry, name: str, now: datetime, basis: str = CONSENT) -> InUse[TrainedModel] | InUse[NeedModel]:
    """Return the version of a model that may be used now.

    basis  what profiling rests on here
    Raises GateError when none may, when its artefact is not what was approved, or its description does not name the
    basis.
    """
    approved = registry.load_approved(name, now)
    require_named(basis, approved)
    weak = _weak(approved)
    with tempfile.TemporaryDirectory() as scratch:
        folder = registry.fetch(approved, Path(scratch))
        watch = Watch(registry, approved)
        if task_of(name) is Task.NEEDS:
            needs = needs_artefact.load(folder, approved.digest)
            return InUse(approved, needs, weak, _inputs(needs.encoder), watch)
        risk = artefact.load(folder, approved.digest)
        compute_risk(risk, {}, weak=weak)  # trees are laid out at the first case: no client waits for that
        return InUse(approved, risk, weak, _inputs(risk.encoder), watch)


class Loader:
    """Loads by name, and does not load again what it gave last while that is approved on the same terms."""

    def __init__(self, registry: Registry, basis: str = CONSENT) -> None:
        """Have loaded nothing yet."""
        self._registry, self._basis = registry, basis
        self._given: dict[str, InUse[TrainedModel] | InUse[NeedModel]] = {}

    def __call__(self, name: str) -> InUse[TrainedModel] | InUse[NeedModel]:
        """Return the version of a model that may be used now. Raises GateError when none may."""
        now, given = datetime.now(UTC), self._given.get(name)
        if given is None or _terms(self._registry.load_approved(name, now)) != _terms(given.approved):
            given = self._given[name] = load(self._registry, name, now, self._basis)
        return given


def _terms(approved: Approved) -> tuple[object, ...]:
    return approved.version, approved.digest, approved.approved_by, approved.expires, approved.conditions


def _inputs(encoder: Encoder) -> TypeAdapter[Row]:
    return inputs_model([each.column for each in encoder.inputs])


def _weak(approved: Approved) -> bool:
    """Return whether the card calls the model weak; a card that does not say keeps it from being used."""
    weak = approved.card.get("weak")
    if not isinstance(weak, bool):
        raise GateError(
            f"the card of {approved.name} version {approved.version} does not say whether the model is weak; "
            "make the card anew and have it reviewed"
        )
    return weak

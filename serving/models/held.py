"""The models in use at the moment; exchanged as a whole, so that a request works with one version from end to end."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from threading import Event
from typing import cast

from ml.errors import ApualyError, GateError
from ml.governance.registry import Registry
from ml.models.needs.model import NeedModel
from ml.models.trained import TrainedModel
from serving.logs import facts
from serving.waiting import before_waiting

from .basis import CONSENT
from .loading import InUse, Loader, Task, task_of
from .watch import Stamp, stamp

WAIT_SECONDS = 3.0
_log = logging.getLogger(__name__)
Loaded = InUse[TrainedModel] | InUse[NeedModel]


class Models:
    """At most one model for each task; a task whose model may not be used says why."""

    def __init__(
        self,
        names: Sequence[str],
        load_one: Callable[[str], Loaded],
        watched: Callable[[], Sequence[Path]] = tuple,
    ) -> None:
        """Load each model; one that may not be used is told, and looked for again.

        load_one  returns the version of a model that may be used now: the same object while it is the same version
        watched   the files on which approvals hang
        """
        self.names: Mapping[Task, str] = {task_of(name): name for name in names}
        self._load, self._watched = load_one, watched
        self._held: Mapping[Task, Loaded] = {}
        self._refused: Mapping[Task, str] = {}
        self.wanted = Event()  # somebody waits for a look
        self._stamps: tuple[Stamp, ...] | None = None
        self.look()

    @classmethod
    def of_registry(cls, registry: Registry, names: Sequence[str], basis: str = CONSENT) -> Models:
        """Return the models of a registry; `basis`: what profiling rests on here."""
        policy = () if registry.policy_path is None else (registry.policy_path,)
        return cls(names, Loader(registry, basis), lambda: (registry.log, registry.trust_path, *policy))

    def changed(self) -> bool:
        """Return whether a file on which approvals hang is not as it was when somebody looked last."""
        return self._now() != self._stamps

    def look(self) -> None:
        """Load what was approved since; whoever is being answered goes on with the version they began with.

        What may not be used any more stays until another may: its own gate refuses each request and says why.
        """
        stamps = self._now()
        try:
            self._exchange()
        finally:
            self._stamps = stamps

    def _now(self) -> tuple[Stamp, ...]:
        return tuple(map(stamp, self._watched()))

    def _exchange(self) -> None:
        held, refused = dict(self._held), {}
        for task, name in self.names.items():
            before = held.get(task)
            try:
                found = self._load(name)
            except ApualyError as refusal:
                refused[task] = str(refusal)
                if self._refused.get(task) != str(refusal):  # its words may name a reviewer
                    _log.warning("model_refused", extra=facts(model=name, error=type(refusal).__name__))
                continue
            if found is not before:
                told = facts(model=name, version=found.approved.version, digest=found.approved.digest)
                _log.info("model_loaded", extra=told)
            held[task] = found
        self._held, self._refused = held, refused

    @property
    def held(self) -> Mapping[Task, Loaded]:
        """Return the models, by task, needs first."""
        return {task: self._held[task] for task in (Task.NEEDS, Task.RISK) if task in self._held}

    def risk(self) -> InUse[TrainedModel]:
        """Return the risk model. Raises GateError when it may not be used now."""
        return cast("InUse[TrainedModel]", self._usable(Task.RISK))

    def needs(self) -> InUse[NeedModel]:
        """Return the service-need model. Raises GateError when it may not be used now."""
        return cast("InUse[NeedModel]", self._usable(Task.NEEDS))

    def require_any(self) -> None:
        """Raise GateError when no model may be used now."""
        refused = [self.refusal(task) for task in self.names]
        if all(refused):
            raise GateError("; ".join(each for each in refused if each))

    def refusal(self, task: Task) -> str | None:
        """Return why a task has no model that may be used now; None: it has."""
        try:
            self._usable(task)
        except GateError as refusal:
            return str(refusal)
        return None

    def _usable(self, task: Task) -> Loaded:
        found = self._held.get(task)
        if found is None:
            raise GateError(self._refused.get(task) or f"no model of {task.value} is served here")
        try:
            found.still_approved()
        except GateError:
            newer = self._newer(task, found)
            if newer is None:
                raise
            newer.still_approved()
            return newer
        return found

    def _newer(self, task: Task, than: Loaded) -> Loaded | None:
        """Return what took the place of a version that may not be used any more; None: nothing did.

        A newer approval ends the older one at once: who asks in that moment waits until the newer model is loaded,
        which somebody else does: nobody who asks may hang on MLflow.
        """
        end = time.monotonic() + WAIT_SECONDS
        while self._held[task] is than and self.changed() and time.monotonic() < end:
            self.wanted.set()
            before_waiting()
            time.sleep(0.01)
        newer = self._held[task]
        return None if newer is than else newer

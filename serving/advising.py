"""From what lies ready, or from new inputs, to the parts of a hint: which model said it, of which day, until when.

Knows no HTTP and no words. A part that cannot be given says why; it never stands in the way of the other.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from ml.errors import GateError
from ml.governance.registry import Approved
from ml.models.needs.rule import IntegrationPlan

from .hints.inputs import Row
from .hints.needs import NeedHint, compute_needs
from .hints.risk import RiskHint, compute_risk
from .models.held import Models
from .models.loading import Task
from .refusals import JUDGEMENT_STANDS, NoHintError, StoppedError
from .store.advices import StoredHint
from .store.log import written
from .store.stops import Stop, stopping

LIVE_STANDS: timedelta = JUDGEMENT_STANDS
NO_HINT = "no hint lies ready for this client; give inputs, or ask again after the nightly batch"
OTHER_VERSION = "the hint that lay ready is of a version that is no longer in use; give inputs, or ask again tomorrow"
TOO_OLD = "the hint that lay ready is out of date; give inputs, or ask again after the nightly batch"


@dataclass(frozen=True)
class Given:
    """One part of a hint: what a model said, of which day, and until when it stands."""

    task: Task
    name: str
    version: int
    digest: str
    as_of: str
    valid_until: str
    hint: RiskHint | NeedHint

    def as_json(self) -> dict[str, Any]:
        """Return plain data, as it is kept with what was shown."""
        return {**vars(self), "task": self.task.value, "hint": self.hint.as_json()}

    @classmethod
    def from_json(cls, content: Mapping[str, Any]) -> Given:
        """Return what `as_json` wrote. Raises KeyError, TypeError or ValueError when it is no part of a hint."""
        task = Task(content["task"])
        hint = (RiskHint if task is Task.RISK else NeedHint).from_json(content["hint"])
        return cls(**{**content, "task": task, "hint": hint})


@dataclass(frozen=True)
class Parts:
    """What can be said of a client now, needs first; `missing`: why a part cannot."""

    given: Mapping[Task, Given]
    missing: Mapping[Task, str]
    source: str

    def require_any(self) -> Parts:
        """Return the parts. Raises GateError or NoHintError, with the reasons, when there is none."""
        if self.given:
            return self
        raise NoHintError("; ".join(dict.fromkeys(self.missing.values())))


@dataclass(frozen=True)
class Question:
    """New inputs: of the risk model, of the service-need model and its plan; None: take what lies ready."""

    risk: Row | None
    needs: Row | None
    plan: IntegrationPlan | None


def advise(
    models: Models, question: Question, ready: Mapping[str, StoredHint], stops: tuple[Stop, ...], now: datetime
) -> Parts:
    """Return what can be said now.

    ready  the hints that lie ready, by task
    stops  that somebody made and nobody lifted
    Raises StoppedError or GateError when no part may be given for such a reason.
    """
    given: dict[Task, Given] = {}
    missing: dict[Task, str] = {}
    refusals: list[GateError] = []
    for task, part in ((Task.NEEDS, _needs), (Task.RISK, _risk)):
        name = models.names.get(task)
        if name is None:
            continue
        try:
            require_going(stops, name)
            given[task] = part(models, question, ready.get(task), now)
        except NoHintError as none:
            missing[task] = str(none)
        except GateError as refusal:
            missing[task] = str(refusal)
            refusals.append(refusal)
    if refusals and not given:
        raise refusals[0]
    live = question.risk is not None or question.needs is not None
    return Parts(given, missing, "live" if live else "stored")


def require_going(stops: tuple[Stop, ...], name: str) -> None:
    """Raise StoppedError where somebody stopped a model."""
    stop = stopping(stops, name)
    if stop is not None:
        raise StoppedError(f"advice is stopped since {stop.at[:16].replace('T', ' ')} UTC: {stop.why}")


def _risk(models: Models, question: Question, ready: StoredHint | None, now: datetime) -> Given:
    used = models.risk()
    if question.risk is None:
        return _ready(Task.RISK, used.approved, ready, RiskHint.from_json, now)
    hint = compute_risk(used.model, question.risk, weak=used.weak)
    return _live(Task.RISK, used.approved, hint, now)


def _needs(models: Models, question: Question, ready: StoredHint | None, now: datetime) -> Given:
    used = models.needs()
    if question.needs is None:
        return _ready(Task.NEEDS, used.approved, ready, NeedHint.from_json, now)
    hint = compute_needs(used.model, question.needs, question.plan, today(now), weak=used.weak)
    return _live(Task.NEEDS, used.approved, hint, now)


def today(now: datetime) -> date:
    """Return the day of a time."""
    return now.date()


def _live(task: Task, approved: Approved, hint: RiskHint | NeedHint, now: datetime) -> Given:
    until = min(now + LIVE_STANDS, approved.expires)
    return Given(task, approved.name, approved.version, approved.digest, now.date().isoformat(), written(until), hint)


def _ready(
    task: Task,
    approved: Approved,
    ready: StoredHint | None,
    read: Callable[[Mapping[str, Any]], RiskHint | NeedHint],
    now: datetime,
) -> Given:
    if ready is None:
        raise NoHintError(NO_HINT)
    if (ready.model, ready.version, ready.digest) != (approved.name, approved.version, approved.digest):
        raise NoHintError(OTHER_VERSION)
    if ready.valid_until <= written(now):
        raise NoHintError(TOO_OLD)
    hint = read(ready.content)
    return Given(task, ready.model, ready.version, ready.digest, ready.as_of, ready.valid_until, hint)

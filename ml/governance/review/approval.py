"""The steps that people take on a model version: submit, approve, reject, revoke."""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from datetime import datetime

from ml.errors import GateError, UsageError

from ..registry import Registry
from .review import Event, Review

STEPS = ("submit", "approve", "reject", "revoke")
LEAST_WORDS = 3  # of a reason: a word is no reason


@dataclass(frozen=True)
class Step:
    """What a named person does, when and why."""

    name: str
    version: int
    step: str
    by: str
    at: datetime
    reason: str
    accept: str = ""  # why the approver accepts each deviation from the policy


def take(registry: Registry, step: Step) -> Review:
    """Return the review after the step.

    Raises GateError when the step is not open to this person now, UsageError when words are missing.
    """
    registry.review(step.name, step.version).require_open(step.step, step.by)
    if step.step != "submit" and len(step.reason.split()) < LEAST_WORDS:
        raise UsageError(f"to {step.step} a model, say why in at least {LEAST_WORDS} words: --reason TEXT")
    return registry.record(
        step.name, step.version, _approval(registry, step) if step.step == "approve" else _plain(step)
    )


def _plain(step: Step) -> Event:
    return Event(step.step, step.by, step.at.isoformat(timespec="seconds"), step.reason)


def _approval(registry: Registry, step: Step) -> Event:
    deviations = registry.deviations(step.name, step.version)
    if deviations and len(step.accept.split()) < LEAST_WORDS:
        raise GateError(
            f"{step.name} version {step.version} deviates from the policy: {'; '.join(deviations)}. "
            "An approval needs a written acceptance: --accept TEXT"
        )
    return Event(
        step.step,
        step.by,
        step.at.isoformat(timespec="seconds"),
        f"{step.reason} {step.accept}".strip(),
        registry.binding(step.name, step.version),
        months_later(step.at, registry.policy.approval_months).isoformat(timespec="seconds"),
        tuple(deviations),
    )


def months_later(moment: datetime, months: int) -> datetime:
    """Return the same day of a later month, or the last day of that month."""
    month = moment.month - 1 + months
    year, month = moment.year + month // 12, month % 12 + 1
    return moment.replace(year=year, month=month, day=min(moment.day, calendar.monthrange(year, month)[1]))

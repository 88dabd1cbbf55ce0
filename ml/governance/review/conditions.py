"""Whether the conditions of an approval are met, as far as a machine can tell."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from .statement import Condition, Statement

RETRAIN, AUDIT, TASK = "retrain", "audit", "task"
KINDS = {  # what is missing when it is overdue
    RETRAIN: "no newer version has been trained and submitted",
    AUDIT: "no audit of newer people has been handed in",
    TASK: "nobody has shown that it is done",
}
FAIL = "fail"


@dataclass(frozen=True)
class Standing:
    """How one condition stands.

    due     the next day by which something must have happened; None: it is met for good
    failed  what was to be watched was found outside the limits
    """

    condition: Condition
    due: date | None
    failed: bool = False

    def suspends(self, today: date) -> bool:
        """Return whether the model may not be used because of it."""
        return self.failed or (self.due is not None and today > self.due)

    def words(self, today: date) -> str:
        """Return how it stands, in words."""
        what = f"condition {self.condition.id} ({self.condition.what.rstrip('.')})"
        if self.failed:
            return f"{what} is broken: an audit found it outside the limits"
        if self.due is None:
            return f"{what} is met"
        if today > self.due:
            return f"{what} is overdue since {self.due}: {KINDS[self.condition.kind]}"
        return f"{what} is due by {self.due}"


def standing(condition: Condition, since: Sequence[Statement], newer: bool) -> Standing:
    """Return how a condition stands.

    since  the steps after the approval
    newer  whether a newer version was submitted after it
    """
    if condition.kind == RETRAIN:
        return Standing(condition, None if newer else condition.due)
    met = [each for each in since if each.fulfilment is not None and each.fulfilment.condition == condition.id]
    if not met:
        return Standing(condition, condition.due)
    last = met[-1]
    if condition.kind == TASK:
        return Standing(condition, None)
    audit = None if last.fulfilment is None else last.fulfilment.audit
    failed = audit is not None and FAIL in audit.of(condition.attribute, condition.metric)
    again = condition.every_days
    return Standing(condition, None if again is None else last.at.date() + timedelta(days=again), failed)

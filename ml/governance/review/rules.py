"""What must hold for a step, each rule by its name in the table of states; it raises with words for who asked."""

from __future__ import annotations

from collections.abc import Callable

from .approval_rules import deviations_accepted, ends_in_time, failures_accepted, supersedes, understood
from .card_rules import as_assessed, complete, documented, not_assessor, not_author, reasons, same_policy, whole
from .condition_rules import is_condition, watched
from .situation import Situation

RULES: dict[str, Callable[[Situation], None]] = {
    rule.__name__: rule
    for rule in (not_author, not_assessor, reasons, documented, complete, whole, same_policy, as_assessed, understood,
                 deviations_accepted, failures_accepted, watched, ends_in_time, supersedes, is_condition)
}  # fmt: skip

WORDS = {
    "not_author": "never submitted the version, nor trained it",
    "not_assessor": "never assessed the version",
    "reasons": "says why",
    "documented": "the card has no gap but in the dialogue",
    "complete": "the card has no gap",
    "whole": "every file of the card is as it was made",
    "same_policy": "the card was judged by the policy in force",
    "as_assessed": "artefact, card and policy are what was assessed",
    "understood": "says in own words what the model does and what could go wrong",
    "deviations_accepted": "each deviation from the policy is accepted in writing",
    "failures_accepted": "each failing finding is accepted in writing, with a condition that has a deadline",
    "watched": "insufficient evidence has a condition of another audit",
    "ends_in_time": "ends within the policy's months",
    "supersedes": "names the version that it takes the place of",
    "is_condition": "it is a condition of the approval, met in its own way",
    "approval_ended": "the approval's end has come",
    "condition_overdue": "a condition is overdue, or an audit after the approval failed",
}

"""All that a rule of the review may look at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ml.contracts import Policy
from ml.errors import GateError

from ..people.gaps import Gap
from .history import Review
from .statement import Approval, Statement

MOST_NAMED = 8  # things named in one message


@dataclass(frozen=True)
class Situation:
    """All that a rule may look at.

    review   as it stands before the step
    asked    the statement that the person is about to sign
    card     the card now;  text  its Markdown;  gaps  what it lacks
    altered  files of the card that are not what they were made as
    before   every statement of the log, for the words of others
    """

    review: Review
    asked: Statement
    card: Mapping[str, Any]
    text: str
    gaps: tuple[Gap, ...]
    altered: tuple[str, ...]
    policy: Policy
    before: tuple[Statement, ...]

    @property
    def approval(self) -> Approval:
        """Return what the approver says. Raises GateError when the step is no approval."""
        if self.asked.approval is None:
            raise GateError(f"to approve {self.review.what}, fill in its form: apualy review form {self.review.name}")
        return self.asked.approval

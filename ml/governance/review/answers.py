"""What an approver fills in, in whatever form it was asked: the answers, and the approval that they make."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict

from ml.errors import ContractError

from ..people.problems import FormError
from .statement import Acceptance, Approval, Condition

WHAT = "the approval form"


class _Answers(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class AcceptanceAnswer(_Answers):
    """Why failing findings, or one deviation, are acceptable."""

    reason: str
    findings: tuple[str, ...] = ()
    deviation: str | None = None


class ConditionAnswer(_Answers):
    """What is asked for later (`statement.Condition`)."""

    kind: Literal["retrain", "audit", "task"]
    what: str
    due: date
    every_days: int | None = None
    attribute: str | None = None
    metric: str | None = None


class ApprovalAnswers(_Answers):
    """All that an approver fills in; `card`: digest of the card that was read."""

    card: str
    reason: str
    does: str
    could_go_wrong: str
    expires: date
    accept: tuple[AcceptanceAnswer, ...] = ()
    condition: tuple[ConditionAnswer, ...] = ()


def approval_of(answers: ApprovalAnswers, card: str, supersedes: int | None) -> tuple[Approval, str]:
    """Return what the answers say, and the reason.

    card  digest of the card that is to be approved

    Raises ContractError where the answers are about another card, or accept neither findings nor a deviation.
    """
    if answers.card != card:
        raise ContractError(
            "the approval form is of another card: of another version, or filled in since; print it anew: "
            "apualy review form"
        )
    accepted = enumerate(answers.accept, 1)
    odd = [number for number, each in accepted if bool(each.findings) == (each.deviation is not None)]
    if odd:
        raise FormError(WHAT, [f"accept number {odd[0]} names either findings or one deviation"])
    end = answers.expires
    approval = Approval(
        does=answers.does,
        could_go_wrong=answers.could_go_wrong,
        expires=datetime(end.year, end.month, end.day, 23, 59, 59, tzinfo=UTC),
        accepted=tuple(
            Acceptance((each.deviation,) if each.deviation is not None else each.findings, each.reason)
            for each in answers.accept
        ),
        conditions=tuple(
            Condition(f"C{number}", each.kind, each.what, each.due, each.every_days, each.attribute, each.metric)
            for number, each in enumerate(answers.condition, 1)
        ),
        supersedes=supersedes,
    )
    return approval, answers.reason

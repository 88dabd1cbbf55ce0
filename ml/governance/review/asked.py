"""What an approver is asked about a card: what is to be accepted, which conditions are called for, until when."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from typing import Any

from ml.contracts import Policy
from ml.contracts.audit import TIMES

from ..card.failing import failing, insufficient
from .approval_rules import deviations
from .conditions import AUDIT, RETRAIN
from .months import months_later

CONDITION_MONTHS = 3  # until a suggested condition is due
AGAIN_DAYS = 90  # and an audit is made again


@dataclass(frozen=True)
class Suggested:
    """A condition that is called for; who approves says what, and may change the rest."""

    kind: str
    due: date
    every_days: int | None = None


@dataclass(frozen=True)
class Asked:
    """What an approval of a card has to answer.

    deviations  from the policy, in words
    failing     the failing findings of each attribute (figures as the card has them), single attributes first
    conditions  those that are called for
    due         by when a further one may be due, as a suggestion
    last        the last day that the policy allows
    months      how long that is
    """

    deviations: tuple[str, ...]
    failing: tuple[tuple[str, tuple[Mapping[str, Any], ...]], ...]
    conditions: tuple[Suggested, ...]
    due: date
    last: date
    months: int


def asked_of(card: Mapping[str, Any], policy: Policy, today: date) -> Asked:
    """Return what is asked about a card."""
    start = datetime(today.year, today.month, today.day)
    due, last = (months_later(start, months).date() for months in (CONDITION_MONTHS, policy.approval_months))
    failed = sorted(failing(card), key=_place)
    retrain = [Suggested(RETRAIN, due)] if failed else []
    audit = [Suggested(AUDIT, due, AGAIN_DAYS)] if insufficient(card) else []
    groups = tuple((attribute, tuple(found)) for attribute, found in groupby(failed, _attribute))
    return Asked(tuple(deviations(card)), groups, (*retrain, *audit), due, last, policy.approval_months)


def _place(found: Mapping[str, Any]) -> tuple[bool, str]:
    """Return what orders findings: single attributes first."""
    return TIMES in found["attribute"], str(found["attribute"])


def _attribute(found: Mapping[str, Any]) -> str:
    return str(found["attribute"])

"""The two sorts of card, whole."""

from __future__ import annotations

from typing import Literal

from .audit import AnswerAudit, Audit
from .data import Cohort, Method, Outcome, Split
from .frame import Card, Input
from .mitigation import Weighed
from .needs import ByEntity, NeedsCohort, NeedsMethod, NeedsMetrics, NeedsSplit, Rule, Threshold
from .quality import Challenger, CurvePoint, Evaluation, Metrics, Stability
from .values import Many


class RiskInput(Input):
    """An input of a model of risk; importance is the mean size of what it contributes to the log-odds."""

    importance: float


class RiskCard(Card):
    """The card of a model of risk.

    direct_use   label of a protected attribute that is an input → why it is
    challengers  name → quality of what was tried beside the kept model
    mitigation   attribute → what was weighed; {}: nothing was
    """

    outcome: Outcome
    cohort: Cohort
    split: Split
    method: Method
    inputs: Many[RiskInput]
    direct_use: dict[str, str]
    metrics: Metrics
    challengers: dict[str, Challenger]
    curve: Many[CurvePoint]
    evaluation: Evaluation
    stability: Stability
    audit: Audit
    mitigation: dict[str, Weighed]


class NeedsInput(Input):
    """An input of a service-need model; importance as of a model of risk, for each entity against the others."""

    importance: ByEntity[float]


class NeedsCard(Card):
    """The card of a service-need model."""

    sort: Literal["service-need"]
    cohort: NeedsCohort
    split: NeedsSplit
    rule: Rule
    method: NeedsMethod
    inputs: Many[NeedsInput]
    threshold: Threshold
    metrics: NeedsMetrics
    audit: AnswerAudit

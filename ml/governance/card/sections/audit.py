"""The audit of a model by protected attributes, and what was weighed against unequal errors."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from .values import Count, Figure, Many, Number, Section, Share, Shown, Source, Verdict, Words

Scope = Literal["attribute", "intersection", "searched", "cut", "landmark", "period"]


class Finding(Section):
    """One group in one metric beside its reference (ml/contracts/audit.py).

    n   people in the group
    id  the number by which an approval accepts it: of those that fail, and of no others
    """

    attribute: str
    group: str
    n: Shown
    metric: str
    value: Number
    low: Number
    high: Number
    reference: str
    ratio: Number
    ratio_low: Number
    ratio_high: Number
    verdict: Verdict
    why: str
    difference: Number
    difference_low: Number
    difference_high: Number
    overall_ratio: Number
    overall_ratio_low: Number
    overall_ratio_high: Number
    overall_difference: Number
    overall_difference_low: Number
    overall_difference_high: Number
    chance: Number
    scope: Scope
    cut: str
    within: str
    source: Source
    id: str = ""


class Verdicts(Section):
    """How many findings there are of each verdict."""

    passing: Count = Field(alias="pass")
    insufficient: Count
    fail: Count


class Scopes(Section):
    """The same, by scope."""

    attribute: Verdicts
    intersection: Verdicts
    searched: Verdicts
    cut: Verdicts
    landmark: Verdicts
    period: Verdicts


class Carrier(Section):
    """What a card tells of a protected attribute: its label, and group → how it is called."""

    label: Words
    groups: dict[str, Words]


class Proxy(Section):
    """How well the inputs tell a group from the others: AUC, 0.5 is a coin; None: too few people to say.

    carriers  the three inputs that tell most, each with the AUC lost without it
    """

    attribute: str
    group: str
    auc: Figure | None
    carriers: Annotated[Many[Annotated[tuple[str, float], Field(strict=False)]], Field(max_length=3)]
    why: str
    source: Source


class AnswerAudit(Section):
    """The answers of a service-need model by group.

    words  attribute → how it and its groups are called
    """

    source: Source
    verdict: Verdict
    findings: Many[Finding]
    words: dict[str, Carrier]

    def judged(self) -> tuple[Finding, ...]:
        """Return the findings in the order of their numbers."""
        return self.findings

    @model_validator(mode="after")
    def _numbered(self) -> AnswerAudit:
        failing = [f"F{number}" for number, _ in enumerate((each for each in self.judged() if each.verdict == "fail"), 1)]
        ...
        return self

"""The audit of a model by protected attributes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Annotated, Literal

from pydantic import Field, model_validator

from .values import Count, Figure, FindingId, Many, Number, Section, Share, Shown, Source, Verdict, Words

Carrier = Annotated[tuple[str, float], Field(strict=False)]  # input → AUC; JSON knows lists, and no tuples
Scope = Literal["attribute", "intersection", "searched", "cut", "landmark", "period"]


class Finding(Section):
    """One group in one metric beside its reference (ml/contracts/audit.py).

    n   people in the group
    id  the number by which an approval accepts it; missing unless it fails
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
    id: FindingId = ""

    @model_validator(mode="after")
    def _ratio_has_its_end(self) -> Finding:
        if self.ratio is not None and self.ratio_low is None:
            raise ValueError("must have ratio_low where it has a ratio")
        return self


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


class Attribute(Section):
    """How a protected attribute is called, and each of its groups."""

    label: Words
    groups: dict[str, Words]


class Proxy(Section):
    """How well the inputs tell a group from the others.

    auc       0.5: they tell nothing; None: too few people to say
    carriers  the inputs that tell most, each with the AUC that is lost without it
    """

    attribute: str
    group: str
    auc: Figure | None
    carriers: Annotated[Many[Carrier], Field(max_length=3)]
    why: str
    source: Source


class AnswerAudit(Section):
    """The answers of a service-need model by group; `words`: attribute → how it is called."""

    source: Source
    verdict: Verdict
    findings: Many[Finding]
    words: dict[str, Attribute]

    @model_validator(mode="after")
    def _rules(self) -> AnswerAudit:
        _require_words(self.findings, self.words)
        _require_numbers(self.findings)
        return self


class Audit(Section):
    """A model of risk by group.

    capacity        share of people to be flagged at the main cut;  selected_share  what it really flags
    findings        of single attributes;  beyond  what fails of all others
    scopes          how many findings there are, of all
    words           attribute → how it is called
    """

    source: Source
    verdict: Verdict
    capacity: Share
    selected_share: Share
    findings: Many[Finding]
    beyond: Many[Finding]
    scopes: Scopes
    proxies: Many[Proxy]
    words: dict[str, Attribute]

    @model_validator(mode="after")
    def _rules(self) -> Audit:
        _require_words(self.findings, self.words)
        _require_numbers((*self.findings, *self.beyond))
        return self


def _require_words(findings: Iterable[Finding], words: Mapping[str, Attribute]) -> None:
    """Raise ValueError where it is not told how an attribute with findings of its own is called."""
    for each in findings:
        if each.attribute not in words:
            raise ValueError(f"words: {each.attribute} is missing, and {each.source} is of it")


def _require_numbers(findings: Iterable[Finding]) -> None:
    """Raise ValueError unless just the failing findings have a number, F1 and on: each is accepted by its own."""
    count = 0
    for each in findings:
        count += each.verdict == "fail"
        wanted = f"F{count}" if each.verdict == "fail" else ""
        if each.id != wanted:
            told = f"is {each.id}" if each.id else "has no id"
            raise ValueError(
                f"the finding of {each.source} {told}, and must {f'be {wanted}' if wanted else 'have none'}: "
                "those that fail are numbered in their order"
            )

"""Findings in plain sentences with natural frequencies: "Of 100 people …, about 55 were flagged"."""

from __future__ import annotations

from dataclasses import dataclass

from ml.contracts.audit import RATES, Finding, Scope

from .comparisons import mark, sign
from .facts import ReportFacts
from .figures import GAP, IN_PAIRS, VALUE, Written, judged, limits_of, of_reference
from .names import Names
from .unjudged import phrase
from .words import Words


@dataclass(frozen=True)
class Said:
    """A finding as it is told: whose, in what, and what was found."""

    group: str
    metric: str
    sign: str
    mark: str
    verdict: str
    sentence: str
    figures: str


class Sentences:
    """Tells findings in one language."""

    def __init__(self, told: ReportFacts, words: Words) -> None:
        self._told, self._words = told, words
        self._names, self._written = Names(told, words), Written(words)

    def said(self, each: Finding) -> Said:
        """Return the finding in words."""
        return Said(
            group=self._names.full(each) + self._where(each),
            metric=self._names.metric(each.metric),
            sign=sign(each.verdict),
            mark=mark(each.verdict),
            verdict=self._words.text(f"verdict.{each.verdict.value if each.verdict else 'shown'}"),
            sentence=self._sentence(each),
            figures=self._figures(each),
        )

    def _where(self, each: Finding) -> str:
        """Return at which cut, or of which landmark or quarter, where that is not everyone at the main one."""
        place = each.within or (each.cut if each.scope is Scope.CUT else "")
        return f" ({phrase(place, self._words).text})" if place else ""

    def _sentence(self, each: Finding) -> str:
        key = f"metric.{each.metric}"
        if each.value is None or not self._words.has(key):
            return ""
        if each.metric == GAP:
            told = self._words.text(
                f"{key}.told_{'high' if each.value >= 0 else 'low'}", own=self._hundred(abs(each.value))
            )
        elif each.metric in RATES:
            predicted = self._told.predicted[self._words.language]
            places = {"own": self._hundred(each.value), "came": predicted.came, "did_not": predicted.did_not}
            told = self._words.text(f"{key}.told", **places)
        else:
            own = (
                self._hundred(each.value)
                if each.metric == IN_PAIRS
                else self._written.value(each.metric, VALUE, each.value)
            )
            told = self._words.text(f"{key}.told", own=own)
        return f"{told} {self._compared(each)}".strip()

    def _compared(self, each: Finding) -> str:
        other = of_reference(each)
        if other is None or not each.reference or each.metric not in (*RATES, GAP):
            return ""
        reference = self._names.group(each.attribute, each.reference)
        key = "finding.compared" if each.metric != GAP else f"finding.compared_{'high' if other >= 0 else 'low'}"
        return self._words.text(key, reference=reference, other=self._hundred(abs(other)))

    def _figures(self, each: Finding) -> str:
        limits, shown = limits_of(each, self._told.policy), judged(each, self._told.policy)
        if shown.value is None:
            return self._words.text("finding.hidden")
        return self._words.text(
            f"finding.{limits.of}",
            value=self._written.value(each.metric, limits.of, shown.value),
            interval=self._written.interval(each.metric, shown),
            allowed=self._written.limits(each.metric, limits),
        )

    def _hundred(self, share: float) -> str:
        return self._written.of_hundred(max(share, 0.0))

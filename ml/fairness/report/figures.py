"""The figures of a finding: which of them is judged, how far it is from its limits, and how each is written."""

from __future__ import annotations

import math
from dataclasses import dataclass

from ml.contracts.audit import RATES, AuditPolicy, Finding, Limits
from ml.contracts.evidence import Verdict
from ml.disclosure import redact

from .words import Words

RATIO, DIFFERENCE, VALUE = "ratio", "difference", "value"
GAP = "calibration_gap"  # a difference of shares
IN_PAIRS = "auc"
LINE = "\n"  # where a cell of a table breaks, if it must
SIGNS = {Verdict.FAIL: "▲", Verdict.INSUFFICIENT: "◇", Verdict.PASS: "●"}
_UNBOUNDED = Limits(RATIO, -math.inf, math.inf)


@dataclass(frozen=True)
class Figure:
    """A figure with its 95 % interval; None where it is not known, `high` None: without bound where `low` is known.

    of  "ratio", "difference" or "value"
    """

    of: str
    value: float | None
    low: float | None
    high: float | None


def limits_of(finding: Finding, policy: AuditPolicy) -> Limits:
    """Return the limits that the finding is held against; without bounds where its metric has none."""
    return policy.limits.get(finding.metric, _UNBOUNDED)


def figure(finding: Finding, of: str) -> Figure:
    """Return one of the finding's three figures."""
    if of == RATIO:
        return Figure(of, _finite(finding.ratio), _finite(finding.ratio_low), _finite(finding.ratio_high))
    if of == DIFFERENCE:
        return Figure(
            of, _finite(finding.difference), _finite(finding.difference_low), _finite(finding.difference_high)
        )
    return Figure(VALUE, _finite(finding.value), _finite(finding.low), _finite(finding.high))


def judged(finding: Finding, policy: AuditPolicy) -> Figure:
    """Return the figure that the limits are of."""
    return figure(finding, limits_of(finding, policy).of)


def beyond(finding: Finding, policy: AuditPolicy) -> float:
    """Return how far the judged figure lies beyond the nearer limit, in widths of what is allowed; below 0: within.

    Ratios are taken in logarithms: half and twice are equally far. −inf where there is no figure.
    """
    limits, value = limits_of(finding, policy), judged(finding, policy).value
    if value is None:
        return -math.inf
    low, high = limits.low, limits.high
    if limits.of == RATIO:
        low, value, high = (math.log(max(each, 1e-9)) for each in (low, value, high))
    width = high - low if 0 < high - low < math.inf else 1.0
    return max(low - value, value - high) / width


def of_reference(finding: Finding) -> float | None:
    """Return the figure of the comparison group, as the finding's own figures imply it."""
    if finding.value is None:
        return None
    if finding.difference is not None:
        return finding.value - finding.difference
    return finding.value / finding.ratio if finding.ratio else None


class Written:
    """Writes figures in a language."""

    def __init__(self, words: Words) -> None:
        self.words = words

    def people(self, count: int | None) -> str:
        """Return a number of people as it may be shown, whatever it was before."""
        shown = None if count is None else redact(count)
        return self.words.text("page.fewer") if shown is None else self.words.number(shown, 0)

    def of_hundred(self, share: float) -> str:
        """Return a share as a number of 100 people: "about 55"; "fewer than 1" is not none."""
        if share <= 0:
            return "0"
        if round(100 * share) < 1:
            return self.words.text("range.under_one")
        return self.words.text("range.about", count=self.words.number(100 * share, 0))

    def value(self, metric: str, of: str, value: float | None) -> str:
        """Return one value, with its unit."""
        if value is None:
            return self.words.text("page.unknown")
        if of != RATIO and (metric == GAP or (of == DIFFERENCE and metric in RATES)):
            return self.words.text("range.points", value=self._bare(metric, of, value))
        return (
            f"{self._bare(metric, of, value)}{chr(160)}%" if _in_percent(metric, of) else self._bare(metric, of, value)
        )

    def interval(self, metric: str, each: Figure) -> str:
        """Return the interval of a figure, without unit."""
        if each.low is None:
            return self.words.text("page.unknown")
        low = self._bare(metric, each.of, each.low)
        if each.high is None:
            return self.words.text("range.open", low=low)
        return self.words.interval(low, self._bare(metric, each.of, each.high))

    def whole(self, metric: str, each: Figure, apart: str = " ") -> str:
        """Return value and interval: "2.80 (2.51–3.12)"; `apart` stands between the two."""
        told = self.value(metric, each.of, each.value)
        return told if each.value is None else f"{told}{apart}({self.interval(metric, each)})"

    def limits(self, metric: str, limits: Limits) -> str:
        """Return what is allowed: "0.8–1.25", "−3 to 3 points"."""
        low, high = (
            self.bound(metric, limits, each) if math.isfinite(each) else "" for each in (limits.low, limits.high)
        )
        if low and high:
            said = self.words.interval(low, high)
        else:
            said = self.words.text("range.open", low=low) if low else self.words.text("range.at_most", high=high)
        in_points = metric == GAP or (limits.of == DIFFERENCE and metric in RATES)
        return self.words.text("range.points", value=said) if in_points else said

    def bound(self, metric: str, limits: Limits, value: float) -> str:
        """Return one limit, or a number of its scale, with as few decimals as it needs and without unit."""
        scaled = 100 * value if _hundredfold(metric, limits.of) else value
        decimals = next((few for few in range(3) if math.isclose(round(scaled, few), scaled, abs_tol=1e-9)), 3)
        return self.words.number(scaled, decimals)

    def chance(self, value: float | None) -> str:
        """Return how often by chance: "0.03", "< 0.001"."""
        if value is None:
            return self.words.text("page.unknown")
        return f"<{chr(160)}{self.words.number(0.001, 3)}" if value < 0.001 else self.words.number(value, 3)

    def _bare(self, metric: str, of: str, value: float) -> str:
        if _hundredfold(metric, of):
            return self.words.number(100 * value, 1)
        return self.words.number(value, 2)


def _in_percent(metric: str, of: str) -> bool:
    return metric in RATES and of == VALUE


def _hundredfold(metric: str, of: str) -> bool:
    return metric in (*RATES, GAP) and of != RATIO


def _finite(value: float | None) -> float | None:
    return value if value is not None and math.isfinite(value) else None

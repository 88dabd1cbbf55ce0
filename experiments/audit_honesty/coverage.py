"""How often the 95 % intervals that the audit shows hold what is true."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from experiments.audit_honesty.sets import Found
from experiments.audit_honesty.truth import Truth
from experiments.plain import plain
from ml.contracts import Finding, Interval
from ml.measures.shares import Z95

SMALL = 500  # people in a group, in one set, below which it is told apart
SMALL_GROUPS = "small groups"
FIGURES = {"own": "value", "ratio": "ratio", "difference": "difference", "overall_ratio": "overall_ratio",
           "overall_difference": "overall_difference"}  # fmt: skip


def coverage(found: Iterable[Found], truths: Mapping[tuple[str, str], Truth]) -> dict[str, Any]:
    """Return metric → figure → share of intervals that hold the truth, of larger groups; and of small ones, all taken.

    What is true is taken at the line that the set itself drew: that is the line by which its people were flagged.
    Intervals of the shares are by set, whose groups are of the same people.
    """
    held: dict[tuple[str, str], list[list[bool]]] = defaultdict(list)
    for each in found:
        here = _held(each, truths)
        for key, of_set in here.items():
            held[key].append(of_set)
    told: dict[str, Any] = defaultdict(dict)
    for (metric, figure), sets in sorted(held.items()):
        told[metric][figure] = share_over_sets(sets)
    return dict(told)


def _held(found: Found, truths: Mapping[tuple[str, str], Truth]) -> Mapping[tuple[str, str], list[bool]]:
    """Return (metric, figure) → whether each interval of one set holds; small groups as the metric "small groups"."""
    true = {key: each.figures(found.line) for key, each in truths.items()}
    held: dict[tuple[str, str], list[bool]] = defaultdict(list)
    for each in found.findings:
        for figure, name in FIGURES.items():
            ends = _ends(each, figure)
            if ends is None or each.n is None:
                continue
            wanted = _true(each, name, true)
            metric = each.metric if each.n >= SMALL else SMALL_GROUPS
            held[metric, figure].append(ends[0] <= wanted <= ends[1])
    return held


def _ends(finding: Finding, figure: str) -> tuple[float, float] | None:
    names = ("low", "high") if figure == "own" else (f"{figure}_low", f"{figure}_high")
    low, high = (getattr(finding, name) for name in names)
    shown = getattr(finding, FIGURES[figure]) is not None
    return (-np.inf if low is None else low, np.inf if high is None else high) if shown else None


def _true(finding: Finding, name: str, true: Mapping[tuple[str, str], Mapping[str, float]]) -> float:
    """Return what a figure is in truth: the group's own, or beside the reference or everyone."""
    own = true[finding.attribute, finding.group][finding.metric]
    if name == "value":
        return own
    other = true[("", "") if name.startswith("overall") else (finding.attribute, finding.reference)][finding.metric]
    return own / other if name.endswith("ratio") else own - other


def share_over_sets(sets: list[list[bool]]) -> dict[str, Any]:
    """Return a share with its 95 % interval, that of a ratio of sums over independent sets; and of how many."""
    of, hits = np.array([len(each) for each in sets]), np.array([sum(each) for each in sets])
    share = float(hits.sum() / of.sum())
    error = float(np.sqrt(np.sum((hits - share * of) ** 2)) / of.sum())
    return {**plain(Interval(share, share - Z95 * error, share + Z95 * error)), "of": int(of.sum())}

"""Where groups should be alike: what came of people at equal predicted risk, and chances at equal outcome."""

from __future__ import annotations

from ml.contracts.audit import Audit
from ml.contracts.evidence import Interval

from .facts import ReportFacts
from .figures import DIFFERENCE, GAP, Figure, Written
from .names import Names
from .words import Words

Row = tuple[str, str, tuple[str, str, str]]


def alike(audit: Audit, told: ReportFacts, words: Words) -> list[Row]:
    """Return group, comparison group, and the three differences in points; the largest at equal risk first."""
    names, written = Names(told, words), Written(words)
    known = sorted(audit.conditional, key=lambda each: -abs(each.pooled.value) if each.pooled else 0.0)
    return [
        (
            f"{names.attribute(each.attribute)}: {names.group(each.attribute, each.group)}",
            names.group(each.attribute, each.reference),
            (_told(each.pooled, written), _told(each.exited, written), _told(each.unemployed, written)),
        )
        for each in known
    ]


def _told(each: Interval | None, written: Written) -> str:
    if each is None:
        return written.words.text("page.unknown")
    return written.whole(GAP, Figure(DIFFERENCE, each.value, each.low, each.high))

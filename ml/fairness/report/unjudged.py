"""What could not be judged, by reason and by group."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from ml.contracts.audit import Audit, Scope
from ml.contracts.evidence import Verdict

from .facts import ReportFacts
from .names import Names
from .words import Words

MOST_GROUPS = 100
OF_DIRECT_USE = ": marked direct use: "


@dataclass(frozen=True)
class Phrase:
    """What the audit says, in the language of the page, or in English where the catalogue does not know it."""

    text: str
    english: bool


@dataclass(frozen=True)
class Unjudged:
    """Reasons with the number of their comparisons; groups of single attributes with metrics and reason."""

    reasons: tuple[tuple[Phrase, str], ...]
    groups: tuple[tuple[str, str, Phrase], ...]
    left: str
    remarks: tuple[Phrase, ...]


def unjudged(audit: Audit, told: ReportFacts, words: Words) -> Unjudged:
    """Return what could not be judged."""
    names = Names(told, words)
    found = [each for each in audit.findings if each.verdict is Verdict.INSUFFICIENT]
    reasons = Counter(each.why for each in found)
    groups: dict[tuple[str, str], list[str]] = {}
    for each in found:
        if each.scope is Scope.ATTRIBUTE:
            groups.setdefault((names.full(each), each.why), []).append(names.metric(each.metric))
    rows = [(group, ", ".join(metrics), phrase(why, words)) for (group, why), metrics in groups.items()]
    return Unjudged(
        reasons=tuple((phrase(why, words), words.number(number, 0)) for why, number in reasons.most_common()),
        groups=tuple(rows[:MOST_GROUPS]),
        left=words.counted("family.left", len(rows) - MOST_GROUPS) if len(rows) > MOST_GROUPS else "",
        remarks=tuple(phrase(each, words, names.attribute) for each in audit.warnings if not _told_above(each)),
    )


def phrase(english: str, words: Words, labels: Callable[[str], str] = str) -> Phrase:
    """Return a phrase of the audit in the language of the page; labels  how the name of an attribute reads."""
    if not english:
        return Phrase(words.text("unjudged.unsaid"), False)
    told = words.phrase(english, labels)
    return Phrase(told or english, told is None and words.language != "en")


def _told_above(warning: str) -> bool:
    """Return whether a warning is of direct use, which has a section of its own."""
    return OF_DIRECT_USE in warning

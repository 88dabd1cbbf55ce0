"""The first screen: the result in one sentence, what it rests on, what could not be judged, what to do next."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace

from ml.contracts.audit import DIRECT_USE, Audit, Finding, Scope
from ml.contracts.evidence import Verdict

from .comparisons import mark, sign
from .facts import ReportFacts
from .figures import beyond
from .findings import Said, Sentences
from .names import Names
from .words import Words

MOST_GROUNDS = 3  # findings on the first screen
MOST_NAMES = 8  # groups named there as not judged


@dataclass(frozen=True)
class Lead:
    """What stands on the first screen; "" where there is nothing to say."""

    mark: str
    sign: str
    sentence: str
    direct: str
    grounds_intro: str
    grounds: tuple[Said, ...]
    more: str
    elsewhere: str
    unjudged: str
    unjudged_names: str
    steps: tuple[str, ...]


def lead(audit: Audit, told: ReportFacts, words: Words) -> Lead:
    """Return the first screen of an audit."""
    failing = of_attributes(audit, told, Verdict.FAIL)
    direct = words.listed(Names(told, words).attribute(name) for name in audit.direct_use)
    sentences = Sentences(told, words)
    others = _elsewhere(audit, told)
    first = failing[:MOST_GROUNDS] or others[:MOST_GROUNDS] or _closest(audit, told)
    elsewhere = len(others) - (0 if failing else len(others[:MOST_GROUNDS]))
    steps = words.texts(f"next.{audit.verdict.value}")
    return Lead(
        mark=mark(audit.verdict),
        sign=sign(audit.verdict),
        sentence=_sentence(audit, words),
        direct=words.counted("lead.direct", len(audit.direct_use), names=direct) if audit.direct_use else "",
        grounds_intro=words.text("grounds.closest") if first and not failing and not others else "",
        grounds=tuple(map(sentences.said, first)),
        more=_counted(words, "grounds.more", len(failing) - MOST_GROUNDS),
        elsewhere=_counted(words, "grounds.elsewhere", elsewhere),
        unjudged=_counted(words, "open.some", _number(audit.findings, Verdict.INSUFFICIENT)),
        unjudged_names=_unjudged_names(audit, told, words),
        steps=tuple([words.text("next.direct")] * bool(audit.direct_use) + steps),
    )


def compared(audit: Audit) -> Audit:
    """Return the audit with the findings that compare groups: direct use has a section of its own, and no figures."""
    return replace(audit, findings=tuple(each for each in audit.findings if each.metric != DIRECT_USE))


def _elsewhere(audit: Audit, told: ReportFacts) -> list[Finding]:
    """Return what fails of other groups, cuts and parts of the time than single attributes, the farthest first."""
    found = [each for each in audit.findings if each.verdict is Verdict.FAIL and each.scope is not Scope.ATTRIBUTE]
    return sorted(found, key=lambda each: -beyond(each, told.policy))


def of_attributes(audit: Audit, told: ReportFacts, verdict: Verdict) -> list[Finding]:
    """Return the findings of single attributes of one verdict: by the policy's order of metrics, the farthest first."""
    order = [*told.policy.limits]
    found = [each for each in audit.findings if each.verdict is verdict and each.scope is Scope.ATTRIBUTE]
    place = {metric: rank for rank, metric in enumerate(order)}
    return sorted(found, key=lambda each: (place.get(each.metric, len(order)), -beyond(each, told.policy)))


def _closest(audit: Audit, told: ReportFacts) -> list[Finding]:
    passed = [each for each in of_attributes(audit, told, Verdict.PASS) if beyond(each, told.policy) > -math.inf]
    return sorted(passed, key=lambda each: -beyond(each, told.policy))[:MOST_GROUNDS]


def _sentence(audit: Audit, words: Words) -> str:
    total = len(audit.findings)
    if total == 0 and not audit.direct_use:
        return words.text("lead.nothing")
    if audit.verdict is Verdict.PASS:
        return words.counted("lead.pass", total)
    number = _number(audit.findings, audit.verdict)
    if audit.verdict is Verdict.FAIL and not number:
        return words.text("lead.direct_only")
    return words.counted(f"lead.{audit.verdict.value}", number, judged=words.number(total, 0))


def _unjudged_names(audit: Audit, told: ReportFacts, words: Words) -> str:
    names = Names(told, words)
    found = dict.fromkeys((each.attribute, each.group) for each in of_attributes(audit, told, Verdict.INSUFFICIENT))
    if not found:
        return ""
    few: dict[str, list[str]] = {}
    for attribute, group in [*found][:MOST_NAMES]:
        few.setdefault(names.attribute(attribute), []).append(names.group(attribute, group))
    listed = [f"{attribute}: {', '.join(groups)}" for attribute, groups in few.items()]
    if len(found) > MOST_NAMES:
        listed.append(f"+ {words.number(len(found) - MOST_NAMES, 0)}")
    return words.text("open.groups", names="; ".join(listed))


def _counted(words: Words, key: str, number: int) -> str:
    return words.counted(key, number) if number > 0 else ""


def _number(found: Iterable[Finding], verdict: Verdict) -> int:
    return sum(each.verdict is verdict for each in found)

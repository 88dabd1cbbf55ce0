"""The fairness report in place: the verdict, what fails, and each group of one attribute; always with intervals."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from ml.contracts.audit import DIRECT_USE, TIMES
from ml.governance.card.failing import failing
from serving.language import Language, marked
from serving.permissions import Action

from ..page import Page, View, Visit
from .model import Version, version_of
from .words import METRICS, SCOPES, VERDICTS, WHY, word_of

RATIO = marked("{figure} times ({low} to {high})")
DIFFERENCE = marked("a difference of {figure} ({low} to {high})")
INTERVAL = marked("{figure} ({low} to {high})")
OPEN_END = marked("no end")
HIGHEST = marked("the highest {share} % flagged")
CUT = re.compile(r"highest ([0-9]+)%")
LIMITS = {
    "ratio": marked("{metric}: from {low} to {high} times that of the reference group"),
    "difference": marked("{metric}: from {low} to {high} away from that of the reference group"),
}


@dataclass(frozen=True)
class Finding:
    """One group in one metric beside its reference, in words; figures with their 95 % intervals."""

    id: str
    verdict: str
    words: str
    attribute: str
    group: str
    reference: str
    n: str | None
    metric: str
    figure: str | None
    beside: str | None
    where: str
    why: str


@dataclass(frozen=True)
class OfAttribute:
    """The findings of one attribute that are not outside the limits."""

    attribute: str
    findings: tuple[Finding, ...]


@dataclass(frozen=True)
class Scope:
    """How many findings there are of each verdict."""

    words: str
    fail: int
    insufficient: int
    passing: int


@dataclass(frozen=True)
class FairnessPage:
    """The report of a version; `files`: the whole report, by language, where there is one."""

    version: Version
    verdict: str
    words: str
    failing: tuple[Finding, ...]
    others: tuple[OfAttribute, ...]
    scopes: tuple[Scope, ...]
    limits: tuple[str, ...]
    smallest: int
    report: str | None


def fairness(visit: Visit) -> View:
    """Show the fairness report of a version."""
    version, language = version_of(visit), visit.language
    card = version.card()
    audit = card["audit"]
    others = [each for each in audit["findings"] if "id" not in each]
    file = f"audit.{language.code}.html"
    return View(
        "review_fairness.html.jinja",
        FairnessPage(
            version=version,
            verdict=audit["verdict"],
            words=word_of(VERDICTS, audit["verdict"], language),
            failing=findings(card, failing(card), language),
            others=tuple(_by_attribute(findings(card, others, language))),
            scopes=tuple(_scope(name, counts, language) for name, counts in audit.get("scopes", {}).items()),
            limits=_limits(card, language),
            smallest=card["limits"]["smallest_denominator"],
            report=f"{version.card_files}/{version.number}/{file}" if file in card["evidence"] else None,
        ),
    )


def findings(card: Mapping[str, Any], found: Iterable[Mapping[str, Any]], language: Language) -> tuple[Finding, ...]:
    """Return findings of a card in the reader's language."""
    words = card["audit"]["words"]
    return tuple(_finding(each, words, language) for each in found)


def _by_attribute(found: Iterable[Finding]) -> Iterator[OfAttribute]:
    for attribute, each in groupby(found, lambda one: one.attribute):
        yield OfAttribute(attribute, tuple(each))


def attribute_words(card: Mapping[str, Any], attribute: str, language: Language) -> str:
    """Return how an attribute, or an intersection of some, is called."""
    return _attribute(attribute, card["audit"]["words"], language)


def _finding(each: Mapping[str, Any], words: Mapping[str, Any], language: Language) -> Finding:
    return Finding(
        id=each.get("id", ""),
        verdict=each["verdict"],
        words=word_of(VERDICTS, each["verdict"], language),
        attribute=_attribute(each["attribute"], words, language),
        group=_group(each, "group", words, language),
        reference=_group(each, "reference", words, language),
        n=None if each["n"] is None else language.number(each["n"]),
        metric=word_of(METRICS, each["metric"], language),
        figure=None if each["metric"] == DIRECT_USE else _interval(INTERVAL, each, "value", language),
        beside=_beside(each, language),
        where=", ".join(part for part in (each["within"], _cut(each, language)) if part),
        why=word_of(WHY, each["why"], language) if each["why"] else "",
    )


def _cut(each: Mapping[str, Any], language: Language) -> str:
    """Return at which cut a finding is, where it is not the main one of the audit."""
    share = CUT.fullmatch(each["cut"])
    if each["scope"] != "cut":
        return ""
    return str(each["cut"]) if share is None else language.gettext(HIGHEST, share=share[1])


def _attribute(name: str, words: Mapping[str, Any], language: Language) -> str:
    return TIMES.join(words[each]["label"][language.code] if each in words else each for each in name.split(TIMES))


def _group(each: Mapping[str, Any], what: str, words: Mapping[str, Any], language: Language) -> str:
    attributes, groups = each["attribute"].split(TIMES), str(each[what]).split(TIMES)
    if len(attributes) != len(groups):
        return str(each[what])
    known = [words.get(attribute, {}).get("groups", {}) for attribute in attributes]
    return TIMES.join(
        of[group][language.code] if group in of else group for of, group in zip(known, groups, strict=True)
    )


def _beside(each: Mapping[str, Any], language: Language) -> str | None:
    if each["ratio"] is not None:
        return _interval(RATIO, each, "ratio", language)
    return _interval(DIFFERENCE, each, "difference", language)


def _interval(text: str, each: Mapping[str, Any], what: str, language: Language) -> str | None:
    """Return a figure with its interval; None where there is none, or it may not be shown."""
    low, high = ("low", "high") if what == "value" else (f"{what}_low", f"{what}_high")
    value, ends = each[what], [each[low], each[high]]
    if value is None or ends == [None, None]:
        return None
    said = [language.gettext(OPEN_END) if end is None else language.number(round(end, 2)) for end in ends]
    return language.gettext(text, figure=language.number(round(value, 2)), low=said[0], high=said[1])


def _scope(name: str, counts: Mapping[str, int], language: Language) -> Scope:
    return Scope(word_of(SCOPES, name, language), counts["fail"], counts["insufficient"], counts["pass"])


def _limits(card: Mapping[str, Any], language: Language) -> tuple[str, ...]:
    """Return the limits of the policy by which the findings were judged."""
    limits = card["limits"]
    metrics = {each["metric"] for each in card["audit"]["findings"]}
    judged = {name: each for name, each in limits["metrics"].items() if name in metrics}
    if not judged:  # of a service-need model: all answers have one limit
        judged = dict.fromkeys(sorted(metrics - {DIRECT_USE}), limits["answers"])
    return tuple(_limit(name, each, language) for name, each in judged.items())


def _limit(metric: str, limit: Mapping[str, Any], language: Language) -> str:
    words, low, high = LIMITS[limit["of"]], language.number(limit["low"]), language.number(limit["high"])
    return language.gettext(words, metric=word_of(METRICS, metric, language), low=low, high=high)


PAGES: tuple[Page, ...] = (Page("GET", "/review/{name}/{version:int}/fairness", Action.SEE_CARDS, fairness),)

"""Each judged metric with all single groups: a plot, and the same as a table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from markupsafe import Markup

from ml.contracts.audit import Audit, Finding, Scope
from ml.contracts.evidence import Verdict

from . import plot
from .facts import ReportFacts
from .figures import DIFFERENCE, LINE, RATIO, SIGNS, VALUE, Figure, Written, beyond, figure, judged, limits_of
from .names import Names
from .words import Words

COLUMNS = ("people", "own", "ratio", "difference", "overall", "chance")  # of the tables
_FIELDS = {"own": "value", "overall": "overall_ratio"}
MOST_LINES = 100  # of one metric; beyond, groups within the limits are left to the CSV
WORST_FIRST = (Verdict.FAIL, Verdict.INSUFFICIENT, Verdict.PASS, None)


@dataclass(frozen=True)
class Line:
    """One group: its dot and interval, and the same in words. `sign` is that of the verdict."""

    group: str
    picture: Markup
    told: str
    verdict: str
    sign: str
    cells: tuple[str, ...] = ()  # of the table


@dataclass(frozen=True)
class Block:
    """The lines of one attribute; `base` are the cells of the comparison group, () where they are not known."""

    attribute: str
    reference: str
    lines: tuple[Line, ...]
    base: tuple[str, ...] = ()


@dataclass(frozen=True)
class Comparison:
    """One metric. `left` says how many groups are not listed."""

    metric: str
    name: str
    question: str
    read: str
    of: str
    allowed: str
    scale: Markup
    caption: str
    blocks: tuple[Block, ...]
    heads: tuple[str, ...]  # of the cells of the lines
    left: str


class Comparisons:
    """Makes the comparisons of one audit in one language."""

    def __init__(self, audit: Audit, told: ReportFacts, words: Words) -> None:
        self._audit, self._told, self._words = audit, told, words
        self._names, self._written = Names(told, words), Written(words)
        self._base = {
            (each.attribute, each.group, each.metric): each
            for each in audit.figures
            if each.scope is Scope.ATTRIBUTE and each.group == each.reference
        }

    def all(self) -> list[Comparison]:
        """Return one comparison a judged metric that has findings of single attributes, in the policy's order."""
        of_metric: dict[str, list[Finding]] = {metric: [] for metric in self._told.policy.limits}
        for each in self._audit.findings:
            if each.scope is Scope.ATTRIBUTE:
                of_metric.setdefault(each.metric, []).append(each)
        return [self._comparison(metric, found) for metric, found in of_metric.items() if found]

    def _comparison(self, metric: str, found: Sequence[Finding]) -> Comparison:
        policy, words, limits = self._told.policy, self._words, limits_of(found[0], self._told.policy)
        kept = listed(found, self._told, MOST_LINES)
        scale = plot.axis([judged(each, policy) for each in kept], limits)
        name, predicted = self._names.metric(metric), self._told.predicted[words.language]
        allowed = self._written.limits(metric, limits)
        labels = [self._written.bound(metric, limits, value) for value, _ in scale.labels()]
        described = words.text("plot.described", allowed=allowed, scale=words.text(_scale(limits.of)))
        columns = [place for place, of in enumerate(COLUMNS) if any(_known(each, of) for each in kept)]
        told = {"came": predicted.came, "did_not": predicted.did_not}
        known = words.has(f"metric.{metric}.read")
        return Comparison(
            metric=metric,
            name=name,
            question=self._names.metric(metric, "question"),
            read=words.text(f"metric.{metric}.read", **told) if known else "",
            of=words.text(f"plot.of_{limits.of}"),
            allowed=allowed,
            scale=plot.scale_row(scale, labels, f"{name}: {words.text(f'plot.of_{limits.of}')}", described),
            caption=words.text("table.attribute_caption", metric=name, term=self._names.metric(metric, "term")),
            blocks=tuple(self._blocks(kept, scale, columns)),
            heads=tuple(words.text(f"table.{COLUMNS[place]}") for place in columns),
            left=words.counted("family.left", len(found) - len(kept)) if len(found) > len(kept) else "",
        )

    def _blocks(self, found: Sequence[Finding], scale: plot.Axis, columns: Sequence[int]) -> list[Block]:
        made = []
        for (attribute, reference), some in groupby(found, key=lambda each: (each.attribute, each.reference)):
            alone = self._names.group(attribute, reference)
            named = self._words.text("plot.reference", reference=alone) if reference else ""
            lines = tuple(self._line(each, scale, columns) for each in some)
            base = self._base.get((attribute, reference, found[0].metric))
            cells = self._cells(base, columns) if base else ()
            made.append(Block(self._names.attribute(attribute), named, lines, cells))
        return made

    def _line(self, each: Finding, scale: plot.Axis, columns: Sequence[int]) -> Line:
        written, shown = self._written, judged(each, self._told.policy)
        group, told = self._names.group(each.attribute, each.group), written.whole(each.metric, shown)
        verdict = self._words.text(f"verdict.{each.verdict.value if each.verdict else 'shown'}")
        title = self._words.text("plot.row", group=group, figure=told, verdict=verdict)
        picture = plot.row(scale, shown, mark(each.verdict), title)
        return Line(group, picture, told, verdict, mark(each.verdict), self._cells(each, columns))

    def _cells(self, each: Finding, columns: Sequence[int]) -> tuple[str, ...]:
        written = self._written
        cells = (
            written.people(each.n),
            *(written.whole(each.metric, figure(each, of), LINE) for of in (VALUE, RATIO, DIFFERENCE)),
            self._overall(each),
            written.chance(each.chance),
        )
        return tuple(cells[place] for place in columns)

    def _overall(self, each: Finding) -> str:
        if each.overall_ratio is None:
            return self._words.text("page.unknown")
        ends = each.overall_ratio_low, each.overall_ratio_high
        return self._written.whole(each.metric, Figure(RATIO, each.overall_ratio, *ends), LINE)


def listed(found: Sequence[Finding], told: ReportFacts, most: int) -> list[Finding]:
    """Return the findings that are listed, in their own order: all that fail, then the rest while there is room."""
    if len(found) <= most:
        return list(found)
    ranked = sorted(range(len(found)), key=lambda place: _rank(found[place], told))
    failing = sum(each.verdict is Verdict.FAIL for each in found)
    return [found[place] for place in sorted(ranked[: max(most, failing)])]


def mark(verdict: Verdict | None) -> str:
    """Return the id of the sign of a verdict."""
    return {Verdict.FAIL: "f", Verdict.INSUFFICIENT: "q", Verdict.PASS: "p", None: "s"}[verdict]


def sign(verdict: Verdict | None) -> str:
    """Return the sign as a character; "" of what is not judged."""
    return SIGNS[verdict] if verdict else ""


def _rank(each: Finding, told: ReportFacts) -> tuple[int, float]:
    return WORST_FIRST.index(each.verdict), -beyond(each, told.policy)


def _known(each: Finding, column: str) -> bool:
    return column == "people" or getattr(each, _FIELDS.get(column, column)) is not None


def _scale(of: str) -> str:
    return "plot.log" if of == RATIO else "plot.linear"

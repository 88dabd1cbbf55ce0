"""The long families of findings, a group a row and its metrics side by side: worst first, the rest in the CSV."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ml.contracts.audit import Audit, Finding, Scope
from ml.contracts.evidence import Verdict

from .comparisons import WORST_FIRST, mark, sign
from .facts import ReportFacts
from .figures import LINE, VALUE, Written, beyond, figure, judged
from .names import Names
from .words import Words

MOST_ROWS = 60  # of one family, beside those with something outside the limits
LONG = tuple(scope for scope in Scope if scope is not Scope.ATTRIBUTE)
Key = tuple[str, str, str, str]  # attribute, group, cut, within


@dataclass(frozen=True)
class Cell:
    """One figure of a group, with its sign; "" where the group has none in this metric."""

    told: str
    sign: str = ""
    mark: str = ""
    verdict: str = ""


@dataclass(frozen=True)
class Row:
    """One group."""

    attribute: str
    group: str
    people: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class Matrix:
    """Groups × metrics. `left` says how many groups are not listed; `tally` how the comparisons came out."""

    key: str
    title: str
    read: str
    tally: str
    fails: bool
    caption: str
    metrics: tuple[str, ...]
    rows: tuple[Row, ...]
    left: str


class Families:
    """Makes the matrices of one audit in one language."""

    def __init__(self, audit: Audit, told: ReportFacts, words: Words) -> None:
        self._audit, self._told, self._words = audit, told, words
        self._names, self._written = Names(told, words), Written(words)

    def judged(self) -> list[Matrix]:
        """Return a matrix for each scope beyond single attributes that has findings."""
        made = []
        for scope in LONG:
            found = [each for each in self._audit.findings if each.scope is scope]
            if found:
                made.append(self._matrix(scope, found))
        return made

    def shown(self) -> Matrix | None:
        """Return the figures of single attributes that are not judged; None where there are none."""
        found = [
            each
            for each in self._audit.figures
            if each.scope is Scope.ATTRIBUTE and each.metric not in self._told.policy.limits
        ]
        if not found:
            return None
        metrics, rows, left = self._body(found)
        said = self._words.text("figures.caption")
        return Matrix("figures", self._words.text("figures.title"), "", "", False, said, metrics, rows, left)

    def _matrix(self, scope: Scope, found: Sequence[Finding]) -> Matrix:
        words, title = self._words, self._words.text(f"family.{scope.value}")
        metrics, rows, left = self._body(found)
        tally = {verdict.value: words.number(sum(each.verdict is verdict for each in found), 0) for verdict in Verdict}
        return Matrix(
            key=scope.value,
            title=title,
            read=words.text(f"family.read_{scope.value}"),
            tally=words.text("family.tally", **tally),
            fails=any(each.verdict is Verdict.FAIL for each in found),
            caption=words.text("family.caption", family=title, figure=words.text("family.figure")),
            metrics=metrics,
            rows=rows,
            left=left,
        )

    def _body(self, found: Sequence[Finding]) -> tuple[tuple[str, ...], tuple[Row, ...], str]:
        """Return the heads of the columns, the rows worst first, and what is said of those left out."""
        known = (*self._told.policy.limits, *self._told.policy.shown)
        metrics = [metric for metric in known if any(each.metric == metric for each in found)]
        metrics += sorted({each.metric for each in found} - set(metrics))
        groups: dict[Key, dict[str, Finding]] = {}
        for each in found:
            groups.setdefault((each.attribute, each.group, each.cut, each.within), {})[each.metric] = each
        if any(each.verdict for each in found):
            ranked = sorted(groups.values(), key=self._rank)
        else:
            ranked = list(groups.values())
        failing = sum(any(each.verdict is Verdict.FAIL for each in of_group.values()) for of_group in ranked)
        kept = ranked[: max(MOST_ROWS, failing)]
        rows = tuple(self._row(of_group, metrics) for of_group in kept)
        left = self._words.counted("family.left", len(ranked) - len(kept)) if len(ranked) > len(kept) else ""
        return tuple(map(self._names.metric, metrics)), rows, left

    def _rank(self, of_group: dict[str, Finding]) -> tuple[int, float]:
        """Return the order of a group: by its worst verdict, then by how far beyond the limits."""
        worst = min(WORST_FIRST.index(each.verdict) for each in of_group.values())
        return worst, -max(beyond(each, self._told.policy) for each in of_group.values())

    def _row(self, of_group: dict[str, Finding], metrics: Sequence[str]) -> Row:
        one = next(iter(of_group.values()))
        parts = (self._phrase(one.within), self._phrase(one.cut) if one.scope is Scope.CUT else "")
        attribute = ", ".join([self._names.attribute(one.attribute), *filter(None, parts)])
        cells = tuple(self._cell(of_group[metric]) if metric in of_group else Cell("") for metric in metrics)
        return Row(attribute, self._names.group(one.attribute, one.group), self._written.people(one.n), cells)

    def _cell(self, each: Finding) -> Cell:
        if each.verdict is None:
            return Cell(self._written.whole(each.metric, figure(each, VALUE), LINE))
        told = self._written.whole(each.metric, judged(each, self._told.policy), LINE)
        said = self._words.text(f"verdict.{each.verdict.value}_short")
        return Cell(told, sign(each.verdict), mark(each.verdict), said)

    def _phrase(self, english: str) -> str:
        return self._words.phrase(english) or english

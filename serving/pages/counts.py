"""Counts of a month for the service manager: what is odd first, then needs, disagreement and time to a service."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from serving.api.counts import see_counts, see_fractions, see_months
from serving.counts.alarms import FEWEST_FEEDBACKS, NEAR_TOTAL
from serving.counts.published import OTHER_VIEW, OVERRIDE, OVERRIDE_BY_BAND, OVERRIDE_BY_NEED
from serving.counts.tables import BY_BAND, BY_NEED, CLIENTS, DAYS, FEEDBACK, NEEDS, OWN_VIEW
from serving.language import marked
from serving.permissions import Action
from serving.wire.counts import CountsAnswer, CountTable, MonthName, MonthQuery
from serving.wire.wire import Posted

from .drawings.share_bar import ShareCell, share_cell
from .months import MonthChoice, month_words
from .page import Page, View, Visit

MOST_MONTHS = 6  # side by side
OFFICE, NEED, BAND = marked("Office"), marked("Service need of the hint"), marked("Risk band of the hint")


class CountsQuery(Posted):
    """Which month; the newest that is over otherwise."""

    month: MonthName | None = None


@dataclass(frozen=True)
class Counted:
    """A table of counts: id, title, what its rows are, and of each row its label and counts (None: not shown)."""

    key: str
    title: str
    first: str
    columns: Sequence[str]
    rows: Sequence[tuple[str, Sequence[int | None]]]


@dataclass(frozen=True)
class Shared:
    """A table of shares, row by row, and the counts behind them."""

    key: str
    title: str
    first: str
    rows: Sequence[tuple[str, ShareCell]]
    behind: Counted


@dataclass(frozen=True)
class Cell:
    """A count; None: not shown. Not named: the office was among the others that month."""

    count: int | None
    named: bool = True


@dataclass(frozen=True)
class Body:
    """The rows of one office: their labels, and a cell for each month."""

    label: str
    rows: Sequence[tuple[str, Sequence[Cell]]]


@dataclass(frozen=True)
class Odd:
    """Something odd in a group: what, where, the counts behind it, and whether nearly all agree."""

    words: str
    group: str
    counts: Sequence[tuple[str, int | None]]
    near_total: bool


@dataclass(frozen=True)
class MonthShown:
    """All that is shown of a month.

    earlier  the months side by side, this one first; empty where there is but this one
    medians  office → days to a service in words; None: left open by what is not shown
    """

    words: str
    made_at: str
    odd: Sequence[Odd]
    needs: Counted
    months: Sequence[str]
    earlier: Sequence[Body]
    by_office: Shared
    by_group: Sequence[Shared]
    other_view: Shared
    medians: Sequence[tuple[str, str | None]]
    days: Counted
    notes: Sequence[str]


@dataclass(frozen=True)
class CountsPage:
    """The page: the months to choose from, the one shown (None: none can be yet), and when the next can be."""

    choices: Sequence[MonthChoice]
    shown: MonthShown | None
    next: str
    next_from: str
    fewest: str


def counts_page(visit: Visit) -> View:
    """Show a month that is over, the newest unless another was chosen."""
    query: CountsQuery = visit.query
    open_to_tell = see_months(visit)
    names = [each.month for each in open_to_tell.months]
    chosen = query.month or (names[0] if names else None)
    shown = None
    if chosen is not None:
        made = [each.month for each in open_to_tell.months if each.made and each.month < chosen]
        shown = _month(visit, [chosen, *made[: MOST_MONTHS - 1]])
    page = CountsPage(
        choices=[MonthChoice(name, month_words(name, visit.language), name == chosen) for name in names],
        shown=shown,
        next=month_words(open_to_tell.next, visit.language),
        next_from=open_to_tell.next_from,
        fewest=visit.language.number(FEWEST_FEEDBACKS),
    )
    return View("counts.html.jinja", page)


def _month(visit: Visit, names: Sequence[str]) -> MonthShown:
    """Return what is shown of the first month; the others stand beside it where needs are told."""
    answers = [see_counts(replace(visit, query=MonthQuery(month=name))) for name in names]
    told, office = answers[0], visit.language.gettext(OFFICE)
    tables = {table.key: table for table in told.tables}
    return MonthShown(
        words=month_words(told.month, visit.language),
        made_at=told.made_at,
        odd=list(_odd(told, tables[FEEDBACK])),
        needs=_with_all(tables[CLIENTS], _counted(tables[NEEDS], office)),
        months=[month_words(each.month, visit.language) for each in answers],
        earlier=_side_by_side(answers) if len(answers) > 1 else [],
        by_office=_shared(visit, told, OVERRIDE, tables[FEEDBACK], OFFICE),
        by_group=[
            _shared(visit, told, OVERRIDE_BY_NEED, tables[BY_NEED], NEED),
            _shared(visit, told, OVERRIDE_BY_BAND, tables[BY_BAND], BAND),
        ],
        other_view=_shared(visit, told, OTHER_VIEW, tables[OWN_VIEW], OFFICE),
        medians=[(each.group.label, None if each.days is None else each.days.label) for each in told.median_days],
        days=_counted(tables[DAYS], office),
        notes=told.notes,
    )


def _odd(told: CountsAnswer, feedback: CountTable) -> Iterator[Odd]:
    counts = {row.group: row.counts for row in feedback.rows}
    labels = [each.label for each in feedback.columns]
    for each in told.alarms:
        behind = list(zip(labels, counts[each.group], strict=True))
        yield Odd(each.words, each.group.label, behind, each.kind == NEAR_TOTAL)


def _counted(table: CountTable, first: str) -> Counted:
    labels = [each.label for each in table.columns]
    return Counted(table.key, table.title, first, labels, [(row.group.label, row.counts) for row in table.rows])


def _with_all(clients: CountTable, counted: Counted) -> Counted:
    """Return a table with a first column of all clients."""
    columns = [clients.columns[0].label, *counted.columns]
    rows = [
        (label, [*whole.counts, *counts]) for whole, (label, counts) in zip(clients.rows, counted.rows, strict=True)
    ]
    return replace(counted, columns=columns, rows=rows)


def _shared(visit: Visit, told: CountsAnswer, key: str, behind: CountTable, first: str) -> Shared:
    [shares] = [each for each in told.shares if each.key == key]
    rows = [(row.group.label, share_cell(row, visit.language)) for row in shares.rows]
    heading = visit.language.gettext(first)
    return Shared(key, shares.title, heading, rows, _counted(behind, heading))


Group = tuple[str, str]


def _side_by_side(answers: Sequence[CountsAnswer]) -> list[Body]:
    """Return a body for each office of the first month: all clients, then those of each need, month by month."""
    by_month = [_by_group(answer) for answer in answers]
    bodies = []
    for group, labels in by_month[0].items():
        rows = [(label, [_cell(month.get(group), label) for month in by_month]) for label in labels]
        bodies.append(Body(group[1], rows))
    return bodies


def _by_group(answer: CountsAnswer) -> Mapping[Group, Mapping[str, int | None]]:
    """Return of each group its counts of clients and of needs, by label."""
    found: dict[Group, dict[str, int | None]] = {}
    tables = {table.key: table for table in answer.tables}
    for table in (tables[CLIENTS], tables[NEEDS]):
        labels = [each.label for each in table.columns]
        for row in table.rows:
            found.setdefault((row.group.kind, row.group.label), {}).update(zip(labels, row.counts, strict=True))
    return found


def _cell(counts: Mapping[str, int | None] | None, label: str) -> Cell:
    return Cell(None, named=False) if counts is None else Cell(counts[label])


def groups_page(visit: Visit) -> View:
    """Show the client groups for planning that were published."""
    return View("counts_groups.html.jinja", see_fractions(visit))


PAGES = (
    Page("GET", "/counts", Action.SEE_COUNTS, counts_page, query=CountsQuery),
    Page("GET", "/counts/groups", Action.SEE_COUNTS, groups_page),
)

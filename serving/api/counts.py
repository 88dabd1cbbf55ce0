"""What a service manager sees: months that are over, in counts, shares, and what is odd; never persons."""

from __future__ import annotations

from collections.abc import Sequence

from serving.counts.fractions import read_fractions
from serving.counts.made import closes_next, countable, kept, make
from serving.counts.month import Month
from serving.counts.published import ROWS_OF, Published, Row
from serving.counts.shares import Share
from serving.counts.tables import CROSSED_BY_KEY, DAYS, columns_of, title_of
from serving.counts.words import ALARMS, SHARES, name_of, notes, rows_of
from serving.http.endpoint import Asked, Endpoint
from serving.language import Language
from serving.permissions import Action
from serving.store.retention import read_retention
from serving.wire.counts import (
    AlarmRow,
    CountableMonth,
    CountRow,
    CountsAnswer,
    CountTable,
    FractionsAnswer,
    GroupName,
    Labelled,
    MedianRow,
    MonthQuery,
    MonthsAnswer,
    ShareRow,
    ShareTable,
)


def see_months(asked: Asked) -> MonthsAnswer:
    """Return the months whose counts can be told now, newest first, and from when on those of this month can."""
    database, next_month = asked.service.database, closes_next(asked.service.now())
    return MonthsAnswer(
        months=[
            CountableMonth(month=each.month.name, made=each.made) for each in countable(database, read_retention())
        ],
        next=next_month.name,
        next_from=f"{next_month.closes:%Y-%m-%d}",
    )


def see_counts(asked: Asked) -> CountsAnswer:
    """Return the counts of a month that is over, from two days after its end on.

    A fixed set of tables by office, and what was said of hints by their service need and band. They are made when
    somebody first asks, and the same ever after. Figures are moved at random, rounded, and not shown where they may be
    of fewer than five people; see `notes`.
    """
    query: MonthQuery = asked.query
    month, database = Month(query.month), asked.service.database
    found = kept(database, month) or make(database, month, read_retention(), asked.who.subject, asked.role)
    return _told(Published.from_json(found.content), month, found.at, asked.language)


def see_fractions(asked: Asked) -> FractionsAnswer:
    """Return the client groups for planning that were published: sizes and what sets them apart, of nobody.

    They are made of a planning cohort (`apualy fractions`), apart from the service, and say nothing of its clients.
    """
    code = asked.language.code
    return FractionsAnswer(published=read_fractions(asked.service.cards.parent, code), language=code)


def _told(published: Published, month: Month, made_at: str, language: Language) -> CountsAnswer:
    groups = [_group(each.kind, name_of(each, language)) for each in published.groups]
    rows = {key: [_group(*row) for row in rows_of(key, language)] for key in CROSSED_BY_KEY}
    return CountsAnswer(
        month=month.name,
        made_at=made_at,
        notes=notes(language),
        tables=[_table(key, rows.get(key, groups), found, language) for key, found in published.tables.items()],
        shares=[
            _shares(key, rows.get(ROWS_OF.get(key, ""), groups), found, language)
            for key, found in published.shares().items()
        ],
        median_days=[
            MedianRow(group=group, days=None if column is None else _labels(DAYS, language)[column])
            for group, column in zip(groups, published.median_days(), strict=True)
        ],
        alarms=[
            AlarmRow.model_validate(
                {"kind": each.kind, "group": groups[each.group], "words": language.gettext(ALARMS[each.kind])}
            )
            for each in published.alarms
        ],
        language=language.code,
    )


def _table(key: str, groups: Sequence[GroupName], rows: Sequence[Row], language: Language) -> CountTable:
    labels = _labels(key, language)
    return CountTable(
        key=key,
        title=language.gettext(title_of(key)),
        columns=list(labels.values()),
        rows=[
            CountRow(group=group, counts=[row[column] for column in labels])
            for group, row in zip(groups, rows, strict=True)
        ],
    )


def _shares(key: str, groups: Sequence[GroupName], shares: Sequence[Share], language: Language) -> ShareTable:
    return ShareTable(
        key=key,
        title=language.gettext(SHARES[key]),
        rows=[
            ShareRow(group=group, value=each.value, low=each.low, high=each.high)
            for group, each in zip(groups, shares, strict=True)
        ],
    )


def _group(kind: str, label: str) -> GroupName:
    return GroupName.model_validate({"kind": kind, "label": label})


def _labels(table: str, language: Language) -> dict[str, Labelled]:
    return {key: Labelled(key=key, label=language.gettext(label)) for key, label in columns_of(table).items()}


ENDPOINTS = (
    Endpoint(
        "GET",
        "/v1/counts",
        Action.SEE_COUNTS,
        see_counts,
        "counts",
        query=MonthQuery,
        answer=CountsAnswer,
        problems=(404, 409),
    ),
    Endpoint("GET", "/v1/counts/months", Action.SEE_COUNTS, see_months, "counts", answer=MonthsAnswer),
    Endpoint("GET", "/v1/counts/fractions", Action.SEE_COUNTS, see_fractions, "counts", answer=FractionsAnswer),
)

"""What a service manager sees of a month that is over: counts, shares, and what is odd; never persons."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

import numpy as np

from ml.errors import NotFoundError
from serving.counts.drawn import Group
from serving.counts.month import Month
from serving.counts.published import Published, publish
from serving.counts.tables import BY_KEY, DAYS
from serving.counts.words import ALARMS, SHARES, name_of, notes
from serving.http.endpoint import Asked, Endpoint
from serving.language import Language
from serving.permissions import Action
from serving.store.counts import first_entry_at, keep_counts, published_counts, seen_in
from serving.store.retention import read_retention
from serving.wire.counts import (
    AlarmRow,
    CountRow,
    CountsAnswer,
    CountTable,
    GroupName,
    Labelled,
    MedianRow,
    MonthQuery,
    ShareRow,
    ShareTable,
)

SEED_BITS = 128
COUNTED = ("judgements", "advices", "feedback")  # of what counts are made, as the policy names it


class _MadeMeanwhileError(Exception):
    """Another worker has kept counts of the month; ours were shown to nobody."""


def see_counts(asked: Asked) -> CountsAnswer:
    """Return the counts of a month that is over, from two days after its end on.

    A fixed set of tables by office. They are made when somebody first asks, and the same ever after. Figures are moved
    at random, rounded, and not shown where they may be of fewer than five people; see `notes`.
    """
    query: MonthQuery = asked.query
    month = Month(query.month)
    made_at, content = _kept(asked, month) or _make(asked, month)
    return _told(Published.from_json(content), month, made_at, asked.language)


def _kept(asked: Asked, month: Month) -> tuple[str, Mapping[str, Any]] | None:
    with asked.service.database.reading() as connection:
        return published_counts(connection, month.name)


def _make(asked: Asked, month: Month) -> tuple[str, Mapping[str, Any]]:
    """Make the counts of a month and keep them. Raises MonthOpenError or NotFoundError where there are none to make."""
    now = asked.service.now()
    month.require_closed(now)
    _require_kept(month, now.date())
    with asked.service.database.reading() as connection:
        first = first_entry_at(connection)
        if first is None or first[:7] > month.name:
            raise NotFoundError(f"nothing was done here in {month.name}")
        seen = seen_in(connection, month.start, month.end, month.closes)
    content = publish(seen, np.random.default_rng(secrets.randbits(SEED_BITS))).as_json()
    try:
        with asked.recording("counts.publish", month=month.name, tables=len(content["tables"])) as entry:
            if published_counts(entry.connection, month.name) is not None:
                raise _MadeMeanwhileError
            return keep_counts(entry, month.name, content), content
    except _MadeMeanwhileError:
        kept = _kept(asked, month)
        assert kept is not None  # noqa: S101 - what is published stays
        return kept


def _require_kept(month: Month, today: date) -> None:
    """Raise NotFoundError where a purge may have taken what counts are made of: too few would be shown, for good."""
    policy = read_retention()
    if any(policy.before(name, today) > f"{month.start:%Y-%m-%d}" for name in COUNTED):
        raise NotFoundError(f"what was shown in {month.name} is no longer kept, and nobody asked for its counts before")


def _told(published: Published, month: Month, made_at: str, language: Language) -> CountsAnswer:
    groups = [_named(each, language) for each in published.groups]
    label = _labels(language)
    return CountsAnswer(
        month=month.name,
        made_at=made_at,
        notes=notes(language),
        tables=[
            CountTable(
                key=key,
                title=language.gettext(BY_KEY[key].title),
                columns=[label(key, column) for column in BY_KEY[key].columns],
                rows=[
                    CountRow(group=group, counts=[row[column] for column in BY_KEY[key].columns])
                    for group, row in zip(groups, rows, strict=True)
                ],
            )
            for key, rows in published.tables.items()
        ],
        shares=[
            ShareTable(
                key=key,
                title=language.gettext(SHARES[key]),
                rows=[
                    ShareRow(group=group, value=each.value, low=each.low, high=each.high)
                    for group, each in zip(groups, shares, strict=True)
                ],
            )
            for key, shares in published.shares().items()
        ],
        median_days=[
            MedianRow(group=group, days=None if column is None else label(DAYS, column))
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


def _named(group: Group, language: Language) -> GroupName:
    return GroupName.model_validate({"kind": group.kind, "label": name_of(group, language)})


def _labels(language: Language) -> Callable[[str, str], Labelled]:
    return lambda table, column: Labelled(key=column, label=language.gettext(BY_KEY[table].columns[column]))


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
)

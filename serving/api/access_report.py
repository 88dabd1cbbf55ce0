"""Who looked at clients who were not theirs: counts for managers, each access for the data-protection officer."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence

from serving.counts.month import Month
from serving.http.endpoint import Asked, Endpoint
from serving.language import Language, marked
from serving.permissions import Action
from serving.store.access_report import Look, accesses_before, looks_in
from serving.store.log import written
from serving.wire.clients import Ground
from serving.wire.counts import (
    Access,
    AccessCountRow,
    AccessCountsAnswer,
    AccessesAnswer,
    AccessPageQuery,
    Labelled,
    MonthQuery,
)

TITLE = marked("Looks at clients who were somebody else's, by ground")
GROUNDS = {
    Ground.ABSENT_COLLEAGUE: marked("in the place of an absent colleague"),
    Ground.CLIENT_ASKED: marked("the client asked for it"),
    Ground.HANDOVER: marked("the client changes caseworker"),
    Ground.COMPLAINT: marked("a complaint or a check"),
    Ground.OTHER: marked("another ground"),
}


def see_access_counts(asked: Asked) -> AccessCountsAnswer:
    """Return how often staff looked at clients who were not theirs in a month, by office, ground and member of staff.

    The counts are exact and include the month under way: they are of staff, and name no client and no reason.
    """
    query: MonthQuery = asked.query
    month, now = Month(query.month), asked.service.now()
    month.require_begun(now)
    with asked.service.database.reading() as connection:
        looks = looks_in(connection, month.start, month.end)
    return AccessCountsAnswer(
        month=month.name,
        until=written(min(now, month.end)),
        title=asked.language.gettext(TITLE),
        grounds=_labels(asked.language),
        all=_by_ground(looks),
        offices=_rows(looks, lambda look: (look.office, None)),
        staff=_rows(looks, lambda look: (look.office, look.staff)),
        language=asked.language.code,
    )


def _labels(language: Language) -> list[Labelled]:
    return [Labelled(key=ground.value, label=language.gettext(label)) for ground, label in GROUNDS.items()]


def _rows(looks: Sequence[Look], key: Callable[[Look], tuple[str | None, str | None]]) -> list[AccessCountRow]:
    """Return a row for each key, by name: nobody is ranked."""
    by_key: dict[tuple[str | None, str | None], list[Look]] = defaultdict(list)
    for look in looks:
        by_key[key(look)].append(look)
    rows = [
        AccessCountRow(office=office, staff=staff, counts=_by_ground(theirs), sum=len(theirs))
        for (office, staff), theirs in by_key.items()
    ]
    return sorted(rows, key=lambda row: (row.office or "", row.staff or ""))


def _by_ground(looks: Sequence[Look]) -> list[int]:
    found = Counter(look.ground for look in looks)
    return [found[ground.value] for ground in GROUNDS]


def list_accesses(asked: Asked) -> AccessesAnswer:
    """Return who looked at whom, on what ground and why, newest first; that they were read is logged.

    What was erased with a client is not here; the log still tells who looked.
    """
    query: AccessPageQuery = asked.query
    with asked.service.database.reading() as connection:
        found = accesses_before(connection, query.after, query.limit)
    after = found[-1].seq if len(found) == query.limit else None
    answer = AccessesAnswer(accesses=[Access.model_validate(each) for each in found], after=after)
    with asked.recording("accesses.read", accesses=len(found), after=query.after):
        return answer


ENDPOINTS = (
    Endpoint(
        "GET",
        "/v1/counts/accesses",
        Action.SEE_ACCESS_COUNTS,
        see_access_counts,
        "counts",
        query=MonthQuery,
        answer=AccessCountsAnswer,
        problems=(409,),
    ),
    Endpoint(
        "GET",
        "/v1/accesses",
        Action.SEE_ACCESSES,
        list_accesses,
        "counts",
        query=AccessPageQuery,
        answer=AccessesAnswer,
    ),
)

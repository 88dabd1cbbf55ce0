"""Looks at clients who were somebody else's: counts for manager and officer; each look, and why, for the officer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from serving.api.access_report import GROUNDS, list_accesses, see_access_counts
from serving.permissions import Action, can
from serving.wire.clients import Ground
from serving.wire.counts import AccessCountsAnswer, AccessPageQuery, MonthName, MonthQuery
from serving.wire.wire import Posted

from .months import MonthChoice, last_months, month_words
from .page import Page, View, Visit

MOST_MONTHS = 25  # two years and the month under way: longer they are not kept
QUARTER = 8  # digits of a pseudonym between which it may break


class AccessCountsQuery(Posted):
    """Which month; the one under way otherwise."""

    month: MonthName | None = None


@dataclass(frozen=True)
class AccessCountsPage:
    """Counts of a month, and the months to choose from; each look can be read by the officer."""

    choices: Sequence[MonthChoice]
    words: str
    told: AccessCountsAnswer
    each: bool


def access_counts_page(visit: Visit) -> View:
    """Show how often staff looked at clients who were not theirs, in a month."""
    query: AccessCountsQuery = visit.query
    names = last_months(visit.service.now(), MOST_MONTHS)
    chosen = query.month or names[0]
    page = AccessCountsPage(
        choices=[MonthChoice(name, month_words(name, visit.language), name == chosen) for name in names],
        words=month_words(chosen, visit.language),
        told=see_access_counts(replace(visit, query=MonthQuery(month=chosen))),
        each=can(visit.who, Action.SEE_ACCESSES),
    )
    return View("access_counts.html.jinja", page)


@dataclass(frozen=True)
class Look:
    """One look: who, at whom (a pseudonym in pieces), on what ground and why, from when until when."""

    staff: str
    office: str | None
    client: Sequence[str]
    ground: str
    why: str
    at: str
    until: str


@dataclass(frozen=True)
class AccessesPage:
    """A page of looks, newest first; `further`: where the next page is."""

    looks: Sequence[Look]
    further: str | None


def accesses_page(visit: Visit) -> View:
    """Show who looked at whom, and why; that it was read is logged."""
    query: AccessPageQuery = visit.query
    found = list_accesses(visit)
    looks = [
        Look(
            each.staff,
            each.office,
            [each.client[place : place + QUARTER] for place in range(0, len(each.client), QUARTER)],
            visit.language.gettext(GROUNDS[Ground(each.ground)]),
            each.why,
            each.at,
            each.until,
        )
        for each in found.accesses
    ]
    further = None if found.after is None else f"/accesses/each?after={found.after}&limit={query.limit}"
    return View("accesses.html.jinja", AccessesPage(looks, further))


PAGES = (
    Page("GET", "/accesses", Action.SEE_ACCESS_COUNTS, access_counts_page, query=AccessCountsQuery),
    Page("GET", "/accesses/each", Action.SEE_ACCESSES, accesses_page, query=AccessPageQuery),
)

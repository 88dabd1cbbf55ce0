"""Counts for managers on the wire, and who looked at clients who were not theirs."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from .wire import Id, Posted, Wire

MonthName = Annotated[
    str, StringConstraints(pattern="^20[0-9]{2}-(0[1-9]|1[0-2])$"), Field(description="year and month, as 2026-10")
]


class MonthQuery(Posted):
    """Which month."""

    month: MonthName


class CountableMonth(Wire):
    """A month whose counts can be told; made: they were told already, and stay so."""

    month: str
    made: bool


class MonthsAnswer(Wire):
    """The months whose counts can be told, newest first; the next one, and from which day on it can be told."""

    months: list[CountableMonth]
    next: str
    next_from: str


class Labelled(Wire):
    """A name for programs, and one for people."""

    key: str
    label: str


class GroupName(Wire):
    """Whose clients: everybody's, an office's, those of all offices that are too small to be named.

    Of a crossed table everybody's whose hint gave a service need (`needs`) or a risk band (`bands`).
    """

    kind: Literal["all", "office", "other", "needs", "bands"]
    label: str


class CountRow(Wire):
    """Clients of a group, column by column; null: not shown, it may be of fewer than five people, or of none."""

    group: GroupName
    counts: list[int | None]


class CountTable(Wire):
    """One table; its columns put each client into one of them."""

    key: str
    title: str
    columns: list[Labelled]
    rows: list[CountRow]


class ShareRow(Wire):
    """A share in a group with its 95 % interval; value null: only the interval can be told, or nothing at all."""

    group: GroupName
    value: float | None = Field(ge=0, le=1)
    low: float | None = Field(ge=0, le=1)
    high: float | None = Field(ge=0, le=1)


class ShareTable(Wire):
    """One share, of all groups."""

    key: str
    title: str
    rows: list[ShareRow]


class MedianRow(Wire):
    """In which column of the table `days` the median of a group is; null: what is not shown leaves it open."""

    group: GroupName
    days: Labelled | None


class AlarmRow(Wire):
    """Something odd in a group that asks for a talk with the people there."""

    kind: Literal["near_total_agreement", "near_zero_agreement"]
    group: GroupName
    words: str


class CountsAnswer(Wire):
    """The counts of a month; asked again they are the same, whatever became of the data since."""

    month: str
    made_at: str
    notes: list[str]
    tables: list[CountTable]
    shares: list[ShareTable]
    median_days: list[MedianRow]
    alarms: list[AlarmRow]
    language: Literal["fi", "sv", "en"]


class Fraction(Wire):
    """One client group: rounded size, share of the people with its range over redrawn people, what sets it apart."""

    name: str
    people: int
    share: float
    low: float
    high: float
    stability: Literal["stable", "doubtful", "not stable"]
    marks: list[str]


class Fractions(Wire):
    """Client groups of the people unemployed on one day, largest first; none where the data gives none.

    people  rounded; null: too few to tell;  hidden: how many groups are of too few people to be shown
    data    digest of the planning cohort that they are of
    """

    as_of: date
    people: int | None
    groups: list[Fraction]
    hidden: int
    data: str


class FractionsAnswer(Wire):
    """The client groups that were published; null: nobody has published any."""

    published: Fractions | None
    language: Literal["fi", "sv", "en"]


class AccessCountRow(Wire):
    """How often, ground by ground; `staff` null: everybody of the office, `office` null: not known."""

    office: str | None
    staff: str | None
    counts: list[int]
    sum: int


class AccessCountsAnswer(Wire):
    """How often somebody looked at clients who were not theirs; exact, for it is about staff and names no client."""

    month: str
    until: str
    title: str
    grounds: list[Labelled]
    all: list[int]
    offices: list[AccessCountRow]
    staff: list[AccessCountRow]
    language: Literal["fi", "sv", "en"]


class AccessPageQuery(Posted):
    """Which page: the one after what `after` of the page before said."""

    after: Annotated[int, Field(ge=1, le=2**62)] | None = None
    limit: Annotated[int, Field(ge=1, le=200)] = 50


class Access(Wire):
    """Who looked at whom, on what ground, why, and until when they could."""

    id: Id
    staff: str
    office: str | None
    client: str
    ground: str
    why: str
    at: str
    until: str


class AccessesAnswer(Wire):
    """A page of accesses, newest first; `after` of the next page, null on the last."""

    accesses: list[Access]
    after: int | None

"""What begins a spell, what goes on with it, what ends it, and what is not certain yet."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from ml.progress import silent
from ml.register.build.facts import database, parts_of
from ml.register.build.source import read_source
from ml.register.build.spells import find_spells

# employment codes of one person, first to last day → spells: first day, days, how it ended
RULES = {
    "code 02 begins a spell, under way at the as-of date":
        ("02 2018-01-01..", "2018-04-11", "2018-01-01 100 under way"),
    "code 03 begins a spell, too":
        ("03 2018-01-01..", "2018-04-11", "2018-01-01 100 under way"),
    "code 00 begins none":
        ("00 2018-01-01..", "2018-04-11", ""),
    "code 07 begins none, and the 02 after it does":
        ("07 2018-01-01..2018-01-31, 02 2018-02-01..", "2018-04-11", "2018-02-01 69 under way"),
    "codes 00, 03, 07 and 08 go on with it":
        ("02 2018-01-01..2018-01-10, 07 2018-01-11..2018-01-20, 08 2018-01-21..2018-01-31, 00 2018-02-01..2018-02-10,"
         "03 2018-02-11..", "2018-04-11", "2018-01-01 100 under way"),
    "work of 28 days ends it on the work's first day":
        ("02 2018-01-01..2018-01-31, 01 2018-02-01..2018-02-28", "2018-12-31", "2018-01-01 31 01"),
    "work of 27 days does not, and 02 goes on":
        ("02 2018-01-01..2018-01-31, 01 2018-02-01..2018-02-27, 02 2018-02-28..", "2018-04-11",
         "2018-01-01 100 under way"),
    "two jobs one after the other are one stretch of work":
        ("02 2018-01-01..2018-01-31, 01 2018-02-01..2018-02-14, 01 2018-02-15..2018-02-28, 02 2018-03-01..",
         "2018-04-11", "2018-01-01 31 01; 2018-03-01 41 under way"),
    "a day between two short jobs keeps them apart":
        ("02 2018-01-01..2018-01-31, 01 2018-02-01..2018-02-14, 01 2018-02-16..2018-03-01, 02 2018-03-02..",
         "2018-04-11", "2018-01-01 100 under way"),
    "a shortened week of 28 days ends it":
        ("02 2018-01-01..2018-01-31, 04 2018-02-01..2018-02-28", "2018-12-31", "2018-01-01 31 04"),
    "a shortened week of 27 days does not":
        ("02 2018-01-01..2018-01-31, 04 2018-02-01..2018-02-27, 02 2018-02-28..", "2018-04-11",
         "2018-01-01 100 under way"),
    "code 05 ends it on its first day":
        ("02 2018-01-01..2018-01-31, 05 2018-02-01..2018-02-01, 02 2018-02-02..", "2018-04-11",
         "2018-01-01 31 05; 2018-02-02 68 under way"),
    "code 06 ends it on its first day":
        ("02 2018-01-01..2018-01-31, 06 2018-02-01..", "2018-04-11", "2018-01-01 31 06"),
    "29 days without a record end it on the first of them":
        ("02 2018-01-01..2018-01-31, 02 2018-03-02..", "2018-04-11",
         "2018-01-01 31 left; 2018-03-02 40 under way"),
    "28 days without a record do not":
        ("02 2018-01-01..2018-01-31, 02 2018-03-01..", "2018-04-11", "2018-01-01 100 under way"),
    "a gap is counted from the end of short work":
        ("02 2018-01-01..2018-01-31, 01 2018-02-01..2018-02-20, 02 2018-03-10..", "2018-04-11",
         "2018-01-01 100 under way"),
    "05 after a short gap ends it on the 05's first day":
        ("02 2018-01-01..2018-01-31, 05 2018-02-11..2018-03-31", "2018-12-31", "2018-01-01 41 05"),
    "05 after a long gap ends it on the gap's first day":
        ("02 2018-01-01..2018-01-31, 05 2018-03-11..2018-03-31", "2018-12-31", "2018-01-01 31 left"),
    "work at the as-of date, for 28 days: ended":
        ("02 2018-01-01..2018-01-31, 01 2018-02-01..", "2018-02-28", "2018-01-01 31 01"),
    "work at the as-of date, for 27 days: censored on its first day":
        ("02 2018-01-01..2018-01-31, 01 2018-02-01..", "2018-02-27", "2018-01-01 31 under way"),
    "no record for 29 days at the as-of date: left":
        ("02 2018-01-01..2018-01-31", "2018-03-01", "2018-01-01 31 left"),
    "no record for 28 days at the as-of date: censored on the first of them":
        ("02 2018-01-01..2018-01-31", "2018-02-28", "2018-01-01 31 under way"),
    "a long spell and the next one":
        ("02 2016-01-01..2017-06-30, 01 2017-07-01..2017-12-31, 03 2018-01-01..", "2018-01-31",
         "2016-01-01 547 01; 2018-01-01 30 under way"),
}  # fmt: skip

# the same with days of entry: code first..last entered/end entered
AS_KNOWN = {
    "a record entered after the as-of date is not known":
        ("02 2018-01-01..2018-01-31 2018-01-01/2018-01-31, 01 2018-02-01..2018-12-31 2018-03-05/2018-12-31",
         "2018-02-20", "2018-01-01 31 under way"),
    "an end entered after the as-of date is not known":
        ("02 2018-01-01..2018-01-31 2018-01-01/2018-03-20", "2018-03-10", "2018-01-01 68 under way"),
    "an end that is not known yet lies before the next known record":
        ("02 2018-01-01..2018-01-31 2018-01-01/2018-06-01, 01 2018-02-01..2018-05-31 2018-02-03/2018-06-01",
         "2018-03-15", "2018-01-01 31 01"),
    "a first record entered late shortens what was known of the spell":
        ("02 2018-01-01..2018-01-31 2018-03-20/2018-03-20, 07 2018-02-01..2018-02-28 2018-02-01/2018-02-28,"
         "02 2018-03-01..2018-12-31 2018-03-01/2018-12-31", "2018-03-11", "2018-03-01 10 under way"),
    "and once it was entered the spell is whole":
        ("02 2018-01-01..2018-01-31 2018-03-20/2018-03-20, 07 2018-02-01..2018-02-28 2018-02-01/2018-02-28,"
         "02 2018-03-01..2018-12-31 2018-03-01/2018-12-31", "2018-03-21", "2018-01-01 79 under way"),
}  # fmt: skip


def records(text: str) -> list[dict[str, Any]]:
    found = []
    for part in text.split(","):
        code, days, *known = part.split()
        first, _, last = days.partition("..")
        entered, end_entered = known[0].split("/") if known else (first, last)
        found.append(
            {
                "code": code, "start": day(first), "end": day(last), "entered": day(entered),
                "end_entered": day(end_entered),
            }
        )  # fmt: skip
    return found


def day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


@pytest.fixture(scope="module")
def spells_of(extract: Callable[..., Path]) -> Callable[[dict[str, tuple[str, str, str]]], dict[str, str]]:
    """Return the spells of each case as text; cases of one as-of date share a register, one person each."""

    def find(cases: dict[str, tuple[str, str, str]]) -> dict[str, str]:
        found = {}
        for as_of in sorted({as_of for _, as_of, _ in cases.values()}):
            people = {case: records(codes) for case, (codes, day, _) in cases.items() if day == as_of}
            source = read_source(
                extract("2019-12-31", employment=[{**r, "pseudonym": p} for p in people for r in people[p]])
            )
            with database(source.folder) as db:
                find_spells(db, source, parts_of(db, source), date.fromisoformat(as_of), silent)
                rows = db.execute(
                    "SELECT pseudonym, string_agg(concat_ws(' ', start, finish - start, ended), '; ' ORDER BY start) "
                    "FROM all_spells JOIN people USING (person) GROUP BY pseudonym"
                ).fetchall()
            found |= {**dict.fromkeys(people, ""), **dict(rows)}
        return found

    return find


def test_rules(spells_of: Callable[..., dict[str, str]]) -> None:
    assert spells_of(RULES) == {rule: spells for rule, (_, _, spells) in RULES.items()}


def test_as_known(spells_of: Callable[..., dict[str, str]]) -> None:
    assert spells_of(AS_KNOWN) == {rule: spells for rule, (_, _, spells) in AS_KNOWN.items()}

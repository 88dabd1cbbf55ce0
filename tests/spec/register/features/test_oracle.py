"""The SQL against a slow calendar: every person's days one by one, in plain Python, on random histories."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from itertools import groupby, zip_longest
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from ml.register.build import build

ZERO = date(2012, 1, 1)
WINDOWS = {1: 365, 3: 1096, 5: 1826}
LONG_AGO = date(1990, 1, 1)
Record = dict[str, Any]


def day(number: int) -> date:
    return ZERO + timedelta(days=number)


# ---------------------------------------------------------------- random histories

delays = st.sampled_from([0, 0, 0, 1, 3, 20, 40, 90])
lengths = st.one_of(st.integers(1, 60), st.sampled_from([26, 27, 28, 29, 30, 200, 700]))


@st.composite
def histories(draw: st.DrawFn) -> list[Record]:
    """Return the employment records of one person: stretches of codes and of nothing, written down late or soon."""
    at, found = draw(st.integers(0, 400)), []
    for _ in range(draw(st.integers(1, 9))):
        length = draw(lengths)
        code = draw(st.sampled_from(["02", "02", "02", "03", "01", "01", "00", "04", "05", "06", "07", "08", "", ""]))
        if code:
            ends = draw(st.integers(0, 9)) > 0
            last = at + length - 1
            found.append(
                {
                    "code": code,
                    "start": day(at),
                    "end": day(last) if ends else None,
                    "entered": day(at + draw(delays)),
                    "end_entered": day(last + draw(delays)) if ends else None,
                }
            )
        at += length
    return found


@st.composite
def happenings(draw: st.DrawFn) -> dict[str, list[Record]]:
    """Return services, benefits and plans of one person."""
    services, benefits, plans = [], [], []
    for _ in range(draw(st.integers(0, 3))):
        at, length, ends = draw(st.integers(0, 2500)), draw(lengths), draw(st.booleans())
        services.append(
            {
                "kind": draw(st.sampled_from(["training", "work_trial", "job_coaching"])),
                "start": day(at),
                "end": day(at + length - 1) if ends else None,
                "ended": draw(st.sampled_from(["completed", "interrupted"])) if ends else None,
                "entered": day(at + draw(delays)),
                "end_entered": day(at + length - 1 + draw(delays)) if ends else None,
            }
        )
    for _ in range(draw(st.integers(0, 3))):
        at, length = draw(st.integers(0, 2500)), draw(st.integers(1, 92))
        kind = draw(st.sampled_from(["earnings_related", "basic_allowance", "labour_market_subsidy"]))
        paid = draw(st.integers(0, length))
        benefits.append({"kind": kind, "start": day(at), "end": day(at + length - 1), "days_paid": paid,
                         "entered": day(at + length + draw(delays))})  # fmt: skip
    for _ in range(draw(st.integers(0, 4))):
        at = draw(st.integers(0, 2500))
        kind = draw(st.sampled_from(["employment_plan", "interview", "contact", "interview_trip"]))
        plans.append({"kind": kind, "date": day(at), "entered": day(at + draw(delays))})
    return {"services": services, "benefits": benefits, "plans": plans}


registers = st.lists(st.tuples(histories(), happenings()), min_size=1, max_size=20)


def tables(register: list[tuple[list[Record], dict[str, list[Record]]]]) -> dict[str, list[Record]]:
    """Return the tables of a register, its people named p00, p01, …; records that share a key left out."""
    found: dict[str, list[Record]] = {"employment": [], "services": [], "benefits": [], "plans": []}
    for number, (codes, others) in enumerate(register):
        for name, records in (("employment", codes), *others.items()):
            seen = set()
            for record in records:
                key = (record.get("kind"), record.get("start") or record.get("date"))
                if key not in seen:
                    found[name].append({"pseudonym": f"p{number:02}", **record})
                seen.add(key)
    return found


# ---------------------------------------------------------------- the calendar


def calendar(records: list[Record], known_on: date) -> dict[date, str]:
    """Return each day's code as it was known on a day; days without one are not there."""
    known = sorted((r for r in records if r["entered"] <= known_on >= r["start"]), key=lambda r: r["start"])
    codes: dict[date, str] = {}
    for record, following in zip_longest(known, known[1:]):
        last = known_on
        if record["end_entered"] is not None and record["end_entered"] <= known_on:
            last = min(last, record["end"])
        if following is not None:
            last = min(last, following["start"] - timedelta(days=1))
        at = record["start"]
        while at <= last:
            codes[at] = record["code"]
            at += timedelta(days=1)
    return codes


def stretches(codes: dict[date, str], last: date) -> Iterator[tuple[str, list[date]]]:
    """Yield runs of days of one sort: work, a code, or nothing."""
    days = [min(codes) + timedelta(days=number) for number in range((last - min(codes)).days + 1)]

    def sort(at: date) -> str:
        code = codes.get(at, "")
        return "work" if code in ("01", "04") else code

    for what, run in groupby(days, sort):
        yield what, list(run)


def spells(codes: dict[date, str], last: date) -> list[tuple[date, date, str]]:
    """Return first day, first day after and ending of each spell, watched up to a day."""
    codes = {at: code for at, code in codes.items() if at <= last}
    if not codes:
        return []
    found, begun, runs = [], None, list(stretches(codes, last))
    for what, run in runs:
        long = len(run) >= 28 if what == "work" else len(run) > 28
        stops = (what == "work" and long) or (what == "" and long) or what in ("05", "06")
        if begun is not None and stops:
            ending = codes[run[27]] if what == "work" else what or "left"
            found.append((begun, run[0], ending))
            begun = None
        if begun is None and what in ("02", "03"):
            begun = run[0]
    if begun is not None:
        what, run = runs[-1]
        found.append((begun, run[0] if what in ("work", "") else last, "under way"))
    return found


def months(since: date | None, look: date) -> float | None:
    return None if since is None else round((look - since).days / 30.4375, 1)


def inside(first: date, last: date, look: date, window: int) -> int:
    begin = look - timedelta(days=window)
    return sum(begin <= first + timedelta(days=n) < look for n in range((last - first).days + 1))


def history(records: list[Record], start: date, look: date) -> dict[str, Any]:
    codes = calendar(records, look)
    before = calendar([r for r in records if r["start"] < start], look)
    before = {at: code for at, code in before.items() if at < start and codes.get(at) == code}
    oldest = look - timedelta(days=1826)
    earlier = [s for s in spells(before, start - timedelta(days=1)) if s[1] > oldest]
    work = [at for at, code in codes.items() if code in ("01", "04") and at >= oldest]
    last = max(earlier, key=lambda s: s[1], default=None)

    def days(of: tuple[str, ...], window: int) -> int:
        return sum(code in of and look - timedelta(days=window) <= at < look for at, code in codes.items())

    return {
        "days_unemployed": (look - start).days,
        "code_now": codes.get(look, "none"),
        **{f"unemployed_days_{y}y": days(("02", "03"), w) for y, w in WINDOWS.items()},
        **{f"work_days_{y}y": days(("01", "04"), w) for y, w in WINDOWS.items()},
        **{f"education_days_{y}y": days(("08",), w) for y, w in WINDOWS.items()},
        **{f"spells_{y}y": sum(s[0] >= look - timedelta(days=w) for s in earlier) for y, w in WINDOWS.items()},
        "longest_spell_days_5y": max(((s[1] - max(s[0], oldest)).days for s in earlier), default=0),
        "months_since_job": months(max(work, default=None), look),
        "worked": bool(work),
        "returned": last is not None and (start - last[1]).days <= 365,
        "repeatedly_unemployed": days(("02", "03"), 487) > 365,
        "previous_ending": None if last is None or last[2] == "under way" else last[2],
        "first_registration": last is None,
    }


def services(records: list[Record], look: date) -> dict[str, Any]:
    known = []
    for r in records:
        if r["entered"] > look or r["start"] > look:
            continue
        told = r["end_entered"] is not None and r["end_entered"] <= look
        last = min(r["end"], look) if told else look
        if last >= look - timedelta(days=1826):
            known.append((r["start"], r["kind"], last, r["ended"] if told and r["end"] <= look else "under_way"))
    latest = max(known, default=None)
    return {
        **{f"service_days_{y}y": sum(inside(k[0], k[2], look, w) for k in known) for y, w in WINDOWS.items()},
        **{f"services_{y}y": sum(k[0] >= look - timedelta(days=w) for k in known) for y, w in WINDOWS.items()},
        "last_service": latest and latest[1],
        "last_service_ending": latest and latest[3],
        "months_since_service": months(max((k[2] for k in known), default=None), look),
    }


def benefits(records: list[Record], look: date) -> dict[str, Any]:
    oldest = look - timedelta(days=1826)
    known = [r for r in records if r["entered"] <= look >= r["start"] and r["end"] >= oldest]

    def paid(kind: str, window: int) -> int:
        total = 0
        for r in known:
            length = (r["end"] - r["start"]).days + 1
            share = r["days_paid"] * inside(r["start"], r["end"], look, window) / length
            total += int(share + 0.5) if r["kind"] == kind else 0
        return total

    latest = max(known, key=lambda r: (r["start"], r["kind"]), default=None)
    kind = latest and latest["kind"]
    names = {"earnings_related": "earnings_related", "basic_allowance": "basic_allowance",
             "labour_market_subsidy": "subsidy"}  # fmt: skip
    return {
        **{f"{name}_days_{y}y": paid(code, w) for code, name in names.items() for y, w in WINDOWS.items()},
        "benefit_kind": kind,
        "on_payment_list": kind == "labour_market_subsidy" and paid(kind, 1826) >= 300,
    }


def plans(records: list[Record], look: date) -> dict[str, Any]:
    oldest, year = look - timedelta(days=1826), look - timedelta(days=365)
    known = [r for r in records if r["entered"] <= look >= r["date"] >= oldest]
    made = [r["date"] for r in known if r["kind"] == "employment_plan"]
    counts = {kind: sum(r["kind"] == kind and r["date"] >= year for r in known)
              for kind in ("interview", "contact", "interview_trip")}  # fmt: skip
    return {
        "months_since_plan": months(max(made, default=None), look),
        **{f"{kind}s_1y": count for kind, count in counts.items()},
    }


# ---------------------------------------------------------------- the properties

Build = Callable[[dict[str, list[Record]], date], list[Record]]


@pytest.fixture(scope="module")
def rows_of(extract: Callable[..., Path]) -> Build:
    def make(given: dict[str, list[Record]], as_of: date) -> list[Record]:
        folder = extract("2030-01-01", **given)
        build(folder, folder.parent / "cohort", as_of, opens=LONG_AGO, settled_days=0, history_years=0)
        rows: list[Record] = pq.read_table(folder.parent / "cohort" / "inputs.parquet").to_pylist()
        return rows

    return make


def has_rows(given: dict[str, list[Record]], as_of: date) -> bool:
    """Whether some spell of the register was seen at its registration."""
    for person in {r["pseudonym"] for r in given["employment"]}:
        records = [r for r in given["employment"] if r["pseudonym"] == person]
        for first, after, _ in spells(calendar(records, as_of), as_of):
            entered = max(first, *(r["entered"] for r in records if r["start"] == first))
            if entered <= as_of and entered < after and (entered - first).days <= 28:
                return True
    return False


@settings(max_examples=30, deadline=None, phases=(Phase.generate,))
@given(register=registers, as_of=st.integers(300, 2600).map(day))
def test_spells_and_features_are_those_of_the_calendar(rows_of: Build, register: Any, as_of: date) -> None:
    given_tables = tables(register)
    if not has_rows(given_tables, as_of):
        return
    rows = rows_of(given_tables, as_of)
    by_person = {
        name: {p: [r for r in records if r["pseudonym"] == p] for p in {row["pseudonym"] for row in rows}}
        for name, records in given_tables.items()
    }
    for row in rows:
        person, start = row["pseudonym"], row["start"]
        codes = by_person["employment"][person]
        spell = next(s for s in spells(calendar(codes, as_of), as_of) if s[0] == start)
        assert (row["duration_days"], row["ended"]) == ((spell[1] - start).days, spell[2])
        look = start + timedelta(days=row["days_unemployed"])
        expected = {
            **history(codes, start, look),
            **services(by_person["services"][person], look),
            **benefits(by_person["benefits"][person], look),
            **plans(by_person["plans"][person], look),
        }
        assert {name: row[name] for name in expected} == expected


@settings(max_examples=20, deadline=None, phases=(Phase.generate,))
@given(register=registers, earlier=st.integers(300, 2000).map(day), days=st.integers(1, 900))
def test_what_was_known_at_a_look_never_changes(rows_of: Build, register: Any, earlier: date, days: int) -> None:
    """However much the register learns later, a look that was already taken keeps its features."""
    given_tables = tables(register)
    later = earlier + timedelta(days=days)
    if not has_rows(given_tables, earlier) or not has_rows(given_tables, later):
        return
    before, after = (
        {(r["pseudonym"], r["start"], r["landmark_months"]): r for r in rows_of(given_tables, as_of)}
        for as_of in (earlier, later)
    )
    for key in before.keys() & after.keys():
        outcomes = {"duration_days": None, "ended": None}
        assert before[key] | outcomes == after[key] | outcomes

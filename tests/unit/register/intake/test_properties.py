"""Any valid register passes; with one thing broken, exactly that rule is told."""

from __future__ import annotations

import csv
import re
import tempfile
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ml.errors import DataError
from ml.progress import silent
from ml.register.intake import source_of, take_in
from ml.register.schema import TABLES

AS_OF = date(2020, 1, 31)
Row = dict[str, Any]
Register = dict[str, list[Row]]


@st.composite
def _persons(draw: st.DrawFn) -> list[Row]:
    """Return facts of one to four people who were made up."""
    people = []
    for number in draw(st.lists(st.integers(900, 999), min_size=1, max_size=4, unique=True)):
        born = draw(st.dates(date(1930, 1, 1), date(2000, 12, 31)))
        sign = draw(st.sampled_from("ABCDEF" if born.year >= 2000 else "-YXWVU"))
        digits = f"{born:%d%m%y}{number}"
        check = "0123456789ABCDEFHJKLMNPRSTUVWXY"[int(digits) % 31]
        people.append(
            {
                "identity_code": f"{digits[:6]}{sign}{number}{check}",
                "birth_date": born,
                "gender": "1" if number % 2 else "2",
                "mother_tongue": draw(st.sampled_from(["fi", "sv", "so"])),
                "citizenship": draw(st.sampled_from(["FI", "EE", "XX"])),
                "municipality": "091",
                "postal_code": draw(st.sampled_from(["00100", "00940"])),
                "education_level": draw(st.sampled_from([None, "1", "3", "8"])),
                "occupation": draw(st.sampled_from([None, "011", "522"])),
                "work_ability_limited": draw(st.sampled_from([None, "1", "0"])),
                "valid_from": date(2016, 1, 1),
                "entered": date(2016, 1, 1) + timedelta(draw(st.integers(0, 30))),
            }
        )
    return people


@st.composite
def registers(draw: st.DrawFn) -> Register:
    """Return a valid register with at least one record in every table."""
    register: Register = {name: [] for name in TABLES}
    for person in draw(_persons()):
        register["jobseekers"].append(person)
        day = date(2016, 1, 1) + timedelta(draw(st.integers(0, 300)))
        for _ in range(draw(st.integers(1, 3))):
            length, delay = draw(st.integers(0, 200)), draw(st.integers(0, 20))
            until, written = day + timedelta(length), day + timedelta(delay)
            who = {"identity_code": person["identity_code"]}
            entries = {"entered": written, "end_entered": max(until, written) + timedelta(draw(st.integers(0, 20)))}
            spell = {**who, "start": day, "end": until, **entries}
            register["employment_codes"].append({**spell, "code": draw(st.sampled_from(["02", "07"]))})
            register["services"].append({**spell, "kind": "training", "ended": "completed"})
            paid = {"days_paid": draw(st.integers(0, length + 1)), "entered": entries["end_entered"]}
            register["benefits"].append({**who, "kind": "basic_allowance", "start": day, "end": until, **paid})
            register["plans"].append({**who, "kind": "contact", "date": day, "entered": written})
            rated = {"work_ability": draw(st.integers(0, 10))}
            register["abilitator"].append({**who, "date": day, **rated, "entered": written})
            placed = {"service_entity": "skills", "placed_by": "rule"}
            register["placements"].append({**who, **placed, "date": day, "entered": written})
            day = until + timedelta(draw(st.integers(1, 100)))
    return register


def _write(register: Register, folder: Path) -> None:
    (folder / "register.toml").write_text(f'as_of = {AS_OF}\nsource = "invented"\n')
    for name, rows in register.items():
        with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, TABLES[name].names, restval="", delimiter=";")
            writer.writeheader()
            writer.writerows({name: _cell(value) for name, value in row.items()} for row in rows)


def _cell(value: Any) -> str:
    return "" if value is None else f"{value:%d.%m.%Y}" if isinstance(value, date) else str(value)


@given(registers())
@settings(max_examples=10, deadline=None)
def test_a_valid_register_passes_whole(register: Register) -> None:
    with tempfile.TemporaryDirectory() as folder:
        _write(register, Path(folder))
        taken = take_in(source_of(folder), None, False, silent)
    assert not taken.quality.broken
    for name, rows in register.items():
        read = [
            {key: value for key, value in row.items() if value is not None}
            for row in taken.extract.tables[name].to_pylist()
        ]
        told = [{key: value for key, value in row.items() if value is not None} for row in rows]
        assert sorted(map(_key, read)) == sorted(map(_key, told))


def _key(row: Row) -> list[tuple[str, str]]:
    as_text = {key: bool(int(value)) if key == "work_ability_limited" else value for key, value in row.items()}
    return sorted((key, str(value)) for key, value in as_text.items())


Break = Callable[[Row], Row]
BREAKS: list[tuple[str, str, Break]] = [
    ("missing value", "plans", lambda row: {"kind": None}),
    ("identity code form", "plans", lambda row: {"identity_code": row["identity_code"][:-1]}),
    ("identity code century sign", "services", lambda row: {"identity_code": _with(row["identity_code"], 6, "G")}),
    ("identity code date", "benefits", lambda row: {"identity_code": "32" + row["identity_code"][2:]}),
    ("identity code check character", "abilitator", lambda row: {"identity_code": _other_check(row["identity_code"])}),
    ("person not in jobseekers", "placements", lambda row: {"identity_code": _other_person(row["identity_code"])}),
    ("not a date", "employment_codes", lambda row: {"start": "31.02.2018"}),
    ("ambiguous date", "plans", lambda row: {"entered": "1/2/2018"}),
    ("not a whole number", "benefits", lambda row: {"days_paid": "two"}),
    ("out of range", "abilitator", lambda row: {"work_ability": 11}),
    ("not yes or no", "jobseekers", lambda row: {"work_ability_limited": "2"}),
    ("unknown code", "employment_codes", lambda row: {"code": "22"}),
    ("unknown code", "jobseekers", lambda row: {"mother_tongue": "fin"}),
    ("end before start", "services", lambda row: {"end": row["start"] - timedelta(1)}),
    ("after the as-of date", "employment_codes", lambda row: {"end_entered": AS_OF + timedelta(1)}),
    ("after the as-of date", "plans", lambda row: {"entered": AS_OF + timedelta(1)}),
    ("entered before it happened", "abilitator", lambda row: {"entered": row["date"] - timedelta(1)}),
    ("end without its entry", "employment_codes", lambda row: {"end_entered": None}),
    ("entry of an end without end", "services", lambda row: {"end": None, "ended": None}),
    ("end entered before the record", "services", lambda row: {"end_entered": row["entered"] - timedelta(1)}),
    ("birth date disagrees", "jobseekers", lambda row: {"birth_date": row["birth_date"] + timedelta(1)}),
    ("arrival before birth", "jobseekers", lambda row: {"arrived_in_finland": row["birth_date"] - timedelta(1)}),
    ("more days paid than the period has", "benefits",
     lambda row: {"days_paid": (row["end"] - row["start"]).days + 2}),
]  # fmt: skip


def _with(text: str, at: int, letter: str) -> str:
    return text[:at] + letter + text[at + 1 :]


def _other_check(code: str) -> str:
    return code[:-1] + ("1" if code[-1] == "0" else "0")


def _other_person(code: str) -> str:
    """Return a valid code of somebody born in 1920, whom no register here has."""
    digits = "0101202" + code[8:10]
    return f"{digits[:6]}-9{digits[7:]}" + "0123456789ABCDEFHJKLMNPRSTUVWXY"[int("0101209" + digits[7:]) % 31]


@given(registers(), st.sampled_from(BREAKS), st.integers(0, 100))
@settings(max_examples=40, deadline=None)
def test_one_broken_row_is_told_by_exactly_its_rule_and_number(
    register: Register, broken: tuple[str, str, Break], which: int
) -> None:
    rule, table, breaks = broken
    row = which % len(register[table])
    register[table][row].update(breaks(register[table][row]))
    with tempfile.TemporaryDirectory() as folder:
        _write(register, Path(folder))
        with pytest.raises(DataError) as refused:
            take_in(source_of(folder), None, False, silent)
        aside = take_in(source_of(folder), None, True, silent).set_aside if len(register["jobseekers"]) > 1 else None
    told = str(refused.value)
    assert re.findall(r"(\w+): (\d+) rows? breaks? '([^']+)'", told) == [(table, "1", rule)]
    assert re.search(rf"\(row {row + 2}[:)]", told)
    for person in register["jobseekers"]:
        assert person["identity_code"][:6] not in told
    if aside is not None:
        assert (row + 2, [rule]) in zip(aside[table]["row"].to_pylist(), aside[table]["rules"].to_pylist(), strict=True)

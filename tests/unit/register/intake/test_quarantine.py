"""Rows that break a hard rule, set aside: what goes, what stays, and that nothing is lost."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ml.errors import DataError
from ml.progress import silent
from ml.register.intake import Intake, read_extract, source_of, take_in, write_intake


def _quarantined(folder: Path) -> Intake:
    return take_in(source_of(str(folder)), None, True, silent)


def _aside(intake: Intake) -> dict[str, list[tuple[int, list[str]]]]:
    return {
        name: list(zip(table["row"].to_pylist(), table["rules"].to_pylist(), strict=True))
        for name, table in intake.set_aside.items()
    }


def test_a_valid_register_has_none(raw: Path) -> None:
    assert _quarantined(raw).set_aside == {}


def test_a_row_goes_with_every_rule_that_it_breaks_and_as_it_was_written(raw: Path, change: Any) -> None:
    change("employment_codes", 5, code="09", start="yesterday")
    taken = _quarantined(raw)
    assert _aside(taken) == {"employment_codes": [(5, ["unknown code", "not a date"])]}
    row = taken.set_aside["employment_codes"].to_pylist()[0]
    assert (row["identity_code"], row["code"], row["start"], row["end"]) == (
        "150595-902A", "09", "yesterday", "31.12.2018",
    )  # fmt: skip


def test_a_rule_broken_in_two_columns_is_named_once(raw: Path, change: Any) -> None:
    change("employment_codes", 5, start="yesterday", end="tomorrow")
    assert _aside(_quarantined(raw)) == {"employment_codes": [(5, ["not a date"])]}


def test_a_person_set_aside_takes_their_records_along(raw: Path, change: Any) -> None:
    change("jobseekers", 5, gender="3")
    assert _aside(_quarantined(raw)) == {
        "jobseekers": [(5, ["unknown code"])],
        "employment_codes": [(6, ["person not in jobseekers"])],
        "services": [(3, ["person not in jobseekers"])],
        "plans": [(4, ["person not in jobseekers"])],
    }


def test_a_person_with_another_good_record_keeps_the_rest(raw: Path, change: Any) -> None:
    change("jobseekers", 2, gender="3")
    assert _aside(_quarantined(raw)) == {"jobseekers": [(2, ["unknown code"])]}


def test_of_two_that_overlap_the_one_that_reaches_into_the_other_goes(raw: Path, change: Any) -> None:
    change("employment_codes", 2, end="", end_entered="")
    assert _aside(_quarantined(raw)) == {"employment_codes": [(2, ["overlap"])]}


def test_rounds_go_on_until_nothing_is_broken(raw: Path, change: Any) -> None:
    # row 3 begins before row 2 ends (round 1: row 2 goes); without it nothing else overlaps
    change("employment_codes", 2, end="01.07.2018", end_entered="02.07.2018")
    change("employment_codes", 3, start="02.01.2017", entered="02.01.2017", code="02", end="20.06.2018")
    taken = _quarantined(raw)
    assert _aside(taken) == {"employment_codes": [(2, ["shared key"]), (3, ["shared key", "overlap"])]}
    assert [each.rule for each in taken.quality.broken if each.hard] == ["shared key", "overlap"]


@pytest.mark.parametrize("damage", [{}, {"code": "09"}, {"end": "1.1.1999"}, {"identity_code": "x"}])
def test_no_row_is_lost(raw: Path, change: Any, damage: dict[str, str]) -> None:
    change("employment_codes", 5, **damage)
    taken = _quarantined(raw)
    for table in taken.quality.tables:
        assert table.read == table.kept + table.set_aside
        assert table.kept == taken.extract.tables[table.name].num_rows
        assert table.set_aside == (taken.set_aside[table.name].num_rows if table.name in taken.set_aside else 0)
    assert taken.rows_set_aside == bool(damage)


def test_what_is_left_is_an_extract_in_which_every_rule_holds(raw: Path, change: Any, tmp_path: Path) -> None:
    change("jobseekers", 5, birth_date="24.12.2000")
    change("benefits", 2, days_paid="300")
    taken = _quarantined(raw)
    write_intake(taken, tmp_path / "out")
    again = read_extract(tmp_path / "out", None, silent)
    assert replace(again.manifest, quality=None) == taken.extract.manifest
    assert all(again.tables[name].equals(table) for name, table in taken.extract.tables.items())


def test_nobody_left_is_refused(raw: Path, change: Any) -> None:
    for row in range(2, 7):
        change("jobseekers", row, gender="3")
    with pytest.raises(DataError, match="jobseekers: has no records left to take in; every one breaks a hard rule"):
        _quarantined(raw)

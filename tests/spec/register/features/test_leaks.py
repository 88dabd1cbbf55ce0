"""A feature that looks into the future is caught: in every build, and by the guard that rebuilds an old cohort."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

import ml.register.build.facts
import ml.register.build.spells
import ml.register.features.query
from ml.errors import DataError, UsageError
from ml.register.build import build
from ml.register.features.query import sql
from ml.register.guard import rebuilt

Write = Callable[..., Path]
LONG_AGO = date(1990, 1, 1)

# Everything that had happened by the look on 1 June 2018 and was entered, or ended, only in the summer.
LATE = {
    "employment": """
        code start      end        entered    end_entered
        02   2018-01-01 2018-01-31 2018-01-01 2018-02-01
        01   2018-02-01 2018-04-30 2018-07-02 2018-07-02
        02   2018-06-01 2018-12-31 2018-06-01 2019-01-02
        """,
    "services": """
        kind     start      end        ended     entered    end_entered
        training 2018-03-01 2018-03-31 completed 2018-07-02 2018-07-02
        """,
    "benefits": """
        kind            start      end        days_paid entered
        basic_allowance 2018-01-01 2018-03-31 60        2018-07-02
        """,
    "plans": """
        kind    date       entered
        contact 2018-05-01 2018-07-02
        """,
    "jobseekers": """
        education_level occupation valid_from entered
        3               512        2018-01-01 2018-01-01
        6               251        2018-05-01 2018-07-02
        """,
}
# SQL file, what is broken in it, what it becomes → a feature that is then named
LEAKS = {
    "codes entered later": ("records", " AND fact.entered <= moment.day", "", "work_days_1y"),
    "services entered later": ("services", "fact.entered <= look AND ", "", "services_1y"),
    "benefits entered later": ("benefits", "fact.entered <= look AND ", "", "basic_allowance_days_1y"),
    "plans entered later": ("plans", "fact.entered <= look AND ", "", "contacts_1y"),
    "facts entered later": ("person", "fact.entered <= look AND ", "", "education"),
    "how the spell ended": (
        "history",
        "looks.days_unemployed",
        "(SELECT max(duration_days) FROM cohort_rows) AS days_unemployed",
        "a feature reads a table that is not there",
    ),
}


@pytest.mark.parametrize("leak", LEAKS)
def test_a_build_refuses_a_feature_that_knows_more_than_its_day(
    extract: Write, monkeypatch: pytest.MonkeyPatch, leak: str
) -> None:
    file, right, wrong, named = LEAKS[leak]
    assert right in sql(file)
    folder = extract("2019-06-30", **LATE)
    build(folder, folder.parent / "cohort", settled_days=0, history_years=0)
    broken = sql(file).replace(right, wrong)
    monkeypatch.setattr(ml.register.features.query, "sql", lambda name: broken if name == file else sql(name))
    with pytest.raises(DataError, match=named):
        build(folder, folder.parent / "leaky", settled_days=0, history_years=0)
    assert not (folder.parent / "leaky").exists()


# ---------------------------------------------------------------- the guard

AS_OF = "2018-10-31"
CODES = "pseudonym code start end entered end_entered"
# zoe's spell tells that the register's window was open by March 1995, in both extracts
PAST = """
zoe  02 1995-01-01 1995-02-28 1995-01-01 1995-03-01
anna 02 2018-01-01 2018-03-31 2018-01-01 2018-04-02
anna 01 2018-04-01 2018-08-31 2018-04-02 2018-09-01
"""
OLD = {
    "employment": f"{CODES}{PAST}anna 02 2018-09-01 - 2018-09-01 -",
    "plans": "kind date entered\ncontact 2018-02-01 2018-02-01",
    "jobseekers": "education_level occupation valid_from entered\n3 512 2018-01-01 2018-01-01",
}
NEWER = f"{CODES}{PAST}anna 02 2018-09-01 2018-11-30 2018-09-01 2018-12-01"


@pytest.fixture
def old(extract: Write) -> Path:
    """Return the cohort of 31 October 2018."""
    folder = extract(AS_OF, **OLD)
    return build(folder, folder.parent / "cohort", settled_days=0, history_years=0).folder


def later(extract: Write, **changed: str) -> Path:
    return extract("2019-06-30", **{**OLD, "employment": NEWER, **changed})


def test_a_register_that_is_only_added_to_gives_the_same_numbers(extract: Write, old: Path) -> None:
    found = rebuilt(old, later(extract))
    assert (found.rows, found.same, found.changed, found.generalised, found.late) == (2, 2, {}, {}, {})


def test_records_entered_late_are_listed_and_change_nothing(extract: Write, old: Path) -> None:
    services = (
        "kind start end ended entered end_entered\ntraining 2018-02-01 2018-02-28 completed 2018-12-01 2018-12-03"
    )
    found = rebuilt(old, later(extract, services=services))
    assert (found.same, found.late) == (2, {"services": 2})
    assert found.as_json()["listed"] == (
        {"table": "services", "person": "anna", "happened": "2018-02-01", "entered": "2018-12-01"},
        {"table": "services", "person": "anna", "happened": "2018-02-28", "entered": "2018-12-03"},
    )


def test_records_changed_afterwards_explain_what_differs(extract: Write, old: Path) -> None:
    """The contact of 1 February was found in December to have been on 31 January: it seems unknown in October."""
    found = rebuilt(old, later(extract, plans="kind date entered\ncontact 2018-01-31 2018-12-01"))
    assert (found.same, found.changed, found.late) == (1, {"contacts_1y": 1}, {"plans": 1})


def test_a_record_rewritten_under_its_old_day_of_entry_is_refused(extract: Write, old: Path) -> None:
    with pytest.raises(DataError, match=r"1 looks differ .* no late record .*person anna.*contacts_1y"):
        rebuilt(old, later(extract, plans="kind date entered"))


def test_late_records_of_after_the_look_explain_nothing(extract: Write, old: Path) -> None:
    plans = "kind date entered\ninterview 2018-10-15 2018-12-01"
    with pytest.raises(DataError, match="no late record"):
        rebuilt(old, later(extract, plans=plans))


@pytest.mark.parametrize("column", ["days_unemployed", "unemployed_days_1y", "duration_days"])
def test_a_number_altered_in_the_old_cohort_is_refused(extract: Write, old: Path, column: str) -> None:
    table = pq.read_table(old / "inputs.parquet")
    altered = pc.add(table[column], pa.scalar(1, table[column].type))
    pq.write_table(table.set_column(table.column_names.index(column), column, altered), old / "inputs.parquet")
    with pytest.raises(DataError, match=column):
        rebuilt(old, later(extract))


def test_a_look_left_out_of_the_old_cohort_is_refused(extract: Write, old: Path) -> None:
    pq.write_table(pq.read_table(old / "inputs.parquet").slice(0, 1), old / "inputs.parquet")
    with pytest.raises(DataError, match=r"differ .*row"):
        rebuilt(old, later(extract))


def test_values_suppressed_in_one_extract_count_as_generalised(extract: Write, old: Path) -> None:
    facts = "education_level occupation valid_from entered\n* 51 2018-01-01 2018-01-01"
    found = rebuilt(old, later(extract, jobseekers=facts))
    assert (found.same, found.changed, found.generalised) == (2, {}, {"education": 2})


def test_another_education_is_no_generalisation(extract: Write, old: Path) -> None:
    facts = "education_level occupation valid_from entered\n6 512 2018-01-01 2018-01-01"
    with pytest.raises(DataError, match="education"):
        rebuilt(old, later(extract, jobseekers=facts))


def test_looks_whose_history_is_gone_are_not_compared(extract: Write, tmp_path: Path) -> None:
    """The later extract begins in 2013: what happened before 2013 is not in it."""
    boris = "boris 02 2013-01-01 2013-03-31 2013-01-01 2013-04-01"
    carla = "carla 02 2018-09-01 2018-09-30 2018-09-01 2018-10-01"
    daniel = """daniel 02 2012-06-01 2012-07-31 2012-06-01 2012-08-01
        daniel 02 2014-01-01 2014-02-28 2014-01-01 2014-03-01"""
    kept = "daniel 02 2014-01-01 2014-02-28 2014-01-01 2014-03-01"
    first = build(
        extract(AS_OF, employment=f"{CODES}\n{boris}\n{carla}\n{daniel}"),
        tmp_path / "cohort",
        opens=LONG_AGO,
        settled_days=0,
        history_years=0,
    )
    found = rebuilt(first.folder, extract("2019-06-30", employment=f"{CODES}\n{boris}\n{carla}\n{kept}"))
    assert (first.rows, found.rows, found.same, found.not_kept) == (4, 1, 1, 3)


def test_the_guard_finds_a_build_that_reads_what_was_entered_later(
    extract: Write, old: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Spells are found among all records, whenever they were entered: the features are right, the outcomes leak."""
    newer = f"{NEWER}\nanna 05 2018-10-01 2018-10-31 2018-12-01 2018-12-02"
    folder = later(extract, employment=newer)
    table, columns, happened = ml.register.build.facts.KNOWN["employment"]
    monkeypatch.setitem(
        ml.register.build.facts.KNOWN, "employment", (table, columns, f"{happened} <= $as_of OR {happened}")
    )
    blind = sql("records").replace(" AND fact.entered <= moment.day", "")
    monkeypatch.setattr(ml.register.build.spells, "sql", lambda name: blind if name == "records" else sql(name))
    with pytest.raises(DataError, match="a leak: records entered after the as-of date change duration_days, ended"):
        rebuilt(old, folder)


def test_the_guard_refuses_what_cannot_be_compared(extract: Write, old: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="give a later extract"):
        rebuilt(old, extract("2018-10-30", **OLD))
    with pytest.raises(DataError, match="another key"):
        rebuilt(old, extract("2019-06-30", key="fedcba9876543210", **OLD))
    with pytest.raises(DataError, match=r"no build\.json of a cohort"):
        rebuilt(tmp_path, extract("2019-06-30", **OLD))


def test_the_findings_are_json(extract: Write, old: Path) -> None:
    found = json.loads(json.dumps(rebuilt(old, later(extract)).as_json()))
    assert list(found) == [
        "as_of", "later_as_of", "rows", "same", "changed", "generalised", "not_kept", "late", "listed",
    ]  # fmt: skip
    assert not [entry for entry in old.parent.iterdir() if entry.name.startswith(".")]

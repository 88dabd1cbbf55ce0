"""From a contract and a file to a cohort: frames, follow-up, persons, warnings, what cannot teach."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ml.contracts import Cohort
from ml.errors import DataError
from ml.register.cohort import build_cohort
from ml.register.cohort.declaration import read_contract

Build = Callable[..., Cohort]


def test_features_and_protected_attributes_are_apart(build: Build) -> None:
    cohort = build()
    assert cohort.features.to_dict("list") == {"skill": ["a", "b", "a", "b"]}
    assert cohort.protected.to_dict("list") == {"age": ["under 25", "25–49", "50 and over", "25–49"]}
    assert cohort.duration.tolist() == [3, 12, 10, 2]
    assert cohort.exited.tolist() == [True, True, False, False]
    assert (cohort.start, cohort.as_of, cohort.warnings) == (None, None, ())
    assert cohort.person.tolist() == [0, 1, 2, 3]


def test_rows_of_one_person_share_a_number(build: Build, contract_text: str) -> None:
    spells = "weeks;how;age;skill;who\n3;work;20;a;x\n12;work;30;b;y\n10;open;60;a;x\n"
    cohort = build(spells, contract_text + '[columns.who]\nrole = "id"\n')
    assert cohort.person.tolist() == [0, 1, 0]
    assert "who" not in cohort.features


@pytest.mark.parametrize(
    ("declared", "given", "feature", "group"),
    [
        ('"number"', ["1,5", "", "2", "7"], [1.5, np.nan, 2.0, 7.0], ["1.5", "missing", "2", "7"]),
        ('"boolean"', ["kyllä", "", "no", "0"], [1.0, np.nan, 0.0, 0.0], ["yes", "missing", "no", "no"]),
        (
            '"boolean"\nvalues = { true = "born here", false = "moved here" }',
            ["kyllä", "", "no", "0"],
            [1.0, np.nan, 0.0, 0.0],
            ["born here", "missing", "moved here", "moved here"],
        ),
        ('"category"', ["a", "", " b ", "a"], ["a", None, "b", "a"], ["a", "missing", "b", "a"]),
        (
            '"category"\nvalues = { "1" = "one", "2" = "two" }',
            ["1", "", "2", "1"],
            ["one", None, "two", "one"],
            ["one", "missing", "two", "one"],
        ),
    ],
)
def test_each_type_as_a_feature_and_as_groups(
    build: Build, contract_text: str, declared: str, given: list[str], feature: list[object], group: list[str]
) -> None:
    column = f"""[columns.extra]
missing = "allowed"
role = "protected"
use_in_model = true
justification = "to see it twice"
type = {declared}
"""
    ends = zip(["3;work", "12;work", "10;open", "2;open"], given, strict=True)
    rows = "\n".join(f"{end};20;a;{value}" for end, value in ends)
    cohort = build(f"weeks;how;age;skill;extra\n{rows}\n", contract_text + column)
    kind = object if "category" in declared else float
    pd.testing.assert_series_equal(cohort.features["extra"], pd.Series(feature, name="extra", dtype=kind))
    assert cohort.protected["extra"].tolist() == group


def test_dates_are_days_before_the_start_or_else_years(build: Build, contract_text: str) -> None:
    dated = contract_text + '[columns.plan]\ntype = "date"\nrole = "feature"\nmissing = "allowed"\n'
    spells = "weeks;how;age;skill;plan;start\n3;work;20;a;1.1.2020;11.1.2020\n12;work;30;b;;2020-01-11\n"
    timed = build(spells, dated + '[time]\nstart = "start"\n')
    np.testing.assert_equal(timed.features["plan"].to_numpy(), [10.0, np.nan])
    assert timed.start is not None
    assert timed.start.dtype == np.dtype("datetime64[D]")
    untimed = build(spells.replace("1.1.2020;", "2.7.2020;", 1), dated + '[columns.start]\nrole = "ignore"\n')
    np.testing.assert_allclose(untimed.features["plan"].to_numpy(), [2020.5, np.nan])


def test_the_last_known_day_is_the_latest_end_of_watching(build: Build, contract_text: str) -> None:
    spells = "weeks;how;age;skill;start\n3;work;20;a;2020-01-01\n12,5;work;30;b;2020-01-01\n"
    assert build(spells, contract_text + '[time]\nstart = "start"\n').as_of == date(2020, 3, 28)


def test_a_year_alone_counts_from_its_last_day(build: Build, contract_text: str) -> None:
    spells = "weeks;how;age;skill;start\n3;work;20;a;2020\n12;work;30;b;2019\n"
    cohort = build(spells, contract_text + '[time]\nstart = "start"\n')
    assert cohort.start is not None
    assert cohort.start.astype(str).tolist() == ["2020-12-31", "2019-12-31"]


def test_a_spell_beyond_the_calendar(build: Build, contract_text: str) -> None:
    spells = "weeks;how;age;skill;start\n3;work;20;a;2020-01-01\n1e9;work;30;b;2020-01-01\n"
    with pytest.raises(DataError, match="row 3: start and duration reach past the year 9999"):
        build(spells, contract_text + '[time]\nstart = "start"\n')


# ---------------------------------------------------------------- spells looked at late


@pytest.fixture
def late_contract(contract_text: str) -> str:
    entry = contract_text.replace("horizon = 10", 'horizon = 10\nentry = "waited"')
    return entry + '[columns.waited]\ntype = "number"\nrole = "feature"\n'


def test_a_row_says_how_long_the_spell_had_lasted(build: Build, late_contract: str) -> None:
    cohort = build("weeks;how;age;skill;waited\n3;work;20;a;0\n12;work;30;b;6,5\n12;open;30;b;12\n", late_contract)
    assert cohort.entry.tolist() == cohort.features["waited"].tolist() == [0, 6.5, 12]


def test_without_an_entry_every_spell_was_looked_at_from_its_beginning(build: Build) -> None:
    assert build().entry.tolist() == [0, 0, 0, 0]


@pytest.mark.parametrize(
    ("waited", "message"),
    [
        (
            "4",
            'spells.csv: 1 value breaks the contract: row 2, column waited: "4" is above the duration, column weeks.',
        ),
        ("-1", 'row 2, column waited: "-1" is below 0'),
        ("", "row 2, column waited is missing"),
        ("x", 'row 2, column waited: "x" is not a number'),
    ],
)
def test_an_entry_that_no_spell_can_have(build: Build, late_contract: str, waited: str, message: str) -> None:
    with pytest.raises(DataError, match=re.escape(message)) as error:
        build(f"weeks;how;age;skill;waited\n3;work;20;a;{waited}\n12;work;30;b;6\n", late_contract)
    assert "\n" not in str(error.value)


def test_rows_that_had_reached_the_horizon_cannot_teach_it(build: Build, late_contract: str) -> None:
    with pytest.raises(DataError, match="no spell lasts to the horizon"):
        build("weeks;how;age;skill;waited\n3;work;20;a;0\n12;work;30;b;10\n", late_contract)


def test_a_date_between_registration_and_the_look_was_known(build: Build, late_contract: str) -> None:
    contract = late_contract + '[time]\nstart = "start"\n[columns.plan]\ntype = "date"\nrole = "feature"\n'
    rows = "3;work;20;a;0;1.1.2020;1.1.2020\n12;work;30;b;5;5.2.2020;1.1.2020\n"
    assert build(f"weeks;how;age;skill;waited;plan;start\n{rows}", contract).warnings == ()
    late = rows.replace("5.2.2020", "6.2.2020")
    (told,) = build(f"weeks;how;age;skill;waited;plan;start\n{late}", contract).warnings
    assert told.startswith("column plan lies after the start in 1 row")


# ---------------------------------------------------------------- how spells ended


@pytest.mark.parametrize(
    ("declared", "listed", "ends", "seen"),
    [
        ("", "exit_when = [1]", "1 0 1.0", [True, False, True]),
        ("", "censored_when = [0]", "1 0 1.0", [True, False, True]),
        ("", 'exit_when = ["01"]', "01 1 02", [True, False, False]),
        ("", "exit_when = [true]", "1 kyllä nej", [True, True, False]),
        ('type = "number"', "exit_when = [1]", "1 1.0 2", [True, True, False]),
        ('type = "number"', 'exit_when = ["1.0"]', "1 +1 0", [True, True, False]),
        ('type = "boolean"', "exit_when = [1]", "true 1 no", [True, True, False]),
        ('type = "boolean"', 'censored_when = ["ei"]', "true 1 no", [True, True, False]),
        ('type = "category"', "exit_when = [1, 3]", "1 2 3", [True, False, True]),
        ('type = "category"\nvalues = { "1" = "work", "2" = "open" }', "exit_when = [1]", "1 1 2", [True, True, False]),
    ],
)
def test_listed_ends_read_as_their_column_does(
    build: Build, contract_text: str, declared: str, listed: str, ends: str, seen: list[bool]
) -> None:
    contract = contract_text.replace('exit_when = ["work"]', listed)
    if declared:
        contract += f'[columns.how]\nrole = "outcome"\n{declared}\n'
    rows = "\n".join(f"{weeks};{end};20;a" for weeks, end in zip([1, 12, 3], ends.split(), strict=True))
    assert build(f"weeks;how;age;skill\n{rows}\n", contract).exited.tolist() == seen


def test_a_listed_end_that_never_occurs_is_told(build: Build, spells_text: str, contract_text: str) -> None:
    cohort = build(spells_text, contract_text.replace('["work"]', '["work", "study"]'))
    assert cohort.warnings == ("[outcome] exit_when: study never occurs in column how",)


def test_without_an_exit_column_every_exit_was_seen(build: Build, contract_text: str) -> None:
    contract = contract_text.replace('exit = "how"\nexit_when = ["work"]\n', "")
    assert build("weeks;age;skill\n3;20;a\n12;30;b\n", contract).exited.tolist() == [True, True]


@pytest.mark.parametrize(
    ("ends", "message"),
    [
        (["3;open", "12;open"], "no exit was seen: every spell is censored"),
        (["3;work", "9;open"], "no spell lasts to the horizon of 10 (week)"),
        (["10;work", "12;open", "3;open"], "no exit was seen before the horizon of 10 (week)"),
    ],
)
def test_a_file_from_which_nothing_can_be_learned(build: Build, ends: list[str], message: str) -> None:
    rows = "\n".join(f"{end};20;a" for end in ends)
    with pytest.raises(DataError, match=re.escape(message)):
        build(f"weeks;how;age;skill\n{rows}\n")


def test_a_spell_as_long_as_the_horizon_is_still_unemployed_there(build: Build) -> None:
    assert len(build("weeks;how;age;skill\n3;work;20;a\n10;work;30;b\n")) == 2


# ---------------------------------------------------------------- warnings


def test_a_constant_column_and_duplicates_are_told(build: Build) -> None:
    cohort = build("weeks;how;age;skill\n3;work;20;a\n12;work;20;a\n3;work;20;a\n3;work;20;a\n")
    assert cohort.warnings == (
        "2 rows are exact duplicates of an earlier row",
        "the same in every row, so nothing can be learned from: skill",
    )


def test_a_date_after_the_start_is_told(build: Build, contract_text: str) -> None:
    contract = contract_text + '[time]\nstart = "start"\n[columns.plan]\ntype = "date"\nrole = "feature"\n'
    spells = "weeks;how;age;skill;plan;start\n3;work;20;a;1.2.2020;1.1.2020\n12;work;30;b;1.1.2020;1.1.2020\n"
    assert build(spells, contract).warnings == ("column plan lies after the start in 1 row: not known at registration",)


def test_the_encoding_is_told(build: Build) -> None:
    cohort = build("weeks;how;age;skill\n3;work;20;ä\n12;work;30;b\n".encode("latin-1"))
    assert cohort.warnings == ("spells.csv is not UTF-8: it was read as Windows-1252; check its letters",)
    assert cohort.features["skill"].tolist() == ["ä", "b"]


# ---------------------------------------------------------------- Parquet


def test_parquet_gives_the_same_cohort_as_csv(tmp_path: Path, build: Build, contract_text: str) -> None:
    extra = """[time]
start = "start"
[columns.code]
type = "category"
role = "feature"
missing = "allowed"
values = { "1" = "one", "2" = "two" }
[columns.has]
type = "boolean"
role = "feature"
[columns.plan]
type = "date"
role = "feature"
"""
    csv = build(
        "weeks;how;age;skill;start;code;has;plan\n"
        "3;work;20,5;a;2020-01-01;1;1;2019-12-31\n12;open;30;b;2020-02-01;;0;2019-12-01\n",
        contract_text + extra,
    )
    table = pa.table(
        {
            "weeks": pa.array([3, 12], pa.int16()),
            "how": pa.array(["work", "open"]).dictionary_encode(),
            "age": [20.5, 30.0],
            "skill": pa.array(["a", "b"], pa.large_string()),
            "start": pa.array([date(2020, 1, 1), date(2020, 2, 1)]),
            "code": [1.0, None],
            "has": [True, False],
            "plan": pa.array([18261, 18231], pa.int32()).cast(pa.date32()).cast(pa.timestamp("us")),
        }
    )
    pq.write_table(table, tmp_path / "spells.parquet")
    cohort = build_cohort(read_contract(tmp_path / "cohort.toml"), tmp_path / "spells.parquet")
    pd.testing.assert_frame_equal(cohort.features, csv.features)
    pd.testing.assert_frame_equal(cohort.protected, csv.protected)
    assert cohort.exited.tolist() == csv.exited.tolist()
    assert cohort.as_of == csv.as_of

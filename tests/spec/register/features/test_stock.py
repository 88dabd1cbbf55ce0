"""A row a person who is unemployed on one day, for planning: who they are, what may be said of them, and no name."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pyarrow.parquet as pq
import pytest

import ml.register.features.query
from ml.contracts import Role
from ml.errors import DataError
from ml.register.build import StockBuilt, build_stock
from ml.register.cohort import read_stock
from ml.register.features.query import sql

Write = Callable[..., Path]
LONG_AGO = date(1990, 1, 1)
AS_OF = "2019-06-30"
CODES = "code start end entered end_entered"

# records of employment → whether the person is unemployed on 30 June 2019, as was known then
WHO = {
    "unemployed": ("02 2019-03-01 - 2019-03-01 -", True),
    "laid off": ("03 2019-06-30 - 2019-06-30 -", True),
    "in a service": ("02 2019-03-01 2019-04-30 2019-03-01 2019-05-01\n07 2019-05-01 - 2019-05-01 -", False),
    "in short work": ("02 2019-03-01 2019-06-19 2019-03-01 2019-06-20\n01 2019-06-20 - 2019-06-20 -", False),
    "in education": ("02 2019-03-01 2019-04-30 2019-03-01 2019-05-01\n08 2019-05-01 - 2019-05-01 -", False),
    "ended the day before": ("02 2019-03-01 2019-06-29 2019-03-01 2019-06-30", False),
    "its end was not entered yet": ("02 2019-03-01 2019-06-29 2019-03-01 2019-07-02", True),
    "registered, not entered yet": ("02 2019-06-28 - 2019-07-01 -", False),
}


@pytest.mark.parametrize("case", WHO)
def test_codes_02_and_03_on_the_day_are_the_stock(extract: Write, tmp_path: Path, case: str) -> None:
    records, is_there = WHO[case]
    always = "zoe 02 2018-01-01 - 2018-01-01 -"
    lines = "\n".join(f"anna {line}" for line in records.splitlines())
    folder = extract("2019-12-31", purpose="planning", employment=f"pseudonym {CODES}\n{always}\n{lines}")
    built = build_stock(folder, tmp_path / "cohort", date(2019, 6, 30), opens=LONG_AGO, history_years=0)
    assert built.rows == 1 + is_there


@pytest.fixture
def built(extract: Write, tmp_path: Path) -> StockBuilt:
    folder = extract(
        AS_OF,
        purpose="planning",
        employment=f"""pseudonym {CODES}
        anna 02 2019-03-01 - 2019-03-01 -
        boris 02 2017-03-01 - 2017-03-01 -
        """,
        services="pseudonym kind start end ended entered end_entered\n"
        "boris training 2018-03-01 2018-03-31 completed 2018-03-01 2018-04-01",
        plans="kind date entered\ncontact 2019-05-01 2019-05-01",
    )
    return build_stock(folder, tmp_path / "cohort", opens=LONG_AGO, history_years=0)


def test_only_what_planning_receives_is_read(built: StockBuilt) -> None:
    """The extract at hand holds plans and endings of services, which planning never receives: nobody looks."""
    assert {"contacts_1y", "interview_trips_1y", "months_since_plan", "last_service_ending"} <= set(
        built.features_left_out
    )
    assert built.features_left_out["contacts_1y"] == "plans.kind is not for the purpose planning"
    assert built.features_left_out["skills_rating"] == "abilitator.skills is not for the purpose planning"
    stock = read_stock(built.folder)
    assert not set(stock.features) & set(built.features_left_out)
    assert list(stock.features["last_service"]) == [None, "labour-market training"]
    assert not any("plans" in file for file in built.digests)


def test_no_row_tells_whose_it_is(built: StockBuilt) -> None:
    rows = pq.read_table(built.folder / "inputs.parquet")
    assert not {"pseudonym", "person", "start"} & set(rows.column_names)
    assert list(rows["days_unemployed"].to_pylist()) == [121.0, 851.0], "sorted by what they say"
    assert sorted(path.name for path in built.folder.iterdir()) == ["build.json", "cohort.toml", "inputs.parquet"]
    assert b"anna" not in b"".join(path.read_bytes() for path in built.folder.iterdir())
    stock = read_stock(built.folder)
    assert (len(stock), stock.name, stock.as_of) == (2, "planning", date(2019, 6, 30))
    assert all(column.role is Role.FEATURE for column in stock.columns)
    assert [column.name for column in stock.columns] == list(stock.features)


def test_the_figures_say_what_was_built(built: StockBuilt) -> None:
    figures = json.loads((built.folder / "build.json").read_text())
    assert (figures["purpose"], figures["rows"], figures["as_of"]) == ("planning", 2, "2019-06-30")
    assert figures == json.loads(json.dumps(built.as_json()))
    assert next(built.as_lines()) == "2 people unemployed on 2019-06-30; no row tells whose it is"


def test_a_day_without_the_history_before_it_is_refused(extract: Write, tmp_path: Path) -> None:
    employment = f"""pseudonym {CODES}
    zoe  02 2015-01-01 2015-02-28 2015-01-01 2015-03-01
    anna 02 2019-03-01 -          2019-03-01 -
    """
    folder = extract(AS_OF, purpose="planning", employment=employment)
    with pytest.raises(DataError, match=r"less than 5 years before 2019-06-30; give a later --as-of"):
        build_stock(folder, tmp_path / "cohort")
    assert build_stock(folder, tmp_path / "cohort", history_years=4).rows == 1


def test_a_day_on_which_nobody_is_unemployed_is_refused(extract: Write, tmp_path: Path) -> None:
    employment = f"{CODES}\n02 2015-01-01 2015-02-28 2015-01-01 2015-03-01"
    folder = extract(AS_OF, purpose="planning", employment=employment)
    with pytest.raises(DataError, match="nobody is unemployed on 2019-06-30"):
        build_stock(folder, tmp_path / "cohort", history_years=0)
    assert not (tmp_path / "cohort").exists()


def test_a_build_refuses_a_feature_that_knows_more_than_its_day(
    extract: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Records are cut at the as-of date when they are read; what reads beyond them reads a table that is not there."""
    folder = extract("2019-12-31", purpose="planning", employment=f"{CODES}\n02 2019-03-01 - 2019-03-01 -")
    leaky = sql("benefits").replace("benefit_kind,\n", "(SELECT any_value(ended) FROM all_spells) AS benefit_kind,\n")
    assert leaky != sql("benefits")
    monkeypatch.setattr(ml.register.features.query, "sql", lambda name: leaky if name == "benefits" else sql(name))
    with pytest.raises(DataError, match="reads a table that is not there"):
        build_stock(folder, tmp_path / "cohort", opens=LONG_AGO, history_years=0)

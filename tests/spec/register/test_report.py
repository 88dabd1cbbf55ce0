"""What the register's report counts: employment codes in, figures at 31 January 2020 out."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest

from ml.errors import DataError
from ml.register.report import report
from ml.register.schema import TABLES

PERSON = "010180-900{}"  # the report does not look at check characters: intake does
FACTS = {"birth_date": "01.01.1980", "gender": "1", "mother_tongue": "fi", "valid_from": "01.01.2015"}
PAID = {"kind": "labour_market_subsidy", "start": "01.11.2019", "end": "20.01.2020", "days_paid": "58"}


def write(folder: Path, table: str, rows: list[dict[str, str]]) -> None:
    """Write a raw table; what a row does not name is missing, and entered is the 1st of January 2015."""
    names = TABLES[table].names
    rows = [{"entered": "01.01.2015", **row} for row in rows]
    lines = [";".join(row.get(name, "") for name in names) for row in rows]
    (folder / f"{table}.csv").write_text("\ufeff" + "\n".join([";".join(names), *lines]) + "\n", encoding="utf-8")


def extract(
    folder: Path, codes: str, facts: dict[str, str] | None = None, paid: list[dict[str, str]] | None = None
) -> Path:
    """Write an extract of one person, whose codes read like `02 01.01.2019–31.05.2019`, a comma between."""
    who = {"identity_code": PERSON.format("A")}
    records = []
    for record in codes.split(", "):
        code, days = record.split(" ")
        start, end = days.split("–")
        records.append({**who, "code": code, "start": start, "end": end, "end_entered": end})
    write(folder, "employment_codes", records)
    write(folder, "jobseekers", [{**who, **FACTS, **(facts or {})}])
    write(folder, "benefits", [{**who, **each} for each in paid or []])
    (folder / "register.toml").write_text('as_of = 2020-01-31\nsource = "a test"\n', encoding="utf-8")
    return folder


def figures(folder: Path) -> dict[str, Any]:
    return {figure["name"]: figure["value"] for figure in json.loads(report(folder).as_json())["figures"]}


# employment codes | unemployed now, long-term share
SPELLS = [
    ("02 01.06.2019–", 1, 0.0),
    ("02 31.01.2019–", 1, 1.0),
    ("02 01.02.2019–", 1, 0.0),
    ("03 01.01.2019–", 1, 1.0),
    # Services and education carry a spell on.
    ("02 01.01.2019–31.03.2019, 07 01.04.2019–30.09.2019, 02 01.10.2019–", 1, 1.0),
    ("02 01.01.2019–31.03.2019, 00 01.04.2019–30.09.2019, 02 01.10.2019–", 1, 1.0),
    ("02 01.01.2019–31.03.2019, 08 01.04.2019–30.09.2019, 03 01.10.2019–", 1, 1.0),
    # Work of 28 days breaks it, of 27 days it does not; so with a shortened week.
    ("02 01.01.2019–31.05.2019, 01 01.06.2019–27.06.2019, 02 28.06.2019–", 1, 1.0),
    ("02 01.01.2019–31.05.2019, 01 01.06.2019–28.06.2019, 02 29.06.2019–", 1, 0.0),
    ("02 01.01.2019–31.05.2019, 04 01.06.2019–27.06.2019, 02 28.06.2019–", 1, 1.0),
    ("02 01.01.2019–31.05.2019, 04 01.06.2019–28.06.2019, 02 29.06.2019–", 1, 0.0),
    # So with days without a record: 28 carry on, 29 break.
    ("02 01.01.2019–31.05.2019, 02 29.06.2019–", 1, 1.0),
    ("02 01.01.2019–31.05.2019, 02 30.06.2019–", 1, 0.0),
    # A day outside the labour force, or on a pension, breaks it.
    ("02 01.01.2019–31.05.2019, 05 01.06.2019–01.06.2019, 02 02.06.2019–", 1, 0.0),
    ("02 01.01.2019–31.05.2019, 06 01.06.2019–01.06.2019, 02 02.06.2019–", 1, 0.0),
    # A spell begins with unemployment, not with the service before it.
    ("07 01.01.2019–31.05.2019, 02 01.06.2019–", 1, 0.0),
    # Who is in a service, in work or gone is not unemployed.
    ("02 01.01.2019–31.12.2019, 07 01.01.2020–", 0, None),
    ("02 01.01.2019–31.12.2019, 01 01.01.2020–", 0, None),
    ("02 01.01.2019–30.01.2020", 0, None),
    ("02 01.01.2019–31.01.2020", 1, 1.0),
]


@pytest.mark.parametrize(("codes", "unemployed", "long_term"), SPELLS)
def test_who_is_unemployed_and_since_when(tmp_path: Path, codes: str, unemployed: int, long_term: float | None) -> None:
    found = figures(extract(tmp_path, codes))
    assert (found["unemployed"], found["long_term_share"]) == (unemployed, long_term)


EARNED = {**PAID, "kind": "earnings_related"}

# employment code now | facts | benefits paid | in the target group
TARGET_GROUP = [
    ("02", {}, [], 1),
    ("02", {}, [PAID], 1),
    ("02", {}, [EARNED], 0),
    ("02", {}, [{**EARNED, "end": "22.10.2019"}], 1),  # more than 100 days ago
    ("02", {}, [{**EARNED, "end": "10.11.2019"}, {**PAID, "start": "11.11.2019"}], 1),
    ("02", {"birth_date": "01.02.1990"}, [EARNED], 1),
    ("02", {"birth_date": "31.01.1990"}, [EARNED], 0),  # thirty today
    ("02", {"mother_tongue": "so"}, [EARNED], 1),
    ("02", {"mother_tongue": "sv"}, [EARNED], 0),
    *((code, {}, [], 1) for code in ("00", "03", "07", "08")),
    *((code, {}, [], 0) for code in ("01", "04", "05", "06")),
]


@pytest.mark.parametrize(("code", "facts", "paid", "members"), TARGET_GROUP)
def test_who_is_in_the_target_group(
    tmp_path: Path, code: str, facts: dict[str, str], paid: list[dict[str, str]], members: int
) -> None:
    assert figures(extract(tmp_path, f"{code} 01.06.2019–", facts, paid))["target_group"] == members


# days of labour-market subsidy | other benefits | on the municipal payment list
PAYMENT_LIST = [
    ([299], [], 0),
    ([300], [], 1),
    ([200, 100], [], 1),
    ([300], [{**EARNED, "start": "15.01.2020", "end": "25.01.2020"}], 0),  # draws something else now
]


@pytest.mark.parametrize(("days", "others", "listed"), PAYMENT_LIST)
def test_who_is_on_the_municipal_payment_list(
    tmp_path: Path, days: list[int], others: list[dict[str, str]], listed: int
) -> None:
    starts = ["01.01.2019", "01.02.2019"]
    paid = [{**PAID, "start": start, "days_paid": str(number)} for start, number in zip(starts, days, strict=False)]
    assert figures(extract(tmp_path, "02 01.06.2018–", None, paid + others))["payment_list"] == listed


def test_what_was_entered_later_is_not_known(tmp_path: Path) -> None:
    folder = extract(tmp_path, "02 01.06.2019–")
    late = {"identity_code": PERSON.format("A"), "code": "02", "start": "01.06.2019", "entered": "01.02.2020"}
    write(folder, "employment_codes", [late])
    assert figures(folder)["unemployed"] == 0


def test_the_share_of_new_spells_that_reach_twelve_months(tmp_path: Path) -> None:
    """One of five leaves in the sixth month, one of four in the eighth: of them one is watched for half of it."""
    folder = extract(tmp_path, "02 01.01.2018–31.05.2018")
    spells = [
        ("01.01.2018", "31.05.2018"),
        ("01.06.2017", "31.12.2017"),
        ("01.01.2018", ""),
        ("01.03.2017", "01.10.2018"),
        ("20.06.2019", ""),
    ]
    records = [
        {"identity_code": PERSON.format(letter), "code": "02", "start": start, "end": end, "end_entered": end}
        for letter, (start, end) in zip("ABCDE", spells, strict=True)
    ]
    write(folder, "employment_codes", records)
    assert figures(folder)["new_spells_reaching_12_months"] == pytest.approx((1 - 1 / 5) * (1 - 1 / 3.5), abs=1e-4)


def test_spells_from_before_the_six_years_are_there_for_having_lasted_and_are_not_counted(tmp_path: Path) -> None:
    assert figures(extract(tmp_path, "02 01.01.2014–"))["new_spells_reaching_12_months"] is None
    assert figures(extract(tmp_path, "02 01.02.2014–"))["new_spells_reaching_12_months"] == 1.0


# ---------------------------------------------------------------- how it is told


def test_the_json_has_the_agreed_form(tmp_path: Path) -> None:
    found = json.loads(report(extract(tmp_path, "02 01.06.2019–")).as_json())
    assert list(found) == ["as_of", "figures"]
    assert found["as_of"] == "2020-01-31"
    assert len(found["figures"]) == 9
    assert all(
        list(figure) == ["name", "target", "low", "high", "value", "within"]
        and figure["within"] is (figure["value"] is not None and figure["low"] <= figure["value"] <= figure["high"])
        for figure in found["figures"]
    )
    targets = {figure["name"]: (figure["target"], figure["low"], figure["high"]) for figure in found["figures"]}
    assert targets["target_group"] == (37_439, pytest.approx(37_064.6, abs=0.1), pytest.approx(37_813.4, abs=0.1))
    assert targets["unemployed"] == (31_305, 30_365.85, 32_244.15)
    assert targets["long_term_share"] == (0.34, 0.32, 0.36)
    assert targets["payment_list"] == (12_772, 11_494.8, 14_049.2)
    assert targets["new_spells_reaching_12_months"][1:] == (0.08, 0.2)


def test_counts_of_a_synthetic_register_scale_with_what_was_asked_for(tmp_path: Path) -> None:
    folder = extract(tmp_path, "02 01.06.2019–")
    (folder / "register.toml").write_text('as_of = 2020-01-31\nsource = ""\ntarget_group = 3744\n', encoding="utf-8")
    targets = {figure["name"]: figure["target"] for figure in json.loads(report(folder).as_json())["figures"]}
    assert targets["target_group"] == 3_744
    assert targets["unemployed"] == pytest.approx(3_130.6, abs=0.1)
    assert targets["men_share"] == 0.55


def test_the_table_says_what_is_off_and_whose_targets_they_are(tmp_path: Path) -> None:
    folder = extract(tmp_path, "02 01.06.2019–")
    table = report(folder).as_table()
    assert table.startswith("As of 2020-01-31")
    assert "January" not in table
    (line,) = [line for line in table.splitlines() if line.startswith("men,")]
    assert line.split()[-5:] == ["55.0%", "53.0%", "57.0%", "100.0%", "off"]
    (folder / "register.toml").write_text('as_of = 2021-01-31\nsource = ""\n', encoding="utf-8")
    assert "targets are of January 2020" in report(folder).as_table()


def test_without_a_manifest_the_day_is_the_latest_on_which_anything_was_entered(tmp_path: Path) -> None:
    folder = extract(tmp_path, "02 01.06.2019–", None, [{**PAID, "entered": "03.02.2020"}])
    (folder / "register.toml").unlink()
    assert report(folder).as_of == date(2020, 2, 3)


def test_parquet_reads_like_csv(tmp_path: Path) -> None:
    folder = extract(tmp_path, "02 01.01.2019–", None, [PAID])
    before = report(folder)
    for name in ("employment_codes", "jobseekers", "benefits"):
        dates = ", ".join(
            f'strptime("{column}", \'%d.%m.%Y\')::DATE AS "{column}"'
            for column in TABLES[name].names
            if TABLES[name][column].type.value == "date"
        )
        duckdb.execute(
            f"COPY (SELECT * REPLACE ({dates}) FROM read_csv('{folder}/{name}.csv', delim = ';', header = true, "
            f"all_varchar = true)) TO '{folder}/{name}.parquet'"
        )
        (folder / f"{name}.csv").unlink()
    assert report(folder) == before


def test_a_missing_table_and_a_broken_one_are_told_without_identities(tmp_path: Path) -> None:
    folder = extract(tmp_path, "02 01.06.2019–")
    with pytest.raises(DataError, match="no such folder"):
        report(folder / "elsewhere")
    (folder / "benefits.csv").unlink()
    with pytest.raises(DataError, match=r"no table benefits; an extract holds benefits.csv or .parquet"):
        report(folder)
    write(folder, "benefits", [{"identity_code": PERSON.format("A"), **PAID, "days_paid": "many"}])
    with pytest.raises(DataError, match="not as the schema declares it; apualy register intake tells") as broken:
        report(folder)
    assert "010180" not in str(broken.value)
    assert "many" not in str(broken.value)


def test_an_empty_extract_without_a_manifest_has_no_day(tmp_path: Path) -> None:
    for name in ("employment_codes", "jobseekers", "benefits"):
        write(tmp_path, name, [])
    with pytest.raises(DataError, match="the tables are empty"):
        report(tmp_path)

"""How a value reads by its declared type: the table is the rule."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ml.contracts import CohortContract
from ml.errors import DataError
from ml.register.cohort.declaration import read_contract
from ml.register.cohort.values.validate import check_values
from ml.register.files import RawTable, read_table

MISSING = "—"
NOT_A_NUMBER = "is not a number"
NO_DATE = "is not a date"
NO_TRUTH = "is neither yes nor no"
NOT_LISTED = "is not among the declared values"

# type | written | reads as, or what the message says
TEXT = [
    ("number", "12", 12.0),
    ("number", "007", 7.0),
    ("number", "+5", 5.0),
    ("number", "-5", -5.0),
    ("number", "1.5", 1.5),
    ("number", "1,5", 1.5),
    ("number", ",5", 0.5),
    ("number", "5.", 5.0),
    ("number", "1e3", 1000.0),
    ("number", "1,5e3", 1500.0),
    ("number", "  12  ", 12.0),
    ("number", "", MISSING),
    ("number", "   ", MISSING),
    ("number", "abc", NOT_A_NUMBER),
    ("number", "NA", NOT_A_NUMBER),
    ("number", "nan", NOT_A_NUMBER),
    ("number", "inf", NOT_A_NUMBER),
    ("number", "1 234", NOT_A_NUMBER),
    ("number", "1.234,5", NOT_A_NUMBER),
    ("number", "1e999", "is not a finite number"),
    ("number", "0x1F", NOT_A_NUMBER),
    ("number", "١٢", NOT_A_NUMBER),
    ("number", "true", NOT_A_NUMBER),
    ("number, min = 0", "-1", "is below 0"),
    ("number, max = 10", "11", "is above 10"),
    ("number, min = 0, max = 10", "10", 10.0),
    ("boolean", "1", 1.0),
    ("boolean", "0", 0.0),
    ("boolean", "TRUE", 1.0),
    ("boolean", "False", 0.0),
    ("boolean", "yes", 1.0),
    ("boolean", "NO", 0.0),
    ("boolean", "kyllä", 1.0),
    ("boolean", "KYLLA\u0308", 1.0),
    ("boolean", "ei", 0.0),
    ("boolean", "Ja", 1.0),
    ("boolean", "nej", 0.0),
    ("boolean", " ", MISSING),
    ("boolean", "y", NO_TRUTH),
    ("boolean", "2", NO_TRUTH),
    ("date", "2020-02-29", "2020-02-29"),
    ("date", "29.02.2020", "2020-02-29"),
    ("date", "1.2.2020", "2020-02-01"),
    ("date", "2020-02-29T23:59:59Z", "2020-02-29"),
    ("date", "2020-02-29 23:59", "2020-02-29"),
    ("date", "2020-02-29T23:59:59.123+02:00", "2020-02-29"),
    ("date", "2020", "2020-12-31"),
    ("date", "", MISSING),
    ("date", "30.2.2020", NO_DATE),
    ("date", "2021-02-29", NO_DATE),
    ("date", "2020-13-01", NO_DATE),
    ("date", "0.1.2020", NO_DATE),
    ("date", "0000-01-01", NO_DATE),
    ("date", "0000", NO_DATE),
    ("date", "02/29/2020", NO_DATE),
    ("date", "29.2.20", NO_DATE),
    ("date", "2020-02-29x", NO_DATE),
    ("date", "soon", NO_DATE),
    ("category", "a b", "a b"),
    ("category", "  a  ", "a"),
    ("category", "", MISSING),
    ("category", "01", "01"),
    ('category, values = { "1" = "one" }', "1", "1"),
    ('category, values = { "1" = "one" }', "2", NOT_LISTED),
    ('category, values = { "1" = "one" }', "1.0", NOT_LISTED),
]

# type | stored in Parquet | reads as, or what the message says
STORED = [
    ("number", pa.array([3], pa.int8()), 3.0),
    ("number", pa.array([2.5]), 2.5),
    ("number", pa.array(["2,5"]), 2.5),
    ("number", pa.array(["1.25"]).cast(pa.decimal128(5, 2)), 1.25),
    ("number", pa.array([float("nan")]), MISSING),
    ("number", pa.array([None], pa.float64()), MISSING),
    ("number", pa.array([None]), MISSING),
    ("number", pa.array([float("inf")]), "is not a finite number"),
    ("number", pa.array([True]), NOT_A_NUMBER),
    ("number", pa.array([18262], pa.date32()), NOT_A_NUMBER),
    ("boolean", pa.array([True]), 1.0),
    ("boolean", pa.array([0.0]), 0.0),
    ("boolean", pa.array([1]), 1.0),
    ("boolean", pa.array([2]), NO_TRUTH),
    ("boolean", pa.array(["ja"]).dictionary_encode(), 1.0),
    ("boolean", pa.array([None], pa.bool_()), MISSING),
    ("date", pa.array([18262], pa.date32()), "2020-01-01"),
    ("date", pa.array([1577836800000], pa.timestamp("ms")), "2020-01-01"),
    ("date", pa.array([1577829600], pa.timestamp("s", "Europe/Helsinki")), "2020-01-01"),
    ("date", pa.array([2020]), "2020-12-31"),
    ("date", pa.array([2020.0]), "2020-12-31"),
    ("date", pa.array(["1.1.2020"]), "2020-01-01"),
    ("date", pa.array([20200101]), NO_DATE),
    ("date", pa.array([None], pa.date32()), MISSING),
    ("category", pa.array([1]), "1"),
    ("category", pa.array([1.0]), "1"),
    ("category", pa.array([1.5]), "1.5"),
    ("category", pa.array([True]), "true"),
    ("category", pa.array(["a"], pa.large_string()), "a"),
    ("category", pa.array(["a"]).dictionary_encode(), "a"),
    ('category, values = { "1" = "one" }', pa.array([1.0]), "1"),
    ('category, values = { "1" = "one" }', pa.array([2]), NOT_LISTED),
    ("category", pa.array([None]), MISSING),
    ("category", pa.array([[1]]), "is stored as list"),
    ("category", pa.array([b"a"]), "is stored as binary"),
]


def contract_of(tmp_path: Path, declared: str, missing: str = "allowed") -> CohortContract:
    lines = declared.replace(", ", "\n")
    path = tmp_path / "cohort.toml"
    path.write_text(
        f"""[cohort]
name = "spec"
[outcome]
duration = "days"
unit = "day"
horizon = 1
[columns.x]
role = "feature"
{f'missing = "{missing}"' if missing else ""}
type = "{lines.split(chr(10))[0]}"
{chr(10).join(lines.split(chr(10))[1:])}
""",
        encoding="utf-8",
    )
    return read_contract(path)


def reading(raw: RawTable, contract: CohortContract) -> object:
    checked = check_values(raw, contract)["x"]
    value = checked.values[0]
    assert checked.missing[0] == (value is None or value != value)
    if checked.missing[0]:
        return MISSING
    return str(value) if isinstance(value, np.datetime64) else value


def assert_reads(raw: RawTable, contract: CohortContract, expected: object) -> None:
    if isinstance(expected, str) and expected.startswith("is "):
        with pytest.raises(DataError, match=re.escape(expected)):
            check_values(raw, contract)
    else:
        assert reading(raw, contract) == expected


@pytest.mark.parametrize(("declared", "written", "expected"), TEXT)
def test_text_reads(tmp_path: Path, declared: str, written: str, expected: object) -> None:
    path = tmp_path / "spells.csv"
    path.write_text(f"days;x\n1;{written}\n", encoding="utf-8")
    contract = contract_of(tmp_path, declared)
    assert_reads(read_table(path, contract.columns), contract, expected)


@pytest.mark.parametrize(("declared", "stored", "expected"), STORED)
def test_parquet_reads(tmp_path: Path, declared: str, stored: pa.Array, expected: object) -> None:
    path = tmp_path / "spells.parquet"
    pq.write_table(pa.table({"days": [1], "x": stored}), path)
    contract = contract_of(tmp_path, declared)
    assert_reads(read_table(path, contract.columns), contract, expected)


# rows of "days;x" | type | the message, whole
MESSAGES = [
    (
        ["1;abc", "1;2", "x;3"],
        "number",
        'spells.csv: 2 values break the contract: row 2, column x: "abc" is not a number; '
        'row 4, column days: "x" is not a number. To do: correct the values or the contract',
    ),
    (
        ["-1;2"],
        "number",
        'spells.csv: 1 value breaks the contract: row 2, column days: "-1" is negative. '
        "To do: correct the values or the contract",
    ),
    (
        ["1;1e999"],
        "number, max = 10",
        'spells.csv: 1 value breaks the contract: row 2, column x: "1e999" is not a finite number. '
        "To do: correct the values or the contract",
    ),
    (
        [";2", "1;", "1;3"],
        "number",
        "spells.csv: 2 values break the contract: row 2, column days is missing; row 3, column x is missing. "
        "To do: duration, exit, start and id are never missing; "
        'if that is right, write missing = "allowed" for the column',
    ),
    (
        [f"1;{'long ' * 20}"],
        "boolean",
        'spells.csv: 1 value breaks the contract: row 2, column x: "long long long long long long long long…" '
        "is neither yes nor no. To do: write booleans as 1/0, true/false, yes/no, kyllä/ei or ja/nej",
    ),
    (
        ["1;2", "1;2,5", "3.5;1"],
        "number",
        "spells.csv: mixes decimal points (first in row 4, column days) and decimal commas "
        "(first in row 3, column x); write one",
    ),
    (
        ["1;a", "1;code 010190-123A"],
        "category",
        "spells.csv: column x holds identity codes, first in row 3; pseudonymise the file first",
    ),
    (
        ["1;010190-123A"],
        "number",
        "spells.csv: column x holds identity codes, first in row 2; pseudonymise the file first",
    ),
]


@pytest.mark.parametrize(("rows", "declared", "message"), MESSAGES)
def test_messages(tmp_path: Path, rows: list[str], declared: str, message: str) -> None:
    path = tmp_path / "spells.csv"
    path.write_text("\n".join(["days;x", *rows]), encoding="utf-8")
    contract = contract_of(tmp_path, declared, missing="")
    with pytest.raises(DataError) as error:
        check_values(read_table(path, contract.columns), contract)
    assert str(error.value) == message


def test_ten_are_told_and_all_are_counted(tmp_path: Path) -> None:
    path = tmp_path / "spells.csv"
    path.write_text("days;x\n" + "1;bad\n" * 25, encoding="utf-8")
    contract = contract_of(tmp_path, "number")
    with pytest.raises(DataError) as error:
        check_values(read_table(path, contract.columns), contract)
    told = str(error.value)
    assert told.startswith("spells.csv: 25 values break the contract: row 2, column x:")
    assert told.count("bad") == 10
    assert "row 11, column x" in told
    assert "row 12" not in told
    assert "; and 15 more. To do:" in told


def test_where_commas_part_the_fields_none_is_a_decimal_mark(tmp_path: Path) -> None:
    path = tmp_path / "spells.csv"
    path.write_text('days,x\n1.5,"2,5"\n', encoding="utf-8")
    contract = contract_of(tmp_path, "number")
    with pytest.raises(DataError, match='row 2, column x: "2,5" is not a number'):
        check_values(read_table(path, contract.columns), contract)


def test_parquet_rows_count_from_one(tmp_path: Path) -> None:
    path = tmp_path / "spells.parquet"
    pq.write_table(pa.table({"days": [1, -2], "x": [1, 2]}), path)
    contract = contract_of(tmp_path, "number")
    with pytest.raises(DataError, match='row 2, column days: "-2" is negative'):
        check_values(read_table(path, contract.columns), contract)


def test_what_is_ignored_is_not_checked(tmp_path: Path) -> None:
    contract = contract_of(tmp_path, "number")
    text = contract.source + '[columns.notes]\nrole = "ignore"\n[columns.other]\ntype = "number"\nrole = "outcome"\n'
    (tmp_path / "cohort.toml").write_text(text, encoding="utf-8")
    contract = read_contract(tmp_path / "cohort.toml")
    path = tmp_path / "spells.csv"
    path.write_text("days;x;notes;other\n1;2;010190-123A;never\n", encoding="utf-8")
    assert list(check_values(read_table(path, contract.columns), contract)) == ["days", "x"]


def test_an_id_is_text_and_never_missing(tmp_path: Path) -> None:
    contract = contract_of(tmp_path, "number")
    (tmp_path / "cohort.toml").write_text(contract.source + '[columns.who]\ntype = "number"\nrole = "id"\n')
    contract = read_contract(tmp_path / "cohort.toml")
    path = tmp_path / "spells.csv"
    path.write_text("days;x;who\n1;2;007\n1;2; \n", encoding="utf-8")
    with pytest.raises(DataError, match="1 value breaks the contract: row 3, column who is missing"):
        check_values(read_table(path, contract.columns), contract)

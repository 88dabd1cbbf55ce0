"""A folder of files: the forms in which the same register may come, and the broken ones."""

from __future__ import annotations

import csv
import re
import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ml.errors import DataError, UsageError
from ml.progress import silent
from ml.register.extract import arrow_schema
from ml.register.intake import read_extract, source_of, take_in
from ml.register.schema import TABLES, ValueType

FINNISH_DAY = re.compile(r"\b(\d\d)\.(\d\d)\.(\d{4})\b")


def _rewrite(folder: Path, how: Callable[[str], str], encoding: str = "utf-8") -> None:
    for path in folder.glob("*.csv"):
        path.write_text(how(path.read_text(encoding="utf-8")), encoding=encoding, newline="")


def _tables(folder: Path) -> dict[str, Any]:
    return dict(read_extract(folder, None, silent).tables)


def _same(folder: Path, valid: Path) -> bool:
    mine, expected = _tables(folder), _tables(valid)
    return all(mine[name].equals(expected[name]) for name in TABLES)


@pytest.mark.parametrize("delimiter", [";", ",", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
def test_delimiters_and_encodings_say_the_same(raw: Path, valid: Path, delimiter: str, encoding: str) -> None:
    _rewrite(raw, lambda text: text.replace(";", delimiter), encoding)
    assert _same(raw, valid)


@pytest.mark.parametrize(
    ("form", "how"),
    [
        ("d.m.yyyy", lambda text: FINNISH_DAY.sub(lambda m: f"{int(m[1])}.{int(m[2])}.{m[3]}", text)),
        ("yyyy-mm-dd", lambda text: FINNISH_DAY.sub(r"\3-\2-\1", text)),
        ("midnight", lambda text: FINNISH_DAY.sub(r"\3-\2-\1 00:00:00", text)),
        ("midnight with T", lambda text: FINNISH_DAY.sub(r"\3-\2-\1T00:00:00.000", text)),
        ("Windows line ends", lambda text: text.replace("\n", "\r\n")),
        ("blanks around values", lambda text: text.replace(";", " ; ")),
        ("everything quoted", lambda text: re.sub(r"[^;\n]+", r'"\g<0>"', text)),
    ],
)
def test_forms_say_the_same(raw: Path, valid: Path, form: str, how: Callable[[str], str]) -> None:
    _rewrite(raw, how)
    assert _same(raw, valid), form


@pytest.mark.parametrize(("yes", "no"), [("1", "0"), ("true", "false"), ("T", "F"), ("K", "E"), ("kyllä", "EI")])
@pytest.mark.parametrize("encoding", ["utf-8", "cp1252"])
def test_booleans_say_the_same(raw: Path, valid: Path, change: Any, yes: str, no: str, encoding: str) -> None:
    change("jobseekers", 2, work_ability_limited=no)
    change("jobseekers", 3, work_ability_limited=yes)
    _rewrite(raw, str, encoding)
    assert _same(raw, valid)


def test_columns_may_come_in_any_order(raw: Path, valid: Path) -> None:
    for path in raw.glob("*.csv"):
        with path.open(encoding="utf-8", newline="") as file:
            rows = [row[::-1] for row in csv.reader(file, delimiter=";")]
        with path.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file, delimiter=";").writerows(rows)
    assert _same(raw, valid)


def test_rows_may_come_in_any_order(raw: Path, valid: Path) -> None:
    for path in raw.glob("*.csv"):
        header, *rows = path.read_text(encoding="utf-8").splitlines()
        path.write_text("\n".join([header, *rows[::-1]]) + "\n", encoding="utf-8")
    assert _same(raw, valid)


def test_parquet_says_the_same_typed_or_as_text(raw: Path, valid: Path, tmp_path: Path) -> None:
    typed = _tables(valid)
    for kind in ("typed", "text", "moments"):
        folder = tmp_path / kind
        folder.mkdir()
        shutil.copy(valid / "register.toml", folder)
        for name, table in typed.items():
            pq.write_table(_stored(table, kind), folder / f"{name}.parquet")
        assert _same(folder, valid), kind


def _stored(table: Any, kind: str) -> Any:
    if kind == "text":
        return pa.table({name: table[name].cast(pa.string()) for name in table.column_names})
    if kind == "moments":
        return pa.table(
            {
                name: table[name].cast(pa.timestamp("ns")) if pa.types.is_date32(table[name].type) else table[name]
                for name in table.column_names
            }
        )
    return table


def test_tables_have_the_types_and_order_of_the_schema(valid: Path) -> None:
    tables = _tables(valid)
    for name, table in tables.items():
        assert table.schema.equals(arrow_schema(TABLES[name]))
        keys = list(zip(table["identity_code"].to_pylist(), table[TABLES[name].happened].to_pylist(), strict=True))
        assert keys == sorted(keys)
    assert tables["jobseekers"]["work_ability_limited"].to_pylist().count(True) == 1
    assert ValueType.BOOLEAN in {column.type for column in TABLES["jobseekers"].columns}


def test_header_only_is_an_empty_table_where_that_can_be(raw: Path) -> None:
    for name in ("services", "benefits", "plans", "abilitator", "placements"):
        path = raw / f"{name}.csv"
        path.write_text(path.read_text(encoding="utf-8").split("\n")[0] + "\n", encoding="utf-8")
    taken = take_in(source_of(str(raw)), None, False, silent)
    assert taken.extract.tables["services"].num_rows == 0
    assert taken.quality.as_json()["tables"][2]["happened"] == {"column": "start", "first": None, "last": None}


def _text(table: str, how: Callable[[str], str]) -> Callable[[Path], None]:
    def spoil(folder: Path) -> None:
        path = folder / f"{table}.csv"
        path.write_text(how(path.read_text(encoding="utf-8")), encoding="utf-8")

    return spoil


def _bytes(name: str, how: Callable[[bytes], bytes]) -> Callable[[Path], None]:
    def spoil(folder: Path) -> None:
        (folder / name).write_bytes(how((folder / name).read_bytes()))

    return spoil


def _as_parquet(how: Callable[[bytes], bytes]) -> Callable[[Path], None]:
    def spoil(folder: Path) -> None:
        table = read_extract(folder, None, silent).tables["plans"]
        (folder / "plans.csv").unlink()
        pq.write_table(table, folder / "plans.parquet")
        _bytes("plans.parquet", how)(folder)

    return spoil


BROKEN = [
    ("a table is missing", lambda f: (f / "plans.csv").unlink(),
     "lacks a file (.csv or .parquet) for the tables plans"),
    ("a file is undeclared", lambda f: (f / "notes.csv").write_text("a;b\n"), "holds undeclared notes.csv"),
    ("a Parquet file is undeclared", lambda f: (f / "x.parquet").write_bytes(b"PAR1"), "holds undeclared x.parquet"),
    ("a table comes twice", lambda f: (f / "plans.parquet").write_bytes(b"PAR1"), "holds two files for plans"),
    ("columns missing and undeclared", _text("plans", lambda t: t.replace("kind;date", "sort;day", 1)),
     "plans.csv: lacks kind, date; has undeclared sort, day. To do: deliver exactly the columns"),
    ("a column twice", _text("plans", lambda t: t.replace("date", "kind", 1)), "lacks date; names twice kind"),
    ("no header", _text("plans", lambda t: t.split("\n", 1)[1]), "plans.csv: its first row names none of the columns"),
    ("half a header", _text("plans", lambda t: t.replace("identity_code", "010180-9015", 1)),
     "has undeclared (column 1)"),
    ("another delimiter", _text("plans", lambda t: t.replace(";", "^")), "plans.csv: its first row names none"),
    ("empty", _bytes("plans.csv", lambda b: b""), "plans.csv: is empty"),
    ("header only", _text("jobseekers", lambda t: t.split("\n")[0] + "\n"),
     "jobseekers: has no records left to take in"),
    ("header only, codes", _text("employment_codes", lambda t: t.split("\n")[0]), "employment_codes: has no records"),
    ("cut in a line", _bytes("employment_codes.csv", lambda b: b[:-32]), "row 8 has 1 field, the header has 6"),
    ("cut in a value", _bytes("plans.csv", lambda b: b[:-2]), "plans: 1 row breaks 'not a date' in entered (row 5"),
    ("a line too short", _text("plans", lambda t: t.replace("contact;", "", 1)),
     "row 4 has 3 fields, the header has 4"),
    ("a blank line", _text("plans", lambda t: t.replace("\n", "\n\n", 2)), "'missing value' in kind (rows 2, 4)"),
    ("NUL bytes", _bytes("plans.csv", lambda b: b[:200] + b"\0" + b[200:]), "plans.csv: holds NUL bytes"),
    ("UTF-16 without its mark", _bytes("plans.csv", lambda b: b.decode().encode("utf-16-le")), "holds NUL bytes"),
    ("a line of 2 MB", _text("plans", lambda t: t + "x" * 2_000_000 + "\n"), "is longer than 1 048 576 bytes"),
    ("a header of 2 MB", _text("plans", lambda t: "x" * 2_000_000), "is this a table?"),
    ("a quotation mark", _text("plans", lambda t: t.replace("contact", '"contact', 1)),
     "odd number of quotation marks"),
    ("two encodings", _bytes("plans.csv", lambda b: b + "ä;ä;ä;ä\n".encode() + b"\xe4;\xe4\n"),
     "mixes UTF-8 with another"),
    ("a spreadsheet", _bytes("plans.csv", lambda b: b"PK\x03\x04" + b), "is a spreadsheet or an archive"),
    ("compressed", _bytes("plans.csv", lambda b: b"\x1f\x8b" + b), "is compressed"),
    ("Parquet named CSV", _bytes("plans.csv", lambda b: b"PAR1" + b), "is Parquet; name it .parquet"),
    ("Parquet without its end", _as_parquet(lambda b: b[:-12]), "plans.parquet: is damaged or no Parquet"),
    ("Parquet spoilt inside", _as_parquet(lambda b: b[:20] + b"\xff" * 60 + b[80:]),
     "plans.parquet: is damaged or no Parquet"),
    ("empty Parquet", _as_parquet(lambda b: b""), "plans.parquet: is damaged or no Parquet"),
    ("no manifest that reads", lambda f: (f / "register.toml").write_text("as_of = soon"),
     "register.toml: cannot be read"),
    ("no digest of a report", lambda f: (f / "register.toml").write_text('as_of = 2020-01-31\nquality = "sha256:12"'),
     'register.toml: quality must be "sha256:" and 64 hexadecimal digits'),
]  # fmt: skip


@pytest.mark.parametrize(("what", "spoil", "words"), BROKEN, ids=[what for what, *_ in BROKEN])
def test_a_broken_folder_is_refused_in_one_line(
    raw: Path, what: str, spoil: Callable[[Path], object], words: str
) -> None:
    spoil(raw)
    for quarantine in (False, True):
        if quarantine and what in ("cut in a value", "a blank line"):  # rows that can be set aside
            continue
        with pytest.raises(DataError) as refused:
            take_in(source_of(str(raw)), None, quarantine, silent)
        assert words in str(refused.value)
        assert "\n" not in str(refused.value)
        assert not re.search(r"\d{6}.?\d{3}\w", str(refused.value).replace("1 048 576", ""))


@pytest.mark.parametrize(("path", "words"), [("nowhere", "does not exist"), ("raw/plans.csv", "is not a folder")])
def test_what_is_no_folder_is_told(raw: Path, path: str, words: str) -> None:
    with pytest.raises(DataError, match=words):
        take_in(source_of(str(raw.parent / path)), None, False, silent)


def test_a_schema_is_for_databases() -> None:
    with pytest.raises(UsageError, match="--schema: is for a database"):
        source_of("somewhere", "ura")


def test_what_is_odd_about_a_file_is_remarked(raw: Path, change: Any) -> None:
    change("jobseekers", 2, work_ability_limited="kyllä")
    _rewrite(raw, lambda text: text, "cp1252")
    (raw / "plans.csv").write_bytes((raw / "plans.csv").read_bytes().rstrip(b"\n"))
    remarks = " ".join(take_in(source_of(str(raw)), None, False, silent).quality.remarks)
    assert "jobseekers.csv is not UTF-8: it was read as Windows-1252" in remarks
    assert "plans.csv does not end with a line break" in remarks


@pytest.mark.parametrize("end", ["\n\n", ";;;\n;;;\n", " ; ;;\n\n"])
def test_blank_rows_at_the_end_are_passed_over_and_told(raw: Path, valid: Path, end: str) -> None:
    with (raw / "plans.csv").open("a", encoding="utf-8") as file:
        file.write(end)
    taken = take_in(source_of(str(raw)), None, False, silent)
    assert taken.extract.tables["plans"].equals(_tables(valid)["plans"])
    assert "plans.csv ends with 2 blank rows, which were passed over" in taken.quality.remarks


def test_the_as_of_date_is_given_or_stands_in_the_manifest_or_is_the_last_entry(raw: Path) -> None:
    assert read_extract(raw, None, silent).manifest.as_of == date(2020, 1, 31)
    assert read_extract(raw, date(2020, 2, 29), silent).manifest.as_of == date(2020, 2, 29)
    assert read_extract(raw, None, silent).manifest.source == "four people made up for tests"
    (raw / "register.toml").unlink()
    taken = take_in(source_of(str(raw)), None, False, silent)
    assert (taken.extract.manifest.as_of, taken.extract.manifest.source) == (date(2020, 1, 20), "raw")
    assert "no as-of date was given: 2020-01-20, the last day of entry, is it" in taken.quality.remarks

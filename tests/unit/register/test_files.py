"""Files as they come: encodings, delimiters, damage; CSV and Parquet."""

from __future__ import annotations

import hashlib
import re
import tracemalloc
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ml.errors import DataError
from ml.register.files import RawTable, read_table

NAMES = ("weeks", "ikä")


def read(tmp_path: Path, content: str | bytes, name: str = "spells.csv") -> RawTable:
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return read_table(path, NAMES)


def lists(table: RawTable) -> dict[str, list[object]]:
    return dict(table.columns.to_pydict())


@pytest.mark.parametrize("delimiter", [";", ",", "\t", "|"])
def test_the_delimiter_is_the_one_that_makes_the_names_match(tmp_path: Path, delimiter: str) -> None:
    table = read(tmp_path, f'weeks{delimiter}"ikä"\n1{delimiter}"2,5;\t|"\n')
    assert lists(table) == {"weeks": ["1"], "ikä": ["2,5;\t|"]}
    assert table.comma_allowed is (delimiter != ",")


@pytest.mark.parametrize(
    ("encoding", "read_as"),
    [
        ("utf-8", None),
        ("utf-8-sig", None),
        ("utf-16", "UTF-16"),
        ("cp1252", "Windows-1252"),
        ("latin-1", "Windows-1252"),  # the same bytes
    ],
)
def test_the_encoding_is_found_and_told_when_it_is_not_utf_8(
    tmp_path: Path, encoding: str, read_as: str | None
) -> None:
    table = read(tmp_path, "weeks;ikä\n1;ö\n".encode(encoding))
    assert lists(table) == {"weeks": ["1"], "ikä": ["ö"]}
    assert [read_as in warning for warning in table.warnings] == [True] * bool(read_as)


def test_bytes_that_windows_1252_lacks_are_latin_1(tmp_path: Path) -> None:
    table = read(tmp_path, b"weeks;ik\xe4\n1;\x81\xe5\n")
    assert lists(table)["ikä"] == ["\x81å"]
    assert "Latin-1" in table.warnings[0]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_line_ends_and_blank_lines_at_the_end(tmp_path: Path, end: str) -> None:
    table = read(tmp_path, f"weeks;ikä{end}1;2{end}3;4{end}{end};{end}{end}")
    assert lists(table) == {"weeks": ["1", "3"], "ikä": ["2", "4"]}


def test_quoted_values_may_hold_line_ends_and_doubled_marks(tmp_path: Path) -> None:
    table = read(tmp_path, 'weeks;ikä\n1;"two\nlines and ""marks"""\n2;b')
    assert lists(table)["ikä"] == ['two\nlines and "marks"', "b"]


def test_names_of_the_header_are_stripped_and_composed(tmp_path: Path) -> None:
    assert set(lists(read(tmp_path, " weeks ; ika\u0308\n1;2\n"))) == set(NAMES)


def test_ignored_columns_are_not_read(tmp_path: Path) -> None:
    path = tmp_path / "spells.csv"
    path.write_text("weeks;ikä;notes\n1;2;x\n", encoding="utf-8")
    assert list(read_table(path, (*NAMES, "notes"), ignored={"notes"}).columns.column_names) == list(NAMES)


def test_the_digest_is_of_the_files_bytes(tmp_path: Path) -> None:
    content = "weeks;ikä\n1;2\n".encode()
    assert read(tmp_path, content).digest == f"sha256:{hashlib.sha256(content).hexdigest()}"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "spells.csv: is empty"),
        (b"\n1;2\n", "row 1 is blank"),
        ("weeks;ikä", "has a header and no rows"),
        ("weeks;ikä\n", "has a header and no rows"),
        ("weeks;ikä\n\n;\n", "has a header and no rows"),
        ("weeks;ikä;sex;010190-123A\n1;2;3;4\n", "does not declare: sex, [identity code];"),
        ("weeks;sex\n1;2\n", "does not declare: sex; the file lacks: ikä;"),
        ("weeks\n1\n", "the file lacks: ikä"),
        ("nothing;known\n1;2\n", "does not declare: nothing, known; the file lacks: weeks, ikä"),
        ("weeks;ikä;weeks\n1;2;3\n", "names more than once: weeks"),
        ("weeks;;ikä\n1;2;3\n", "column 2 of the header has no name"),
        ("weeks;ikä;\n1;2;\n", "column 3 of the header has no name"),
        ("weeks;ikä\n1;2\n3\n", "row 3 has 1 field, the header has 2"),
        ('weeks;ikä\n"1\n";2\n3;4;5\n', "row 3 has 3 fields, the header has 2"),
        ("weeks;ikä\n1;\0\n", "holds NUL bytes"),
        ('weeks;ikä\n1;"2\n3;4\n', "odd number of quotation marks"),
        ("weeks;ikä\n1;ö\n".encode("utf-16-le"), "holds NUL bytes"),
        ("weeks;ikä\n1;ö\n".encode("utf-16") + b"x", "broken UTF-16"),
        ("weeks;ikä\n1;ö\n".encode() + b"2;\xe4\n", "mixes UTF-8 with another encoding"),
        (b"PK\x03\x04 weeks", "is a spreadsheet"),
        (b"\x1f\x8b weeks", "is compressed"),
        (b'"' + b"x" * 200_000 + b'";ik\n1;2\n', "the header cannot be read"),
    ],
)
def test_damage_is_named_in_one_line(tmp_path: Path, content: str | bytes, message: str) -> None:
    with pytest.raises(DataError, match=re.escape(message)) as error:
        read(tmp_path, content)
    assert str(error.value).startswith("spells.csv: ")


def test_a_nul_byte_far_into_the_file(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="holds NUL bytes"):
        read(tmp_path, "weeks;ikä\n" + "1;2\n" * 600_000 + "1;\0\n")


def test_a_quoted_value_of_many_lines_is_not_read_for_ever(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="a row is longer than 8388608 bytes"):
        read(tmp_path, 'weeks;ikä\n1;"' + "x\n" * 9_000_000 + '"\n')


def test_names_are_cut_and_columns_are_checked_before_the_rest_is_read(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"does not declare: x{39}…;"):
        read(tmp_path, f"weeks;ikä;{'x' * 3000}\n\0\n")


@pytest.mark.parametrize("start", [b"weeks;ik\xc3\xa4\n1;", b""])
@pytest.mark.parametrize("filling", [b"", b"y" * 3_000_000])
def test_a_huge_line_is_refused_without_being_loaded(tmp_path: Path, start: bytes, filling: bytes) -> None:
    path = tmp_path / "spells.csv"
    with path.open("wb") as stream:
        stream.write(start + filling + b"z")
        stream.truncate(2 << 30)  # sparse: 2 GB of NUL bytes take no room
    tracemalloc.start()
    try:
        with pytest.raises(DataError, match=r"longer than|NUL bytes"):
            read_table(path, NAMES)
        assert tracemalloc.get_traced_memory()[1] < 64 << 20
    finally:
        tracemalloc.stop()


def test_a_huge_line_after_good_rows_names_its_number(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="line 3 is longer than 1 048 576 bytes"):
        read(tmp_path, "weeks;ikä\n1;2\n1;" + "y" * 3_000_000)


def test_no_file_and_a_folder(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="does not exist"):
        read_table(tmp_path / "none.csv", NAMES)
    with pytest.raises(DataError, match="is not a file"):
        read_table(tmp_path, NAMES)


# ---------------------------------------------------------------- Parquet


def parquet(tmp_path: Path, table: pa.Table, name: str = "spells.parquet") -> Path:
    pq.write_table(table, tmp_path / name)
    return tmp_path / name


@pytest.mark.parametrize("name", ["spells.parquet", "spells.data"])
def test_parquet_is_known_by_its_first_bytes(tmp_path: Path, name: str) -> None:
    path = parquet(tmp_path, pa.table({"ikä": ["a"], "weeks": [1]}), name)
    table = read_table(path, NAMES)
    assert lists(table) == {"weeks": [1], "ikä": ["a"]}
    assert table.first_row_number == 1
    assert table.digest == f"sha256:{hashlib.sha256(path.read_bytes()).hexdigest()}"


def test_names_with_points_and_folders_with_equals_signs_are_only_names(tmp_path: Path) -> None:
    (tmp_path / "year=2020").mkdir()
    path = parquet(tmp_path / "year=2020", pa.table({"a.b": [1], "a": [2]}))
    assert lists(read_table(path, ("a.b", "a"))) == {"a.b": [1], "a": [2]}


@pytest.mark.parametrize(
    ("table", "message"),
    [
        (pa.table({"weeks": [1]}), "the file lacks: ikä"),
        (pa.table({"weeks": [1], "ikä": [1], "x": [1]}), "does not declare: x"),
        (pa.table([[1], [1], [1]], names=["weeks", "ikä", "ikä"]), "names more than once: ikä"),
        (pa.table({"weeks": pa.array([], pa.int64()), "ikä": pa.array([], pa.int64())}), "no rows"),
    ],
)
def test_parquet_columns_are_checked(tmp_path: Path, table: pa.Table, message: str) -> None:
    with pytest.raises(DataError, match=message):
        read_table(parquet(tmp_path, table), NAMES)


@pytest.mark.parametrize("cut", [slice(0, 60), slice(0, -4), slice(0, 4)])
def test_cut_off_parquet(tmp_path: Path, cut: slice) -> None:
    path = parquet(tmp_path, pa.table({"weeks": list(range(99)), "ikä": list(range(99))}))
    path.write_bytes(path.read_bytes()[cut])
    with pytest.raises(DataError, match=r"spells\.parquet: is damaged Parquet"):
        read_table(path, NAMES)


def test_parquet_whose_data_is_overwritten(tmp_path: Path) -> None:
    path = parquet(tmp_path, pa.table({"weeks": list(range(9999)), "ikä": list(range(9999))}))
    content = bytearray(path.read_bytes())
    content[4:3000] = b"\xff" * 2996
    path.write_bytes(content)
    with pytest.raises(DataError, match=r"spells\.parquet: is damaged Parquet"):
        read_table(path, NAMES)


def test_parquet_whose_text_is_not_utf_8(tmp_path: Path) -> None:
    broken = pa.Array.from_buffers(pa.binary(), 1, pa.array([b"\xe4"]).buffers()).view(pa.string())
    with pytest.raises(DataError, match=r"spells\.parquet: is damaged Parquet"):
        read_table(parquet(tmp_path, pa.table({"weeks": [1], "ikä": broken})), NAMES)


def test_a_file_called_parquet_that_is_not(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="is not Parquet"):
        read(tmp_path, "weeks;ikä\n1;2\n", "spells.parquet")

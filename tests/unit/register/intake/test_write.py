"""What an intake writes: private, whole or not at all, and nothing of a person in its reports."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from ml.errors import ApualyError, DataError, UsageError
from ml.progress import silent
from ml.register.extract import arrow_schema
from ml.register.intake import Intake, check_report, read_extract, source_of, take_in, write_intake
from ml.register.schema import TABLES

PERSONAL = re.compile(
    rb"010180|150595|241201|310775|[0-9]{6}[-+A-Y][0-9]{3}[0-9A-Y]|00530|00940|\b1980-01-01|01\.01\.1980"
)


def _taken(folder: Path, quarantine: bool = False) -> Intake:
    return take_in(source_of(str(folder)), None, quarantine, silent)


def _content(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def test_writes_typed_sorted_tables_the_manifest_and_the_report(raw: Path, tmp_path: Path) -> None:
    write_intake(_taken(raw), tmp_path / "out")
    assert sorted(_content(tmp_path / "out")) == sorted(
        [*(f"{name}.parquet" for name in TABLES), "quality.html", "quality.json", "register.toml"]
    )
    for name, table in TABLES.items():
        written = pq.ParquetFile(tmp_path / "out" / f"{name}.parquet")
        assert written.schema_arrow.equals(arrow_schema(table))
        assert written.metadata.row_group(0).column(0).compression == "ZSTD"
    report = hashlib.sha256((tmp_path / "out" / "quality.json").read_bytes()).hexdigest()
    manifest = f'{(raw / "register.toml").read_text()}quality = "sha256:{report}"\n'
    assert (tmp_path / "out" / "register.toml").read_text() == manifest


def test_an_extract_taken_in_again_names_its_own_report(raw: Path, tmp_path: Path) -> None:
    write_intake(_taken(raw), tmp_path / "once")
    write_intake(_taken(tmp_path / "once"), tmp_path / "twice")
    once, twice = (read_extract(tmp_path / name, None, silent).manifest.quality for name in ("once", "twice"))
    assert once != twice == f"sha256:{hashlib.sha256((tmp_path / 'twice' / 'quality.json').read_bytes()).hexdigest()}"


def test_a_report_that_is_not_as_it_was_is_noticed(raw: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    write_intake(_taken(raw), out)
    check_report(read_extract(out, None, silent), out)
    (out / "quality.json").write_text("{}", encoding="utf-8")
    with pytest.raises(DataError, match=r"quality\.json: is other than the report that register\.toml names"):
        check_report(read_extract(out, None, silent), out)
    (out / "quality.json").unlink()
    with pytest.raises(DataError, match=r"quality\.json: is missing, and is the report that register\.toml names"):
        check_report(read_extract(out, None, silent), out)


def test_a_register_that_came_without_a_report_needs_none(raw: Path) -> None:
    extract = read_extract(raw, None, silent)
    check_report(extract, raw)
    assert extract.manifest.quality is None


def test_folders_with_identity_codes_are_private(raw: Path, change: Any, tmp_path: Path) -> None:
    change("plans", 2, kind="x")
    write_intake(_taken(raw, True), tmp_path / "out")
    for folder in (tmp_path / "out", tmp_path / "out" / "quarantine"):
        assert folder.stat().st_mode & 0o777 == 0o700


def test_the_same_input_gives_the_same_bytes(raw: Path, tmp_path: Path) -> None:
    write_intake(_taken(raw), tmp_path / "one")
    write_intake(_taken(raw), tmp_path / "two")
    assert _content(tmp_path / "one") == _content(tmp_path / "two")


def test_an_earlier_intake_is_replaced_whole(raw: Path, change: Any, tmp_path: Path) -> None:
    change("plans", 2, kind="x")
    write_intake(_taken(raw, True), tmp_path / "out")
    change("plans", 2, kind="contact")
    write_intake(_taken(raw), tmp_path / "out")
    assert not (tmp_path / "out" / "quarantine").exists()
    assert json.loads((tmp_path / "out" / "quality.json").read_text())["tables"][4]["kept"] == 4
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out", "raw"]


def test_an_empty_folder_is_filled(raw: Path, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    write_intake(_taken(raw), tmp_path / "out")
    assert (tmp_path / "out" / "quality.json").is_file()
    assert (tmp_path / "out").stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("stands", ["file", "folder", "link", "foreign report"])
def test_anything_else_is_left_alone(raw: Path, tmp_path: Path, stands: str) -> None:
    out = tmp_path / "out"
    if stands == "file":
        out.write_text("mine")
    elif stands == "link":
        out.symlink_to(tmp_path / "elsewhere")
    else:
        out.mkdir()
        (out / "quality.json").write_text('{"made_by": "me"}' if stands == "foreign report" else "[]")
    before = sorted(path.name for path in tmp_path.rglob("*"))
    with pytest.raises(UsageError, match=r"is not a folder|holds something else than an earlier intake"):
        write_intake(_taken(raw), out)
    assert sorted(path.name for path in tmp_path.rglob("*")) == before


def test_the_source_is_never_replaced(raw: Path, tmp_path: Path) -> None:
    write_intake(_taken(raw), tmp_path / "out")
    with pytest.raises(UsageError, match="is the source"):
        write_intake(_taken(tmp_path / "out"), tmp_path / "out")


def test_a_place_that_cannot_be_written_is_told(raw: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    with pytest.raises(ApualyError, match="cannot be written") as told:
        write_intake(_taken(raw), tmp_path / "file" / "out")
    assert "\n" not in str(told.value)


def test_what_a_killed_run_left_is_cleared(raw: Path, tmp_path: Path) -> None:
    (tmp_path / ".out.intake" / "quarantine").mkdir(parents=True)
    (tmp_path / ".out.intake" / "jobseekers.parquet").write_text("half")
    write_intake(_taken(raw), tmp_path / "out")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out", "raw"]
    assert not (tmp_path / "out" / "quarantine").exists()


def test_reports_hold_nothing_of_a_person(raw: Path, change: Any, tmp_path: Path) -> None:
    change("jobseekers", 2, birth_date="02.01.1980", postal_code="xx", work_ability_limited="maybe", gender="9")
    change("jobseekers", 4, identity_code="150595-902B", birth_date="03/04/1995")
    change("employment_codes", 2, code="010180-9015", start="241201A904K")
    change("employment_codes", 3, code="010180-901", end="010180_9015")
    change("services", 2, kind="hetu 150595 902A", ended="150595-902A.")
    change("plans", 2, kind="310775Y9034")
    change("plans", 3, kind="15.05.1995")
    change("plans", 4, kind="Name of somebody")
    taken = _taken(raw, True)
    write_intake(taken, tmp_path / "out")
    assert len(taken.quality.broken) > 8
    for name, content in _content(tmp_path / "out").items():
        if not name.endswith(".parquet"):
            assert not PERSONAL.findall(content), name
    with pytest.raises(Exception, match="break") as refused:
        _taken(raw)
    assert not PERSONAL.findall(str(refused.value).encode())


def test_the_page_needs_nothing_else(raw: Path, tmp_path: Path) -> None:
    write_intake(_taken(raw), tmp_path / "out")
    page = (tmp_path / "out" / "quality.html").read_text(encoding="utf-8")
    assert not re.findall(r"https?:|<script|<link|src=|url\(", page)
    assert page.count("<h1>") == 1
    assert '<html lang="en">' in page


def test_the_page_escapes_what_the_data_says(raw: Path, change: Any, tmp_path: Path) -> None:
    change("plans", 2, kind="<b>bold</b>")
    write_intake(_taken(raw, True), tmp_path / "out")
    page = (tmp_path / "out" / "quality.html").read_text(encoding="utf-8")
    assert "&lt;b&gt;bold&lt;/b&gt;" in page
    assert "<b>bold" not in page


def test_quality_counts_what_it_says(raw: Path, change: Any) -> None:
    change("plans", 2, kind="x")
    said = _taken(raw, True).quality.as_json()
    jobseekers, codes, *_, plans, _, _ = said["tables"]
    assert (codes["read"], codes["kept"], codes["set_aside"], codes["persons"]) == (7, 7, 0, 4)
    assert (plans["read"], plans["kept"], plans["set_aside"]) == (4, 3, 1)
    assert codes["happened"] == {"column": "start", "first": "2016-03-01", "last": "2019-06-10"}
    assert codes["entered"] == {"column": "entered", "first": "2016-03-01", "last": "2019-06-12"}
    assert (codes["delay_median"], codes["delay_95"]) == (0.0, 2.7)  # of -1, 0, 0, 0, 1, 2, 3 days
    assert jobseekers["missing"]["education_level"] == 0.2
    assert codes["missing"]["end"] == round(3 / 7, 6)
    assert jobseekers["digest"] == "sha256:" + hashlib.sha256((raw / "jobseekers.csv").read_bytes()).hexdigest()
    (unknown,) = [each for each in said["broken"] if each["rule"] == "unknown code"]
    assert (unknown["rows"], unknown["share"], unknown["examples"]) == (1, 0.25, ({"row": 2, "values": {"kind": "x"}},))

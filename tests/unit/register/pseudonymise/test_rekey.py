"""Another key changes every pseudonym and nothing else; a killed run goes on; the old data stays usable meanwhile."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ml.errors import ApualyError, DataError, UsageError
from ml.progress import silent
from ml.pseudonym import MasterKey
from ml.register.extract import Extract
from ml.register.pseudonymise import pseudonymise, read_pseudonymised, rekey, rotation, rows


def contents(out: Path) -> dict[str, bytes]:
    return {str(path.relative_to(out)): path.read_bytes() for path in sorted(out.rglob("*")) if path.is_file()}


@pytest.fixture
def made(varied: Extract, key: MasterKey, other_key: MasterKey, made_at: datetime, out: Path) -> dict[str, bytes]:
    """Return what pseudonymising anew with the other key gives; `out` holds the data with the first."""
    anew = out.with_name("anew")
    for folder, with_key in ((out, key), (anew, other_key)):
        pseudonymise(varied, folder, "ltu-risk", with_key, made_at=made_at, say=silent)
    expected = contents(anew)
    assert expected != contents(out)
    return expected


def test_it_equals_pseudonymising_anew(
    made: dict[str, bytes], varied: Extract, key: MasterKey, other_key: MasterKey, made_at: datetime, out: Path
):
    facts = rekey(out, varied, key, other_key, made_at=made_at, say=silent)
    assert contents(out) == made
    assert facts == read_pseudonymised(out)
    assert sorted(path.name for path in out.parent.iterdir()) == ["anew", "out"]
    old = set(key.for_purpose("ltu-risk").pseudonyms(varied.tables["jobseekers"].column("identity_code").to_pylist()))
    for path in out.rglob("*.parquet"):
        assert old.isdisjoint(pq.read_table(path).column("pseudonym").to_pylist())


def test_the_digest_of_the_quality_report_stays(
    varied: Extract, key: MasterKey, other_key: MasterKey, made_at: datetime, out: Path
):
    reported = replace(varied, manifest=replace(varied.manifest, quality=f"sha256:{'5' * 64}"))
    pseudonymise(reported, out, "ltu-risk", key, made_at=made_at, say=silent)
    rekey(out, varied, key, other_key, made_at=made_at, say=silent)
    assert read_pseudonymised(out).quality == reported.manifest.quality
    assert f"sha256:{'5' * 64}" in (out / "report.html").read_text(encoding="utf-8")


def test_data_from_before_such_digests_can_be_rekeyed(
    varied: Extract, key: MasterKey, other_key: MasterKey, made_at: datetime, out: Path
):
    pseudonymise(varied, out, "ltu-risk", key, made_at=made_at, say=silent)
    report = json.loads((out / "report.json").read_text(encoding="utf-8"))
    del report["quality"]
    (out / "report.json").write_text(json.dumps(report), encoding="utf-8")
    assert rekey(out, varied, key, other_key, made_at=made_at, say=silent).quality is None


@pytest.mark.parametrize(("parcel", "group"), [(7, 10), (25, 3), (1, 100)])
def test_also_when_rows_come_in_many_groups_and_parcels(
    varied: Extract, key: MasterKey, other_key: MasterKey, made_at: datetime, out: Path,
    monkeypatch: pytest.MonkeyPatch, parcel: int, group: int,
):  # fmt: skip
    monkeypatch.setattr(rows, "GROUP_ROWS", group)
    monkeypatch.setattr(rotation, "PARCEL_ROWS", parcel)
    anew = out.with_name("anew")
    for folder, with_key in ((out, key), (anew, other_key)):
        pseudonymise(varied, folder, "service-need", with_key, made_at=made_at, say=silent)
    rekey(out, varied, key, other_key, made_at=made_at, say=silent)
    assert contents(out) == contents(anew)
    assert pq.ParquetFile(out / "inputs/plans.parquet").num_row_groups == -(-60 // group)


def test_days_of_plans_go_with_their_people(
    varied: Extract, key: MasterKey, other_key: MasterKey, made_at: datetime, out: Path
):
    anew = out.with_name("anew")
    for folder, with_key in ((out, key), (anew, other_key)):
        pseudonymise(varied, folder, "service-need", with_key, made_at=made_at, say=silent, plan_days="Act 681/2023")
    assert contents(out)["rule/jobseekers.parquet"] != contents(anew)["rule/jobseekers.parquet"]
    rekey(out, varied, key, other_key, made_at=made_at, say=silent)
    assert contents(out) == contents(anew)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [(0, 0, "the new key is the old one"), (2, 1, "was made with the key of fingerprint"), (1, 2, "was made with")],
)
def test_wrong_keys_are_refused(
    made: dict[str, bytes], varied: Extract, made_at: datetime, out: Path, old: int, new: int, words: str
):
    keys = [MasterKey(bytes(range(first, first + 32))) for first in (0, 1, 2)]
    before = contents(out)
    with pytest.raises(UsageError, match=words):
        rekey(out, varied, keys[old], keys[new], made_at=made_at, say=silent)
    assert contents(out) == before


def test_people_who_are_not_in_the_extract_are_refused(
    made: dict[str, bytes], make_extract: Any, key: MasterKey, other_key: MasterKey, made_at: datetime, out: Path
):
    before = contents(out)
    with pytest.raises(DataError, match="people who are not in the extract"):
        rekey(out, make_extract([{}] * 59), key, other_key, made_at=made_at, say=silent)
    assert contents(out) == before
    assert sorted(path.name for path in out.parent.iterdir()) == ["anew", "out"]


def test_what_is_no_pseudonymised_extract_is_refused(
    tmp_path: Path, varied: Extract, key: MasterKey, other_key: MasterKey, made_at: datetime
):
    with pytest.raises(DataError, match="is not that of a pseudonymised extract"):
        rekey(tmp_path, varied, key, other_key, made_at=made_at, say=silent)


def test_running_again_when_all_is_done_changes_nothing(
    made: dict[str, bytes], varied: Extract, key: MasterKey, other_key: MasterKey, made_at: datetime, out: Path
):
    rekey(out, varied, key, other_key, made_at=made_at, say=silent)
    (out.parent / ".out.rekey/inputs").mkdir(parents=True)  # the old data, of a run killed after the exchange
    rekey(out, varied, key, other_key, made_at=made_at, say=silent)
    assert contents(out) == made
    assert sorted(path.name for path in out.parent.iterdir()) == ["anew", "out"]


# ---------------------------------------------------------------- kills and full disks

RUN = """
import resource, signal, sys, time
from datetime import date, datetime
from pathlib import Path
import pyarrow.parquet as pq
from ml.errors import ApualyError
from ml.pseudonym import MasterKey
from ml.register.extract import Extract, Manifest
from ml.register.pseudonymise import rekey

folder, stop, room = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
tables = {path.stem: pq.read_table(path) for path in (folder / "raw").glob("*.parquet")}

def say(words):
    print(words, flush=True)
    if stop and words.endswith(stop):
        time.sleep(600)  # until killed

signal.signal(signal.SIGXFSZ, signal.SIG_IGN)  # a write beyond the limit then fails as on a full disk
if room:
    resource.setrlimit(resource.RLIMIT_FSIZE, (room, resource.RLIM_INFINITY))
try:
    rekey(folder / "out", Extract(tables, Manifest(date(2020, 1, 31), "made for a test")), MasterKey(bytes(range(32))),
          MasterKey(bytes(range(1, 33))), made_at=datetime.fromisoformat(sys.argv[4]), say=say)
except ApualyError as error:
    print(error)
    sys.exit(error.exit_code)
"""


@pytest.fixture
def run(varied: Extract, tmp_path: Path, made_at: datetime) -> Callable[..., subprocess.Popen[str]]:
    (tmp_path / "raw").mkdir()
    for name, table in varied.tables.items():
        pq.write_table(table, tmp_path / "raw" / f"{name}.parquet")

    def start(stop: str = "", room: int = 0) -> subprocess.Popen[str]:
        argv = [sys.executable, "-c", RUN, tmp_path, stop, str(room), made_at.isoformat()]
        return subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    return start


@pytest.mark.parametrize("stop", ["pseudonyms", "inputs/benefits.parquet", "inputs/plans.parquet"])
def test_a_killed_run_goes_on_where_it_was(
    made: dict[str, bytes], run: Callable[..., subprocess.Popen[str]], out: Path, stop: str
):
    before = contents(out)
    first = run(stop)
    assert first.stdout
    said = []
    for line in first.stdout:
        said.append(line.strip())
        if line.strip().endswith(stop):
            break
    first.send_signal(signal.SIGKILL)
    first.communicate()
    assert contents(out) == before, "the old data stays usable"
    second = run()
    again, complaints = second.communicate(timeout=60)
    assert (second.returncode, complaints) == (0, "")
    assert contents(out) == made
    finished = [words for words in said if words.startswith("rekeying")][:-1]
    assert not set(finished) & set(again.splitlines()), "what was finished is not done twice"
    assert sorted(path.name for path in out.parent.iterdir()) == ["anew", "out", "raw"]


@pytest.mark.parametrize("room", [200, 4500])
def test_a_disk_that_fills_leaves_the_old_data_and_the_next_run_goes_on(
    made: dict[str, bytes], run: Callable[..., subprocess.Popen[str]], out: Path, room: int
):
    before = contents(out)
    full = run(room=room)
    said, complaints = full.communicate(timeout=60)
    assert (full.returncode, complaints) == (ApualyError.exit_code, "")
    assert "cannot be written" in said.splitlines()[-1]
    assert contents(out) == before
    again = run()
    _, complaints = again.communicate(timeout=60)
    assert (again.returncode, complaints) == (0, "")
    assert contents(out) == made


def test_half_finished_work_for_another_key_is_thrown_away(
    made: dict[str, bytes], varied: Extract, key: MasterKey, other_key: MasterKey, made_at: datetime, out: Path
):
    def stop(words: str) -> None:
        if words.endswith("plans.parquet"):
            (out.parent / ".out.rekey/inputs/abilitator.parquet").write_text("of another purpose", encoding="utf-8")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        rekey(out, varied, key, MasterKey(bytes(range(2, 34))), made_at=made_at, say=stop)
    rekey(out, varied, key, other_key, made_at=made_at, say=silent)
    assert contents(out) == made


def test_one_order_of_rows_whatever_their_types():
    table = pa.table(
        {
            "text": pa.array(["b", "a", None, "a", "ä", "a"]),
            "flag": pa.array([True, True, False, None, True, False]),
            "day": pa.array([3, 8, 2, 1, 0, 9], pa.date32()),
            "number": pa.array([1, 2, -3, 4, None, 6], pa.int32()),
        }
    )
    expected = sorted(table.to_pylist(), key=lambda row: [(value is None, value or 0) for value in row.values()])
    assert rows.in_order(table).to_pylist() == expected
    assert rows.in_order(table.take(pa.array([5, 4, 3, 2, 1, 0]))).to_pylist() == expected
    assert rows.in_order(table.slice(0, 0)).num_rows == 0

"""From a synthetic register to the cohort that `apualy train` reads: the whole way, and what stops it."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from ml.errors import DataError, UsageError
from ml.pseudonym import make_key_file, read_key
from ml.register.build import Built, build
from ml.register.cohort import build_cohort
from ml.register.cohort.declaration import read_contract
from ml.register.features import FEATURES, PACE
from ml.register.intake import read_extract
from ml.register.pseudonymise.deliver import pseudonymise
from ml.register.synthetic.extract import write_register

AS_OF = date(2020, 1, 31)


@pytest.fixture(scope="module")
def extract(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a pseudonymised extract of a small synthetic register."""
    folder = tmp_path_factory.mktemp("register")
    write_register(folder / "raw", target_group=250, seed=7)
    make_key_file(folder / "key")
    key = read_key({"APUALY_PSEUDONYM_KEY_FILE": str(folder / "key")})
    raw = read_extract(folder / "raw", None, lambda _: None)
    pseudonymise(raw, folder / "extract", "ltu-risk", key, made_at=datetime(2026, 1, 1, tzinfo=UTC), say=lambda _: None)
    return folder / "extract"


@pytest.fixture(scope="module")
def built(extract: Path) -> Built:
    return build(extract, extract.parent / "cohort")


@pytest.fixture
def copied(extract: Path, tmp_path: Path) -> Path:
    """Return a copy of the extract that may be spoilt."""
    return Path(shutil.copytree(extract, tmp_path / "extract"))


def test_the_cohort_reads_as_any_other_with_inputs_and_protected_apart(built: Built) -> None:
    contract = read_contract(built.folder / "cohort.toml")
    cohort = build_cohort(contract, built.folder)
    assert (contract.name, contract.outcome.horizons, contract.outcome.entry) == (
        "risk", (91, 182, 365), "days_unemployed",
    )  # fmt: skip
    assert len(cohort) == built.rows > 1000
    assert len(np.unique(cohort.person)) == built.persons
    assert list(cohort.features) == [feature.name for feature in (*FEATURES, PACE)]
    assert not set(cohort.features) & set(cohort.protected)
    assert (cohort.duration > cohort.entry).all()
    assert cohort.as_of == built.limits.followed_until < AS_OF


def test_the_figures_say_what_was_built(built: Built, extract: Path) -> None:
    figures = json.loads((built.folder / "build.json").read_text())
    assert figures == json.loads(json.dumps(built.as_json()))
    assert figures["as_of"] == "2020-01-31"
    assert set(figures["digests"]) >= {"pseudonymised.toml", "inputs/plans.parquet", "protected/jobseekers.parquet"}
    shares = figures["long_term_share"]
    assert [share["months"] for share in shares] == list(range(12))
    values = [share["value"] for share in shares]
    assert values == sorted(values)
    assert 0.08 < values[0] < 0.25
    assert values[11] > 0.85
    assert all(share["low"] <= share["value"] <= share["high"] for share in shares)
    assert "looks at" in next(built.as_lines())


def test_every_look_asks_of_the_future_and_every_landmark_is_there(built: Built) -> None:
    rows = pq.read_table(built.folder / "inputs.parquet").to_pandas()
    assert set(rows.landmark_months) == {0, 3, 6}
    assert not rows.duplicated(["pseudonym", "start", "landmark_months"]).any()
    assert (rows.start > built.limits.opens).all()
    ordered = rows.sort_values(["pseudonym", "start", "landmark_months"]).reset_index(drop=True)
    assert ordered.equals(rows)


def test_the_same_extract_gives_the_same_bytes_however_it_is_parted(
    built: Built, extract: Path, tmp_path: Path
) -> None:
    again = build(extract, tmp_path / "again")
    parted = build(extract, tmp_path / "parted", together=1500)
    for name in ("inputs.parquet", "protected.parquet", "cohort.toml", "build.json"):
        assert (again.folder / name).read_bytes() == (built.folder / name).read_bytes()
    for name in ("inputs.parquet", "protected.parquet"):
        assert pq.read_table(parted.folder / name).equals(pq.read_table(built.folder / name))
    assert parted.as_json() == built.as_json()
    assert pq.ParquetFile(parted.folder / "inputs.parquet").num_row_groups > 3


def test_an_earlier_as_of_date_knows_less(built: Built, extract: Path, tmp_path: Path) -> None:
    earlier = build(extract, tmp_path / "earlier", date(2018, 6, 30))
    assert earlier.rows < built.rows
    rows = pq.read_table(earlier.folder / "inputs.parquet")
    last = pc.max(pc.add(pc.cast(rows["start"], pa.int32()), rows["duration_days"])).as_py()
    assert last <= (date(2018, 6, 30) - date(1970, 1, 1)).days


def test_a_later_as_of_date_is_refused(extract: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"--as-of 2020-02-01 is later than .* knows \(2020-01-31\)"):
        build(extract, tmp_path / "cohort", date(2020, 2, 1))
    assert list(tmp_path.iterdir()) == []


# what is done to the extract → the message
SPOILT = {
    "no manifest": (lambda folder: (folder / "pseudonymised.toml").unlink(), "pseudonymised extract"),
    "another purpose": (
        lambda folder: _replace(folder / "pseudonymised.toml", '"ltu-risk"', '"planning"'),
        "made for the purpose 'planning'",
    ),
    "a table is missing": (lambda folder: (folder / "inputs/plans.parquet").unlink(), "lacks inputs/plans.parquet"),
    "a column is missing": (
        lambda folder: _without(folder / "inputs/benefits.parquet", "days_paid"),
        "benefits.parquet: lacks the columns days_paid",
    ),
    "a table is no Parquet": (
        lambda folder: (folder / "inputs/services.parquet").write_bytes(b"kind;start"),
        "services.parquet: is damaged Parquet",
    ),
    "nobody is in it": (lambda folder: _empty(folder / "inputs/employment_codes.parquet"), "holds no spell"),
}


def _replace(file: Path, old: str, new: str) -> None:
    file.write_text(file.read_text().replace(old, new))


def _without(file: Path, column: str) -> None:
    pq.write_table(pq.read_table(file).drop_columns([column]), file)


def _empty(file: Path) -> None:
    pq.write_table(pq.read_table(file).slice(0, 0), file)


@pytest.mark.parametrize("fault", SPOILT)
def test_a_spoilt_extract_is_refused_and_nothing_is_left(copied: Path, tmp_path: Path, fault: str) -> None:
    spoil, message = SPOILT[fault]
    spoil(copied)
    with pytest.raises(DataError, match=message) as caught:
        build(copied, tmp_path / "cohort")
    assert "\n" not in str(caught.value)
    assert not (tmp_path / "cohort").exists()


def test_a_failing_build_leaves_the_old_cohort(built: Built, copied: Path, tmp_path: Path) -> None:
    old = Path(shutil.copytree(built.folder, tmp_path / "cohort"))
    _empty(copied / "inputs/employment_codes.parquet")
    with pytest.raises(DataError):
        build(copied, old)
    assert {file.name: file.read_bytes() for file in old.iterdir()} == {
        file.name: file.read_bytes() for file in built.folder.iterdir()
    }


def test_a_build_takes_the_place_of_an_old_cohort_and_of_nothing_else(extract: Path, tmp_path: Path) -> None:
    place = tmp_path / "cohort"
    build(extract, place, date(2018, 6, 30))
    assert build(extract, place).rows == pq.read_metadata(place / "inputs.parquet").num_rows
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("work of years")
    with pytest.raises(UsageError, match="holds something else than a cohort"):
        build(extract, tmp_path / "mine")
    assert (tmp_path / "mine" / "thesis.txt").read_text() == "work of years"
    assert place.stat().st_mode & 0o777 == 0o700


def test_a_killed_build_leaves_the_old_cohort(built: Built, extract: Path, tmp_path: Path) -> None:
    old = Path(shutil.copytree(built.folder, tmp_path / "cohort"))
    code = (
        "import sys\nfrom pathlib import Path\nfrom ml.register.build import build\n"
        "build(Path(sys.argv[1]), Path(sys.argv[2]), say=lambda text: print(text, flush=True))\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code, str(extract), str(old)], stdout=subprocess.PIPE, text=True
    ) as run:
        assert run.stdout is not None
        assert any("computing features" in line for line in run.stdout)
        run.send_signal(signal.SIGKILL)
    assert run.returncode == -signal.SIGKILL
    assert (old / "inputs.parquet").read_bytes() == (built.folder / "inputs.parquet").read_bytes()
    assert build(extract, old).rows == built.rows


# what is done to the cohort folder → the message
APART = {
    "rows in another order": (lambda table: table.take(list(range(table.num_rows))[::-1]), "row 1: column pseudonym"),
    "a row less": (lambda table: table.slice(1), r"rows of inputs, \d+ of protected"),
    "another landmark": (
        lambda table: table.set_column(2, "landmark_months", pc.add(table["landmark_months"], 1).cast(pa.int32())),
        "column landmark_months differs",
    ),
    "a column too many": (lambda table: table.append_column("shoe_size", table["start"]), "shoe_size"),
    "a column too few": (lambda table: table.drop_columns(["gender"]), "gender"),
}


@pytest.mark.parametrize("fault", APART)
def test_inputs_and_protected_of_two_builds_are_refused(built: Built, tmp_path: Path, fault: str) -> None:
    spoil, message = APART[fault]
    folder = Path(shutil.copytree(built.folder, tmp_path / "cohort"))
    pq.write_table(spoil(pq.read_table(folder / "protected.parquet")), folder / "protected.parquet")
    with pytest.raises(DataError, match=message) as caught:
        build_cohort(read_contract(folder / "cohort.toml"), folder)
    person = pq.read_table(folder / "inputs.parquet", columns=["pseudonym"])["pseudonym"][0].as_py()
    assert person not in str(caught.value)


def test_a_cohort_without_its_protected_part_is_refused(built: Built, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(built.folder, tmp_path / "cohort"))
    (folder / "protected.parquet").unlink()
    with pytest.raises(DataError, match=r"protected\.parquet: does not exist"):
        build_cohort(read_contract(folder / "cohort.toml"), folder)


def test_nothing_is_printed_where_python_runs_without_a_script(tmp_path: Path) -> None:
    """There DuckDB shows a bar of its own on standard output, and `--json` would print more than JSON."""
    code = (
        "import sys\nfrom pathlib import Path\nfrom ml.register.build.facts import database\n"
        "with database(Path(sys.argv[1])) as db:\n"
        "    print(db.execute(\"SELECT current_setting('enable_progress_bar')\").fetchone()[0])\n"
    )
    ran = subprocess.run([sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True, check=True)
    assert ran.stdout == "False\n"

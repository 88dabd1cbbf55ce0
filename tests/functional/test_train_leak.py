"""A column that was recorded after the outcome stops the training of the register's own model, by its name."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

NAMED = '[columns.{name}]\ntype = "number"\nrole = "feature"\nmin = 0\nlabel = {{ en = "Planted" }}\n'


@pytest.fixture
def planted(helsinki: Path, tmp_path: Path) -> Path:
    """Return a cohort whose folder got one column more: how long each spell lasted in the end."""
    folder = tmp_path / "cohort"
    shutil.copytree(helsinki, folder)
    inputs = pq.read_table(folder / "inputs.parquet")
    seen = pa.array(inputs["duration_days"].to_pylist(), pa.float64())
    pq.write_table(inputs.append_column("closing_note_days", seen), folder / "inputs.parquet")
    declared = (folder / "cohort.toml").read_text(encoding="utf-8")
    (folder / "cohort.toml").write_text(declared + "\n" + NAMED.format(name="closing_note_days"), encoding="utf-8")
    return folder


def test_a_planted_leak_stops_the_run_and_is_named(planted: Path, apualy: Any, tmp_path: Path) -> None:
    ran = apualy("train", "ltu-risk", "--cohort", str(planted))
    assert (ran.code, ran.out) == (3, "")
    assert "the guard refuses closing_note_days" in ran.err
    assert len(ran.err.strip().splitlines()) == 1

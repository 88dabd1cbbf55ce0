"""A small valid register, and how to change it."""

from __future__ import annotations

import csv
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

Change = Callable[..., None]


@pytest.fixture
def valid() -> Path:
    """Return the folder of a valid register of four people; do not write there."""
    return Path(__file__).parent / "valid"


@pytest.fixture
def raw(valid: Path, tmp_path: Path) -> Path:
    """Return a copy of the valid register, to be changed."""
    return Path(shutil.copytree(valid, tmp_path / "raw"))


@pytest.fixture
def change(raw: Path) -> Change:
    """Return a function that changes cells of one row of `raw`, counted as an editor does."""

    def change(table: str, row: int, **cells: str) -> None:
        path = raw / f"{table}.csv"
        with path.open(encoding="utf-8", newline="") as file:
            header, *rows = csv.reader(file, delimiter=";")
        for name, value in cells.items():
            rows[row - 2][header.index(name)] = value
        with path.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file, delimiter=";", lineterminator="\n").writerows([header, *rows])

    return change

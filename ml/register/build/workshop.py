"""Where a cohort folder is made: a database and a folder aside, which appears whole or not at all."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from ml.register.build.facts import database
from ml.register.cohort.folder import CONTRACT, FIGURES
from ml.register.folder import check_replaceable, whole_folder


@dataclass(frozen=True)
class Workshop:
    """A database in memory that spills beside the folder `aside`, in which files are made."""

    db: duckdb.DuckDBPyConnection
    aside: Path

    def declare(self, contract: str, figures: Mapping[str, Any]) -> None:
        """Write what the cohort's columns are, and the figures of its making."""
        (self.aside / CONTRACT).write_text(contract, encoding="utf-8")
        (self.aside / FIGURES).write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")


@contextmanager
def workshop(out: Path) -> Iterator[Workshop]:
    """Yield where the cohort folder `out` is made; it takes its place when the block ends well.

    Raises UsageError when `out` is something else than a cohort folder.
    """
    check_replaceable(out, lambda place: (place / FIGURES).is_file(), "a cohort")
    with whole_folder(out, "building") as aside:
        scratch = aside / "scratch"
        scratch.mkdir()
        with database(scratch) as db:
            yield Workshop(db, aside)
        scratch.rmdir()

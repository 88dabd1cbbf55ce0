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
from ml.register.cohort.folder import CONTRACT, CURRENT, FIGURES
from ml.register.folder import check_replaceable, whole_folder

KINDS = {CONTRACT: "a cohort", CURRENT: "a cohort of those unemployed now"}  # by declaration


@dataclass(frozen=True)
class Workshop:
    """A database in memory that spills beside the folder `aside`, in which files are made.

    declaration  name of the file that says what the cohort's columns are
    """

    db: duckdb.DuckDBPyConnection
    aside: Path
    declaration: str

    def declare(self, contract: str, figures: Mapping[str, Any]) -> None:
        """Write what the cohort's columns are, and the figures of its making."""
        (self.aside / self.declaration).write_text(contract, encoding="utf-8")
        (self.aside / FIGURES).write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")


@contextmanager
def workshop(out: Path, declaration: str = CONTRACT) -> Iterator[Workshop]:
    """Yield where the cohort folder `out` is made; it takes its place when the block ends well.

    Raises UsageError when `out` is something else than a cohort folder with such a declaration.
    """
    check_replaceable(out, lambda place: (place / declaration).is_file(), KINDS[declaration])
    with whole_folder(out, "building") as aside:
        scratch = aside / "scratch"
        scratch.mkdir()
        with database(scratch) as db:
            yield Workshop(db, aside, declaration)
        scratch.rmdir()

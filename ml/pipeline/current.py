"""Those unemployed now → what the night's scoring reads, every input one that build makes."""

from __future__ import annotations

import tomllib
from pathlib import Path

from ml.contracts import CurrentCohort
from ml.errors import DataError
from ml.register import cohort
from ml.register.guard import require_catalogued_columns


def read_current(folder: Path, purpose: str) -> CurrentCohort:
    """Return the people of a folder that `apualy register build --current` made, for a purpose that advises.

    Raises DataError, one line: the folder is damaged, of another purpose, or has an input that build did not make.
    """
    found = cohort.read_current(folder, purpose)
    require_catalogued_columns(found.columns)
    return found


def read_any_current(folder: Path) -> CurrentCohort:
    """Return the people of a folder that `apualy register build --current` made, for the purpose that it names itself.

    Raises DataError, one line: the folder is damaged, names no purpose, or has an input that build did not make.
    """
    path = folder / "current.toml"
    try:
        purpose = tomllib.loads(path.read_text(encoding="utf-8"))["cohort"]["purpose"]
    except (OSError, ValueError, KeyError, TypeError):
        raise DataError(f"{folder}: is no folder made by apualy register build --current") from None
    return read_current(folder, str(purpose))

"""A cohort folder that appears whole or not at all."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ml.errors import UsageError
from ml.register.cohort.folder import FIGURES
from ml.register.pseudonymise.folder import beside, empty, publish


@contextmanager
def whole_folder(out: Path) -> Iterator[Path]:
    """Yield a folder beside `out` that takes its place when the block ends well; what was there stays otherwise.

    Raises UsageError when `out` is something else than a cohort folder; ApualyError when the disk refuses.
    """
    if out.is_symlink() or (out.exists() and not out.is_dir()):
        raise UsageError(f"{out}: is not a folder; give another --out")
    if out.exists() and any(out.iterdir()) and not (out / FIGURES).is_file():
        raise UsageError(f"{out}: holds something else than a cohort; give another --out")
    with beside(out, "building") as aside:
        empty(aside)
        yield aside
        publish(aside, out)

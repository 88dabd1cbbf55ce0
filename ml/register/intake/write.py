"""An intake on disk: checked Parquet, manifest, quality report, rows set aside; whole or not at all."""

from __future__ import annotations

import json
import os
import re
import shutil
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from ml.errors import ApualyError, UsageError
from ml.progress import Say, silent
from ml.register.extract import MANIFEST
from ml.register.intake.folder import FolderSource
from ml.register.intake.quality import MADE_BY
from ml.register.intake.quality_page import quality_page
from ml.register.intake.take import Intake

QUALITY_JSON, QUALITY_HTML, QUARANTINE = "quality.json", "quality.html", "quarantine"
PRIVATE = 0o700  # the folder holds identity codes


def write_intake(intake: Intake, out: Path, say: Say = silent) -> None:
    """Write <table>.parquet, register.toml, quality.json, quality.html and quarantine/ into a folder, mode 0700.

    The folder appears whole or not at all; an earlier intake in its place is replaced, anything else is not.
    Raises UsageError: something else stands there, or the source; ApualyError: it could not be written.
    """
    out = out.absolute()
    _refuse_to_replace(intake, out)
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        _clear_remains(out)
        aside = out.with_name(f".{out.name}.intake-{os.getpid()}")
        aside.mkdir(PRIVATE)
        try:
            _fill(intake, aside, say)
            _swap(aside, out)
        finally:
            shutil.rmtree(aside, ignore_errors=True)
    except (OSError, pa.ArrowException) as error:
        reason = getattr(error, "strerror", None) or str(error).splitlines()[0]
        raise ApualyError(f"{out}: cannot be written ({reason}); what stood there before stands there still") from None


def _refuse_to_replace(intake: Intake, out: Path) -> None:
    if isinstance(intake.source, FolderSource) and out.resolve() == intake.source.folder.resolve():
        raise UsageError(f"{out}: is the source; give --out another folder")
    if not out.exists() and not out.is_symlink():
        return
    if out.is_symlink() or not out.is_dir() or (any(out.iterdir()) and not _is_intake(out)):
        raise UsageError(f"{out}: is there and no earlier intake; give --out a new folder")


def _is_intake(folder: Path) -> bool:
    try:
        made_by = json.loads((folder / QUALITY_JSON).read_text(encoding="utf-8")).get("made_by")
    except (OSError, ValueError, AttributeError):
        return False
    return bool(made_by == MADE_BY)


def _fill(intake: Intake, folder: Path, say: Say) -> None:
    for name, table in intake.extract.tables.items():
        say(f"writing {name}")
        _write_parquet(table, folder / f"{name}.parquet")
    _write_text(folder / MANIFEST, intake.extract.manifest.as_toml())
    said = json.dumps(intake.quality.as_json(), ensure_ascii=False, indent=2)
    _write_text(folder / QUALITY_JSON, said + "\n")
    _write_text(folder / QUALITY_HTML, quality_page(intake.quality))
    if intake.set_aside:
        (folder / QUARANTINE).mkdir(PRIVATE)
        for name, table in intake.set_aside.items():
            _write_parquet(table, folder / QUARANTINE / f"{name}.parquet")
        _sync(folder / QUARANTINE)
    _sync(folder)


def _write_parquet(table: Any, path: Path) -> None:
    pq.write_table(table, path, compression="zstd")
    _sync(path)


def _write_text(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")
    _sync(path)


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _swap(aside: Path, out: Path) -> None:
    """Put the new folder in the place of the old; a kill between the two renames leaves none there."""
    old = out.with_name(f".{out.name}.replaced-{os.getpid()}")
    if out.exists():
        out.rename(old)
    try:
        aside.rename(out)
    except OSError:
        if old.exists():
            old.rename(out)
        raise
    _sync(out.parent)
    shutil.rmtree(old, ignore_errors=True)


def _clear_remains(out: Path) -> None:
    """Remove what killed runs left: it names persons and nobody would look for it. Put back what they took away."""
    left = re.compile(rf"\.{re.escape(out.name)}\.(intake|replaced)-(\d+)")
    for path in sorted(out.parent.iterdir()):
        found = left.fullmatch(path.name)
        if found and not _is_alive(int(found[2])):
            if found[1] == "replaced" and not out.exists():
                path.rename(out)
            else:
                shutil.rmtree(path, ignore_errors=True)


def _is_alive(process: int) -> bool:
    if process == os.getpid():
        return False
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True

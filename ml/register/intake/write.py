"""An intake on disk: checked Parquet, manifest, quality report, rows set aside; whole or not at all."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from ml.errors import ApualyError, DataError, UsageError
from ml.progress import Say, silent
from ml.register.digest import digest_of
from ml.register.extract import MANIFEST, Extract
from ml.register.folder import check_replaceable, whole_folder
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
    if isinstance(intake.source, FolderSource) and out.resolve() == intake.source.folder.resolve():
        raise UsageError(f"{out}: is the source; give --out another folder")
    check_replaceable(out, _is_intake, "an earlier intake")
    with whole_folder(out, "intake") as aside:
        try:
            _fill(intake, aside, say)
        except pa.ArrowException as error:
            raise ApualyError(f"{out}: cannot be written ({str(error).splitlines()[0]}); nothing was changed") from None


def check_report(extract: Extract, folder: Path) -> None:
    """Raise DataError when an extract's manifest names a data-quality report that does not lie beside it.

    What is made of the extract carries the report's digest on, up to the model card: a digest of a report that nobody
    has, or has changed, would be worth nothing there.
    """
    said, path = extract.manifest.quality, folder / QUALITY_JSON
    if said is None or (path.is_file() and digest_of(path) == said):
        return
    why = "is other than" if path.is_file() else "is missing, and is"
    raise DataError(
        f"{path}: {why} the report that {MANIFEST} names; put it back, run apualy register intake again, or delete the "
        f"line quality from {MANIFEST}"
    )


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
    said = json.dumps(intake.quality.as_json(), ensure_ascii=False, indent=2)
    _write_text(folder / QUALITY_JSON, said + "\n")
    manifest = replace(intake.extract.manifest, quality=digest_of(folder / QUALITY_JSON))
    _write_text(folder / MANIFEST, manifest.as_toml())
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

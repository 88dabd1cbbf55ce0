"""A source taken in: read, checked, typed; what breaks a hard rule is refused or set aside."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from ml.errors import DataError
from ml.progress import Say
from ml.register.extract import Extract, Manifest
from ml.register.intake.check import Checked, check
from ml.register.intake.finding import Finding
from ml.register.intake.folder import FolderSource
from ml.register.intake.quality import Quality, quality_of
from ml.register.intake.raw import RawRecords
from ml.register.intake.source import Source
from ml.register.schema import TABLES


@dataclass(frozen=True)
class Intake:
    """A register that was taken in.

    set_aside  table → Arrow table of the rows that break hard rules, as the source held them: `row` (as a reader of
               the source counts), `rules` (their names), then every column as text. Raw: it names persons.
    """

    extract: Extract
    quality: Quality
    set_aside: Mapping[str, Any]
    source: Source

    @property
    def rows_set_aside(self) -> int:
        """The number of rows set aside."""
        return sum(table.num_rows for table in self.set_aside.values())


def take_in(source: Source, as_of: date | None, quarantine: bool, say: Say) -> Intake:
    """Return the register that a source holds, every value and record checked.

    as_of       the day up to which it knows; by default what its register.toml says, else the last day of entry
    quarantine  whether records that break a hard rule are set aside instead of the whole being refused

    Raises DataError: the source cannot be read, lacks a table or column or has one undeclared, or a hard rule is
    broken; UsageError: a database driver is not installed.
    """
    manifest, raws, checked = _checked(source, as_of, quarantine, say)
    remarks = () if manifest or as_of else (f"no as-of date was given: {checked.as_of}, the last day of entry, is it",)
    extract = _extract(checked, manifest, source.name)
    say("writing up what was found")
    quality = quality_of(checked, raws, extract.manifest, remarks)
    return Intake(extract, quality, _set_aside(checked.findings, raws), source)


def read_extract(folder: Path, as_of: date | None, say: Say) -> Extract:
    """Return the register in a folder of CSV or Parquet files, every hard rule checked.

    Raises DataError as `take_in` does.
    """
    source = FolderSource(folder)
    manifest, _, checked = _checked(source, as_of, False, say)
    return _extract(checked, manifest, source.name)


def _checked(
    source: Source, as_of: date | None, quarantine: bool, say: Say
) -> tuple[Manifest | None, dict[str, RawRecords], Checked]:
    manifest = source.manifest()
    raws = {raw.table.name: raw for raw in source.tables(say)}
    day = as_of or (manifest.as_of if manifest else None)
    try:
        return manifest, raws, check(raws, day, quarantine, say)
    except DataError as error:
        raise DataError(f"{source.name}: {error}") from None


def _extract(checked: Checked, manifest: Manifest | None, source: str) -> Extract:
    kept = replace(manifest, as_of=checked.as_of) if manifest else Manifest(checked.as_of, source)
    return Extract({name: checked.tables[name].as_arrow() for name in TABLES}, kept)


def _set_aside(findings: Sequence[Finding], raws: Mapping[str, RawRecords]) -> dict[str, Any]:
    aside = {}
    for name, raw in raws.items():
        broken = [finding for finding in findings if finding.table == name and finding.rule.hard]
        if broken:
            aside[name] = _rows_set_aside(broken, raw)
    return aside


def _rows_set_aside(broken: Sequence[Finding], raw: RawRecords) -> Any:
    rows = np.unique(np.concatenate([finding.rows for finding in broken]))
    rules: list[list[str]] = [[] for _ in rows]
    for finding in broken:
        for index in np.searchsorted(rows, finding.rows):
            if finding.rule.name not in rules[index]:
                rules[index].append(finding.rule.name)
    columns = {name: texts.taken(rows) for name, texts in raw.columns.items()}
    return pa.table({"row": pa.array(rows + raw.first_row), "rules": pa.array(rules, pa.list_(pa.string())), **columns})

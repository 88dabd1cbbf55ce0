"""Another key for pseudonymised data: every pseudonym exchanged, nothing else changed.

A pseudonym cannot be inverted, so that the old and the new ones are computed from the raw extract's identity codes:
two texts a person in memory. The files themselves stream: each row group is given its new pseudonyms and dealt into
parcels by them, then parcel after parcel is sorted and written, so that the result is, byte for byte, what
`pseudonymise` would have made of the same extract with the new key. Memory does not grow with the number of rows.

Finished files wait beside the folder and are listed in a state file: a run that was killed goes on after the last
one. The old folder stays as it is until all files are finished, and then both are exchanged in one step.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from ml.errors import DataError, InputError, UsageError
from ml.progress import Say
from ml.pseudonym import MasterKey
from ml.register.extract import Extract
from ml.register.folder import beside, empty, publish
from ml.register.pseudonymise.deliver import write_facts
from ml.register.pseudonymise.frames import table_of
from ml.register.pseudonymise.manifest import Pseudonymised, read_pseudonymised
from ml.register.pseudonymise.people import people_of
from ml.register.pseudonymise.plan import INPUTS, PROTECTED, PSEUDONYM, RULE
from ml.register.pseudonymise.report import JSON_FILE, write_report
from ml.register.pseudonymise.rows import in_order, write_groups
from ml.register.schema.tables.jobseekers import JOBSEEKERS

STATE = "rekey.json"
PARCEL_ROWS = 250_000
MOST_PARCELS = 256  # told apart by a pseudonym's first two digits


@dataclass(frozen=True)
class Change:
    """Old and new pseudonyms of the same people, two Arrow arrays."""

    old: Any
    new: Any

    def of(self, file: str, rows: Any) -> Any:
        """Return rows with their new pseudonyms. Raises DataError when one is nobody's."""
        place = pc.index_in(rows.column(PSEUDONYM).combine_chunks(), value_set=self.old)
        if place.null_count:
            raise DataError(
                f"{file}: holds pseudonyms of people who are not in the extract; rekey from the extract that it was "
                "made from, nothing was changed"
            )
        return rows.set_column(rows.column_names.index(PSEUDONYM), PSEUDONYM, self.new.take(place))


def rekey(
    folder: Path, extract: Extract, old: MasterKey, new: MasterKey, *, made_at: datetime, say: Say
) -> Pseudonymised:
    """Give a pseudonymised extract the pseudonyms of a new key and return what it then says of itself.

    extract  the raw extract that the folder was made from

    A folder that has the new key already is left as it is: a killed run had come to its end.
    Raises UsageError when the old key is not the folder's or the new one is the same, DataError when the folder is no
    pseudonymised extract or holds people who are not in the extract, ApualyError when the disk refuses; the folder
    is then as it was, and finished files are kept for the next run where the disk was at fault.
    """
    facts = read_pseudonymised(folder)
    after = replace(facts, key=new.for_purpose(facts.purpose).fingerprint, made_at=made_at)
    _check_keys(folder, facts, old.for_purpose(facts.purpose).fingerprint, after.key)
    with beside(folder, "rekey") as aside:
        if facts.key == after.key:
            shutil.rmtree(aside)
            return facts
        try:
            finished = _resumed(aside, facts, after)
            say("computing pseudonyms")
            change = _change(extract, facts.purpose, old, new)
            for file in _files(folder):
                if file not in finished:
                    say(f"rekeying {file}")
                    _rekey_file(folder / file, aside / file, file, change)
                    finished.append(file)
                    _write_state(aside, facts, after, finished)
            _finish(folder, aside, after)
        except InputError:
            shutil.rmtree(aside)
            raise
        publish(aside, folder)
    return after


def _check_keys(folder: Path, facts: Pseudonymised, old: str, new: str) -> None:
    if old == new:
        raise UsageError(f"{folder}: the new key is the old one; name another")
    if facts.key not in (old, new):
        raise UsageError(f"{folder}: was made with the key of fingerprint {facts.key}, the old key's is {old}")


def _change(extract: Extract, purpose: str, old: MasterKey, new: MasterKey) -> Change:
    jobseekers = table_of(extract, JOBSEEKERS)
    before, after = (people_of(jobseekers, key.for_purpose(purpose)) for key in (old, new))
    return Change(before.pseudonyms, after.pseudonyms)


def _files(folder: Path) -> list[str]:
    return sorted(
        str(path.relative_to(folder)) for part in (INPUTS, PROTECTED, RULE) for path in folder.glob(f"{part}/*.parquet")
    )


def _resumed(aside: Path, facts: Pseudonymised, after: Pseudonymised) -> list[str]:
    """Return the files that an earlier run of the same change finished; make a clean start otherwise."""
    try:
        state = json.loads((aside / STATE).read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        state = {}
    if {**state, "finished": []} == _state(facts, after, []):
        return [file for file in state["finished"] if (aside / file).is_file()]
    empty(aside)
    _write_state(aside, facts, after, [])
    return []


def _state(facts: Pseudonymised, after: Pseudonymised, finished: list[str]) -> Mapping[str, Any]:
    made = {"source_digest": facts.source_digest, "made_at": facts.made_at.isoformat()}
    return {**made, "from": facts.key, "to": after.key, "finished": finished}


def _write_state(aside: Path, facts: Pseudonymised, after: Pseudonymised, finished: list[str]) -> None:
    fresh = aside / f"{STATE}.new"
    fresh.write_text(json.dumps(_state(facts, after, finished)), encoding="utf-8")
    os.replace(fresh, aside / STATE)


def _rekey_file(source: Path, target: Path, name: str, change: Change) -> None:
    """Write a file with new pseudonyms, whole or not at all."""
    target.parent.mkdir(mode=0o700, exist_ok=True)
    parcels = target.with_suffix(".parcels")
    shutil.rmtree(parcels, ignore_errors=True)
    parcels.mkdir(mode=0o700)
    with pq.ParquetFile(source) as file:
        schema = file.schema_arrow
        paths = _deal(file, name, change, parcels)
    part = target.with_suffix(".part")
    write_groups(part, schema, (in_order(_parcel(path)) for path in paths))
    shutil.rmtree(parcels)
    os.replace(part, target)


def _deal(file: Any, name: str, change: Change, parcels: Path) -> list[Path]:
    """Return the parcels of a file's rows by new pseudonym, in its order; a row group is in memory at a time."""
    count = min(-(-file.metadata.num_rows // PARCEL_ROWS), MOST_PARCELS)
    paths = [parcels / f"{number:03d}.arrow" for number in range(count)]
    with ExitStack() as open_files:
        writers = [open_files.enter_context(pa.ipc.new_file(str(path), file.schema_arrow)) for path in paths]
        for group in range(file.num_row_groups):
            for number, rows in _by_parcel(change.of(name, file.read_row_group(group)), count):
                writers[number].write_table(rows)
    return paths


def _by_parcel(rows: Any, count: int) -> Iterator[tuple[int, Any]]:
    digits = pc.dictionary_encode(pc.utf8_slice_codeunits(rows.column(PSEUDONYM).combine_chunks(), 0, 2))
    of_digits = np.array([int(each, 16) * count // MOST_PARCELS for each in digits.dictionary.to_pylist()], dtype=int)
    parcel = of_digits[digits.indices.to_numpy()]
    for number in np.unique(parcel):
        yield int(number), rows.take(pa.array(np.flatnonzero(parcel == number)))


def _parcel(path: Path) -> Any:
    with pa.ipc.open_file(str(path)) as parcel:
        return parcel.read_all()


def _finish(folder: Path, aside: Path, after: Pseudonymised) -> None:
    """Write facts and report with the new fingerprint, and take the state away."""
    try:
        content = json.loads((folder / JSON_FILE).read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        raise DataError(f"{folder / JSON_FILE}: cannot be read; pseudonymise anew, nothing was changed") from None
    write_report(aside, {**content, "key": after.key, "made_at": after.made_at.isoformat()})
    write_facts(aside, after)
    (aside / STATE).unlink(missing_ok=True)

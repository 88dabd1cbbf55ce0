"""A contract and its file as a cohort: features and protected attributes apart, follow-up, persons."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd

from ml.contracts import Cohort, CohortContract, Dates, Floats, Outcome, Role, Rows, Spells
from ml.errors import DataError
from ml.register.cohort.exits import exits_seen
from ml.register.cohort.folder import folder_table
from ml.register.cohort.frames import feature_frame, protected_frame
from ml.register.cohort.remarks import remarks
from ml.register.cohort.values.validate import Checked, check_values, kept_columns
from ml.register.files import RawTable, read_table
from ml.register.wording import number_name

LAST_DAY = np.datetime64("9999-12-31")


def build_cohort(contract: CohortContract, path: Path) -> Cohort:
    """Return the checked spells of the file, or of the folder of a register's cohort, one row each in its order.

    Raises DataError, one line: the file or a value breaks the contract, or there is nothing to learn
    (no exits, or only one outcome known at the horizon).
    """
    ignored = contract.columns.keys() - {column.name for column in kept_columns(contract)}
    raw = folder_table(path, contract) if path.is_dir() else read_table(path, contract.columns.keys(), ignored)
    checked = check_values(raw, contract)
    outcome = contract.outcome
    duration: Floats = checked[outcome.duration].values
    exited, never_seen = exits_seen(outcome, checked[outcome.exit] if outcome.exit else None, len(raw))
    entry: Floats = checked[outcome.entry].values if outcome.entry else np.zeros(len(raw))
    _check_outcomes(raw.file, contract, Spells(duration, exited, entry))
    start: Dates | None = checked[contract.start].values if contract.start else None
    features = feature_frame(contract.inputs, checked, start)
    protected = protected_frame(contract.with_role(Role.PROTECTED), checked)
    return Cohort(
        contract=contract,
        features=features,
        protected=protected,
        duration=duration,
        exited=exited,
        start=start,
        person=_persons(contract, checked),
        as_of=None if start is None else _last_known_day(raw, duration * outcome.unit_days, start),
        digest=raw.digest,
        warnings=raw.warnings + never_seen + remarks(contract, checked, features, _looked(outcome, entry, start)),
        entry=entry,
    )


def _looked(outcome: Outcome, entry: Floats, start: Dates | None) -> Dates | None:
    """Return the day on which each row was looked at, the day of registration where there is no entry."""
    if start is None:
        return None
    looked: Dates = start + np.floor(entry * outcome.unit_days).astype("timedelta64[D]")
    return looked


def _persons(contract: CohortContract, checked: Mapping[str, Checked]) -> Rows:
    """Return a number a person; each row is a person of its own when there is no id."""
    names = [column.name for column in contract.with_role(Role.ID)]
    if not names:
        return np.arange(len(checked[contract.outcome.duration].values), dtype=np.int64)
    return pd.factorize(checked[names[0]].values)[0].astype(np.int64)


def _check_outcomes(file: str, contract: CohortContract, spells: Spells) -> None:
    """Raise DataError when the file cannot teach who stays unemployed to the horizon."""
    spells = spells[spells.asked(contract.outcome.horizon)]
    duration, exited = spells.duration, spells.exited
    horizon = f"{number_name(contract.outcome.horizon)} ({contract.outcome.unit})"
    if not exited.any():
        raise DataError(f"{file}: no exit was seen: every spell is censored; check [outcome] exit")
    if not (duration >= contract.outcome.horizon).any():
        raise DataError(f"{file}: no spell lasts to the horizon of {horizon}; choose a shorter horizon")
    if not (exited & (duration < contract.outcome.horizon)).any():
        raise DataError(f"{file}: no exit was seen before the horizon of {horizon}; choose a longer horizon")


def _last_known_day(raw: RawTable, duration_days: Floats, start: Dates) -> date:
    """Return the last day that the file can know of: the latest end of watching."""
    room = (LAST_DAY - start).astype(np.float64)
    beyond = np.flatnonzero(np.floor(duration_days) > room)
    if len(beyond):
        row = int(beyond[0]) + raw.first_row_number
        raise DataError(f"{raw.file}: row {row}: start and duration reach past the year 9999; correct them")
    ends = start + np.floor(duration_days).astype("timedelta64[D]")
    last: date = ends.max().astype(object)
    return last

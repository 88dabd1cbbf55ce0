"""Those unemployed on one day, as the nightly way sees them, and how their spells went on."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq

from experiments.attainable.registers import PURPOSE, SPECIAL, Registers
from ml.contracts import Rows, Spells
from ml.progress import Say, silent
from ml.register.build import build_current
from ml.register.cohort.current import read_current
from ml.register.intake import read_extract
from ml.register.pseudonymise import KEY, pseudonymise, read_key
from ml.register.synthetic import write_register


@dataclass(frozen=True)
class Stock:
    """People unemployed on a day: inputs as known then, and their spells, each (n,); `person` numbers them."""

    features: pd.DataFrame
    spells: Spells
    person: Rows


def stock_of(registers: Registers, seed: int, day: date, say: Say = silent) -> Stock:
    """Return those of a register who were unemployed on a day and whose spells its cohort knows."""
    cohort = registers.cohort(seed, say)
    rows = pq.read_table(registers.folder / f"s{seed}" / "cohort" / "inputs.parquet", columns=["pseudonym", "start"])
    known = rows.to_pandas().assign(duration=cohort.duration, exited=cohort.exited)
    known["start"] = pd.to_datetime(known["start"]).astype("datetime64[s]")
    known = known.drop_duplicates(["pseudonym", "start"])
    say(f"looking at register {seed} as of {day}")
    current = _current(registers, seed, day)
    days = current["days_unemployed"].astype(int)
    current["start"] = (pd.Timestamp(day) - pd.to_timedelta(days, unit="D")).astype("datetime64[s]")
    joined = current.merge(known, on=["pseudonym", "start"], validate="one_to_one")
    entry = joined["days_unemployed"].to_numpy(dtype=float)
    spells = Spells(joined["duration"].to_numpy(dtype=float), joined["exited"].to_numpy(dtype=bool), entry)
    return Stock(joined, spells, joined.index.to_numpy())


def _current(registers: Registers, seed: int, day: date) -> pd.DataFrame:
    """Return pseudonym and inputs of those unemployed on the day, as `apualy register build --current` writes them."""
    key = read_key({f"{KEY}_FILE": str(registers.folder / "key")})
    with tempfile.TemporaryDirectory() as scratch:
        raw, extract, out = (Path(scratch) / name for name in ("raw", "extract", "current"))
        write_register(raw, registers.target_group, seed, as_of=registers.as_of)
        pseudonymise(read_extract(raw, None, silent), extract, PURPOSE, key, made_at=datetime.now(UTC), say=silent,
                     special=SPECIAL)  # fmt: skip
        build_current(extract, out, day)
        current = read_current(out, PURPOSE)
    return current.features.assign(pseudonym=current.pseudonyms)

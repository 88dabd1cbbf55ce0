"""Registers of the same world, one a seed: made where they are missing, used where they are there.

<registers>/key                     the key of pseudonyms, made once
<registers>/s<seed>/cohort          the cohort folder
<registers>/s<seed>/raw.oracle      what nature knows, of the registers that are judged
"""

from __future__ import annotations

import shutil
from argparse import ArgumentParser
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq

from experiments.oracle import read_spells
from ml.contracts import Cohort, Floats
from ml.errors import DataError
from ml.progress import Say, silent
from ml.register.build import build
from ml.register.cohort import build_cohort
from ml.register.cohort.declaration import read_contract
from ml.register.intake import read_extract
from ml.register.pseudonymise import KEY, make_key_file, pseudonymise, read_key
from ml.register.synthetic import write_register

PURPOSE = "ltu-risk"
SPECIAL = (("jobseekers.work_ability_limited", "Non-Discrimination Act 1325/2014, section 5"),)
TARGET_GROUP = 37_439  # of the city


def ask_where(options: ArgumentParser) -> None:
    """Add the options that say where registers lie, and how large one is that has to be made."""
    options.add_argument("--registers", type=Path, required=True, metavar="DIR")
    options.add_argument("--target-group", type=int, default=TARGET_GROUP)


@dataclass(frozen=True)
class Registers:
    """Where the registers lie, how large one is that has to be made, and on which day its extract ends."""

    folder: Path
    target_group: int = TARGET_GROUP
    as_of: date = date(2020, 1, 31)

    def cohort(self, seed: int, say: Say = silent) -> Cohort:
        """Return the cohort of a seed's register; it is made first where it is not there."""
        folder = self._made(seed, say)
        say(f"reading register {seed}")
        return build_cohort(read_contract(folder / "cohort.toml"), folder)

    def true_risk(self, seed: int, cohort: Cohort) -> Floats:
        """Return each row's true risk of lasting twelve months, as it was at registration, (n,); NaN where not found.

        The oracle knows people by their identity codes, the cohort by pseudonyms: codes become pseudonyms here.
        """
        of = self.folder / f"s{seed}"
        spells = read_spells(of / "raw")[["identity_code", "start", "risk_12"]]
        pseudonymiser = read_key({f"{KEY}_FILE": str(self.folder / "key")}).for_purpose(PURPOSE)
        spells["pseudonym"] = pseudonymiser.pseudonyms(spells.pop("identity_code"))
        rows = pq.read_table(of / "cohort" / "inputs.parquet", columns=["pseudonym", "start"]).to_pandas()
        rows["start"] = pd.to_datetime(rows["start"]).astype("datetime64[s]")
        joined = rows.merge(spells, how="left", on=["pseudonym", "start"], validate="many_to_one")
        if len(joined) != len(cohort):
            raise DataError(f"{of}: the cohort has other rows than its file; build it again")
        risk: Floats = joined["risk_12"].to_numpy(dtype=np.float64)
        return risk

    def _made(self, seed: int, say: Say) -> Path:
        """Return the cohort folder of a seed; what else is needed to make it goes away again, but for the oracle."""
        of = self.folder / f"s{seed}"
        if (of / "cohort" / "cohort.toml").is_file():
            return of / "cohort"
        of.mkdir(parents=True, exist_ok=True)
        say(f"making register {seed}")
        key_file = self.folder / "key"
        if not key_file.exists():
            make_key_file(key_file)
        key = read_key({f"{KEY}_FILE": str(key_file)})
        raw = of / "raw"
        if not raw.is_dir():
            write_register(raw, self.target_group, seed, as_of=self.as_of)
        extract = read_extract(raw, None, silent)
        pseudonymise(extract, of / "ltu", PURPOSE, key, made_at=datetime.now(UTC), say=silent, special=SPECIAL)
        build(of / "ltu", of / "cohort")
        shutil.rmtree(raw)
        shutil.rmtree(of / "ltu")
        return of / "cohort"

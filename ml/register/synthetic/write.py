"""An invented Helsinki: a contract and a file of spells to show the whole way with; no real person in it."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd

from ml.errors import UsageError
from ml.register.synthetic.people import draw_people
from ml.register.synthetic.spells import draw_spells

CONTRACT = Path(__file__).with_name("cohort.toml")
FEWEST_PERSONS = 100


def write_synthetic(folder: Path, persons: int, seed: int) -> tuple[Path, Path]:
    """Return the paths of `cohort.toml` and `spells.csv`, written into the folder, whole or not at all.

    The CSV is as a Finnish office would extract it: semicolons, decimal commas, dd.mm.yyyy, UTF-8 with its mark.
    The same number of persons and seed give the same bytes. Raises UsageError for fewer than 100 persons.
    """
    if persons < FEWEST_PERSONS:
        raise UsageError(f"{persons} persons are too few for a cohort; ask for at least {FEWEST_PERSONS}")
    rng = np.random.default_rng(seed)
    spells = draw_spells(draw_people(persons, rng), rng)
    folder.mkdir(parents=True, exist_ok=True)
    aside = Path(tempfile.mkdtemp(prefix=".synthetic-", dir=folder))
    try:
        shutil.copyfile(CONTRACT, aside / "cohort.toml")
        _as_extract(spells).to_csv(
            aside / "spells.csv", sep=";", decimal=",", index=False, encoding="utf-8-sig", lineterminator="\r\n"
        )
        for name in ("spells.csv", "cohort.toml"):
            os.replace(aside / name, folder / name)
    finally:
        shutil.rmtree(aside)
    return folder / "cohort.toml", folder / "spells.csv"


def _as_extract(spells: pd.DataFrame) -> pd.DataFrame:
    """Return the spells with dates and booleans as a Finnish extract writes them."""
    extract = spells.copy()
    for name in ("start", "plan_date"):
        extract[name] = spells[name].dt.strftime("%d.%m.%Y")
    for name in ("own_car", "part_time"):
        extract[name] = np.where(spells[name], "kyllä", "ei")
    return extract

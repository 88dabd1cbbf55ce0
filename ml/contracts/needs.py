"""Service needs: what caseworkers and the rule placed people in, and who is unemployed on one day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ml.contracts.arrays import Bools, Dates, Rows
from ml.contracts.declaration import Column

if TYPE_CHECKING:
    import pandas as pd

ENTITIES = ("skills", "rehabilitation", "integration")  # report, appendix 2
INTERVIEW_FIRST = "interview_first"


@dataclass(frozen=True)
class Placements:
    """Placements in a service entity, one row each. Inputs and protected attributes are frames apart.

    columns         the inputs, as declared
    features        n × inputs, as known on the day before; numbers, booleans (0/1) as float64, categories as str
    protected       n × attributes; the audit's group names as str, "missing" being a group of its own
    entity          (n,) one of ENTITIES, or INTERVIEW_FIRST
    by_caseworker   (n,) True where a caseworker placed, False where the rule did
    plan_in_force   (n,) an integration plan was in force on the day; for the rule alone
    day             (n,) datetime64[D], of the placement
    person          (n,) a number per person; rows of one person share it
    """

    name: str
    columns: tuple[Column, ...]
    protected_columns: tuple[Column, ...]
    features: pd.DataFrame
    protected: pd.DataFrame
    entity: NDArray[np.str_]
    by_caseworker: Bools
    plan_in_force: Bools
    day: Dates
    person: Rows
    as_of: date
    digest: str
    source: str  # the declaration as read
    warnings: tuple[str, ...] = ()
    quality_report: str = ""  # "sha256:…" of the data-quality report (JSON); empty when it is not known

    def __len__(self) -> int:
        """Return the number of placements."""
        return len(self.day)


@dataclass(frozen=True)
class Stock:
    """People unemployed on one day, one row each: for counts and shares only, tied back to nobody."""

    name: str
    columns: tuple[Column, ...]
    features: pd.DataFrame  # n × columns
    as_of: date
    digest: str
    source: str

    def __len__(self) -> int:
        """Return the number of people."""
        return len(self.features)

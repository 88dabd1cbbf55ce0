"""Who is unemployed now, as the night's scoring reads them: under a purpose's pseudonyms, without outcome."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from ml.contracts.declaration import Column

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class PlanInForce:
    """An integration plan that is in force: first day, and last day where one has been set; both within the plan."""

    start: date
    end: date | None


@dataclass(frozen=True)
class CurrentChunk:
    """Some of the people, in one order throughout.

    features  rows × inputs, as `CurrentCohort.features`
    plans     the integration plan in force, None without one
    """

    pseudonyms: list[str]
    features: pd.DataFrame
    plans: list[PlanInForce | None]

    def __len__(self) -> int:
        """Return the number of people."""
        return len(self.pseudonyms)


@dataclass(frozen=True)
class CurrentCohort:
    """People unemployed on one day, one row each, sorted by pseudonym.

    purpose     whose pseudonyms these are: "ltu-risk" or "service-need"
    columns     the inputs, as declared
    pseudonyms  one a row, each once
    features    n × inputs, coded as in the training cohort of the purpose: numbers, booleans (0/1) as float64,
                categories as str; NaN/None missing
    plans       pseudonym → integration plan in force on the day, for the rule alone; empty but for "service-need"
    key         fingerprint of the key that made the pseudonyms
    digest      of the folder's rows
    """

    purpose: str
    as_of: date
    columns: tuple[Column, ...]
    pseudonyms: tuple[str, ...]
    features: pd.DataFrame
    plans: Mapping[str, PlanInForce]
    key: str
    digest: str
    quality_report: str = ""  # "sha256:…" of the data-quality report (JSON); empty when it is not known

    def __len__(self) -> int:
        """Return the number of people."""
        return len(self.pseudonyms)

    def chunks(self, size: int) -> Iterator[CurrentChunk]:
        """Yield the people in their order, `size` (at least 1) at a time, the last time what is left."""
        for first in range(0, len(self), size):
            those = list(self.pseudonyms[first : first + size])
            features = self.features.iloc[first : first + size].reset_index(drop=True)
            yield CurrentChunk(those, features, [self.plans.get(pseudonym) for pseudonym in those])

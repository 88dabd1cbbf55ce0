"""A discrete-time hazard model: LightGBM on person-months, one model for all horizons (Singer & Willett 1993).

A challenger: its margins are not additive in what is known, so it cannot be explained exactly, and is not served.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import lightgbm as lgb
import numpy as np
from scipy.special import expit, logit

from ml.contracts import Floats, Rows, Spells
from ml.measures.censoring import followed, require_follow_up
from ml.models.encode import Encoder

from .trees import FEW_ROWS, TreeSettings

MONTH_DAYS = 365.25 / 12
TINY = 1e-12  # short of 1, where the horizon was reached: margins stay finite


@dataclass(frozen=True)
class Months:
    """Person-months: of which row, from when to when since registration, and whether it ended in an exit; each (m,)."""

    row: Rows
    begin: Floats
    end: Floats
    exited: Floats


@dataclass(frozen=True)
class HazardScorer:
    """Chances of leaving in each month, multiplied out.

    booster  by how much the log-odds of leaving within a month are above the base, from codes and the month's begin
    base     log-odds of leaving within a month, over all
    entry    the place of the input that says how long a spell had lasted; None: all are looked at from the beginning
    month    in the contract's unit
    """

    booster: lgb.Booster
    base: float
    horizons: tuple[float, ...]
    month: float
    entry: int | None
    kind: ClassVar[str] = "hazard"

    def margins(self, codes: Floats) -> Floats:
        """Return log-odds of being still unemployed at each horizon given the entry, (n, horizons)."""
        entry = np.zeros(len(codes)) if self.entry is None else codes[:, self.entry]
        months = _months(entry, self.horizons, self.month)
        matrix = np.column_stack([codes[months.row], months.begin])
        threads = 1 if len(matrix) < FEW_ROWS else 0
        above = np.asarray(self.booster.predict(matrix, raw_score=True, num_threads=threads))
        stays = np.log1p(-expit(self.base + above + _of_length(months, self.month)))
        chances = [
            np.exp(np.bincount(months.row, weights=np.where(months.end <= horizon, stays, 0.0), minlength=len(codes)))
            for horizon in self.horizons
        ]
        return np.asarray(logit(np.clip(np.column_stack(chances), TINY, 1 - TINY)))


def fit_hazard(
    encoder: Encoder,
    codes: Floats,
    spells: Spells,
    horizons: tuple[float, ...],
    unit_days: float,
    seed: int,
    settings: TreeSettings,
    entry: str | None = None,
) -> HazardScorer:
    """Return the hazard model of all horizons; the same inputs and seed give the same model.

    unit_days  how long the contract's unit is, in days
    entry      the input that says how long a spell had lasted when it was looked at; None: all from the beginning
    """
    require_follow_up(spells, max(horizons))
    month = MONTH_DAYS / unit_days
    months = person_months(spells, horizons, month)
    # When a month ends is no input: it would tell who was lost in it, and so did not leave.
    matrix = np.column_stack([codes[months.row], months.begin])
    base = float(logit(np.clip(months.exited.mean(), TINY, 1 - TINY)))
    data = lgb.Dataset(
        matrix,
        months.exited,
        init_score=base + _of_length(months, month),  # given, so that LightGBM adds no average of its own
        feature_name=[f"f{i}" for i in range(matrix.shape[1])],
        free_raw_data=True,
    )
    # No weights: whoever was lost is at risk until then, and leaves the rest to others.
    booster = lgb.train(settings.parameters(len(matrix), seed), data, num_boost_round=settings.rounds)
    return HazardScorer(booster, base, horizons, month, None if entry is None else encoder.names.index(entry))


def person_months(spells: Spells, horizons: tuple[float, ...], month: float) -> Months:
    """Return the months in which each spell was at risk, from its entry to its end, its loss or the last horizon.

    month  in the unit of the spells; the months of a spell are as near to it as makes them end at each horizon

    An exit fills its month: had it not come, the month would have been lived through. A loss cuts its month short.
    """
    months = _months(spells.entry, horizons, month)
    duration, left = spells.duration[months.row], spells.exited[months.row]
    watched = followed(spells)[months.row] & (months.begin <= duration)
    here = left & (duration < months.end)
    end = np.where(here, months.end, np.minimum(duration, months.end))
    kept = watched & (end > months.begin)
    return Months(months.row[kept], months.begin[kept], end[kept], here[kept].astype(np.float64))


def _months(entry: Floats, horizons: tuple[float, ...], month: float) -> Months:
    """Return the months from each entry to the last horizon, whether anybody lived them or not."""
    parts = []
    for low, high in zip((0.0, *horizons), horizons, strict=False):
        begin = np.clip(entry, low, high)
        count = np.ceil((high - begin) / month - 0.5).clip(min=high > begin).astype(np.int64)
        row = np.repeat(np.arange(len(entry)), count)
        step = (high - begin[row]) / count[row]
        within = np.arange(len(row)) - np.repeat(np.cumsum(count) - count, count)
        last = within + 1 == count[row]
        end = np.where(last, high, begin[row] + (within + 1) * step)
        parts.append((row, begin[row] + within * step, end))
    row, begin, end = (np.concatenate(each) for each in zip(*parts, strict=True))
    return Months(row, begin, end, np.zeros(len(row)))


def _of_length(months: Months, month: float) -> Floats:
    """Return by how much the log-odds of leaving differ from those of a whole month: odds grow with its length."""
    return np.log((months.end - months.begin) / month)

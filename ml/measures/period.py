"""The share still unemployed as times are now, from what happened in a window of time and nothing before.

Period analysis (Brenner & Gefeller 1996, Cancer 78:2004): spells under way when the window opens enter then, as they
do when looked at late. What a spell of last year did this year is told by this year's window; a cohort that began this
year has not done it yet.

A window tells of its middle. What has changed since, the pace of each look tells (`ml/models/pace.py`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ml.contracts import Floats, Rows, Spells
from ml.errors import DataError

from .censoring import RiskTable, followed, require_follow_up, risk_table
from .clusters import standard_error


@dataclass(frozen=True)
class Leaving:
    """Who left in a window before a horizon, and who was there to leave.

    spells  (n,) as the window saw them: they enter when it opens, where they had begun before
    table   exits before the horizon and spells at risk, by duration
    """

    spells: Spells
    table: RiskTable
    horizon: float

    @property
    def hazard(self) -> Floats:
        """Return the share of those at risk who left at each duration."""
        return self.table.exits / self.table.at_risk


def leaving(spells: Spells, since: Floats, horizon: float) -> Leaving:
    """Return who left in a window.

    spells  looks that came at one duration, or a little later
    since   (n,) duration at which the window opened; 0 where the spell began later

    Raises DataError when no spell was followed to the horizon.
    """
    seen = Spells(spells.duration, spells.exited, np.maximum(spells.entry, since))
    require_follow_up(seen, horizon)
    table = risk_table(seen)
    before = table.time < horizon
    return Leaving(seen, RiskTable(*(each[before] for each in vars(table).values())), horizon)


def period_share(spells: Spells, since: Floats, horizon: float, person: Rows) -> tuple[float, float]:
    """Return the share of those looked at in the window who reach the horizon, and its standard error by person.

    spells, since  as `leaving` takes them; each share is from the look on, which may come late

    Raises DataError when no spell was followed to the horizon, or nobody was looked at in the window.
    """
    seen = leaving(spells, since, horizon)
    looked = since <= spells.entry
    if not looked.any():
        raise DataError("nobody was looked at in the window: there is nobody to tell a share of")
    stays = np.concatenate([[1.0], np.cumprod(1 - seen.hazard)])
    first = seen.table.from_entry(spells.entry[looked])
    each = np.divide(stays[-1], stays[first], out=np.zeros(len(first)), where=stays[first] > 0)
    share = float(each.mean())
    return share, float(standard_error(_influence(seen, each, first, looked), person))


def _influence(seen: Leaving, each: Floats, first: Rows, looked: np.ndarray) -> Floats:
    """Return what each spell moves the share by, (n,): by when it left, and by being looked at.

    each, first  of those looked at: the share that stays, and from which duration of the table on
    """
    spells, at_risk, hazard = seen.spells, seen.table.at_risk, seen.hazard
    # Of the share, that of those who had been looked at before each duration hangs on what happened at it.
    ends = np.bincount(first, weights=each, minlength=len(hazard) + 1)
    hangs = np.cumsum(ends)[: len(hazard)] / len(each)
    expected = np.concatenate([[0.0], np.cumsum(hangs * hazard / at_risk)])
    until = np.searchsorted(seen.table.time, np.minimum(spells.duration, seen.horizon), side="right")
    there = followed(spells)
    own = np.where(there, expected[until] - expected[np.minimum(seen.table.from_entry(spells.entry), until)], 0.0)
    left = there & spells.exited & (spells.duration < seen.horizon)
    place = np.searchsorted(seen.table.time, spells.duration[left])
    own[left] -= hangs[place] / at_risk[place]
    own[looked] += (each - each.mean()) / len(each)
    return own

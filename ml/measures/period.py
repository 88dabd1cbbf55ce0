"""The share still unemployed as times are now, from what happened in a window of time and nothing before.

Period analysis (Brenner & Gefeller 1996, Cancer 78:2004): spells under way when the window opens enter then, as they
do when looked at late. What a spell of last year did this year is told by this year's window; a cohort that began this
year has not done it yet.
"""

from __future__ import annotations

import numpy as np

from ml.contracts import Floats, Rows, Spells

from .censoring import followed, require_follow_up, risk_table
from .clusters import standard_error


def period_share(spells: Spells, since: Floats, horizon: float, person: Rows) -> tuple[float, float]:
    """Return the share that reaches the horizon of those who were looked at, and its standard error by person.

    spells  looks that came at one duration
    since   (n,) duration at which the window opened; 0 where the spell began later

    Raises DataError when no spell was followed to the horizon.
    """
    seen = Spells(spells.duration, spells.exited, np.maximum(spells.entry, since))
    require_follow_up(seen, horizon)
    there = followed(seen)
    seen, person = seen[there], person[there]
    table = risk_table(seen)
    before = table.time < horizon
    time, hazard = table.time[before], table.exits[before] / table.at_risk[before]
    share = float(np.prod(1 - hazard))
    # What each row moves the logarithm of the share by: its own exit, less what was expected of it while at risk.
    expected = np.concatenate([[0.0], np.cumsum(hazard / table.at_risk[before])])
    until = np.searchsorted(time, np.minimum(seen.duration, horizon), side="right")
    entered = np.where(seen.entry > 0, np.searchsorted(time, seen.entry, side="right"), 0)
    left = seen.exited & (seen.duration < horizon)
    own = np.zeros(len(left))
    own[left] = 1 / table.at_risk[np.searchsorted(table.time, seen.duration[left])]
    influence = own - (expected[until] - expected[entered])
    return share, share * float(standard_error(influence, person))

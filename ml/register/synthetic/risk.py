"""The true risk of each spell: the chance, seen from registration, that it lasts twelve months or more.

Exact, not simulated: a Markov chain over what the person can be doing (unemployed, laid off, in each service) and
whether a completed service helps already, walked month by month with the very chances that `lives` draws from.
"""

from __future__ import annotations

import numpy as np

from ml.contracts import Floats
from ml.register.synthetic import nature
from ml.register.synthetic.chances import log_hazards, ramp, start_chances
from ml.register.synthetic.lives import Index, Lives

HORIZON = 12  # months
AT_ONCE = 60_000  # spells; bounds the memory


def true_risks(lives: Lives, spells: Index) -> Floats:
    """Return, for each of the spells, the chance at registration of its lasting HORIZON months."""
    parts = [_risks(lives, spells[at : at + AT_ONCE]) for at in range(0, len(spells), AT_ONCE)]
    return np.concatenate(parts) if parts else np.zeros(0)


def _risks(lives: Lives, spells: Index) -> Floats:
    """Walk the spells of each beginning month together."""
    risk = np.zeros(len(spells))
    steps = lives.spells.step[spells]
    times = nature.times(lives.months)
    for step in np.unique(steps):
        at = np.flatnonzero(steps == step)
        risk[at] = _walk(lives, spells[at], int(step), times)
    return risk


def _walk(lives: Lives, spells: Index, step: int, times: nature.Times) -> Floats:
    people, who = lives.people, lives.spells.person[spells]
    share = np.zeros((2, nature.STATES, len(spells)))  # not helped yet, helped; state; spell
    share[0, lives.spells.opening[spells], np.arange(len(spells))] = 1.0
    effect = nature.STATE_EFFECT[None, :, None] + nature.GAIN * np.array([0.0, 1.0])[:, None, None]
    laid_off = (np.arange(nature.STATES) == nature.LAID_OFF)[None, :, None]
    for month in range(1, HORIZON + 1):
        now = step + month - 1
        log_hazard = log_hazards(times, people, who, lives.months, now) + nature.DURATION_OUT[month - 1]
        share *= 1 - nature.hazard(log_hazard[None, None, :] + effect + times.recall[now] * laid_off)
        months = np.full(len(who), month, np.int32)
        chances = people.services[who] * ramp(months, float(times.service[now]))[:, None]
        chances *= start_chances(people, who, lives.months, now, months)
        share = _turned(share, chances.T)
    total: Floats = share.sum(axis=(0, 1))
    return total


def _turned(share: Floats, chances: Floats) -> Floats:
    """Return the shares after services began and ended at the month's turn."""
    ending = share * nature.ENDING[None, :, None]
    after = share - ending
    helped = ending * (nature.COMPLETED * nature.GAINS)[None, :, None]
    after[0, nature.UNEMPLOYED] += (ending - helped)[0].sum(axis=0)
    after[1, nature.UNEMPLOYED] += ending[1].sum(axis=0) + helped[0].sum(axis=0)
    begun = share[:, [nature.UNEMPLOYED]] * chances[None]
    after[:, nature.EDUCATION :] += begun
    after[:, nature.UNEMPLOYED] -= begun.sum(axis=1)
    return np.asarray(after)

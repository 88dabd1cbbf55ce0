"""People who are looked at between the days on which a model learnt to look.

A model learns from looks at landmarks: at registration and when a horizon was reached, give or take some days. Those
who are unemployed tonight have waited for any number of days. For whoever is looked at later than training looked:

* the next horizon is asked of as of the landmark, under the condition that they are still there: a chance of 0.4 to
  reach 91 days is one of nearly 1 on day 88. How much of the way lies behind on a day, in hazard, is that of all who
  were looked at at the landmark; everybody's own hazard follows in proportion;
* further horizons are asked of as of this landmark and as of the next; margins, and log-odds by the calibrators of
  both, lie as far between the two as the day does. All other inputs are as of the day;
* bands are cut as far between the cuts of the two landmarks; behind the last landmark among those of the calibration
  part who would still be there.

Measured by `experiments/between`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.special import expit, logit

from ml.contracts import Floats, Outcome, Part, Rows
from ml.measures.censoring import risk_table
from ml.measures.landmarks import landmarks

from .bands import Cuts

SUREST = 1e-12
POINTS = 14  # days of which the way and the cuts are told; a week apart and less in a quarter of a year


@dataclass(frozen=True)
class Way:
    """From one landmark to the next horizon.

    asked   day as of which the next horizon is asked of: that of most looks at the landmark
    latest  last day on which training looked
    days    (points,) rising, from `asked` to the next horizon
    gone    (points,) share of the cumulative hazard on the way that lies behind, from 0 to 1
    low_below, elevated_from  (points,) where bands begin; NaN where there are none
    """

    asked: float
    latest: float
    days: tuple[float, ...]
    gone: tuple[float, ...]
    low_below: tuple[float, ...]
    elevated_from: tuple[float, ...]


@dataclass(frozen=True)
class Late:
    """Some rows that were looked at between landmarks, each (k,).

    rows      places among all rows
    landmark  how many horizons each had reached
    along     where the day lies between this landmark and the next horizon, 0 to 1
    gone      share of the cumulative hazard on the way there that lies behind
    """

    rows: Rows
    landmark: Rows
    along: Floats
    gone: Floats

    def __len__(self) -> int:
        """Return how many rows there are."""
        return len(self.rows)

    def led_on(self, here: Floats, there: Floats) -> Floats:
        """Return what lies between both landmarks, (…, k, horizons): at the horizons after the next; else `here`."""
        ahead = np.arange(here.shape[-1]) > self.landmark[:, None]
        along = np.broadcast_to(self.along[:, None], ahead.shape)[ahead]
        found = here.copy()
        found[..., ahead] = led_on(here[..., ahead], there[..., ahead], along)
        return found

    def with_next(self, figures: Floats, told: Floats) -> Floats:
        """Return figures, (…, k, horizons), with others at the next horizon of each row, (…, k)."""
        found = figures.copy()
        found[..., np.arange(len(self)), self.landmark] = told
        return found

    def at_next(self, figures: Floats) -> Floats:
        """Return the figures at the next horizon of each row, (…, k), of figures (…, k, horizons)."""
        return np.asarray(figures[..., np.arange(len(self)), self.landmark])


NOBODY = Late(np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64), np.zeros(0), np.zeros(0))


@dataclass(frozen=True)
class Between:
    """The ways from each landmark on; None where no horizon is left, or nobody was looked at there.

    place  which input says how long a spell had lasted
    """

    place: int
    ways: tuple[Way | None, ...]

    def late(self, codes: Floats, landmark: Rows) -> Late:
        """Return the rows, of codes (n, inputs), that were looked at later than training looked."""
        rows = np.flatnonzero(codes[:, self.place] > self._latest[landmark])
        days, stage = codes[rows, self.place], landmark[rows]
        along = (days - self._asked[stage]) / (self._until[stage] - self._asked[stage])
        return Late(rows, stage, along, self._told("gone", days, stage))

    def as_of_landmark(self, codes: Floats, late: Late) -> Floats:
        """Return the codes, (n, inputs), of those who are late as of the landmark."""
        asked = codes.copy()
        asked[late.rows, self.place] = self._asked[late.landmark]
        return asked

    def as_of_next(self, codes: Floats, late: Late) -> Floats:
        """Return the codes, (k, inputs), of those who are late as of the next landmark."""
        asked = codes[late.rows]
        asked[:, self.place] = self._asked_next[late.landmark]
        return asked

    def cuts(self, codes: Floats, late: Late) -> Floats:
        """Return where bands begin for those who are late, (2, k)."""
        days = codes[late.rows, self.place]
        return np.array([self._told(end, days, late.landmark) for end in ("low_below", "elevated_from")])

    def _told(self, name: str, days: Floats, landmark: Rows) -> Floats:
        told = np.full(len(days), np.nan)
        for stage in np.unique(landmark).tolist():
            way, rows = self.ways[stage], landmark == stage
            if way is not None:
                told[rows] = np.interp(days[rows], way.days, getattr(way, name))
        return told

    def asked_next(self, landmark: int) -> float:
        """Return as of which day the landmark after one is asked."""
        return float(self._asked_next[landmark])

    @cached_property
    def _latest(self) -> Floats:
        return np.array([np.inf if way is None else way.latest for way in self.ways])

    @cached_property
    def _asked(self) -> Floats:
        return np.array([np.nan if way is None else way.asked for way in self.ways])

    @cached_property
    def _until(self) -> Floats:
        return np.array([np.nan if way is None else way.days[-1] for way in self.ways])

    @cached_property
    def _asked_next(self) -> Floats:
        """Return as of which day the next landmark is asked; its horizon itself where nobody was looked at there."""
        later = np.append(self._asked[1:], np.nan)
        return np.where(np.isnan(later), self._until, later)


def sure(chances: Floats) -> Floats:
    """Return log-odds; nobody is wholly sure, or what lies between two of them would not be a number."""
    return np.asarray(logit(np.clip(chances, SUREST, 1 - SUREST)))


def still_there(chances: Floats, gone: Floats | float) -> Floats:
    """Return the chances to reach the next horizon of those who are still there, when so much of the way is behind."""
    return np.asarray(chances ** (1 - gone))


def led_on(here: Floats, there: Floats, along: Floats | float) -> Floats:
    """Return what lies so far along from the one to the other."""
    return np.asarray((1 - along) * here + along * there)


def fit_between(
    place: int,
    entries: Floats,
    part: Part,
    near: Floats,
    outcome: Outcome,
    cuts: Sequence[Cuts | None],
    quarters: tuple[float, float],
) -> Between:
    """Return the ways from each landmark to the next horizon.

    place     which input says how long a spell had lasted
    entries   (m,) when training and calibration looked
    part      the calibration part
    near      (rows of the part,) chance to reach the next horizon, as of the look
    cuts      landmark → cuts of the bands
    quarters  shares below which the bands begin
    """
    stage, looked = landmarks(part.spells.entry, outcome), landmarks(entries, outcome)

    def way(landmark: int) -> Way | None:
        own = stage == landmark
        if landmark == len(outcome.horizons) or not own.any():
            return None
        asked, horizon = float(np.median(part.spells.entry[own])), outcome.horizons[landmark]
        days = np.linspace(asked, horizon, POINTS)
        gone = _gone(part[own], days)
        ends = _ends(near[own], gone, landmark, outcome, cuts, quarters)
        latest = float(entries[looked == landmark].max())
        return Way(asked, latest, *(tuple(each.tolist()) for each in (days, gone, *ends)))

    return Between(place, tuple(way(landmark) for landmark in range(len(outcome.horizons) + 1)))


def _gone(part: Part, days: Floats) -> Floats:
    """Return which share of the cumulative hazard lies behind on each day, (points,), from 0 to 1."""
    table = risk_table(part.spells)
    hazard = np.minimum(table.exits / np.maximum(table.at_risk, 1.0), 1 - 1e-9)
    passed = np.concatenate([[0.0], np.cumsum(-np.log1p(-hazard))])
    along = passed[np.searchsorted(table.time, days, side="left")]
    along = along - along[0]
    return np.asarray(along / along[-1] if along[-1] > 0 else (days - days[0]) / (days[-1] - days[0]))


def _ends(
    near: Floats,
    gone: Floats,
    landmark: int,
    outcome: Outcome,
    cuts: Sequence[Cuts | None],
    quarters: tuple[float, float],
) -> Floats:
    """Return where bands begin on each day of a way, (2, points); the days are evenly apart."""
    here, there = (_both(cuts[each]) for each in (landmark, landmark + 1))
    if landmark < outcome.place:  # the main horizon is further than the next
        return np.asarray(expit(led_on(logit(here)[:, None], logit(there)[:, None], np.linspace(0, 1, POINTS))))
    if landmark > outcome.place:
        return np.full((2, len(gone)), np.nan)
    return np.array([_quarters(still_there(near, each), near**each, quarters) for each in gone]).T


def _both(cuts: Cuts | None) -> Floats:
    return np.array([np.nan, np.nan] if cuts is None else [cuts.low_below, cuts.elevated_from])


def _quarters(chances: Floats, weight: Floats, quarters: tuple[float, float]) -> Floats:
    """Return below which chances such shares of those who are still there lie; `weight`: how likely each of them is."""
    order = np.argsort(chances, kind="stable")
    share = np.cumsum(weight[order]) / weight.sum()
    return np.asarray(chances[order][np.minimum(np.searchsorted(share, quarters), len(share) - 1)])

"""One row that is looked at between landmarks, in plain numbers: what `between.py` says of many."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import expit

from .between import Between, led_on, still_there, sure
from .panel import RowSaid


@dataclass(frozen=True, slots=True)
class OnWay:
    """Where a row stands between its landmark and the next horizon.

    landmark     how many horizons its spell had reached
    along, gone  as in `Late`
    cuts         where bands begin on the day, NaN where there are none
    here, there  codes, (inputs,), as of this landmark and as of the next
    """

    landmark: int
    along: float
    gone: float
    cuts: tuple[float, float]
    here: Sequence[float]
    there: Sequence[float]

    def said(self, here: RowSaid, there: RowSaid) -> RowSaid:
        """Return what lies between what scorers say as of both landmarks; of the next horizon what they say here."""
        further = self.landmark + 1
        margins = here.margins.copy()
        margins[:, further:] = led_on(here.margins[:, further:], there.margins[:, further:], self.along)

        def contributions(place: int) -> np.ndarray:
            parts = here.contributions(place)
            return parts if place < further else led_on(parts, there.contributions(place), self.along)

        return RowSaid(margins, contributions)

    def odds(self, here: Sequence[Sequence[float]], there: Sequence[Sequence[float]]) -> list[list[float]]:
        """Return log-odds at each horizon that is left, of each refit, from those by the calibrators of both."""
        if not here[0]:
            return [[] for _ in here]  # there are no refits
        near = sure(still_there(expit(np.array(here[0])), self.gone))
        return [near.tolist(), *led_on(np.array(here[1:]), np.array(there), self.along).tolist()]

    def chances(self, here: Sequence[Sequence[float]], there: Sequence[Sequence[float]]) -> list[list[float]]:
        """Return chances and their ends at each horizon that is left, from those by the calibrators of both."""
        near = still_there(np.array(here[0]), self.gone).tolist()
        if not there:
            return [near]
        known = np.array(here[1:])
        led = expit(led_on(sure(known), sure(np.array(there)), self.along))
        return [near, *np.where(known < 1, led, known).tolist()]


def on_way(between: Between, codes: Sequence[float], landmark: int) -> OnWay | None:
    """Return where a row stands, codes (inputs,); None where it is looked at no later than training looked."""
    way, day = between.ways[landmark], codes[between.place]
    if way is None or not day > way.latest:
        return None
    gone, low, high = (float(np.interp(day, way.days, each)) for each in (way.gone, way.low_below, way.elevated_from))
    along = (day - way.asked) / (way.days[-1] - way.asked)
    here, there = (
        [asked if place == between.place else code for place, code in enumerate(codes)]
        for asked in (way.asked, between.asked_next(landmark))
    )
    return OnWay(landmark, along, gone, (low, high), here, there)

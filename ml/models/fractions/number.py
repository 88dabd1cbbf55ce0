"""How many groups: each number tried on halves of the people, and on halves of twins who fall into none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ml.contracts import Interval
from ml.models.fractions.coding import Coded
from ml.models.fractions.report import Tried
from ml.models.fractions.stability import Agreement, halves_agree
from ml.models.fractions.twin import mould

MOST = 5_000  # people in a half or a redraw: stability among more is no lower, and costs more
STRENGTH = 0.8  # Tibshirani & Walther: from 0.8 to 0.9
SEPARATION = 0.05


@dataclass(frozen=True)
class Effort:
    """How much is tried: which numbers of groups, on how many pairs of halves, twins and redraws.

    With fewer than 19 twins no p of 0.05 can be reached, and there are never groups to show.
    """

    numbers: range = range(2, 11)
    halves: int = 20
    twins: int = 19
    redraws: int = 50


FULL = Effort()


def try_numbers(coded: Coded, axes: int, effort: Effort, rng: np.random.Generator) -> tuple[Tried, ...]:
    """Return each number of groups, tried on halves of the people and on halves of twins; `axes` at most."""
    own = [halves_agree(coded.matrix, axes, effort.numbers, MOST, rng) for _ in range(effort.halves)]
    cast = mould(coded, rng, 2 * MOST)
    people = min(len(coded), 2 * MOST)
    twins = [halves_agree(cast.draw(people, rng), axes, effort.numbers, MOST, rng) for _ in range(effort.twins)]
    return tuple(
        tried(number, here, there)
        for number, here, there in zip(effort.numbers, zip(*own, strict=True), zip(*twins, strict=True), strict=True)
    )


def tried(number: int, own: Sequence[Agreement], twins: Sequence[Agreement]) -> Tried:
    """Return how halves of the people agree beside those of twins.

    Two things must set people apart from twins, that they are packed more closely and that they come again more
    reliably: p is the larger of the two (an intersection-union test, which needs no correction).
    """
    spread, strength = (float(np.mean([getattr(each, name) for each in own])) for name in ("spread", "strength"))
    as_close = sum(each.spread <= spread for each in twins)
    as_stable = sum(each.strength >= strength for each in twins)
    return Tried(
        number,
        _range([each.strength for each in own]),
        _range([each.rand for each in own]),
        _range([each.spread for each in own]),
        _range([each.strength for each in twins]),
        _range([each.spread for each in twins]),
        (1 + max(as_close, as_stable)) / (1 + len(twins)),
    )


def _range(figures: Sequence[float]) -> Interval:
    """Return the mean of a figure over resamples, and its 2.5 % to 97.5 % range."""
    low, high = np.quantile(figures, [0.025, 0.975])
    return Interval(float(np.mean(figures)), float(low), float(high))


def choose(numbers: Sequence[Tried]) -> tuple[int | None, str]:
    """Return the largest number of groups that come again and are packed closer than twins, None, and why."""
    stable = [each for each in numbers if each.strength.value >= STRENGTH]
    if not stable:
        return None, f"no number of groups reaches a prediction strength of {STRENGTH:g}"
    apart = [each for each in stable if each.separation_p <= SEPARATION]
    if not apart:
        least = min(each.separation_p for each in stable)
        return None, (
            f"groups come again, but people without groups can be cut up as well (p = {least:.2f} at best): they are "
            "cuts through a continuum"
        )
    best = apart[-1]
    return best.groups, (
        f"{best.groups} is the largest number of groups that come again (prediction strength "
        f"{best.strength.value:.2f}, at least {STRENGTH:g}) and that twins without groups do not show "
        f"(p = {best.separation_p:.2f})"
    )

"""What is true of a world: every figure of the audit, of people without number, by integration over x."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy.optimize import brentq
from scipy.special import expit, logit
from scipy.stats import norm

from experiments.audit_honesty.worlds import ATTRIBUTES, HORIZON, LEVEL, ONE_LOOK, SLOPE, World
from ml.contracts import Floats

GRID = np.linspace(-8, 8, 6401)
MARGIN = LEVEL + SLOPE * GRID
CHANCE = expit(MARGIN)
CAPACITY = 0.25
MOST = 3.0  # log-odds that no planted unfairness exceeds


@dataclass(frozen=True)
class Truth:
    """What is true of some people, a share of whom are treated unfairly; months: of the looks at them."""

    unfair: float
    in_vain: float
    rightly: float
    months: tuple[float, ...] = ONE_LOOK

    def figures(self, line: float) -> dict[str, float]:
        """Return metric → what it is where scores from `line` on are flagged."""
        vain, missed, at = self._above(logit(line))
        stay = self._share()
        gap = self._mean_score(0.0) - stay
        shift = brentq(lambda by: self._mean_score(by) - stay, -MOST, MOST)
        return {
            "selection_rate": at,
            "false_positive_rate": self.flagged_in_vain(line),
            "false_negative_rate": missed / stay,
            "precision": 1 - vain / at,
            "calibration_gap": gap,
            "calibration_intercept": float(shift),
            "auc": self._auc(),
        }

    def flagged_in_vain(self, line: float) -> float:
        """Return the share of those who will find work that is flagged from this score on."""
        return self._above(logit(line))[0] / (1 - self._share())

    def line(self, capacity: float = CAPACITY) -> float:
        """Return the score from which on so large a share is flagged."""
        found = brentq(lambda margin: self._above(margin)[2] - capacity, MARGIN[0] - MOST, MARGIN[-1] + MOST)
        return float(expit(found))

    def _parts(self) -> list[tuple[float, float, float]]:
        """Return share, and what is added for those who will find work and for the others, of the two kinds."""
        return [(1 - self.unfair, 0.0, 0.0), (self.unfair, self.in_vain, self.rightly)]

    def _mass(self) -> tuple[Floats, Floats]:
        """Return how many rows lie at each x, of those who will find work and of the others; all together 1."""
        looked = norm.pdf(GRID) * sum(CHANCE ** (month / HORIZON) for month in self.months)
        looked = looked / looked.sum()
        return looked * (1 - CHANCE), looked * CHANCE

    def _share(self) -> float:
        return float(self._mass()[1].sum())

    def _above(self, margin: float) -> tuple[float, float, float]:
        """Return the shares of rows that are flagged in vain, missed, and flagged."""
        exits, stays = (_tail(mass) for mass in self._mass())
        vain = sum(share * np.interp(margin - added, MARGIN, exits) for share, added, _ in self._parts())
        rightly = sum(share * np.interp(margin - added, MARGIN, stays) for share, _, added in self._parts())
        return float(vain), float(self._share() - rightly), float(vain + rightly)

    def _mean_score(self, by: float) -> float:
        exits, stays = self._mass()
        return float(
            sum(
                share * (exits @ expit(MARGIN + vain + by) + stays @ expit(MARGIN + rightly + by))
                for share, vain, rightly in self._parts()
            )
        )

    def _auc(self) -> float:
        exits, stays = self._mass()
        below = 1 - _tail(exits) / exits.sum()
        return float(
            sum(
                of_exits * of_stays * (stays @ np.interp(MARGIN + rightly - vain, MARGIN, below)) / stays.sum()
                for of_exits, vain, _ in self._parts()
                for of_stays, _, rightly in self._parts()
            )
        )


def _tail(mass: Floats) -> Floats:
    """Return how much mass lies above each point; half of its own."""
    return np.asarray(np.cumsum(mass[::-1])[::-1] - mass / 2)


def truths(world: World, months: tuple[float, ...] = ONE_LOOK) -> dict[tuple[str, str], Truth]:
    """Return (attribute, group) → what is true of it; ("", "") everyone."""
    mixed = Truth(world.part, world.in_vain, world.rightly, months)
    found = {("", ""): mixed}
    for attribute, groups in ATTRIBUTES.items():
        for group in groups:
            found[attribute, group] = mixed
            if attribute == world.attribute:
                found[attribute, group] = replace(mixed, unfair=float(group in world.sizes))
    return found


def planted(ratio: float, world: World, *, in_vain_only: bool = False) -> World:
    """Return the world with as much unfairness as makes the false-positive rate so many times the others'.

    in_vain_only  of those who will find work alone; otherwise of all people of the groups alike
    """

    def made(by: float) -> World:
        return replace(world, in_vain=by, rightly=0.0 if in_vain_only else by)

    def off(by: float) -> float:
        everyone = Truth(world.part, by, 0.0 if in_vain_only else by)
        line = everyone.line()
        treated, others = (replace(everyone, unfair=each).flagged_in_vain(line) for each in (1.0, 0.0))
        return treated / others - ratio

    return world if ratio == 1 else made(float(brentq(off, -MOST, MOST)))

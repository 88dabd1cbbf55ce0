"""People who do not exist, with attributes as on the register, and with as much unfairness as was put into them.

Each has a chance p = expit(LEVEL + SLOPE x), x standard normal, of being unemployed for HORIZON months more, whenever
they are looked at: they leave at a rate of -log(p) / HORIZON a month, so that p to the power of t / HORIZON are still
there after t months. The score is p, with the log-odds of people of unfairly treated groups raised by `in_vain` where
they will find work, and by `rightly` where they will not. All else is equal: attributes tell nothing.

A quarter stay. Where the highest quarter of scores is flagged, and 2,000 people are flagged in vain 1.5 times as often
as the others, that happens to 17 % of the others who will find work. The AUC is 0.72.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from scipy.special import expit

from ml.contracts import Bools, Floats, Predictions, Rows

PEOPLE = 15_000
HORIZON = 12.0
LEVEL, SLOPE = -1.263, 0.858
LEAVING = 0.02  # a month, of the observed, whatever their prospects: about a sixth are lost from sight
LOOKS = (0.0, 3.0, 6.0)  # months; who has left by then is not looked at
ONE_LOOK = (0.0,)
# Shares of the synthetic register's groups (target group of 37,439); the first is the largest.
ATTRIBUTES: dict[str, dict[str, float]] = {
    "mother_tongue_group": {"Finnish": 0.7347, "foreign": 0.2128, "Swedish": 0.0525},
    "gender": {"men": 0.5483, "women": 0.4517},
    "age": {"30–49": 0.4729, "50 and over": 0.2775, "under 25": 0.1377, "25–29": 0.1119},
    "citizenship_group": {"Finnish": 0.8762, "other": 0.0969, "EU": 0.0231, "missing": 0.0038},
    "origin": {"no arrival recorded": 0.8203, "arrived in Finland": 0.1495, "missing": 0.0302},
    "district": {"southern": 0.1683, "eastern": 0.1548, "western": 0.1537, "central": 0.1384, "north-eastern": 0.1331,
                 "missing": 0.1221, "south-eastern": 0.0728, "northern": 0.0568},
    "work_ability_limited": {"not limited": 0.8301, "missing": 0.1158, "limited": 0.0541},
}  # fmt: skip


@dataclass(frozen=True)
class World:
    """Who is treated unfairly, and by how much.

    attribute  whose groups are;  sizes  people of each of them; the others share the rest as on the register
    in_vain    added to the log-odds of the score of their people who will find work;  rightly  to those of the others
    """

    attribute: str = "mother_tongue_group"
    sizes: dict[str, int] = field(default_factory=dict)
    in_vain: float = 0.0
    rightly: float = 0.0
    people: int = PEOPLE

    @property
    def part(self) -> float:
        """Return the share of people who are treated unfairly."""
        return sum(self.sizes.values()) / self.people


@dataclass(frozen=True)
class Look:
    """How people are looked at: in which months, and whether some are lost from sight."""

    months: tuple[float, ...] = ONE_LOOK
    censored: bool = False


def people(world: World, look: Look, rng: np.random.Generator) -> tuple[Predictions, pd.DataFrame]:
    """Return what a model says of the people at each look, row by row, and their attributes."""
    margin = LEVEL + SLOPE * rng.standard_normal(world.people)
    left = rng.standard_exponential(world.people) * HORIZON / -np.log(expit(margin))
    codes = _groups(world, rng)
    person = np.concatenate([np.flatnonzero(left > month) for month in look.months])
    month = np.repeat(look.months, [int((left > each).sum()) for each in look.months])
    outcome = left[person] > month + HORIZON
    unfair = np.isin(codes[world.attribute], [list(ATTRIBUTES[world.attribute]).index(each) for each in world.sizes])
    raised = np.where(unfair[person], np.where(outcome, world.rightly, world.in_vain), 0.0)
    weight = np.ones(len(person))
    if look.censored:
        weight = _censored(np.minimum(left[person] - month, HORIZON), rng)
    predictions = Predictions(HORIZON, expit(margin[person] + raised), outcome, weight, person)
    protected = {
        name: pd.Categorical.from_codes(code[person], pd.Index(list(ATTRIBUTES[name]))) for name, code in codes.items()
    }
    return predictions, pd.DataFrame(protected)


def _censored(followed: Floats, rng: np.random.Generator) -> Floats:
    """Return weights, 0 of those who were lost from sight before the end of what is to be known of them."""
    known: Bools = rng.standard_exponential(len(followed)) / LEAVING > followed
    return np.where(known, np.exp(LEAVING * followed), 0.0)


def _groups(world: World, rng: np.random.Generator) -> dict[str, Rows]:
    """Return each person's group of each attribute, by number."""
    found = {
        name: rng.choice(len(shares), world.people, p=np.array([*shares.values()]) / sum(shares.values()))
        for name, shares in ATTRIBUTES.items()
    }
    shares = ATTRIBUTES[world.attribute]
    others = [place for place, name in enumerate(shares) if name not in world.sizes]
    rest = np.array([list(shares.values())[place] for place in others])
    fixed = [np.full(size, list(shares).index(name)) for name, size in world.sizes.items()]
    free = rng.choice(others, world.people - sum(world.sizes.values()), p=rest / rest.sum())
    found[world.attribute] = np.concatenate([*fixed, free])
    return found

"""How well the inputs of a model tell protected groups apart, and which of them do.

A model that never sees a protected attribute can still sort people by it, where its inputs tell it. How well they could
is measured by a model made for that alone: trees, which see what bends and what only two inputs tell together. One half
of the people teaches it, and it is judged on the other. (Judging each half by the model of the other, and taking the
mean, seems to say more: but both say the same where they are wrong, and intervals that took them as independent held
the truth too seldom.)

What an input carries is the AUC that is lost when its values are shuffled among those who are judged (Breiman 2001,
Random Forests, section 10); inputs that tell the same cover for each other and lose less.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.stats import norm
from sklearn.ensemble import HistGradientBoostingClassifier

from ml.contracts import Bools, Floats, Interval, Predictions, Proxy, Rows
from ml.errors import DataError
from ml.measures.ranking import auc_influence
from ml.measures.shares import share_interval

from .groups import Grouping, grouping

FEWEST = 100  # people on either side, below which nothing is said
MOST = 5000  # people on either side, above which more would say little more
TOLD = 5  # carriers that are told
TRIED = 8  # inputs that are shuffled among all who are judged: those that move the chances most
LOOKED = 300  # people among whom that is seen
BINS = 32  # of an input's values: what trees split it at
DECIMALS = 3
ROUNDS, LEAVES, RATE = 60, 8, 0.1

TOO_FEW = "too few people"
NOTHING = "the interval holds 0.5: the inputs tell nothing"
NO_OTHER = "no other input"
TOGETHER = "no input carries it alone"


@dataclass(frozen=True)
class Inputs:
    """Inputs in bins, a row a person: (n, inputs), NaN where missing, with their names."""

    bins: Floats
    names: tuple[str, ...]

    def without(self, name: str) -> Inputs:
        """Return the other inputs."""
        others = [place for place, each in enumerate(self.names) if each != name]
        return Inputs(self.bins[:, others], tuple(self.names[place] for place in others))


@dataclass(frozen=True)
class Judged:
    """People, and a model of the group that others taught.

    inputs  (n, inputs) bins; NaN where missing
    member  (n,) who is of the group
    """

    model: HistGradientBoostingClassifier
    inputs: Floats
    member: Bools

    def auc(self, inputs: Floats) -> tuple[float, Floats]:
        """Return the AUC when these are people's inputs, and what each person moves it by, (n,)."""
        score = np.asarray(self.model.decision_function(inputs), dtype=np.float64)
        return auc_influence(Predictions(0.0, score, self.member, np.ones(len(score))))


def proxies(
    codes: Floats,
    names: tuple[str, ...],
    protected: pd.DataFrame,
    person: Rows,
    rng: np.random.Generator,
    *,
    smallest: int = FEWEST,
    most: int = MOST,
) -> tuple[Proxy, ...]:
    """Return how well the inputs tell each group of each attribute from all others, in the order of the attributes.

    codes      (n, inputs) as models read them, NaN where missing;  names  of the inputs
    protected  n × attributes, names of groups, not known being "missing"
    person     (n,) rows of one person share a number; one row of each is drawn
    smallest   people on either side, below which nothing is said;  most  above which a sample is drawn: an AUC does not
               depend on how many are of the group

    An attribute that is itself an input is told by the others: what it does itself is direct use. An attribute of one
    group has none to tell from. Raises DataError when rows or names do not match.
    """
    lengths = {len(codes), len(person), len(protected)}
    if len(lengths) > 1 or codes.shape[1] != len(names):
        raise DataError(
            f"proxies: {codes.shape[0]} rows of {codes.shape[1]} inputs, {len(protected)} protected rows, "
            f"{len(person)} persons and {len(names)} names of inputs; each row, and each input, needs its own"
        )
    order = rng.permutation(len(person))
    rows = np.sort(order[np.unique(person[order], return_index=True)[1]])
    every = Inputs(_binned(codes[rows]), names)
    found: list[Proxy] = []
    for column in protected.columns:
        groups, inputs = grouping(protected[column].iloc[rows]), every.without(str(column))
        if len(groups.names) == 2:  # who tells one group tells the other as well
            one = _proxy(inputs, groups, 0, rng, smallest, most)
            found += [one, Proxy(one.attribute, groups.names[1], one.auc, one.carriers, one.why)]
        elif len(groups.names) > 2:
            found += [_proxy(inputs, groups, each, rng, smallest, most) for each in range(len(groups.names))]
    return tuple(found)


def _binned(codes: Floats) -> Floats:
    """Return the place of each value among the quantiles of its input, NaN where missing; order is kept."""
    binned = np.full(codes.shape, np.nan)
    for place, values in enumerate(codes.T):
        known = ~np.isnan(values)
        if known.any():
            edges = np.unique(np.quantile(values[known], np.linspace(0, 1, BINS + 1)[1:-1], method="lower"))
            binned[known, place] = np.searchsorted(edges, values[known], side="left")
        else:
            binned[:, place] = 0.0  # trees find no quantiles of nothing
    return binned


def _proxy(inputs: Inputs, groups: Grouping, group: int, rng: np.random.Generator, smallest: int, most: int) -> Proxy:
    attribute, name = groups.attribute, groups.names[group]
    member = groups.code == group
    if not inputs.names:
        return Proxy(attribute, name, None, why=NO_OTHER)
    if min(member.sum(), (~member).sum()) < smallest:
        return Proxy(attribute, name, None, why=TOO_FEW)
    judged = _judged(inputs.bins, member, rng, most)
    value, influence = judged.auc(judged.inputs)
    fewer = min(judged.member.sum(), (~judged.member).sum())
    auc = _rounded(share_interval(value, _error(influence), float(fewer)))
    if auc.low <= 0.5:
        return Proxy(attribute, name, auc, why=NOTHING)
    carriers = tuple(_carriers(judged, inputs.names, rng))
    return Proxy(attribute, name, auc, carriers, "" if carriers else TOGETHER)


def _judged(inputs: Floats, member: Bools, rng: np.random.Generator, most: int) -> Judged:
    """Return half of the group and half of the others, with a model that the other halves taught."""
    dealt = [rng.permutation(np.flatnonzero(side))[:most] for side in (member, ~member)]
    taught, judged = (np.sort(np.concatenate([side[start::2] for side in dealt])) for start in (0, 1))
    model = HistGradientBoostingClassifier(
        max_iter=ROUNDS, max_leaf_nodes=LEAVES, learning_rate=RATE, max_features=0.3, max_bins=BINS + 1,
        early_stopping=False, random_state=int(rng.integers(2**31)),
    )  # fmt: skip
    return Judged(model.fit(inputs[taught], member[taught]), inputs[judged], member[judged])


def _carriers(judged: Judged, names: tuple[str, ...], rng: np.random.Generator) -> Iterator[tuple[str, float]]:
    """Yield the inputs whose loss is no chance, all being tried, with the loss; the largest first."""
    sure = float(norm.ppf(1 - 0.025 / len(names)))
    whole, influence = judged.auc(judged.inputs)
    lost = []
    for place in _moving(judged, rng):
        without, of_without = judged.auc(_shuffled(judged.inputs, place, rng))
        loss = round(whole - without, DECIMALS)
        if loss > max(sure * _error(influence - of_without), 0):
            lost.append((loss, place))
    for loss, place in sorted(lost, key=lambda found: (-found[0], found[1]))[:TOLD]:
        yield names[place], loss


def _moving(judged: Judged, rng: np.random.Generator) -> list[int]:
    """Return the places of the inputs that move the model's log-odds most, when shuffled among a few people."""
    few = judged.inputs[rng.permutation(len(judged.inputs))[:LOOKED]]
    own = judged.model.decision_function(few)
    shuffled = np.concatenate([_shuffled(few, place, rng) for place in range(few.shape[1])])
    moved = np.abs(judged.model.decision_function(shuffled).reshape(-1, len(few)) - own).mean(axis=1)
    return [int(place) for place in np.argsort(-moved, kind="stable")[:TRIED]]


def _shuffled(inputs: Floats, place: int, rng: np.random.Generator) -> Floats:
    shuffled = inputs.copy()
    shuffled[:, place] = rng.permutation(shuffled[:, place])
    return shuffled


def _error(influence: Floats) -> float:
    """Return the standard error: each row is of a person of its own."""
    return float(np.sqrt(np.sum(influence**2)))


def _rounded(interval: Interval) -> Interval:
    return Interval(*(round(end, DECIMALS) for end in (interval.value, interval.low, interval.high)))

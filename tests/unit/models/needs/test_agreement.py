"""Agreement of two judges: pairs of placements, Cohen's kappa and intervals by person."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from sklearn.metrics import cohen_kappa_score

from ml.contracts import ENTITIES, Placements
from ml.models.needs.agreement import agreement, caseworker_pairs

# person, day of March 2020 | with which row the placement makes a pair
PLACED = """
    1  1 | 1
    1 11 | 2
    1 20 | -
    2  1 | -
    3  1 | 5
    3 46 | 6
    3 91 | -
    4  1 | -
    4 47 | -
"""


def placed(placements: Placements, table: str) -> tuple[Placements, list[tuple[int, int]]]:
    lines = [line.split() for line in table.strip().splitlines()]
    day = np.datetime64("2020-02-29") + np.array([int(line[1]) for line in lines]).astype("timedelta64[D]")
    person = np.array([int(line[0]) for line in lines])
    pairs = [(row, int(line[3])) for row, line in enumerate(lines) if line[3] != "-"]
    return replace(placements, day=day, person=person), pairs


def test_pairs_are_a_persons_placements_within_45_days(placements: Placements) -> None:
    few, pairs = placed(placements, PLACED)
    shuffled = np.random.default_rng(1).permutation(len(few))
    found = caseworker_pairs(few, shuffled)
    assert sorted(zip(found.first.tolist(), found.second.tolist(), strict=True)) == pairs


def test_only_the_given_rows_make_pairs(placements: Placements) -> None:
    few, _ = placed(placements, PLACED)
    found = caseworker_pairs(few, np.array([0, 2, 3]))
    assert (found.first.tolist(), found.second.tolist()) == ([0], [2])
    assert len(caseworker_pairs(few, np.array([], dtype=np.int64))) == 0


def judged(seed: int, pairs: int, alike: float) -> tuple[np.ndarray, np.ndarray]:
    """Return the answers of two judges who lean different ways, yet agree as often as given, or by chance."""
    rng = np.random.default_rng(seed)
    one = rng.choice(ENTITIES, pairs, p=[0.8, 0.15, 0.05])
    return one, np.where(rng.random(pairs) < alike, one, rng.choice(ENTITIES, pairs, p=[0.05, 0.15, 0.8]))


@pytest.mark.parametrize("alike", [0.0, 0.5, 0.9])
def test_kappa_is_scikit_learns(alike: float) -> None:
    one, other = judged(3, 400, alike)
    found = agreement(one, other, np.arange(400), ENTITIES)
    assert found.kappa.value == pytest.approx(cohen_kappa_score(one, other))
    assert found.share.value == np.mean(one == other)


def test_intervals_are_those_of_a_bootstrap_of_persons() -> None:
    """Each person stands there four times with the same pair of answers: intervals of rows would be half as wide."""
    one, other = (np.repeat(each, 4) for each in judged(4, 300, 0.5))
    person = np.repeat(np.arange(300), 4)
    found = agreement(one, other, person, ENTITIES)
    rng = np.random.default_rng(5)
    codes = [np.searchsorted(np.sort(ENTITIES), each) for each in (one, other)]
    drawn = []
    for _ in range(1000):
        rows = (rng.integers(300, size=300)[:, None] * 4 + np.arange(4)).ravel()
        table = np.bincount(codes[0][rows] * 3 + codes[1][rows], minlength=9).reshape(3, 3) / len(rows)
        chance, alike = table.sum(axis=1) @ table.sum(axis=0), np.trace(table)
        drawn.append(((alike - chance) / (1 - chance), alike))
    for figure, draws in zip((found.kappa, found.share), np.array(drawn).T, strict=True):
        low, high = np.percentile(draws, [2.5, 97.5])
        assert figure.low == pytest.approx(low, abs=0.01)
        assert figure.high == pytest.approx(high, abs=0.01)


def test_kappa_is_no_number_where_one_answer_is_all_there_is() -> None:
    same = np.full(20, "skills")
    found = agreement(same, same, np.arange(20), ENTITIES)
    assert np.isnan([found.kappa.value, found.kappa.low, found.kappa.high]).all()
    assert found.share.value == 1
    assert found.share.low < 0.9


def test_of_nobody_nothing_is_said() -> None:
    none = np.array([], dtype="U20")
    found = agreement(none, none, np.array([], dtype=np.int64), ENTITIES)
    assert found.pairs == 0
    assert np.isnan([found.share.value, found.kappa.value]).all()

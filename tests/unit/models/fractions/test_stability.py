"""Axes, partitions, and whether they come again; oracles from scikit-learn and from counting pairs one by one."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import ks_2samp
from sklearn.decomposition import PCA
from sklearn.metrics import adjusted_rand_score

from ml.models.fractions.axes import fit_axes, number_of_axes
from ml.models.fractions.coding import Coded
from ml.models.fractions.partition import fit_partition
from ml.models.fractions.stability import crossed, halves_agree, rand_index, refit, strength
from ml.models.fractions.twin import mould

PARTITIONS = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=2, max_size=40)


def apart(sizes: tuple[int, ...], width: int, seed: int) -> np.ndarray:
    """Return round groups far apart, (n, width), centred."""
    rng = np.random.default_rng(seed)
    centres = np.eye(len(sizes), width) * 12
    people = np.repeat(centres, sizes, axis=0) + rng.normal(size=(sum(sizes), width))
    return np.asarray(people - people.mean(axis=0))


def coded(matrix: np.ndarray) -> Coded:
    return Coded(matrix, np.arange(matrix.shape[1]), ())


@settings(deadline=None)
@given(PARTITIONS)
def test_the_rand_index_is_scikit_learns(pairs: list[tuple[int, int]]) -> None:
    one, other = np.array(pairs).T
    assert rand_index(crossed(one, other, 4)) == pytest.approx(adjusted_rand_score(one, other))


@settings(deadline=None)
@given(PARTITIONS)
def test_prediction_strength_counts_the_pairs_of_the_worst_group(pairs: list[tuple[int, int]]) -> None:
    one, other = np.array(pairs).T
    kept = []
    for group in range(4):
        members = list(combinations(other[one == group], 2))
        kept.append(np.mean([left == right for left, right in members]) if members else 0.0)
    assert strength(crossed(one, other, 4)) == pytest.approx(min(kept))


def test_axes_are_principal_components(rng: np.random.Generator) -> None:
    matrix = rng.normal(size=(300, 6)) @ rng.normal(size=(6, 6))
    matrix -= matrix.mean(axis=0)
    pca = PCA(3, svd_solver="full").fit(matrix)
    found = fit_axes(matrix, 3)
    np.testing.assert_allclose(found.variance, pca.explained_variance_ * 299 / 300)
    np.testing.assert_allclose(np.abs(found.directions.T @ pca.components_.T), np.eye(3), atol=1e-6)


def test_as_many_axes_as_factors(rng: np.random.Generator) -> None:
    loadings = np.kron(np.eye(2), np.ones((1, 5)))
    matrix = rng.normal(size=(1000, 2)) @ loadings + rng.normal(size=(1000, 10))
    assert number_of_axes(coded(matrix - matrix.mean(axis=0)), rng) == 2
    assert number_of_axes(coded(rng.normal(size=(1000, 10))), rng) == 0


def test_groups_far_apart_come_again_and_a_group_too_many_does_not(rng: np.random.Generator) -> None:
    matrix = apart((200, 150, 100), 6, 3)
    two, three, four = halves_agree(matrix, 6, range(2, 5), 1000, rng)
    assert three.strength == pytest.approx(1)
    assert three.rand == pytest.approx(1)
    assert four.strength < 0.9
    assert three.spread < two.spread


@pytest.mark.parametrize(("axes", "groups", "taken"), [(6, 3, 2), (6, 2, 1), (1, 4, 1), (3, 4, 3)])
def test_centres_take_one_axis_less_than_groups(axes: int, groups: int, taken: int, rng: np.random.Generator) -> None:
    assert fit_partition(apart((60, 50, 40), 6, 3), axes, groups, rng).centres.shape == (groups, taken)


def test_a_group_that_is_cut_at_will_dissolves_when_drawn_anew(rng: np.random.Generator) -> None:
    matrix = apart((300, 200), 6, 4)
    partition = fit_partition(matrix, 6, 3, rng)  # one of the two must be cut in halves
    group = partition.groups(matrix)
    whole = [each for each in range(3) if len(np.unique(np.arange(500)[group == each] < 300)) == 1
             and (group == each).sum() in (300, 200)]  # fmt: skip
    jaccard = np.mean([refit(matrix, partition, 1000, rng).jaccard for _ in range(20)], axis=0)
    (kept,) = whole
    assert jaccard[kept] > 0.95
    assert np.delete(jaccard, kept).max() < 0.85


def test_twins_of_yes_and_no_correlate_as_the_people_do(rng: np.random.Generator) -> None:
    """The correlation of the normal cloud behind a rare yes must be higher than the one that is seen."""
    hidden = rng.normal(size=(6000, 1)) + 0.5 * rng.normal(size=(6000, 4))
    matrix = (hidden > 1.3).astype(np.float64)
    people = coded(matrix - matrix.mean(axis=0))
    twins = mould(people, rng, 10_000).draw(20_000, rng)
    np.testing.assert_allclose(np.corrcoef(twins.T), np.corrcoef(people.matrix.T), atol=0.03)


def test_twins_have_the_same_columns_and_correlations_and_no_groups() -> None:
    """Two lumps make one correlated cloud: what the twin keeps, and what it loses."""
    rng = np.random.default_rng(5)
    lump = np.repeat([-1.0, 1.0], 2000)
    matrix = np.column_stack([lump + 0.5 * rng.normal(size=4000) for _ in range(4)] + [rng.exponential(size=4000)])
    people = coded(matrix - matrix.mean(axis=0))
    twins = mould(people, rng, 10_000).draw(20_000, rng)
    for column in range(5):
        assert set(twins[:, column]) <= set(people.matrix[:, column])
        assert ks_2samp(twins[:, column], people.matrix[:, column]).statistic < 0.025
    np.testing.assert_allclose(np.corrcoef(twins.T), np.corrcoef(people.matrix.T), atol=0.03)
    between = [(np.abs(each[:, :4].mean(axis=1)) < 0.4).mean() for each in (people.matrix, twins)]
    assert between[0] < 0.02
    assert between[1] > 0.1

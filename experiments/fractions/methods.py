"""Four ways to partition the same people, by how well two halves agree."""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
from sklearn.cluster import KMeans
from sklearn.exceptions import ConvergenceWarning
from sklearn.mixture import GaussianMixture
from threadpoolctl import threadpool_limits

from ml.contracts import Floats, Rows, Stock
from ml.models.fractions.axes import fit_axes, number_of_axes
from ml.models.fractions.coding import Coded, code
from ml.models.fractions.partition import fit_partition
from ml.models.fractions.stability import crossed, rand_index, strength
from ml.progress import Say

NUMBERS = range(2, 10)
PAIRS = 6
PEOPLE = 5_000  # a half

Groups = Callable[[Floats], Rows]
Method = Callable[[Floats, int, int, np.random.Generator], Groups]


def compare(stock: Stock, seed: int, say: Say) -> list[dict[str, Any]]:
    """Return, for each method and number of groups, the mean prediction strength and Rand index of pairs of halves."""
    rng = np.random.default_rng(seed)
    coded = code(stock.features, stock.columns)
    methods = {"k-means, k - 1 axes": _k_means, "k-means, all kept axes": _k_means_all, "Gaussian mixture": _mixture,
               "latent classes": _latent_classes}  # fmt: skip
    found = []
    with threadpool_limits(1):
        axes = number_of_axes(_some(coded, rng), rng)
        pairs = [rng.permutation(len(coded))[: 2 * PEOPLE] for _ in range(PAIRS)]
        for name, method in methods.items():
            say(f"comparing methods: {name}")
            matrix = _classes(coded.matrix) if method is _latent_classes else coded.matrix
            began = time.process_time()
            agreed = [[_agreement(matrix[rows], number, axes, method, rng) for rows in pairs] for number in NUMBERS]
            means = np.mean(agreed, axis=1)
            found.append({
                "method": name, "groups": list(NUMBERS), "strength": means[:, 0].round(2).tolist(),
                "rand": means[:, 1].round(2).tolist(), "cpu_seconds": round(time.process_time() - began, 1),
            })  # fmt: skip
    return found


def _agreement(matrix: Floats, number: int, axes: int, method: Method, rng: np.random.Generator) -> tuple[float, float]:
    one, other = np.array_split(matrix, 2)
    here, there = method(one, number, axes, rng), method(other, number, axes, rng)
    mine, theirs = crossed(here(one), there(one), number), crossed(there(other), here(other), number)
    return (strength(mine) + strength(theirs)) / 2, rand_index(mine + theirs.T)


def _some(coded: Coded, rng: np.random.Generator) -> Coded:
    rows = rng.permutation(len(coded))[: 2 * PEOPLE]
    return Coded(coded.matrix[rows], coded.column, coded.columns)


def _k_means(matrix: Floats, number: int, axes: int, rng: np.random.Generator) -> Groups:
    return fit_partition(matrix, axes, number, rng).groups


def _k_means_all(matrix: Floats, number: int, axes: int, rng: np.random.Generator) -> Groups:
    """Return k-means on all axes that carry more than chance."""
    base = fit_axes(matrix, axes)
    fitted = KMeans(number, n_init=10, tol=1e-3, random_state=int(rng.integers(2**31))).fit(base.place(matrix))
    return lambda people: np.asarray(fitted.predict(base.place(people)), dtype=np.int64)


def _mixture(matrix: Floats, number: int, axes: int, rng: np.random.Generator) -> Groups:
    """Return a mixture of normal clouds of any shape on the first k - 1 axes."""
    base = fit_axes(matrix, min(axes, number - 1))
    mixture = GaussianMixture(number, n_init=3, reg_covar=1e-3, random_state=int(rng.integers(2**31)))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        mixture.fit(base.place(matrix))
    return lambda people: np.asarray(mixture.predict(base.place(people)), dtype=np.int64)


def _classes(matrix: Floats) -> Floats:
    """Return coded columns as yes or no, above or below their mean: what latent classes are made of."""
    return (matrix > 0).astype(np.float64)


def _latent_classes(matrix: Floats, number: int, axes: int, rng: np.random.Generator) -> Groups:
    """Return latent classes (Lazarsfeld & Henry 1968): within a class, columns have nothing to do with each other."""
    best: tuple[float, Floats, Floats] | None = None
    for _ in range(5):
        weight, chance = np.full(number, 1 / number), rng.uniform(0.2, 0.8, (number, matrix.shape[1]))
        for _ in range(60):
            joint = _log_joint(matrix, weight, chance)
            top = joint.max(axis=1, keepdims=True)
            total = top[:, 0] + np.log(np.exp(joint - top).sum(axis=1))
            share = np.exp(joint - total[:, None])
            weight = share.mean(axis=0) + 1e-9
            chance = np.clip((share.T @ matrix + 0.5) / (share.sum(axis=0)[:, None] + 1), 1e-4, 1 - 1e-4)
        if best is None or total.sum() > best[0]:
            best = float(total.sum()), weight, chance
    if best is not None:
        _, weight, chance = best
    return lambda people: np.asarray(_log_joint(people, weight, chance).argmax(axis=1))


def _log_joint(matrix: Floats, weight: Floats, chance: Floats) -> Floats:
    return np.asarray(np.log(weight) + matrix @ np.log(chance / (1 - chance)).T + np.log(1 - chance).sum(axis=1))

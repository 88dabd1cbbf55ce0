"""How much of an integrated calibration index is noise.

The smooth of the observed shares is linear in the outcomes, so that its noise is a normal curve whose covariance is
known: residuals, summed by person and carried through the smoother (a sandwich, as everywhere in this room). Curves
drawn from it show

* what the index would be if the chances were perfect: the mean distance of the noise alone from 0;
* the interval of the index: it holds each size of a fault, the same at all chances, with which an index as small as the
  one found, and one as large, come up in over 2.5 % of draws. What noise adds is so taken off. The chance of one so
  small falls as the fault grows (Anderson 1955), so that there is one such interval. In simulations of faults of
  several shapes it held the truth in 94 to 99 of 100 cases; the basic bootstrap, which doubles the noise, in 76 to 94.

The rows go into at most 200 bins of like chance first: a bin is far narrower than the smoother's reach.
"""

from __future__ import annotations

import numpy as np
from scipy.sparse import csr_matrix

from ml.contracts import Floats, Interval, Predictions, Rows

BINS = 200
POINTS = 61
DRAWS = 1000
HALVINGS = 14
ENDS = (0.025, 0.975)


def ici_noise(
    predictions: Predictions, smooth: Floats, span: float, rng: np.random.Generator
) -> tuple[Interval, Interval]:
    """Return the index with its interval, and what it would be of perfect chances: mean, and the range of 95 %.

    smooth  (n,) smoothed observed share at each prediction
    span    share of the rows that the smoother reaches to
    """
    value = float(np.mean(np.abs(smooth - predictions.score)))
    grid = np.quantile(predictions.score, (np.arange(BINS) + 0.5) / BINS)
    noise = _curves(predictions, smooth, span, grid, rng)
    alone = np.abs(noise).mean(axis=1)
    low, high = (_fault(value, noise, chance) for chance in ENDS[::-1])
    return (
        Interval(value, min(low, value), max(high, value)),
        Interval(float(alone.mean()), *(float(end) for end in np.quantile(alone, ENDS))),
    )


def _fault(value: float, noise: Floats, chance: float) -> float:
    """Return how large a fault is with which an index of at most `value` has this chance; 0 if none is so small."""
    low, high = 0.0, value + float(np.abs(noise).mean(axis=1).max())
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        if np.mean(np.abs(middle + noise).mean(axis=1) <= value) > chance:
            low = middle
        else:
            high = middle
    return low


def _curves(predictions: Predictions, smooth: Floats, span: float, grid: Floats, rng: np.random.Generator) -> Floats:
    """Return curves of noise at the grid, (draws, grid)."""
    known = predictions.weight > 0
    score, weight = predictions.score[known], predictions.weight[known]
    inner = np.unique(np.quantile(score, np.linspace(0, 1, BINS + 1)[1:-1]))
    place = np.searchsorted(inner, score, side="left")
    _, place = np.unique(place, return_inverse=True)
    mass = np.bincount(place, weights=weight).astype(np.float64)
    middle = np.bincount(place, weights=weight * score) / mass
    residual = weight * (predictions.outcome[known] - smooth[known])
    sums = _sums(place, predictions.person[known], residual / mass[place])
    points = np.unique(np.quantile(predictions.score, np.linspace(0, 1, POINTS)))
    lines = _lines(points, middle, mass, np.bincount(place).astype(np.int64), span)
    covariance = lines @ (sums @ sums.T).toarray() @ lines.T
    values, vectors = np.linalg.eigh(covariance)
    drawn = rng.standard_normal((DRAWS, len(points))) @ (vectors * np.sqrt(np.maximum(values, 0))).T
    return np.stack([np.interp(grid, points, curve) for curve in drawn])


def _sums(place: Rows, person: Rows, residual: Floats) -> csr_matrix:
    """Return what each person adds to the mean of each bin, (bins, persons)."""
    _, who = np.unique(person, return_inverse=True)
    return csr_matrix((residual, (place, who)))


def _lines(points: Floats, middle: Floats, mass: Floats, rows: Rows, span: float) -> Floats:
    """Return what the mean of each bin weighs in the local line at each point, (points, bins): each row sums to 1."""
    distance = np.abs(middle[None, :] - points[:, None])
    order = np.argsort(distance, axis=1)
    reached = np.cumsum(rows[order], axis=1) >= span * rows.sum()
    last = np.take_along_axis(order, reached.argmax(axis=1)[:, None], axis=1)
    width = np.take_along_axis(distance, last, axis=1)
    near = np.where(distance < width, (1 - (distance / np.where(width > 0, width, 1)) ** 3) ** 3, 0.0)
    kernel = np.where(near.sum(axis=1, keepdims=True) > 0, near, distance <= width) * mass
    aside = middle[None, :] - points[:, None]
    total = kernel.sum(axis=1, keepdims=True)
    mean = (kernel * aside).sum(axis=1, keepdims=True) / total
    spread = (kernel * (aside - mean) ** 2).sum(axis=1, keepdims=True) / total
    tilt = np.where(spread > 1e-12, mean * (aside - mean) / np.where(spread > 1e-12, spread, 1), 0.0)
    return np.asarray(kernel / total * (1 - tilt))

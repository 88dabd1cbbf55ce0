"""The chance that moves each count before it is shown: a discrete normal distribution, cut off.

(Canonne, Kamath, Steinke, 2020: the discrete Gaussian; the census of the United States uses it in the same place. Cut
off, as in the cell-key method of Eurostat's census, so that we can say how far a count is from the truth.)

What it hides: one person moves 12 counts of a month, 13 where their office is a small one. Somebody who knows
everything of everybody else, and tries to tell whether one person is in, is right 7 times in 10, where a coin is right
5 times; they can be sure in 2 months of 1,000. Plain rounding makes them sure in 9 months of 10. The tests measure it
(tests/unit/serving/counts/test_membership.py).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

SIGMA = 3.0  # people
FURTHEST = 10  # people: no count is moved further
_MOVES = np.arange(-FURTHEST, FURTHEST + 1)
_WEIGHTS = np.exp(-(_MOVES**2) / (2 * SIGMA**2))
_CHANCES = _WEIGHTS / _WEIGHTS.sum()
VARIANCE = float(_CHANCES @ _MOVES**2)


def moved(counts: NDArray[np.int64], rng: np.random.Generator) -> NDArray[np.int64]:
    """Return counts, each moved by a chance of its own; some may be negative."""
    return np.asarray(counts + rng.choice(_MOVES, size=counts.shape, p=_CHANCES), dtype=np.int64)

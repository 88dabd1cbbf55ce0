"""From which landmark a row looks at its spell: everything is reported by it."""

from __future__ import annotations

import numpy as np

from ml.contracts import Floats, Outcome, Rows


def landmarks(entry: Floats, outcome: Outcome) -> Rows:
    """Return how many horizons each spell had reached when its row was looked at, (n,).

    0 at registration; 1 from the first horizon on, and so forth. A row at landmark k is asked of the horizons after k.
    """
    return np.searchsorted(np.array(outcome.horizons), entry, side="right").astype(np.int64)


def landmark_words(landmark: int, outcome: Outcome) -> str:
    """Return a landmark in English: "at registration", "after 91 days"."""
    return "at registration" if landmark == 0 else f"after {outcome.words(outcome.horizons[landmark - 1])}"

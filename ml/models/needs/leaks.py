"""Inputs that know too much: a column that alone tells an entity was probably recorded after the placement."""

from __future__ import annotations

import numpy as np

from ml.contracts import ENTITIES, Floats, Rows, Spells
from ml.models.encode import Encoder
from ml.models.leaks import leak_suspects


def need_leaks(encoder: Encoder, codes: Floats, entity: Rows, limit: float, person: Rows) -> dict[str, float]:
    """Return the inputs that alone tell an entity from the rest with an AUC over the limit, with that AUC.

    codes   (n, inputs)
    entity  (n,) by its place in ENTITIES
    person  (n,) rows of one person share a number
    """
    found: dict[str, float] = {}
    for place in range(len(ENTITIES)):
        # One entity against the rest, said as the guard of risks takes it: spells of 1 or of 0, all of them seen.
        chosen = Spells((entity == place).astype(np.float64), np.ones(len(entity), dtype=bool))
        for name, value in leak_suspects(encoder, codes, chosen, 1.0, limit, person).items():
            found[name] = max(value, found.get(name, 0.0))
    return found

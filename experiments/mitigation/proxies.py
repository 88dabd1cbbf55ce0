"""Which inputs give an attribute away: each alone, on people it was not fitted to."""

from __future__ import annotations

import numpy as np
from sklearn.linear_model import LogisticRegression

from experiments.fits import Coded
from experiments.mitigation.people import Names
from ml.contracts import Bools, Floats, Predictions, Rows
from ml.measures.ranking import auc

FEWEST = 100  # people of a group, for which it is asked


def strongest(
    inputs: Coded, rows: Rows, person: Rows, group: Names, rng: np.random.Generator
) -> list[tuple[str, float]]:
    """Return inputs with the AUC by which each alone tells its best-told group from the others, the highest first.

    rows, person, group  (n,) of the training part; half of the persons are learnt from, the others are judged
    """
    persons, place = np.unique(person, return_inverse=True)
    learns = (rng.random(len(persons)) < 0.5)[place]
    asked = [name for name in np.unique(group) if (group == name).sum() >= FEWEST]
    found = []
    for name in inputs.encoder.names:
        one = inputs.only([name])
        design = one.encoder.design(one.codes[rows])
        found.append((name, max(_auc(design, group == each, learns) for each in asked)))
    return sorted(found, key=lambda each: -each[1])


def _auc(design: Floats, member: Bools, learns: Bools) -> float:
    machine = LogisticRegression(C=1.0, solver="newton-cholesky").fit(design[learns], member[learns])
    score = machine.predict_proba(design[~learns])[:, 1]
    return auc(Predictions(0.0, score, member[~learns], np.ones(len(score)))).value

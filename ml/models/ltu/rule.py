"""The rule by which people would be picked without a model: the longest first, by one number."""

from __future__ import annotations

import numpy as np
from sklearn.linear_model import LogisticRegression

from ml.contracts import Floats, Rows, Spells
from ml.models.additive import RuleScorer, Step, centred, step_places
from ml.models.encode import Encoder

from .weighted import weighted

STEPS = 10  # about as many people on each
INVERSE_RIDGE = 1.0  # scikit-learn's C, as for the line: a step with few people says little of its own


def rule_ranking(encoder: Encoder, codes: Floats, rule: str) -> Floats:
    """Return a number by which people are picked, highest first, (n,): the longest first, missing before all.

    rule  the name of an input that is a number
    """
    value = codes[:, encoder.names.index(rule)]
    longest = np.max(value, initial=0.0, where=~np.isnan(value))
    return np.asarray(np.where(np.isnan(value), longest + 1, value))


def fit_rule(
    encoder: Encoder,
    codes: Floats,
    spells: Spells,
    horizons: tuple[float, ...],
    rule: str,
    entry: str | None = None,
    times: Rows | None = None,
) -> RuleScorer:
    """Return the chances that the rule's number gives, a horizon at a time.

    entry  the input that says how long a spell had lasted when it was looked at; None: all at their beginning
    times  (n,) how often a bootstrap drew each row; None: once each

    About ten steps of the number, missing a step of its own, and one a landmark: without the latter it would be
    blamed for not knowing how long people have waited, which whoever applies the rule does know.
    """
    place = encoder.names.index(rule)
    cuts = {place: _tenths(codes[:, place])}
    if entry is not None and entry != rule:
        cuts[encoder.names.index(entry)] = horizons[:-1]
    shapes = {place: Step(each, (0.0,) * (len(each) + 1)) for place, each in cuts.items()}
    fitted = [_fit(shapes, codes, spells, horizon, times) for horizon in horizons]
    return RuleScorer(tuple(base for base, _ in fitted), tuple(steps for _, steps in fitted))


def _tenths(values: Floats) -> tuple[float, ...]:
    """Return cuts that leave about a tenth of the known values on each step; fewer where many are the same."""
    known = values[~np.isnan(values)]
    if not len(known):
        return ()
    cuts = np.unique(np.quantile(known, np.linspace(0, 1, STEPS + 1)[1:-1]))
    return tuple(float(cut) for cut in cuts if cut > known.min())


def _fit(
    shapes: dict[int, Step], codes: Floats, spells: Spells, horizon: float, times: Rows | None
) -> tuple[float, tuple[Step, ...]]:
    design = np.column_stack([step_places(shape, codes[:, place]) for place, shape in shapes.items()])
    known = weighted(design, spells, horizon, times)
    line = LogisticRegression(C=INVERSE_RIDGE, max_iter=1000)
    line.fit(known.matrix, known.outcome, sample_weight=known.weight)
    steps, base, start = [Step()] * codes.shape[1], float(line.intercept_[0]), 0
    for place, shape in shapes.items():
        missing, *values = line.coef_[0][start : start + 2 + len(shape.cuts)]
        fitted = Step(shape.cuts, tuple(map(float, values)), float(missing))
        steps[place], mean = centred(fitted, codes[:, place])
        base, start = base + mean, start + 2 + len(shape.cuts)
    return base, tuple(steps)

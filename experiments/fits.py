"""One model at the main horizon, calibrated and without refits: for experiments that fit many of them."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import expit

from ml.contracts import Bools, Column, Floats, Outcome, Part, Predictions, Rows, Split
from ml.errors import DataError
from ml.measures.landmarks import landmarks
from ml.models.calibrated import fit_calibrators
from ml.models.encode import Encoder, fit_encoder
from ml.models.evaluate import predictions_at
from ml.models.ltu.additive import fit_additive
from ml.models.ltu.line import choose_ridge, fit_line
from ml.models.ltu.rule import fit_rule
from ml.models.ltu.trees import TreeSettings, fit_trees
from ml.models.pace import fit_pace
from ml.models.trained import log_odds

Margins = Callable[[Floats], Floats]


@dataclass(frozen=True)
class Coded:
    """Inputs as models learn from them, (n, inputs), filled where a part has a row, and the training part's encoder.

    leaving  (n, 1) what the pace's input tells, which no model learns from; None: no input tells it
    """

    encoder: Encoder
    codes: Floats
    leaving: Floats | None = None

    def only(self, names: Collection[str]) -> Coded:
        """Return some of the inputs, in their order."""
        kept = [place for place, name in enumerate(self.encoder.names) if name in names]
        return Coded(Encoder(tuple(self.encoder.inputs[place] for place in kept)), self.codes[:, kept], self.leaving)

    def beside(self, other: Coded) -> Coded:
        """Return the inputs, and others after them."""
        inputs = (*self.encoder.inputs, *other.encoder.inputs)
        return Coded(Encoder(inputs), np.column_stack([self.codes, other.codes]), self.leaving)


@dataclass(frozen=True)
class Choices:
    """What may be decided otherwise when a model is fitted.

    inverse_ridge  of logistic regression;  settings  of the trees;  horizon  whose outcome is learnt; None: the main
    """

    inverse_ridge: float
    settings: TreeSettings
    horizon: float | None = None


def coded(features: pd.DataFrame, columns: tuple[Column, ...], parts: Split) -> Coded:
    """Return the inputs of all rows of the parts as numbers."""
    encoder = fit_encoder(features.iloc[parts.train.rows], columns)
    rows = np.concatenate([parts.train.rows, parts.calibration.rows, parts.test.rows])
    codes = np.full((len(features), len(columns)), np.nan)
    codes[rows] = encoder.frame(features.iloc[rows])
    leaving = None if encoder.pace is None else codes[:, [encoder.pace]]
    return Coded(encoder, encoder.learnable(codes), leaving)


def chosen_ridge(inputs: Coded, train: Part, outcome: Outcome, seed: int) -> float:
    """Return the ridge that `ml.models.train` would choose."""
    rng = np.random.default_rng(seed)
    return choose_ridge(inputs.encoder, inputs.codes[train.rows], train.spells, outcome.horizon, train.person, rng)


def fit(
    kind: str, inputs: Coded, train: Part, outcome: Outcome, seed: int, choices: Choices, times: Rows | None = None
) -> Margins:
    """Return what gives the margin of one horizon, (n, 1), from codes.

    times  (rows of the part,) how often a bootstrap drew each row; None: once each
    """
    codes, spells = inputs.codes[train.rows], train.spells
    horizons = (choices.horizon or outcome.horizon,)
    if kind == "rule" and outcome.rule is not None:
        return fit_rule(inputs.encoder, codes, spells, horizons, outcome.rule, outcome.entry, times).margins
    if kind == "logistic":
        return fit_line(inputs.encoder, codes, spells, horizons, times, choices.inverse_ridge).margins
    if kind == "additive":
        return fit_additive(inputs.encoder, codes, spells, horizons, seed, times).margins
    if kind == "lightgbm":
        return fit_trees(codes, spells, horizons, seed, choices.settings, times).margins
    raise ValueError(f"no model is called {kind!r}")


def chances(margins: Margins, inputs: Coded, parts: Split, outcome: Outcome) -> tuple[Floats, Floats]:
    """Return calibrated chances at the main horizon of the rows of calibration and test part, (rows,) each.

    Those of the test part follow the pace, as a kept model's do. NaN where the horizon had been reached.
    """
    part = parts.calibration.asked(outcome.horizon)
    place, codes = outcome.place, inputs.codes

    def spread(rows: Rows) -> Floats:
        # Calibrators stand by horizon; those of the others are made of the same margin, and not used.
        return np.repeat(margins(codes[rows]), len(outcome.horizons), axis=1)

    calibrators = fit_calibrators(spread(part.rows), part, outcome)

    def said(part: Part) -> Floats:
        return np.asarray(
            expit(log_odds(calibrators, spread(part.rows), landmarks(part.spells.entry, outcome))[:, place])
        )

    return said(parts.calibration), said(parts.test) ** power(inputs, parts)


def power(inputs: Coded, parts: Split) -> Floats | float:
    """Return to which power training would let chances of the test part be raised, (rows,); 1 where nobody knows.

    Raises ValueError where an input tells the pace, and it was not kept beside what models learn from.
    """
    if inputs.leaving is None:
        if inputs.encoder.pace is not None:
            raise ValueError("an input tells the pace, but what it tells was not kept (`leaving`)")
        return 1.0
    part = parts.calibration
    pace = fit_pace(0, inputs.leaving[part.rows[part.since <= part.spells.entry]])
    return 1.0 if pace is None else pace.power(inputs.leaving[parts.test.rows])[:, 0]


def at_landmark(part: Part, outcome: Outcome, landmark: int | None) -> Bools:
    """Return which rows of a part were looked at at a landmark (None: any) and are asked of the main horizon."""
    asked = part.spells.asked(outcome.horizon)
    return asked if landmark is None else np.asarray(asked & (landmarks(part.spells.entry, outcome) == landmark))


def predictions(said: Floats, part: Part, outcome: Outcome, landmark: int | None) -> Predictions:
    """Return what was said at the main horizon of the rows of one landmark (None: all), and what came true.

    said  (n,) of the rows of `part`
    """
    found = predictions_at(said, part, outcome.horizon, at_landmark(part, outcome, landmark))
    if found is None:
        raise DataError("nobody of the part was followed to the horizon; a longer extract is needed")
    return found

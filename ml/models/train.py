"""From a cohort's parts to the model that is kept, with its challengers and their figures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from ml.contracts import Column, Floats, Interval, Outcome, Part, Predictions, Scores, Split
from ml.measures.brier import better
from ml.measures.censoring import outcome_at
from ml.measures.observed import observed_share
from ml.measures.quality import scores
from ml.progress import Say, silent

from .calibrate import Calibrator, calibrate
from .encode import Encoder, fit_encoder
from .ltu.line import fit_line
from .ltu.trees import TreeSettings, fit_trees
from .scorers import Scorer
from .trained import TrainedModel

CAPACITY = 0.25  # bands: the highest and the lowest quarter of the calibration part


@dataclass(frozen=True)
class Trained:
    """The model that is kept, and what it and its challengers showed on the test part."""

    model: TrainedModel
    codes: Floats  # the inputs of all parts as the model reads them, (n, inputs)
    why_kept: str
    asked: Part  # of the test part: the rows for which the main horizon is still a question
    predictions: Predictions  # of the kept model, on these rows, at the main horizon
    scores: Mapping[str, Scores]
    observed: Mapping[float, Interval]  # horizon → observed share of the test part, of the rows it is a question for
    predicted: Mapping[float, float]  # horizon → mean prediction on the same rows


def train(
    name: str,
    features: pd.DataFrame,
    columns: tuple[Column, ...],
    outcome: Outcome,
    parts: Split,
    *,
    seed: int,
    say: Say = silent,
) -> Trained:
    """Return the kept model, evaluated on the test part.

    features  inputs of all parts, (n, inputs); protected attributes have no way in.
    Trees are kept only when they beat logistic regression beyond noise on the calibration part; the test part
    is looked at once, after the choice.
    """
    encoder = fit_encoder(features.iloc[parts.train.rows], columns)
    codes = encoder.frame(features)
    train_codes = codes[parts.train.rows]
    say("fitting trees")
    trees = fit_trees(train_codes, parts.train.spells, outcome.horizons, seed, TreeSettings())
    say("fitting the logistic model")
    line = fit_line(encoder, train_codes, parts.train.spells, outcome.horizons)
    say("calibrating and evaluating")
    candidates = {
        scorer.kind: _calibrated(name, encoder, scorer, outcome, codes, parts.calibration) for scorer in (trees, line)
    }
    kept, why = _choose(candidates, codes, parts.calibration)
    on_test = {kind: _predictions(each, codes, parts.test) for kind, each in candidates.items()}
    base = _base_rate(on_test[kept], parts)
    curve = candidates[kept].curve(codes[parts.test.rows])
    return Trained(
        model=candidates[kept],
        codes=codes,
        why_kept=why,
        asked=parts.test.asked(outcome.horizon),
        predictions=on_test[kept],
        scores={"base_rate": scores(base), **{kind: scores(each) for kind, each in on_test.items()}},
        observed={h: observed_share(parts.test, h) for h in outcome.horizons},
        predicted={
            h: float(curve.probability[parts.test.spells.asked(h), i].mean()) for i, h in enumerate(outcome.horizons)
        },
    )


def _calibrated(
    name: str, encoder: Encoder, scorer: Scorer, outcome: Outcome, codes: Floats, part: Part
) -> TrainedModel:
    margins = scorer.margins(codes[part.rows])
    calibrators: list[Calibrator] = [
        calibrate(margins[:, place], outcome_at(part.spells, horizon), part.person)
        for place, horizon in enumerate(outcome.horizons)
    ]
    draft = TrainedModel(name, encoder, scorer, tuple(calibrators), outcome, 0.0, 1.0)
    score = _predictions(draft, codes, part).score
    low, high = np.quantile(score, [CAPACITY, 1 - CAPACITY])
    return replace(draft, low_below=float(low), elevated_from=float(high))


def _predictions(model: TrainedModel, codes: Floats, part: Part) -> Predictions:
    """Return what the model says at the main horizon of the rows for which it is still a question."""
    asked = part.asked(model.outcome.horizon)
    known = outcome_at(asked.spells, model.outcome.horizon)
    score = model.curve(codes[asked.rows]).probability[:, model.place]
    return Predictions(model.outcome.horizon, score, known.outcome, known.weight, asked.person)


def _base_rate(kept: Predictions, parts: Split) -> Predictions:
    """Return the prediction that knows only the share of the calibration part."""
    share = observed_share(parts.calibration, kept.horizon).value
    return replace(kept, score=np.full(len(kept.score), share))


def _choose(candidates: Mapping[str, TrainedModel], codes: Floats, part: Part) -> tuple[str, str]:
    """Return which model is kept and why, from the calibration part: the simpler one unless trees are better."""
    trees, line = (_predictions(candidates[kind], codes, part) for kind in ("lightgbm", "logistic"))
    gain = better(trees, line)
    figures = f"Brier score lower by {gain.value:.4f} (95 % interval {gain.low:.4f} to {gain.high:.4f})"
    if gain.low > 0:
        return "lightgbm", f"LightGBM beats logistic regression on the calibration part: {figures}"
    if gain.high < 0:
        return "logistic", f"logistic regression beats LightGBM on the calibration part: LightGBM's {figures}"
    return (
        "logistic",
        f"LightGBM is not better than logistic regression beyond noise, so the simpler one is kept: {figures}",
    )

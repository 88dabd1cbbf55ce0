"""One model for all landmarks beside one of its own for each: which serves whom better.

    python -m experiments.landmark_pooling.run [--cohort DIR ...] [--seed N] [--home DIR] [--picture PNG] [--json]

Both are judged on the same looks of the test part, landmark by landmark. No model is kept.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from experiments.command import answer, of_registers
from experiments.fits import Choices, Coded, at_landmark, chances, chosen_ridge, coded, fit, predictions
from experiments.landmark_pooling.picture import draw
from experiments.plain import plain, told
from ml.contracts import Cohort, Floats, Outcome, Part, Predictions, Split
from ml.measures.brier import better, brier
from ml.measures.calibration import calibration_intervals
from ml.measures.landmarks import landmark_words, landmarks
from ml.measures.ranking import auc, auc_gain
from ml.models.ltu.trees import TreeSettings
from ml.models.split import split
from ml.progress import Say, silent

EXPERIMENT = "landmark_pooling"
KINDS = ("logistic", "additive", "lightgbm")


def main(argv: Sequence[str] | None = None) -> None:
    """Print the models side by side, and the differences."""
    asked, figures = of_registers(__doc__, argv, measure)
    of_all, parameters = figures["together"], {"cohorts": len(asked.cohort)}
    answer(asked, EXPERIMENT, parameters, of_all, figures, draw(of_all), lambda: _print(of_all))


def measure(cohort: Cohort, seed: int, say: Say = silent) -> dict[str, Any]:
    """Return landmark → kind of model → figures of both, and by how much the pooled one is better."""
    parts, outcome = split(cohort, seed), cohort.contract.outcome
    inputs = coded(cohort.features, cohort.contract.inputs, parts)
    pooled = _fitted(inputs, parts, parts.train, outcome, seed, say)
    asked = parts.test.asked(outcome.horizon)
    found: dict[str, Any] = {}
    for stage in np.unique(landmarks(asked.spells.entry, outcome)).tolist():
        learnt = parts.train[at_landmark(parts.train, outcome, stage)]
        own = _fitted(inputs, parts, learnt, outcome, seed, say)
        of_all = {kind: predictions(pooled[kind], parts.test, outcome, stage) for kind in KINDS}
        of_own = {kind: predictions(own[kind], parts.test, outcome, stage) for kind in KINDS}
        found[landmark_words(stage, outcome)] = {kind: _line(of_all[kind], of_own[kind], seed) for kind in KINDS}
    return found


def _fitted(inputs: Coded, parts: Split, learnt: Part, outcome: Outcome, seed: int, say: Say) -> dict[str, Floats]:
    """Return kind → chances of the test part's rows; each landmark is calibrated by rows of its own."""
    choices = Choices(chosen_ridge(inputs, learnt, outcome, seed), TreeSettings())
    found = {}
    for kind in KINDS:
        say(f"fitting {kind} on {len(learnt)} looks")
        margins = fit(kind, inputs, learnt, outcome, seed, choices)
        found[kind] = chances(margins, inputs, parts, outcome)[1]
    return found


def _line(pooled: Predictions, own: Predictions, seed: int) -> dict[str, Any]:
    lines = {}
    for name, said in (("all landmarks", pooled), ("this landmark alone", own)):
        calibration = calibration_intervals(said, np.random.default_rng(seed))
        lines[name] = {
            "auc": plain(auc(said)),
            "brier": plain(brier(said)),
            "slope": plain(calibration.slope),
            "ici": plain(calibration.ici),
        }
    return {**lines, "auc_gain": plain(auc_gain(pooled, own)), "brier_gain": plain(better(pooled, own))}


def reading(gain: Mapping[str, float | None]) -> str:
    """Return in words what the interval of a gain says."""
    low, high = gain["low"], gain["high"]
    if low is not None and low > 0:
        return "one model for all serves them better"
    if high is not None and high < 0:
        return "a model of their own serves them better"
    return "no difference beyond noise"


def _print(figures: Mapping[str, Any]) -> None:
    for words, kinds in figures.items():
        print(words)
        for kind, line in kinds.items():
            for name in ("all landmarks", "this landmark alone"):
                each = line[name]
                print(f"  {kind:<9} {name:<20} AUC {told(each['auc'])}  Brier {told(each['brier'])}  "
                      f"slope {told(each['slope'], 3)}  ICI {told(each['ici'])}")  # fmt: skip
            print(f"  {kind:<9} all better by       AUC {told(line['auc_gain'])}  Brier {told(line['brier_gain'], 5)}: "
                  f"{reading(line['brier_gain'])}")  # fmt: skip


if __name__ == "__main__":
    main()

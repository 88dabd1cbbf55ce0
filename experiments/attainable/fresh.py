"""How far the kept models' chances are off for people of other registers of the same world, whom no part of them saw.

A test part is three in ten of one register's people, of the time after training: who was dealt to it moves the share
that was observed. All people of other registers in the same time are ten times as many, and as new to the model.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from experiments.attainable.registers import Registers
from experiments.plain import plain, taken_together
from ml.contracts import Cohort, Part, Predictions
from ml.errors import DataError
from ml.measures.censoring import outcome_at
from ml.measures.landmarks import landmark_words, landmarks
from ml.measures.quality import core_figures
from ml.models.split import spells_known_at
from ml.models.trained import TrainedModel
from ml.progress import Say


@dataclass(frozen=True)
class Kept:
    """A model, and the test part of its register: its days are those in which others are asked, too."""

    model: TrainedModel
    test: Part


def on_fresh_people(
    registers: Registers, seeds: Sequence[int], kept: Mapping[str, Kept], seed: int, say: Say
) -> dict[str, dict[str, Any]]:
    """Return for each model the mean of its figures over the registers, by landmark."""
    found: dict[str, list[dict[str, Any]]] = {name: [] for name in kept}
    for each in seeds:
        cohort = registers.cohort(each, say)
        for name, one in kept.items():
            say(f"judging {name.replace('_', ' ')} on people of register {each}")
            found[name].append(_by_landmark(cohort, one, seed))
    return {name: taken_together(figures) for name, figures in found.items()}


def _by_landmark(cohort: Cohort, kept: Kept, seed: int) -> dict[str, Any]:
    part, model, outcome = in_the_days_of(kept.test, cohort), kept.model, cohort.contract.outcome
    part = part.asked(outcome.horizon)
    curve, _ = model.hints(model.encoder.frame(cohort.features.iloc[part.rows]))
    known = outcome_at(part.spells, outcome.horizon)
    said = Predictions(outcome.horizon, curve.probability[:, model.place], known.outcome, known.weight, part.person)
    stage, figures = landmarks(part.spells.entry, outcome), {}
    for each in np.unique(stage).tolist():
        core = core_figures(said[stage == each], np.random.default_rng(seed))
        figures[landmark_words(each, outcome).replace(" ", "_")] = {
            "gap": plain(core.gap),
            "slope": plain(core.calibration.slope),
            "ici": plain(core.calibration.ici),
        }
    return figures


def in_the_days_of(times: Part, cohort: Cohort) -> Part:
    """Return the looks of everybody at spells that began in the days of a test part, followed up until the same day."""
    if cohort.start is None or times.first is None or times.last is None or times.known_until is None:
        raise DataError("others are asked in the same days: add [time] to the contract")
    start = cohort.start.astype("datetime64[D]")
    rows = np.flatnonzero((start >= np.datetime64(times.first, "D")) & (start <= np.datetime64(times.last, "D")))
    return Part(
        rows, spells_known_at(cohort, start, rows, np.datetime64(times.known_until, "D")), person=cohort.person[rows]
    )

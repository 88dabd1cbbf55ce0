"""Models that experiments fit say what a kept model would say."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from experiments.fits import Choices, Coded, chances, chosen_ridge, coded, fit, power
from ml.models.ltu.trees import TreeSettings
from ml.models.split import split
from ml.models.train import train
from ml.register.cohort import build_cohort
from ml.register.cohort.declaration import read_contract


def test_chances_of_the_test_part_follow_the_pace_as_a_kept_model_does(helsinki: Path) -> None:
    cohort = build_cohort(read_contract(helsinki / "cohort.toml"), helsinki)
    outcome, columns = cohort.contract.outcome, cohort.contract.inputs
    parts = split(cohort, 1)
    kept = train("kept", cohort.features, columns, outcome, parts, seed=1, competing=("logistic",)).model
    of_kept = kept.power(kept.encoder.frame(cohort.features.iloc[parts.test.rows]))[:, 0]
    assert np.ptp(of_kept) > 0.01  # or there would be nothing to follow
    inputs = coded(cohort.features, columns, parts)
    choices = Choices(chosen_ridge(inputs, parts.train, outcome, 1), TreeSettings())
    margins = fit("logistic", inputs, parts.train, outcome, 1, choices)
    before, said = chances(margins, inputs, parts, outcome)
    level, stays = chances(margins, Coded(inputs.only(set()).encoder, inputs.codes), parts, outcome)
    assert said == pytest.approx(stays**of_kept, nan_ok=True)
    assert before == pytest.approx(level, nan_ok=True)  # the level is of the calibration part's own times
    few = inputs.only({"days_unemployed"})
    assert power(few, parts) == pytest.approx(of_kept)  # of those who leave some inputs out, or add others
    assert power(few.beside(few), parts) == pytest.approx(of_kept)
    with pytest.raises(ValueError, match="an input tells the pace"):
        power(replace(inputs, leaving=None), parts)

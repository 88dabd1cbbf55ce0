"""Looks between landmarks: in a world of exponential spells, whose chances on any day are known."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ml.contracts import Cohort, Floats
from ml.models import artefact
from ml.models.explain import explain
from ml.models.explain.people import contributions
from ml.models.train import Trained
from ml.models.trained import TrainedModel
from serving.hints.risk import compute_risk, compute_risks

LATE = (0.5, 1.5, 2.9, 3.5, 4.5, 5.9, 7.0, 9.0, 11.5)
KINDS = ("logistic", "additive", "lightgbm")


@pytest.fixture(scope="module", params=KINDS)
def model(request: pytest.FixtureRequest, looks_world: Cohort, learn: Callable[..., Trained]) -> TrainedModel:
    """Return a model of each kind of the world of looks."""
    return learn(looks_world, competing=(request.param,)).model


def asked(model: TrainedModel, rate: Floats, day: float) -> Floats:
    """Return the codes of everybody, had they waited so long."""
    return model.encoder.frame(pd.DataFrame({"haste": np.log(rate) + 2.3, "waited": np.full(len(rate), day)}))


@pytest.mark.parametrize("day", LATE)
def test_chances_are_those_of_who_is_still_there(day: float, model: TrainedModel, rate: Floats) -> None:
    """Of 4,000 people, each as likely to be there as they are."""
    codes, there = asked(model, rate, day), np.exp(-rate * day)
    curve, bands = model.hints(codes)
    for place, horizon in enumerate(model.outcome.horizons):
        truth = np.exp(-rate * np.maximum(horizon - day, 0))
        said = curve.probability[:, place]
        assert np.average(said, weights=there) == pytest.approx(np.average(truth, weights=there), abs=0.035)
        assert np.average(np.abs(said - truth), weights=there) < 0.06
    shares = [np.average(bands.band == band, weights=there) for band in range(3)]
    assert shares == pytest.approx([0.25, 0.5, 0.25], abs=0.1)
    assert bands.unlike.mean() < 0.02


@pytest.mark.parametrize("look", [0.0, 3.0, 6.0])
def test_who_is_looked_at_as_training_looked_is_answered_as_without_any_ways(
    look: float, model: TrainedModel, rate: Floats
) -> None:
    codes, without = asked(model, rate, look), replace(model, between=None)
    assert not len(model.late(codes))
    curve, bands = model.hints(codes)
    plain, same = without.hints(codes)
    for name in ("probability", "low", "high"):
        assert getattr(curve, name) == pytest.approx(getattr(plain, name), abs=0)
    assert (bands.band == same.band).all()


@settings(deadline=None, max_examples=100)
@given(day=st.floats(0, 14), haste=st.floats(-3, 3))
def test_a_curve_falls_within_its_interval_on_any_day(looks: Trained, day: float, haste: float) -> None:
    codes = looks.model.encoder.frame(pd.DataFrame({"haste": [haste], "waited": [day]}))
    curve = looks.model.curve(codes)
    assert (np.diff(curve.probability) <= 1e-12).all()
    assert (curve.low <= curve.probability + 1e-12).all()
    assert (curve.probability <= curve.high + 1e-12).all()
    assert np.isfinite(curve.low).all()
    assert looks.model.probability(codes) == pytest.approx(curve.probability, abs=1e-9)


@pytest.mark.parametrize("horizon", [3.0, 6.0, 12.0])
def test_a_horizon_is_nearly_reached_on_the_day_before(horizon: float, model: TrainedModel, rate: Floats) -> None:
    place = model.outcome.horizons.index(horizon)
    days = (np.linspace(horizon - 2.9, horizon - 1e-6, 20)).tolist()
    said = [np.median(model.curve(asked(model, rate, day)).probability[:, place]) for day in days]
    assert said[-1] > 0.999
    assert (np.diff(said) >= -1e-9).all()


@pytest.mark.parametrize("day", LATE)
def test_one_is_answered_as_one_of_many(day: float, model: TrainedModel, rate: Floats) -> None:
    haste = (np.log(rate) + 2.3)[:40]
    frame = pd.DataFrame({"haste": haste, "waited": np.full(40, day)})
    many = compute_risks(model, frame, weak=False)
    alone = [compute_risk(model, {"haste": float(each), "waited": day}, weak=False) for each in haste]
    assert alone == many


@pytest.mark.parametrize("day", LATE)
def test_explanations_are_exact_on_any_day(day: float, model: TrainedModel, rate: Floats) -> None:
    codes = asked(model, rate[:200], day)
    said = model.said(codes)
    for place in range(int(said.landmark[0]), len(model.outcome.horizons)):
        contributions(model, codes, place, said.margins)
        explain(model, codes, place)


def test_what_is_between_is_kept_with_the_model(model: TrainedModel, rate: Floats, tmp_path: Path) -> None:
    digest = artefact.save(model, tmp_path / "artefact")
    read = artefact.load(tmp_path / "artefact", digest)
    assert read.between == model.between
    codes = asked(model, rate[:50], 4.5)
    assert read.curve(codes).probability == pytest.approx(model.curve(codes).probability, abs=1e-12)


def test_nobody_is_late_where_no_input_says_how_long_a_spell_has_lasted(bent: Trained) -> None:
    assert bent.model.between is None
    assert not len(bent.model.late(np.zeros((3, len(bent.model.encoder.names)))))

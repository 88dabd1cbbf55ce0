"""Curves that only fall, bands, and three ways to be uncertain."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.special import expit, logit

from ml.contracts import Cohort, Column, ColumnType, Floats, Outcome, Role
from ml.models.bands import Band, Cuts
from ml.models.calibrate import Calibrator, Calibrators
from ml.models.encode import Encoder, Input
from ml.models.familiarity import Familiarity
from ml.models.train import Trained
from ml.models.trained import Refit, TrainedModel, log_odds

CUTS = Cuts(0.2, 0.6)
SURE = 1e-4  # a variance of the log-odds that makes an interval of a point or so of a hundred


@dataclass(frozen=True)
class AsGiven:
    """A scorer whose first three codes are its margins, moved by so much."""

    by: float = 0.0
    kind: ClassVar[str] = "as given"

    def margins(self, codes: Floats) -> Floats:
        return codes[:, :3] + self.by

    def contributions(self, codes: Floats, place: int) -> Floats:
        return codes[:, [place]]


def number(name: str) -> Input:
    return Input(Column(name, ColumnType.NUMBER, Role.FEATURE), (), -50.0, 50.0, 0.0, 1.0, False)


def of_one_landmark(*horizons: Calibrator) -> Calibrators:
    return (horizons,)


AS_IT_IS = Calibrator(0.0, 0.0, 1.0, SURE)


@pytest.fixture(scope="session")
def model(months: Outcome) -> TrainedModel:
    """Return a model whose inputs are its log-odds at 3, 6 and 12 months; familiar are squares that sum to 1,000."""
    inputs = tuple(number(name) for name in ("at_3", "at_6", "at_12"))
    familiarity = Familiarity(np.zeros(6), np.eye(6), 1000.0)
    return TrainedModel(
        "ltu-small", Encoder(inputs), AsGiven(), of_one_landmark(*[AS_IT_IS] * 3), (), months, (CUTS,), familiarity
    )


def moved(*by: float, calibrator: Calibrator = AS_IT_IS) -> tuple[Refit, ...]:
    """Return refits that say the kept model's log-odds, moved by so much."""
    return tuple(Refit(AsGiven(each), of_one_landmark(*[calibrator] * 3)) for each in by)


MARGINS = arrays(np.float64, (5, 3), elements=st.floats(-20, 20))
LINES = st.lists(st.tuples(st.floats(-3, 3), st.floats(0, 3), st.floats(0, 2), st.floats(0, 1)), min_size=3, max_size=3)


# ---------------------------------------------------------------- curves


@settings(deadline=None)
@given(MARGINS, LINES, st.lists(st.floats(-3, 3), max_size=4))
def test_chances_never_rise_and_lie_within_their_interval(
    model: TrainedModel, margins: Floats, lines: list[tuple[float, float, float, float]], refits: list[float]
) -> None:
    calibrators = of_one_landmark(*(Calibrator(1.0, *line) for line in lines))
    found = replace(model, calibrators=calibrators, refits=moved(*refits)).curve(margins)
    for each in (found.probability, found.low, found.high):
        assert each.shape == (5, 3)
        assert (np.diff(each, axis=1) <= 0).all()
        assert ((each >= 0) & (each <= 1)).all()
    assert ((found.low <= found.probability) & (found.probability <= found.high)).all()
    # the first horizon, and every chance that does not exceed an earlier one, are as calibrated
    alone = np.column_stack([expit(a + b * (margins[:, place] - 1)) for place, (a, b, _, _) in enumerate(lines)])
    np.testing.assert_allclose(found.probability, [[min(row[: i + 1]) for i in range(3)] for row in alone])


def test_the_interval_knows_of_the_refits(model: TrainedModel) -> None:
    """Their variance, with Student's quantile, beside that of the calibration; ten are few."""
    by = np.array([-0.4, -0.3, -0.2, -0.1, 0.0, 0.0, 0.1, 0.2, 0.3, 0.4])
    curve = replace(model, refits=moved(*by)).curve(np.array([[1.0, 0.0, -1.0]]))
    spread = np.sqrt(1.959964**2 * SURE + 2.262157**2 * by.var(ddof=1))  # t of 9 degrees of freedom
    np.testing.assert_allclose(logit(curve.high[0]) - [1, 0, -1], spread, rtol=1e-5)
    np.testing.assert_allclose([1, 0, -1] - logit(curve.low[0]), spread, rtol=1e-5)


def test_of_one_refit_or_none_no_spread_is_known(model: TrainedModel) -> None:
    row = np.array([[1.0, 0.0, -1.0]])
    for refits in (moved(), moved(2.0)):
        np.testing.assert_array_equal(replace(model, refits=refits).curve(row).low, model.curve(row).low)
    _, bands = model.hints(row)
    assert bands.agreed.tolist() == [1]
    assert not bands.unstable.any()


def test_the_main_horizon_and_the_names_of_the_outputs(model: TrainedModel) -> None:
    assert model.place == 1
    assert model.output_names == ["still_unemployed_at_3", "still_unemployed_at_6", "still_unemployed_at_12"]
    halves = replace(model, outcome=replace(model.outcome, horizon=2.5, horizons=(2.5,)))
    assert halves.output_names == ["still_unemployed_at_2.5"]


# ---------------------------------------------------------------- bands


@pytest.mark.parametrize(
    ("probability", "band"),
    [
        (0.01, Band.LOW),
        (0.19, Band.LOW),
        (0.21, Band.TYPICAL),
        (0.59, Band.TYPICAL),
        (0.61, Band.ELEVATED),
        (0.99, Band.ELEVATED),
    ],
)
def test_bands(model: TrainedModel, probability: float, band: Band) -> None:
    _, found = replace(model, refits=moved(*[0.0] * 10)).hints(np.array([[9.0, logit(probability), -9.0]]))
    assert found.at(0) is band
    assert not found.uncertain.any()


def test_a_cut_belongs_to_the_band_above_it() -> None:
    assert CUTS.band(np.array([0.2, np.nextafter(0.2, 0), 0.6, np.nextafter(0.6, 0)])).tolist() == [1, 0, 2, 1]


#  probability, variance of the level, squared distance's limit, refits moved by → wide, unlike, unstable
CAUSES = {
    "none": (0.40, SURE, 1000.0, [0.0] * 10, (False, False, False)),
    "an interval of 29 points": (0.40, 0.0945, 1000.0, [0.0] * 10, (False, False, False)),
    "an interval of 31 points": (0.40, 0.1090, 1000.0, [0.0] * 10, (True, False, False)),
    "from low to elevated": (0.40, 0.2300, 1000.0, [0.0] * 10, (True, False, False)),
    "far from all that was learnt from": (0.40, SURE, 0.1, [0.0] * 10, (False, True, False)),
    "two refits of ten see another band": (0.59, SURE, 1000.0, [0.0] * 8 + [0.06] * 2, (False, False, False)),
    "three refits of ten see another band": (0.59, SURE, 1000.0, [0.0] * 7 + [0.06] * 3, (False, False, True)),
    "refits go both ways": (0.40, SURE, 1000.0, [-1.2, 1.2, 1.2] + [0.0] * 7, (True, False, True)),
    "all at once": (0.40, 0.3, 0.1, [-2.0, 2.0] * 5, (True, True, True)),
}


@pytest.mark.parametrize("cause", CAUSES)
def test_uncertain_by_each_cause(model: TrainedModel, cause: str) -> None:
    probability, variance, limit, by, expected = CAUSES[cause]
    calibrator = replace(AS_IT_IS, level_variance=variance)
    unsure = replace(
        model,
        calibrators=of_one_landmark(*[calibrator] * 3),
        refits=moved(*by, calibrator=calibrator),
        familiarity=replace(model.familiarity, limit=limit),
    )
    _, bands = unsure.hints(np.array([[1.0, logit(probability), -1.0]]))
    assert (bands.wide[0], bands.unlike[0], bands.unstable[0]) == expected
    assert bands.uncertain[0] == any(expected)
    assert bands.at(0) is (Band.UNCERTAIN if any(expected) else Band.TYPICAL)
    assert bands.agreed[0] == pytest.approx(np.mean(CUTS.band(expit(logit(probability) + np.array(by))) == 1))


def test_a_narrow_interval_that_reaches_from_low_to_elevated_says_nothing(model: TrainedModel) -> None:
    """Where quarters lie close together; were the middle half of the people in ten points, few could be told apart."""
    close = replace(model, cuts=(Cuts(0.36, 0.44),))
    for variance, wide in ((0.01, True), (0.005, False)):
        calibrators = of_one_landmark(*[replace(AS_IT_IS, level_variance=variance)] * 3)
        curve, bands = replace(close, calibrators=calibrators).hints(np.array([[1.0, logit(0.4), -1.0]]))
        assert curve.high[0, 1] - curve.low[0, 1] < 0.1
        assert bands.wide[0] == wide


def test_a_model_that_says_the_same_to_all_says_that_it_is_uncertain(model: TrainedModel) -> None:
    """Its lowest and its highest quarter are one: nobody is told that their chance is "elevated"."""
    flat = Calibrator(0.0, -0.5, 0.0, SURE)
    share = float(expit(-0.5))
    same = replace(model, calibrators=of_one_landmark(flat, flat, flat), cuts=(Cuts(share, share),))
    _, bands = same.hints(np.array([[1.0, 0.0, -1.0], [3.0, 2.0, 1.0]]))
    assert [bands.at(row) for row in range(2)] == [Band.UNCERTAIN] * 2


@settings(deadline=None)
@given(MARGINS, st.integers(1, 10))
def test_refits_that_say_the_same_agree(model: TrainedModel, margins: Floats, refits: int) -> None:
    """Also where the curve has to be bent to fall."""
    _, bands = replace(model, refits=moved(*[0.0] * refits)).hints(margins)
    assert (bands.agreed == 1).all()
    assert not bands.unstable.any()


def test_log_odds_beyond_all_measure_are_no_error(model: TrainedModel) -> None:
    wild = replace(model, refits=moved(-3000.0, 3000.0))
    curve, bands = wild.hints(np.array([[900.0, -900.0, -2000.0]]))
    assert np.isfinite([*curve.probability[0], *curve.low[0], *curve.high[0]]).all()
    assert bands.at(0) is Band.UNCERTAIN


# ---------------------------------------------------------------- spells that have lasted for some time


@pytest.fixture(scope="session")
def waiting(model: TrainedModel) -> TrainedModel:
    """Return the model with a fourth input that says how long; the level rises by 1 at each landmark."""
    at = [replace(AS_IT_IS, level=float(stage)) for stage in range(3)]
    return replace(
        model,
        encoder=Encoder((*model.encoder.inputs, number("waited"))),
        outcome=replace(model.outcome, entry="waited"),
        calibrators=((at[0],) * 3, (None, at[1], at[1]), (None, None, at[2]), (None, None, None)),
        refits=tuple(
            Refit(AsGiven(by), ((at[0],) * 3, (None, at[1], at[1]), (None, None, at[2]), (None, None, None)))
            for by in (0.0, 0.0, 0.5)
        ),
        cuts=(Cuts(0.2, 0.6), Cuts(0.5, 0.8), None, None),
        familiarity=Familiarity(np.zeros(8), np.eye(8), 1000.0),
    )


@pytest.mark.parametrize(
    ("waited", "landmark", "chances", "band"),
    [
        (0.0, 0, [expit(1), 0.5, expit(-1)], Band.TYPICAL),
        (2.9, 0, [expit(1), 0.5, expit(-1)], Band.TYPICAL),
        (3.0, 1, [1, expit(1), expit(0)], Band.TYPICAL),
        (5.9, 1, [1, expit(1), expit(0)], Band.TYPICAL),
        (6.0, 2, [1, 1, expit(1)], None),
        (12.0, 3, [1, 1, 1], None),
        (40.0, 3, [1, 1, 1], None),
    ],
)
def test_at_each_landmark_its_own_calibrators_and_cuts(
    waiting: TrainedModel, waited: float, landmark: int, chances: list[float], band: Band | None
) -> None:
    codes = np.array([[1.0, 0.0, -1.0, waited]])
    sure = replace(waiting, refits=())
    curve, bands = sure.hints(codes)
    assert waiting.landmarks(codes).tolist() == [landmark]
    np.testing.assert_allclose(curve.probability[0], chances)
    reached = waiting.reached(codes)[0]
    assert reached.sum() == landmark
    assert (curve.low[0][reached] == 1).all()
    assert (curve.high[0][reached] == 1).all()
    assert bands.at(0) is band
    assert bands.asked[0] == (landmark < 2)
    np.testing.assert_array_equal([waiting.slopes(codes, place)[0] for place in range(3)], (~reached).astype(float))
    odds = log_odds(waiting.calibrators, codes[:, :3], np.array([landmark]))[0]
    np.testing.assert_array_equal(np.isnan(odds), reached)


def test_each_landmark_has_cuts_of_its_own(waiting: TrainedModel) -> None:
    """The same chance is elevated among newcomers, and low among those who have waited for long."""
    sure = replace(waiting, refits=())
    newcomer, waiting_long = [9.0, logit(0.7), -9.0, 0.0], [9.0, logit(0.7) - 1, -9.0, 4.0]
    curve, bands = sure.hints(np.array([newcomer, waiting_long]))
    np.testing.assert_allclose(curve.probability[:, 1], 0.7)
    assert [bands.at(row) for row in range(2)] == [Band.ELEVATED, Band.TYPICAL]


def test_a_row_is_told_the_same_whoever_else_is_asked(waiting: TrainedModel) -> None:
    rng = np.random.default_rng(8)
    codes = np.column_stack([rng.normal(0, 2, (60, 3)), rng.choice([0.0, 1.0, 3.0, 6.0, 12.0], 60)])
    assert_alike(waiting, codes)


@pytest.mark.parametrize("world", ["straight", "crossed", "bent", "ruled", "looks"])
def test_a_row_is_told_the_same_of_each_kind(world: str, request: pytest.FixtureRequest) -> None:
    trained: Trained = request.getfixturevalue(world)
    cohort: Cohort = request.getfixturevalue(f"{world}_world")
    codes = trained.model.encoder.frame(cohort.features.iloc[:12])
    codes[:3, 0] = np.nan
    assert_alike(trained.model, codes)


def assert_alike(model: TrainedModel, codes: Floats) -> None:
    curve, bands = model.hints(codes)
    for row in range(len(codes)):
        alone, band = model.hints(codes[row : row + 1])
        for field in ("probability", "low", "high"):
            # sums of the same numbers may be taken in another order
            np.testing.assert_allclose(getattr(alone, field)[0], getattr(curve, field)[row], rtol=1e-12)
        assert band.at(0) == bands.at(row)
        assert band.agreed[0] == bands.agreed[row]
    np.testing.assert_array_equal(model.curve(codes).low, curve.low)


def test_of_nobody_nothing_is_said(waiting: TrainedModel) -> None:
    curve, bands = waiting.hints(np.zeros((0, 4)))
    assert curve.probability.shape == (0, 3)
    assert len(bands.uncertain) == 0

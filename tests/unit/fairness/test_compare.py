"""Verdicts of intervals, chances corrected for many comparisons, and intervals of ratios."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.stats import false_discovery_control, norm

from ml.contracts import Limits, Verdict
from ml.fairness.compare import chances, compare, corrected, judge, worst
from ml.fairness.rates import Measured, shares_of

RATIO, DIFFERENCE = Limits("ratio", 0.8, 1.25), Limits("difference", -0.03, 0.03)


@pytest.mark.parametrize(
    ("low", "high", "chance", "verdict"),
    [
        (0.90, 1.10, 1.0, "pass"),
        (0.80, 1.25, 1.0, "pass"),  # the limits themselves are within
        (0.79, 1.10, 1.0, "insufficient"),
        (0.90, 1.26, 1.0, "insufficient"),
        (0.50, 2.00, 1.0, "insufficient"),
        (0.50, 0.80, 0.0, "insufficient"),  # touches the limit
        (0.50, 0.79, 0.0, "fail"),
        (1.26, 1.90, 0.0, "fail"),
        (1.26, 1.90, 0.05, "fail"),
        (1.26, 1.90, 0.06, "insufficient"),  # may be chance
        (1.25, 1.90, 0.0, "insufficient"),
        (2.00, np.inf, 0.0, "insufficient"),
        (np.nan, np.nan, 0.0, "insufficient"),
    ],
)
def test_verdict_of_an_interval(low: float, high: float, chance: float, verdict: str) -> None:
    found, why = judge(low, high, RATIO, chance)
    assert found == verdict
    assert bool(why) == (verdict == "insufficient")


def test_verdict_of_a_difference() -> None:
    assert judge(-0.02, 0.03, DIFFERENCE)[0] is Verdict.PASS
    assert judge(-0.05, -0.031, DIFFERENCE)[0] is Verdict.FAIL
    assert judge(-0.05, 0.0, DIFFERENCE)[0] is Verdict.INSUFFICIENT


@pytest.mark.parametrize(
    ("findings", "verdict"),
    [
        (["pass", "pass"], "pass"),
        (["pass", "insufficient"], "insufficient"),
        (["pass", "insufficient", "fail"], "fail"),
        (["fail", "pass"], "fail"),
        ([], "insufficient"),
    ],
)
def test_the_audit_is_its_worst_finding(findings: list[str], verdict: str) -> None:
    assert worst(Verdict(each) for each in findings) == verdict


@given(arrays(np.float64, st.integers(1, 40), elements=st.floats(0, 1)))
def test_corrected_chances_are_those_of_scipy_of_what_lies_beyond_a_limit(chance: np.ndarray) -> None:
    """What lies within its limits has a chance of 1, cannot fail, and raises the bar for nothing else."""
    beyond = chance < 1
    expected = np.ones(len(chance))
    if beyond.any():
        expected[beyond] = false_discovery_control(chance[beyond], method="bh")
    np.testing.assert_allclose(corrected(chance), expected, rtol=1e-12)
    np.testing.assert_allclose(corrected(np.r_[chance, 1.0, 1.0])[: len(chance)], expected, rtol=1e-12)


def test_what_has_no_chance_is_not_counted() -> None:
    found = corrected(np.array([0.01, np.nan, 0.04]))
    np.testing.assert_allclose(found, [0.02, np.nan, 0.04])
    assert corrected(np.zeros(0)).shape == (0,)


def normal(values: list[float], error: float, rng: np.random.Generator) -> Measured:
    value = np.array(values)
    return Measured("x", value, value[:, None] * np.exp(error * rng.standard_normal((len(values), 20_000))),
                    np.full(len(values), 100))  # fmt: skip


def test_a_chance_is_that_of_the_normal_test_at_the_limit(rng: np.random.Generator) -> None:
    """Of two groups, each known to 3 %: the ratio to 4.2 %."""
    found = chances(normal([0.2, 0.28, 0.2 * 1.25, 0.1], 0.03, rng), 0, RATIO)
    error = 0.03 * np.sqrt(2)
    expected = [2 * norm.sf(np.log(1.4 / 1.25) / error), 1.0, 2 * norm.cdf(np.log(0.5 / 0.8) / error)]
    np.testing.assert_allclose(found[1:3], expected[:2], rtol=0.1)
    assert found[3] < 1e-20
    assert found[0] == 1.0  # the reference itself


def test_intervals_of_ratio_and_difference_are_of_independent_draws(rng: np.random.Generator) -> None:
    found = compare(normal([0.2, 0.3], 0.05, rng), 0, ratios=True)
    spread = 1.96 * 0.05 * np.sqrt(2)
    assert found.ratio.value[1] == pytest.approx(1.5)
    assert np.log([found.ratio.low[1] / 1.5, found.ratio.high[1] / 1.5]) == pytest.approx([-spread, spread], rel=0.04)
    assert found.difference.value[1] == pytest.approx(0.1)
    assert np.isnan(found.overall_ratio.value).all()


@pytest.mark.parametrize(("undefined", "low", "high"), [(0, 0.4, 0.6), (1, 0.4, 0.6), (10, 0.0, 1.0)])
def test_an_undefined_draw_widens_the_interval(undefined: int, low: float, high: float) -> None:
    """One draw in a hundred with nobody in the denominator hides nothing; one in ten might be anything."""
    draws = np.linspace(0.4, 0.6, 100)
    draws[np.arange(undefined) * 10] = np.nan
    ones = np.ones(1)
    rate = Measured("x", np.array([0.5]), draws[None, :], np.array([9]), (np.array([4]), np.array([5])), ones, ones)
    own = compare(rate, 0, ratios=True).own
    assert (own.low[0], own.high[0]) == pytest.approx((low, high), abs=0.02)


def test_a_reference_that_is_often_zero_bounds_no_ratio() -> None:
    often_zero = np.where(np.arange(100) % 10 == 0, 0.0, 0.01)
    found = compare(Measured("x", np.array([0.01, 0.5]), np.stack([often_zero, np.full(100, 0.5)]), np.full(2, 100)), 0,
                    ratios=True)  # fmt: skip
    assert (found.ratio.value[1], found.ratio.low[1], found.ratio.high[1]) == (50.0, 50.0, np.inf)


def rates_of(hits: list[int], people: list[int], rng: np.random.Generator) -> Measured:
    """Return rates of groups of equal weight, as the engine measures them."""
    flagged = np.concatenate([np.arange(size) < few for few, size in zip(hits, people, strict=True)])
    return shares_of("x", flagged, np.repeat(np.arange(len(hits)), people), len(hits), 20_000, rng)


@pytest.mark.parametrize(("hits", "people"), [(0, 20), (0, 60), (0, 300), (60, 60), (30, 30)])
def test_the_chance_of_none_and_of_all_is_exact(hits: int, people: int, rng: np.random.Generator) -> None:
    """None of sixty at 0.8 times 12.5 % is 0.9^60: 0.0018, which is no wonder among a hundred groups."""
    found = chances(rates_of([125_000, hits], [1_000_000, people], rng), 0, RATIO)[1]
    expected = (1 - 0.8 * 0.125) ** people if hits == 0 else (1.25 * 0.125) ** people
    assert found == pytest.approx(min(2 * expected, 1.0), rel=0.03)


def test_the_chance_of_none_beside_a_reference_that_is_hardly_known(rng: np.random.Generator) -> None:
    """Of a reference of ten, two of them flagged, its rate may be far lower: 0.8 of that is no surprise to miss."""
    exactly, hardly = (chances(rates_of([few, 0], [of, 40], rng), 0, RATIO)[1] for few, of in ((2000, 10_000), (2, 10)))
    assert hardly > 20 * exactly


def test_the_chance_of_none_where_a_difference_is_judged(rng: np.random.Generator) -> None:
    """None of a hundred at 3 points less than 5 %: 0.98^100."""
    found = chances(rates_of([50_000, 0], [1_000_000, 100], rng), 0, DIFFERENCE)[1]
    assert found == pytest.approx(2 * 0.98**100, rel=0.05)


def test_a_figure_whose_draws_are_mostly_undefined_has_no_chance_of_failing() -> None:
    """Of a hundred draws twenty have nobody in the denominator: what the other eighty say is not enough."""
    draws = np.linspace(0.4, 0.41, 100)
    draws[::5] = np.nan
    pair = Measured("x", np.array([0.1, 0.405]), np.stack([np.linspace(0.1, 0.101, 100), draws]), np.full(2, 100))
    assert chances(pair, 0, RATIO)[1] == 1.0


def test_everyone_beside_everyone_is_the_same_for_certain(rng: np.random.Generator) -> None:
    """A group that is the whole is compared with the same draws, so that nothing is unsure."""
    found = compare(rates_of([30], [100], rng), 0, ratios=True)
    assert (found.overall_difference.low[0], found.overall_difference.high[0]) == (0, 0)
    assert (found.overall_ratio.low[0], found.overall_ratio.high[0]) == (1, 1)
    assert found.own.low[0] < 0.25 < 0.35 < found.own.high[0]

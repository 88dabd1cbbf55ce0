"""The count engine against fairlearn, and its bootstrap against drawing rows."""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from fairlearn.metrics import MetricFrame, false_negative_rate, false_positive_rate, selection_rate
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scipy.stats import beta, ks_2samp
from sklearn.metrics import precision_score

from ml.contracts import Floats, Predictions
from ml.fairness.counts import METRICS, Rate, count, rates

Town = Callable[..., tuple[Predictions, pd.DataFrame]]
SHARES = {"fi": 0.6, "sv": 0.1, "العربية": 0.25, "việt": 0.05}


def the_selected(predictions: Predictions) -> np.ndarray:
    return predictions.score >= np.quantile(predictions.score, 0.75)


def by_fairlearn(predictions: Predictions, groups: pd.Series) -> pd.DataFrame:
    """Return the metrics a group; all but the selection rate on rows with a known outcome, weighted."""
    selected = the_selected(predictions)
    known = predictions.weight > 0
    weight = {"sample_weight": predictions.weight[known]}
    conditional = MetricFrame(
        metrics={
            "false_positive_rate": false_positive_rate,
            "false_negative_rate": false_negative_rate,
            "precision": precision_score,
        },
        y_true=predictions.outcome[known],
        y_pred=selected[known],
        sensitive_features=groups[known],
        sample_params=dict.fromkeys(("false_positive_rate", "false_negative_rate", "precision"), weight),
    ).by_group
    of_all = MetricFrame(
        metrics={"selection_rate": selection_rate},
        y_true=predictions.outcome,
        y_pred=selected,
        sensitive_features=groups,
    ).by_group
    return conditional.join(of_all)


@pytest.mark.parametrize("weights", ["ones", "few", "own"])
def test_points_are_those_of_fairlearn(town: Town, rng: np.random.Generator, weights: str) -> None:
    predictions, protected = town(5_000, SHARES, weights)
    oracle = by_fairlearn(predictions, protected["language"])
    cells = count(predictions, the_selected(predictions), protected["language"].to_numpy(dtype=object))
    assert list(cells) == sorted(SHARES)
    for group in SHARES:
        found = rates(cells[group], METRICS, 2, rng)
        for metric, rate in found.items():
            assert rate.value == pytest.approx(oracle.loc[group, metric], abs=1e-12), (group, metric)


@pytest.mark.parametrize("weights", ["ones", "few", "own"])
def test_denominators_count_rows_without_weights(town: Town, rng: np.random.Generator, weights: str) -> None:
    predictions, protected = town(2_000, {"fi": 1.0}, weights)
    selected, known = the_selected(predictions), predictions.weight > 0
    cells = count(predictions, selected, protected["language"].to_numpy(dtype=object))["fi"]
    found = rates(cells, METRICS, 2, rng)
    assert {metric: rate.denominator for metric, rate in found.items()} == {
        "selection_rate": 2_000,
        "false_positive_rate": int((known & ~predictions.outcome).sum()),
        "false_negative_rate": int((known & predictions.outcome).sum()),
        "precision": int((known & selected).sum()),
    }


def by_drawing_rows(predictions: Predictions, replicates: int, rng: np.random.Generator) -> dict[str, Floats]:
    """Return the metrics over plain bootstrap draws of rows, by their definitions."""
    selected = the_selected(predictions)
    drawn: dict[str, list[float]] = {metric: [] for metric in METRICS}
    for _ in range(replicates):
        row = rng.integers(0, len(selected), len(selected))
        s, o, w = selected[row], predictions.outcome[row], predictions.weight[row]
        drawn["selection_rate"].append(s.mean())
        drawn["false_positive_rate"].append(w[s & ~o].sum() / w[~o].sum())
        drawn["false_negative_rate"].append(w[~s & o].sum() / w[o].sum())
        drawn["precision"].append(w[s & o].sum() / w[s].sum())
    return {metric: np.array(values) for metric, values in drawn.items()}


@pytest.mark.parametrize("weights", ["ones", "few", "own"])
def test_drawing_cells_is_drawing_rows(town: Town, rng: np.random.Generator, weights: str) -> None:
    """Both are samples of one distribution: same shape, same percentiles, same dependence between metrics.

    With 4,000 replicates each, two samples of one distribution are further apart than 0.06 (Kolmogorov–
    Smirnov) less than once in a million. A 2.5 % percentile has a Monte-Carlo standard error of about
    2.7 s / √4000 = 0.042 s (s: the standard deviation of the replicates), the difference of two 0.06 s;
    0.3 s is five of these.
    """
    predictions, protected = town(600, {"fi": 1.0}, weights)
    plain = by_drawing_rows(predictions, 4_000, rng)
    cells = count(predictions, the_selected(predictions), protected["language"].to_numpy(dtype=object))["fi"]
    found = rates(cells, METRICS, 4_000, rng)
    for metric, rate in found.items():
        assert ks_2samp(plain[metric], rate.replicates).statistic < 0.06, metric
        interval = rate.interval()
        close = pytest.approx(np.percentile(plain[metric], [2.5, 97.5]), abs=0.3 * plain[metric].std())
        assert [interval.low, interval.high] == close, metric
    together = np.corrcoef([rate.replicates for rate in found.values()])
    np.testing.assert_allclose(together, np.corrcoef(list(plain.values())), atol=0.09)  # 5 × √2 / √4000


def test_ratio_is_of_independent_draws(town: Town, rng: np.random.Generator) -> None:
    """The interval is that of two groups drawn apart; tolerance as above."""
    (one, protected), (other, _) = town(500, {"fi": 1.0}), town(700, {"fi": 1.0})
    names = protected["language"].to_numpy(dtype=object)
    of_one = rates(count(one, the_selected(one), names)["fi"], METRICS, 4_000, rng)
    names = np.full(700, "fi", dtype=object)
    of_other = rates(count(other, the_selected(other), names)["fi"], METRICS, 4_000, rng)
    for metric in METRICS:
        plain = by_drawing_rows(one, 4_000, rng)[metric] / by_drawing_rows(other, 4_000, rng)[metric]
        ratio = of_one[metric].ratio_to(of_other[metric])
        assert ratio.value == of_one[metric].value / of_other[metric].value
        close = pytest.approx(np.percentile(plain, [2.5, 97.5]), abs=0.3 * plain.std())
        assert [ratio.low, ratio.high] == close


@pytest.mark.parametrize("hits", [0, 40])
def test_none_or_all_of_forty_is_not_certain(rng: np.random.Generator, hits: int) -> None:
    """The far end is the exact (Clopper–Pearson) bound; Monte-Carlo error of the percentile is under 0.01."""
    selected = np.arange(40) < hits
    predictions = Predictions(12.0, np.full(40, 0.5), np.zeros(40, dtype=bool), np.ones(40))
    cells = count(predictions, selected, np.full(40, "fi", dtype=object))["fi"]
    interval = rates(cells, ["false_positive_rate"], 10_000, rng)["false_positive_rate"].interval()
    bound = float(beta.ppf(0.975, 1, 40))  # 0.088
    expected = (0.0, 0.0, bound) if hits == 0 else (1.0, 1 - bound, 1.0)
    assert (interval.value, interval.low, interval.high) == pytest.approx(expected, abs=0.01)
    assert interval.low <= interval.value <= interval.high


@pytest.mark.parametrize(("undefined", "low", "high"), [(0, 0.4, 0.6), (1, 0.4, 0.6), (10, 0.0, 1.0)])
def test_an_undefined_draw_widens_the_interval(undefined: int, low: float, high: float) -> None:
    """One draw in a hundred with nobody in the denominator hides nothing; one in ten might be anything."""
    draws = np.linspace(0.4, 0.6, 100)
    draws[np.arange(undefined) * 10] = np.nan
    interval = Rate(0.5, draws, 9).interval()
    assert (interval.low, interval.high) == pytest.approx((low, high), abs=0.02)


def test_a_reference_that_is_often_zero_bounds_no_ratio() -> None:
    often_zero = Rate(0.01, np.where(np.arange(100) % 10 == 0, 0.0, 0.01), 100)
    ratio = Rate(0.5, np.full(100, 0.5), 100).ratio_to(often_zero)
    assert (ratio.value, ratio.low, ratio.high) == (50.0, 50.0, np.inf)


def test_an_empty_denominator_is_no_rate(rng: np.random.Generator) -> None:
    predictions = Predictions(12.0, np.full(9, 0.5), np.ones(9, dtype=bool), np.zeros(9))
    cells = count(predictions, np.ones(9, dtype=bool), np.full(9, "fi", dtype=object))["fi"]
    found = rates(cells, METRICS, 20, rng)
    assert [rate.denominator for rate in found.values()] == [9, 0, 0, 0]
    assert found["selection_rate"].value == 1.0
    assert all(np.isnan(found[metric].value) for metric in list(METRICS)[1:])


def test_an_unknown_outcome_says_nothing(town: Town, rng: np.random.Generator) -> None:
    predictions, protected = town(400, {"fi": 1.0}, "few")
    unknown = predictions.weight == 0
    turned = Predictions(12.0, predictions.score, predictions.outcome ^ unknown, predictions.weight)
    names = protected["language"].to_numpy(dtype=object)
    for metric in METRICS:
        one, other = (
            rates(count(p, the_selected(p), names)["fi"], [metric], 5, np.random.default_rng(1))[metric]
            for p in (predictions, turned)
        )
        assert (one.value, one.denominator) == (other.value, other.denominator)
        np.testing.assert_array_equal(one.replicates, other.replicates)


def test_cost_is_of_cells_and_not_of_rows(town: Town, rng: np.random.Generator) -> None:
    """100,000 rows, 24 groups, four metrics, 1,000 replicates: 0.1 s of processor time; 3 s are allowed."""
    predictions, protected = town(100_000, {f"group {place}": 1 / 24 for place in range(24)}, "few")
    names = protected["language"].to_numpy(dtype=object)
    start = time.process_time()
    cells = count(predictions, the_selected(predictions), names)
    for of_group in cells.values():
        rates(of_group, METRICS, 1_000, rng)
    assert time.process_time() - start < 3
    assert max(len(of_group.count) for of_group in cells.values()) <= 2 * (2 * 3 + 1)


ROW = st.tuples(
    st.booleans(), st.booleans(), st.sampled_from([0.0, 1.0, 1.1, 1.7]), st.sampled_from(["fi", "sv", "ру"])
)


@given(st.lists(ROW, min_size=1, max_size=40), st.randoms(use_true_random=False))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_cells_hold_every_row_once_in_any_order(rows: list[tuple[bool, bool, float, str]], random: object) -> None:
    shuffled = list(rows)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    one, other = (count_rows(order) for order in (rows, shuffled))
    assert one.keys() == other.keys() == {row[3] for row in rows}
    for name, cells in one.items():
        assert cells.rows == sum(row[3] == name for row in rows)
        for field in ("selected", "unemployed", "weight", "count"):
            np.testing.assert_array_equal(getattr(cells, field), getattr(other[name], field))


def count_rows(rows: list[tuple[bool, bool, float, str]]) -> dict:
    selected, outcome, weight, group = zip(*rows, strict=True)
    predictions = Predictions(12.0, np.full(len(rows), 0.5), np.array(outcome), np.array(weight))
    return count(predictions, np.array(selected), np.array(group, dtype=object))

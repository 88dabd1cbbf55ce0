"""The count engine against fairlearn, and its bootstrap against drawing rows, and people with all their rows."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product

import numpy as np
import pandas as pd
import pytest
from fairlearn.metrics import MetricFrame, false_negative_rate, false_positive_rate, selection_rate
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import beta, ks_2samp
from sklearn.metrics import precision_score

from ml.contracts import Floats, Predictions, Rows
from ml.fairness.compare import compare
from ml.fairness.counts import Counts, count, outcomes
from ml.fairness.draws import draw
from ml.fairness.groups import Grouping, grouping
from ml.fairness.rates import RATES, Measured, rates

Town = Callable[..., tuple[Predictions, pd.DataFrame]]
SHARES = {"fi": 0.6, "sv": 0.1, "العربية": 0.25, "việt": 0.05}


def the_selected(predictions: Predictions) -> np.ndarray:
    return predictions.score >= np.quantile(predictions.score, 0.75)


def counted(predictions: Predictions, groups: Grouping, person: Rows | None = None) -> Counts:
    flagged = the_selected(predictions)
    return count(groups.code, len(groups.names), flagged, outcomes(predictions), predictions.weight, person)


def measured(
    predictions: Predictions, groups: Grouping, replicates: int, rng: np.random.Generator, person: Rows | None = None
) -> dict[str, Measured]:
    return {each.metric: each for each in rates(counted(predictions, groups, person), RATES, replicates, rng)}


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
    groups = grouping(protected["language"])
    oracle = by_fairlearn(predictions, protected["language"])
    assert list(groups.names) == sorted(SHARES)
    for metric, each in measured(predictions, groups, 2, rng).items():
        np.testing.assert_allclose(each.value, oracle.loc[list(groups.names), metric], atol=1e-12, rtol=0)


def test_intervals_are_those_of_fairlearns_bootstrap(town: Town, rng: np.random.Generator) -> None:
    """The same percentiles; fairlearn takes 0.15 s a replicate, so that 60 must do: their error is about 0.0015."""
    predictions, protected = town(20_000, {"fi": 0.7, "sv": 0.3})
    selected = the_selected(predictions)
    oracle = MetricFrame(
        metrics={"false_positive_rate": false_positive_rate, "selection_rate": selection_rate},
        y_true=predictions.outcome,
        y_pred=selected,
        sensitive_features=protected["language"],
        n_boot=60,
        ci_quantiles=[0.025, 0.975],
        random_state=1,
    ).by_group_ci
    found = measured(predictions, grouping(protected["language"]), 1000, rng)
    for metric in ("false_positive_rate", "selection_rate"):
        own = compare(found[metric], 0, ratios=True).own
        for place, group in enumerate(("fi", "sv")):
            low, high = (frame.loc[group, metric] for frame in oracle)
            assert (own.low[place], own.high[place]) == pytest.approx((low, high), abs=0.005)


@pytest.mark.parametrize("weights", ["ones", "few", "own"])
def test_denominators_count_people_without_weights(town: Town, rng: np.random.Generator, weights: str) -> None:
    predictions, protected = town(2_000, {"fi": 1.0}, weights)
    selected, known = the_selected(predictions), predictions.weight > 0
    found = measured(predictions, grouping(protected["language"]), 2, rng)
    assert {metric: int(each.denominator[0]) for metric, each in found.items()} == {
        "selection_rate": 2_000,
        "false_positive_rate": int((known & ~predictions.outcome).sum()),
        "false_negative_rate": int((known & predictions.outcome).sum()),
        "precision": int((known & selected).sum()),
    }


def by_drawing(predictions: Predictions, person: Rows, replicates: int, rng: np.random.Generator) -> dict[str, Floats]:
    """Return the metrics over plain bootstrap draws of people with all their rows, by their definitions."""
    selected = the_selected(predictions)
    rows_of = [np.flatnonzero(person == each) for each in range(person.max() + 1)]
    drawn: dict[str, list[float]] = {metric: [] for metric in RATES}
    for _ in range(replicates):
        row = np.concatenate([rows_of[each] for each in rng.integers(0, len(rows_of), len(rows_of))])
        s, o, w = selected[row], predictions.outcome[row], predictions.weight[row]
        drawn["selection_rate"].append(s.mean())
        drawn["false_positive_rate"].append(w[s & ~o].sum() / w[~o].sum())
        drawn["false_negative_rate"].append(w[~s & o].sum() / w[o].sum())
        drawn["precision"].append(w[s & o].sum() / w[s].sum())
    return {metric: np.array(values) for metric, values in drawn.items()}


@pytest.mark.parametrize("weights", ["ones", "few", "own"])
def test_drawing_cells_is_drawing_rows(town: Town, rng: np.random.Generator, weights: str) -> None:
    """Both are samples of one distribution: same shape, same percentiles, same dependence between metrics.

    With 3,000 replicates each, two samples of one distribution are further apart than 0.07 (Kolmogorov–
    Smirnov) less than once in a million. A 2.5 % percentile has a Monte-Carlo standard error of about
    2.7 s / √3000 = 0.05 s (s: the standard deviation of the replicates), the difference of two 0.07 s;
    0.35 s is five of these.
    """
    predictions, protected = town(600, {"fi": 1.0}, weights)
    plain = by_drawing(predictions, np.arange(600), 3_000, rng)
    found = measured(predictions, grouping(protected["language"]), 3_000, rng)
    for metric, each in found.items():
        draws = each.draws[0]
        assert ks_2samp(plain[metric], draws).statistic < 0.07, metric
        own = compare(each, 0, ratios=True).own
        close = pytest.approx(np.percentile(plain[metric], [2.5, 97.5]), abs=0.35 * plain[metric].std())
        assert [own.low[0], own.high[0]] == close, metric
    together = np.corrcoef([each.draws[0] for each in found.values()])
    np.testing.assert_allclose(together, np.corrcoef(list(plain.values())), atol=0.13)  # 5 × √2 / √3000


def test_people_with_several_rows_are_drawn_with_all_of_them(town: Town, rng: np.random.Generator) -> None:
    """Up to three rows of a person are alike in score and outcome, as looks at one spell are.

    Each rate has a design effect of its own: within a tenth of the deviation of drawing people; taken as independent,
    rows would be off by two fifths.
    """
    people, protected = town(900, {"fi": 1.0})
    person = np.repeat(np.arange(900), rng.integers(1, 4, 900))
    looks = people[person]
    nudged = Predictions(
        12.0, np.clip(looks.score + rng.normal(0, 0.03, len(person)), 0, 1), looks.outcome, looks.weight
    )
    plain = by_drawing(nudged, person, 1_500, rng)
    groups = grouping(protected["language"].iloc[person])
    found = measured(nudged, groups, 1_500, rng, person)
    alone = measured(nudged, groups, 1_500, rng)
    for metric in RATES:
        spread = plain[metric].std()
        assert found[metric].draws[0].std() == pytest.approx(spread, rel=0.1), metric
        assert alone[metric].draws[0].std() < 0.8 * spread, metric
        assert found[metric].draws[0].mean() == pytest.approx(plain[metric].mean(), abs=0.2 * spread)


def test_counts_are_of_people_where_they_have_several_rows(town: Town) -> None:
    predictions, protected = town(400, {"fi": 0.8, "sv": 0.2})
    thrice = np.repeat(np.arange(400), 3)
    groups = grouping(protected["language"].iloc[thrice])
    found = counted(predictions[thrice], groups, thrice)
    once = counted(predictions, grouping(protected["language"]))
    np.testing.assert_array_equal(found.persons, once.rows)
    np.testing.assert_array_equal(found.size, once.size)
    np.testing.assert_allclose(found.effect, 3.0, rtol=1e-9)


@pytest.mark.parametrize("hits", [0, 40])
def test_none_or_all_of_forty_is_not_certain(rng: np.random.Generator, hits: int) -> None:
    """The far end is the exact (Clopper–Pearson) bound; Monte-Carlo error of the percentile is under 0.01."""
    score = np.where(np.arange(40) < hits, 0.9, 0.1)
    groups = grouping(pd.Series(["fi"] * 40, name="language"))
    unemployed, ones = np.zeros(40, dtype=bool), np.ones(40)
    counts = count(groups.code, 1, score > 0.5, outcomes(Predictions(12.0, score, unemployed, ones)), ones, None)
    (found,) = rates(counts, ("false_positive_rate",), 10_000, rng)
    own = compare(found, 0, ratios=True).own
    bound = float(beta.ppf(0.975, 1, 40))  # 0.088
    expected = (0.0, 0.0, bound) if hits == 0 else (1.0, 1 - bound, 1.0)
    assert (own.value[0], own.low[0], own.high[0]) == pytest.approx(expected, abs=0.01)
    assert own.low[0] <= own.value[0] <= own.high[0]


def test_an_empty_denominator_is_no_rate(rng: np.random.Generator) -> None:
    predictions = Predictions(12.0, np.full(9, 0.5), np.ones(9, dtype=bool), np.zeros(9))
    found = measured(predictions, grouping(pd.Series(["fi"] * 9, name="language")), 20, rng)
    assert [int(each.denominator[0]) for each in found.values()] == [9, 0, 0, 0]
    assert found["selection_rate"].value[0] == 1.0
    assert all(np.isnan(found[metric].value[0]) for metric in RATES[1:])


def test_an_unknown_outcome_says_nothing(town: Town) -> None:
    predictions, protected = town(400, {"fi": 1.0}, "few")
    unknown = predictions.weight == 0
    turned = Predictions(12.0, predictions.score, predictions.outcome ^ unknown, predictions.weight)
    groups = grouping(protected["language"])
    one, other = (measured(each, groups, 5, np.random.default_rng(1)) for each in (predictions, turned))
    for metric in RATES:
        np.testing.assert_array_equal(one[metric].value, other[metric].value)
        np.testing.assert_array_equal(one[metric].draws, other[metric].draws)


def test_what_is_drawn_has_the_size_and_the_mean_of_the_group(town: Town, rng: np.random.Generator) -> None:
    """Also where people have several rows, and their number differs from group to group: the whole is of all groups."""
    predictions, protected = town(600, {"fi": 0.5, "sv": 0.5}, "own")
    groups = grouping(protected["language"])
    person = np.repeat(np.arange(600), np.where(groups.code == 0, 1, 3))
    counts = counted(predictions[person], groups[person], person)
    rows, weight = draw(counts, 4_000, rng, counts.effect)
    np.testing.assert_allclose(rows.sum(axis=(2, 3)), np.repeat(groups[person].sizes[:, None], 4_000, axis=1))
    np.testing.assert_allclose(rows.mean(axis=1), counts.rows, rtol=0.05, atol=0.5)
    np.testing.assert_allclose(weight.mean(axis=1), counts.weight, rtol=0.05, atol=0.5)


def test_weights_of_a_cell_are_drawn_as_unequal_as_they_are(rng: np.random.Generator) -> None:
    """All of one cell: the number drawn is always the same, and what they weigh varies as the sum of so many draws."""
    weight = rng.uniform(0.5, 4, 300)
    nobody = np.zeros(300, dtype=bool)
    counts = count(np.zeros(300, dtype=np.int64), 1, nobody, nobody.astype(np.int64), weight, None)
    _, drawn = draw(counts, 20_000, rng, counts.effect)
    assert drawn[0, :, 0, 0].mean() == pytest.approx(weight.sum(), rel=0.005)
    assert drawn[0, :, 0, 0].std() == pytest.approx(np.sqrt(300) * weight.std(), rel=0.03)


def test_a_rate_is_worth_as_many_people_as_its_draws_are_unsure(town: Town, rng: np.random.Generator) -> None:
    """Of unequal weights, and of several rows a person: p (1 - p) / worth is the variance of the bootstrap."""
    predictions, protected = town(900, {"fi": 1.0}, "own")
    thrice = np.repeat(np.arange(900), 3)
    once, many = grouping(protected["language"]), grouping(protected["language"].iloc[thrice])
    for found in (measured(predictions, once, 4_000, rng), measured(predictions[thrice], many, 4_000, rng, thrice)):
        for metric, each in found.items():
            expected = np.sqrt(each.value[0] * (1 - each.value[0]) / each.worth[0])
            assert each.draws[0].std() == pytest.approx(expected, rel=0.08), metric


ROW = st.tuples(
    st.booleans(), st.booleans(), st.sampled_from([0.0, 1.0, 1.1, 1.7]), st.sampled_from([0, 1, 2]), st.integers(0, 9)
)


@given(st.lists(ROW, min_size=1, max_size=40), st.permutations(range(40)))
@settings(deadline=None)
def test_counts_hold_every_row_once_in_any_order(rows: list[tuple], order: list[int]) -> None:
    one = count_rows(rows)
    other = count_rows([rows[place] for place in order if place < len(rows)])
    assert one.rows.sum() == len(rows)
    for field in ("rows", "persons", "size"):
        np.testing.assert_array_equal(getattr(one, field), getattr(other, field))
    for field in ("weight", "square", "effect"):
        np.testing.assert_allclose(getattr(one, field), getattr(other, field))
    assert (one.persons <= one.rows).all()
    assert (one.effect >= 1).all()
    assert (one.people((0, 0), (1, 0), (0, 1), (1, 1)) <= one.size).all()  # who has rows in two cells is one person
    for group, flagged, outcome in product(range(3), range(2), range(3)):
        here = [row for row in rows if row[3] == group]
        assert one.size[group] == len({row[4] for row in here})
        weights = [row[2] for row in here if row[0] == flagged and (row[1] if row[2] else 2) == outcome]
        assert one.rows[group, flagged, outcome] == len(weights)
        assert one.weight[group, flagged, outcome] == pytest.approx(sum(weights))
        assert one.square[group, flagged, outcome] == pytest.approx(sum(weight**2 for weight in weights))


def count_rows(rows: list[tuple]) -> Counts:
    selected, outcome, weight, group, person = (np.array(column) for column in zip(*rows, strict=True))
    predictions = Predictions(12.0, np.full(len(rows), 0.5), outcome, weight)
    return count(group, 3, selected, outcomes(predictions), weight, person)

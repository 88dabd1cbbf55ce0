"""What may be shown: attackers try to reckon exact counts from all that an audit shows, and to tell worlds apart."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import product

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ml.contracts import Audit, AuditPolicy, Finding, Floats, Limits, Predictions, Verdict
from ml.disclosure import redact
from ml.fairness.audit import audit
from ml.fairness.compare import compare
from ml.fairness.counts import count, outcomes
from ml.fairness.rates import RATES, Measured, rates
from ml.fairness.scores import SCORES, binned, of_scores
from ml.fairness.shown import FEW, figures, kept, share_of, total

Policy = Callable[..., AuditPolicy]
FEWEST = 30
FIGURES = tuple(f"{of}{end}" for of in ("ratio", "difference", "overall_ratio", "overall_difference")
                for end in ("", "_low", "_high"))  # fmt: skip


# ---------------------------------------------------------------- worlds that differ by people whom rounding hides

Cells = np.ndarray  # people of each group by flagged (no, yes) and outcome (exited, unemployed), (groups, 2, 2)


def world(cells: Cells, score: tuple[float, float] = (0.1, 0.9)) -> tuple[Predictions, pd.DataFrame]:
    """Return so many people of each group; who is flagged has the higher of two scores."""
    group, flagged, outcome = (np.repeat(each.ravel(), cells.ravel()) for each in np.indices(cells.shape))
    chance = np.where(flagged == 1, score[1], score[0])
    predictions = Predictions(12.0, chance, outcome == 1, np.ones(len(group)))
    return predictions, pd.DataFrame({"g": np.array(["a", "b", "c", "d"])[group]})


def audited(cells: Cells, policy: AuditPolicy, seed: int = 5, score: tuple[float, float] = (0.1, 0.9)) -> Audit:
    predictions, protected = world(cells, score)
    capacity = float(np.mean(predictions.score == max(score)))  # so that the cut is between the two scores
    policy = replace(policy, capacity=min(max(capacity, 0.01), 0.99))
    return audit(predictions, protected, {"g": "a"}, policy, np.random.default_rng(seed))


def shown(result: Audit) -> list[tuple[object, ...]]:
    """Return all that is shown of people: everything but verdicts, and why they are."""
    told = [
        (f.attribute, f.group, f.metric, f.n, f.reference, f.value, f.low, f.high, *(getattr(f, of) for of in FIGURES))
        for f in (*result.findings, *result.figures)
    ]
    return [(result.people, result.rows, result.selected_share), *sorted(told, key=str)]


def views(cells: Cells) -> tuple[int, ...]:
    """Return the rounded counts that anybody may know: of cells, of their sums by group, and of everyone; -1 of few."""
    of_groups = [cells, cells.sum(axis=2), cells.sum(axis=1), cells.sum(axis=(1, 2))]
    told = np.concatenate([np.ravel(each) for each in (*of_groups, *(each.sum(axis=0) for each in of_groups))])
    return tuple(np.where((told > 0) & (told < 5), -1, (told + 2) // 5 * 5).tolist())


def like_worlds(rng: np.random.Generator, pairs: int) -> Iterator[tuple[Cells, Cells]]:
    """Yield pairs of worlds that differ by a few people, and by no rounded count."""
    while pairs:
        one = rng.integers(0, 40, (3, 2, 2)) * rng.integers(1, 6, (3, 1, 1))
        other = np.maximum(one + rng.integers(-2, 3, one.shape) * (rng.random(one.shape) < 0.4), 0)
        if views(one) == views(other) and not np.array_equal(one, other) and one.sum(axis=(1, 2)).min() > 0:
            pairs -= 1
            yield one, other


def rates_only(policy: Policy) -> AuditPolicy:
    return policy(limits={"false_positive_rate": Limits("ratio", 0.8, 1.25)}, replicates=60,
                  shown=("selection_rate", "false_negative_rate", "precision"))  # fmt: skip


def test_like_worlds_show_the_same_to_the_last_digit(policy: Policy, rng: np.random.Generator) -> None:
    """No attack of whatever kind tells them apart: no exact size, and no exact numerator, leaves the engine."""
    for one, other in like_worlds(rng, 30):
        assert shown(audited(one, rates_only(policy))) == shown(audited(other, rates_only(policy)))


@pytest.mark.parametrize("flagged", [1, 0])
def test_one_to_four_are_judged_alike(policy: Policy, flagged: int) -> None:
    """Otherwise a verdict would tell one from four: of a thousand, so few were flagged in vain, or so few were not."""
    told, chances = set(), []
    for few in (1, 2, 3, 4):
        cells = np.array([[[750, 30], [250, 30]], [[1000, 30], [1000, 30]]])
        cells[1, flagged, 0] = few
        result = audited(cells, replace(rates_only(policy), replicates=2_000))
        found = next(f for f in result.findings if f.group == "b")
        told.add((found.value, found.ratio, found.difference, found.overall_ratio, found.verdict))
        chances.append(found.chance)
    assert told == {(None, None, None, None, Verdict.FAIL)}
    assert np.ptp(chances) <= 0.1 * max(chances)  # nothing but the noise of draws


# ---------------------------------------------------------------- attackers


def denominators(found: Finding, sizes: Floats) -> set[int]:
    """Return the exact sizes near the shown one of which both ends of a rate's interval are whole numbers of people."""
    kept_ = set()
    for size in sizes.tolist():
        steps = (found.high - found.low) * size, (found.value - found.low) * size
        if all(abs(step - round(step)) <= 1e-4 * size for step in steps):
            kept_.add(int(size))
    return kept_


def test_ends_of_intervals_do_not_tell_the_size_of_a_group(policy: Policy, rng: np.random.Generator) -> None:
    """An end that is a whole number of people, over the exact size, would tell it in nearly every case."""
    right, of = [], replace(rates_only(policy), replicates=2_001)
    for _ in range(60):
        cells = rng.integers(5, 12, (2, 2, 2))
        found = next(f for f in audited(cells, of).figures if (f.group, f.metric) == ("b", "selection_rate"))
        right.append(denominators(found, np.arange(found.n - 2, found.n + 3)) == {int(cells[1].sum())})
    assert np.mean(right) <= 0.25


@pytest.mark.parametrize("small", [1, 2, 3, 4])
def test_no_subtraction_leaves_the_exact_number_of_a_small_group(small: int) -> None:
    """All sizes of two others that round unlike: what is shown leaves at least two numbers, and mostly all four.

    The attacker knows the rule by which totals move, and tries every number of people that would show the same.
    """
    told: dict[tuple[object, ...], set[int]] = {}
    for first, second, few in product(range(50, 55), range(70, 75), (1, 2, 3, 4)):
        sizes = [np.array([first, second, few])]
        seen = (total(first + second + few, sizes), redact(first), redact(second))
        told.setdefault(seen, set()).add(few)
    for first, second in product(range(50, 55), range(70, 75)):
        seen = (total(first + second + small, [np.array([first, second, small])]), redact(first), redact(second))
        assert len(told[seen]) >= 2


def test_a_plain_total_would_leave_it() -> None:
    """Two that are rounded down by two each, and a total that is rounded up: only four are left."""
    assert redact(52 + 52 + 4) == 110
    assert redact(52) == 50
    assert total(52 + 52 + 4, [np.array([52, 52, 4])]) == 105
    assert total(52 + 52 + 4, [np.array([52, 56])]) == 110  # nobody's number would be told


@pytest.mark.parametrize(("people", "shown_"), [(0, 0), (1, None), (4, None), (5, 5), (7, 5), (8, 10), (1003, 1005)])
def test_a_total_is_rounded(people: int, shown_: int | None) -> None:
    assert total(people, []) == shown_
    assert total(people, [np.array([people])]) == shown_


def test_two_reports_that_differ_by_three_people_do_not_tell_three(policy: Policy, rng: np.random.Generator) -> None:
    """Sizes differ by multiples of five; of rates times sizes three comes out as other numbers do."""
    said = []
    for _ in range(120):
        before = rng.integers(5, 25, (2, 2, 2))
        after = before.copy()
        after[1, 1, 0] += 3
        one, other = (audited(cells, replace(rates_only(policy), replicates=2)) for cells in (before, after))
        for then, now in zip((*one.findings, *one.figures), (*other.findings, *other.figures), strict=True):
            assert (now.n - then.n) % 5 == 0
            if (now.group, now.metric) == ("b", "selection_rate"):
                said.append(round(now.value * now.n - then.value * then.n))
        assert (other.people - one.people) % 5 == (other.rows - one.rows) % 5 == 0
    assert np.mean(np.array(said) == 3) < 0.35
    assert len(set(said)) > 3


def test_a_share_times_a_size_is_no_exact_number(policy: Policy, rng: np.random.Generator) -> None:
    """Rates are fractions of multiples of five: whatever they are multiplied with, one to four do not come out."""
    for _ in range(60):
        result = audited(rng.integers(0, 30, (3, 2, 2)) + np.eye(2, dtype=np.int64) * 3, rates_only(policy))
        for f in (*result.findings, *result.figures):
            if f.value in (None, 0.0, 1.0):
                continue
            parts = [(a, b) for a in range(5, 200, 5) for b in range(a + 5, 400, 5) if abs(a / b - f.value) < 6e-5]
            assert parts, f
    assert share_of(9, 37) == 10 / 35


@given(st.integers(0, 3000), st.integers(1, 3000))
def test_a_shown_share_is_of_rounded_counts(part: int, whole: int) -> None:
    found = share_of(min(part, whole), whole)
    assert 0 <= found <= 1
    assert (found == 0) == (min(part, whole) == 0)
    steps = found * max(5, (whole + 2) // 5 * 5) / 5
    assert steps == pytest.approx(round(steps), abs=1e-6)


# ---------------------------------------------------------------- the rule itself


def measured_rates(cells: Cells, replicates: int = 400, weight: float = 1.0) -> dict[str, Measured]:
    predictions, protected = world(cells)
    code = pd.factorize(protected["g"])[0]
    ones = np.full(len(code), weight)
    counts = count(code, len(cells), predictions.score > 0.5, outcomes(predictions), ones, None)
    return {each.metric: each for each in rates(counts, RATES, replicates, np.random.default_rng(2))}


def one_group(hits: int, misses: int) -> Cells:
    """Return a group of which so many were flagged in vain, and so many rightly not, beside a large one."""
    return np.array([[[300, 100], [100, 100]], [[misses, 50], [hits, 50]]])


@pytest.mark.parametrize(
    ("hits", "misses", "value"),
    [
        (0, 40, 0.0),  # a true zero tells of nobody
        (1, 40, None),
        (4, 40, None),
        (5, 40, 5 / 45),
        (7, 40, 5 / 45),
        (8, 40, 10 / 50),
        (40, 1, None),  # the others of the same rate
        (40, 4, None),
        (40, 5, 40 / 45),
        (40, 0, 1.0),
        (2, 2, None),
        (0, 4, None),  # a rate of four people
        (0, 5, 0.0),
        (0, 0, None),
    ],
)
def test_a_rate_is_shown_as_rounded_counts_give_it(
    hits: int, misses: int, value: float | None, rng: np.random.Generator
) -> None:
    measured = measured_rates(one_group(hits, misses))["false_positive_rate"]
    judged, told = kept(measured, FEWEST, rng)
    assert told.value[1] == pytest.approx(np.nan if value is None else value, nan_ok=True)
    assert told.value[0] == 0.25
    if not {hits, misses} & {1, 2, 3, 4}:
        np.testing.assert_array_equal(judged.value, measured.value)
        np.testing.assert_array_equal(judged.draws, measured.draws)


def test_beside_a_reference_that_is_not_shown_no_ratio_is(rng: np.random.Generator) -> None:
    _, told = kept(measured_rates(one_group(3, 40))["false_positive_rate"], FEWEST, rng)
    found = figures(compare(told, 1, ratios=True))[0]
    assert found["own"][0] == 0.25
    assert found["ratio"] == found["difference"] == (None, None, None)
    assert found["overall_ratio"][0] == pytest.approx(0.25 / (105 / 445), abs=1e-4)


def test_everyones_rate_is_not_shown_of_one_to_four(rng: np.random.Generator) -> None:
    cells = one_group(3, 40)
    cells[0, 1, 0] = 0  # none of the others
    _, told = kept(measured_rates(cells)["false_positive_rate"], FEWEST, rng)
    assert np.isnan(told.of_all[0])
    assert {found["overall_ratio"] for found in figures(compare(told, 0, ratios=True))} == {(None, None, None)}


@pytest.mark.parametrize("weight", [1e-6, 0.1, 3.0, 1e6])
def test_weights_of_any_unit_show_the_same(weight: float, rng: np.random.Generator) -> None:
    """Weights that add up to one would round to no people at all, and every rate to 0 or to nothing."""
    cells = one_group(14, 61)
    for metric in RATES:
        one, other = (kept(measured_rates(cells, weight=each)[metric], FEWEST, np.random.default_rng(1))[1]
                      for each in (1.0, weight))  # fmt: skip
        np.testing.assert_allclose(one.value, other.value, rtol=1e-9)
        np.testing.assert_allclose(one.draws, other.draws, rtol=1e-9)
        np.testing.assert_allclose(one.of_all[0], other.of_all[0], rtol=1e-9)


def test_of_some_people_of_little_weight_not_none_are_shown(rng: np.random.Generator) -> None:
    """Seven people who together weigh one person are no true zero."""
    measured = measured_rates(one_group(7, 60))["false_positive_rate"]
    hits = np.where(np.arange(2) == 1, 1.0, measured.hits)
    _, told = kept(replace(measured, hits=hits), FEWEST, rng)
    assert told.value[1] == pytest.approx(5 / 65)


@pytest.mark.parametrize(("hits", "misses"), [(10, 30), (50, 50), (100, 900), (0, 40), (40, 0)])
def test_shown_intervals_are_those_of_the_exact_counts_where_these_are_round(hits: int, misses: int) -> None:
    """Percentiles of 20,000 draws; of counts that rounding leaves, the bootstrap's interval and the shown one agree."""
    measured = measured_rates(one_group(hits, misses), 20_000)["false_positive_rate"]
    _, told = kept(measured, FEWEST, np.random.default_rng(3))
    exact, shown_ = compare(measured, 0, ratios=True), compare(told, 0, ratios=True)
    for of in ("own", "ratio", "difference", "overall_ratio", "overall_difference"):
        one, other = getattr(exact, of), getattr(shown_, of)
        width = one.high[1] - one.low[1]
        assert other.value[1] == pytest.approx(one.value[1], abs=1e-9)
        assert [other.low[1], other.high[1]] == pytest.approx([one.low[1], one.high[1]], abs=0.12 * width)


def test_one_to_four_are_as_unsure_as_they_are() -> None:
    """The interval by which they are judged holds what one, and what four, of so many may come from."""
    measured = measured_rates(one_group(3, 97), 20_000)["false_positive_rate"]
    judged, _ = kept(measured, FEWEST, np.random.default_rng(3))
    low, high = np.percentile(judged.draws[1], [2.5, 97.5])
    assert judged.value[1] == pytest.approx(FEW / 100, rel=0.05)
    assert low < 0.003
    assert 0.08 < high < 0.11  # Clopper and Pearson (1934): up to 0.099 for four of a hundred


# ---------------------------------------------------------------- figures of scores


def measured_scores(score: Floats, outcome: Floats, replicates: int = 4_000) -> dict[str, Measured]:
    predictions = Predictions(12.0, score, outcome.astype(bool), np.ones(len(score)))
    code = np.zeros(len(score), dtype=np.int64)
    counts = count(code, 1, score > 0.5, outcomes(predictions), predictions.weight, None)
    return {each.metric: each for each in
            of_scores(binned(predictions), code, counts, SCORES, replicates, np.random.default_rng(2))}  # fmt: skip


@pytest.mark.parametrize(
    ("stayed", "value"), [(0, 0.0), (1, None), (4, None), (5, -5 / 60), (7, -5 / 60), (8, -10 / 60)]
)
def test_a_gap_of_scores_that_say_nothing_is_no_count(
    stayed: int, value: float | None, rng: np.random.Generator
) -> None:
    """Scores of 0 make of the gap the share of those who stayed, so that gap times size would be their number."""
    outcome = np.arange(61) < stayed
    _, told = kept(measured_scores(np.zeros(61), outcome)["calibration_gap"], FEWEST, rng)
    assert told.value[0] == pytest.approx(np.nan if value is None else value, nan_ok=True)


def test_auc_of_flags_is_no_count(rng: np.random.Generator) -> None:
    """Of scores that are 0 or 1, none in vain: the AUC is a half and half the share found, three of thirty."""
    outcome = np.arange(90) < 30
    found = {kept(measured_scores((np.arange(90) < hits).astype(float), outcome)["auc"], FEWEST, rng)[1].value[0]
             for hits in (3, 4, 5, 6, 7)}  # fmt: skip
    assert {round(float(each), 9) for each in found} == {round(0.5 + 2.5 / 30, 9)}


def test_an_auc_of_one_has_no_interval_beyond(rng: np.random.Generator) -> None:
    outcome = np.arange(80) % 2
    _, told = kept(measured_scores(0.2 + 0.6 * outcome, outcome)["auc"], FEWEST, rng)
    own = compare(told, 0, ratios=False).own
    assert (own.value[0], own.high[0]) == (1.0, 1.0)
    assert 0.8 < own.low[0] < 1


@pytest.mark.parametrize(("people", "told"), [(58, False), (60, True)])
def test_figures_of_scores_need_the_smallest_denominator_of_either_outcome(
    people: int, told: bool, rng: np.random.Generator
) -> None:
    outcome = np.arange(people) % 2
    found = {metric: kept(each, FEWEST, rng)[1].value[0]
             for metric, each in measured_scores(np.linspace(0.1, 0.9, people), outcome).items()}  # fmt: skip
    assert np.isfinite(found["calibration_gap"])
    assert np.isfinite([found["auc"], found["calibration_intercept"]]).tolist() == [told, told]


def test_figures_of_many_scores_are_nearly_exact(rng: np.random.Generator) -> None:
    score = rng.beta(2, 3, 40_000)
    for metric, each in measured_scores(score, rng.random(40_000) < score**1.3).items():
        judged, told = kept(each, FEWEST, rng)
        assert judged is each
        assert told.value[0] == pytest.approx(each.value[0], abs=5e-4), metric
        exact, shown_ = (np.percentile(one.draws[0], [2.5, 97.5]) for one in (each, told))
        np.testing.assert_allclose(shown_, exact, atol=0.1 * np.ptp(exact))


def test_a_few_outcomes_more_or_less_seldom_move_a_figure_of_scores(rng: np.random.Generator) -> None:
    """Eight worlds, from none to seven outcomes turned: exact figures tell all of them apart, shown ones hardly any."""
    score = np.tile(np.linspace(0.05, 0.95, 50), 8)
    outcome = rng.random(400) < score
    seen: dict[str, set[tuple[float, ...]]] = {}
    for more in range(8):
        turned = outcome.copy()
        turned[np.flatnonzero(outcome)[:more]] = False
        for metric, each in measured_scores(score, turned).items():
            _, told = kept(each, FEWEST, np.random.default_rng(8))
            seen.setdefault(metric, set()).add((told.value[0], *np.percentile(told.draws[0], [2.5, 97.5])))
            seen.setdefault(f"exact {metric}", set()).add((each.value[0],))
    assert {len(seen[f"exact {metric}"]) for metric in SCORES} == {8}
    assert max(len(seen[metric]) for metric in SCORES) <= 5


# ---------------------------------------------------------------- whatever the counts


CELL = st.integers(0, 12)


@given(st.lists(st.tuples(CELL, CELL, CELL, CELL), min_size=2, max_size=4))
@settings(deadline=None, max_examples=60)
def test_whatever_the_counts_nothing_is_shown_of_one_to_four(groups: list[tuple[int, int, int, int]]) -> None:
    cells = np.array(groups).reshape(-1, 2, 2)
    for metric, each in measured_rates(cells, 20).items() if cells.sum() else ():
        _, told = kept(each, FEWEST, np.random.default_rng(1))
        sides = np.stack(each.numerator)
        few = ((sides > 0) & (sides < 5)).any(axis=0)
        assert np.isnan(told.value[few]).all(), metric
        assert ((told.draws >= 0) & (told.draws <= 1)).all()
        for found in figures(compare(told, 0, ratios=True)):
            for value, low, high in found.values():
                assert value is None or ((low is None or low <= value) and (high is None or value <= high))

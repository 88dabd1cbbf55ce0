"""How good a model is for each group: figures where there are enough people, and said aloud where there are not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from ml.contracts import AuditPolicy, GroupPerformance, Predictions
from ml.errors import DataError
from ml.fairness.performance import group_performance
from ml.measures.coverage import coverage
from ml.measures.quality import core_figures

Town = Callable[..., tuple[Predictions, pd.DataFrame]]
Policy = Callable[..., AuditPolicy]
SHARES = {"fi": 0.6, "sv": 0.25, "ру": 0.15}


def found_of(
    predictions: Predictions, protected: pd.DataFrame, policy: AuditPolicy, **more: object
) -> dict[tuple[str, int], GroupPerformance]:
    landmark = more.pop("landmark", np.zeros(len(predictions.score), dtype=np.int64))
    rng = np.random.default_rng(7)
    found = group_performance(predictions, landmark, protected, policy, rng, **more)  # type: ignore[arg-type]
    return {(each.group, each.landmark): each for each in found}


def test_each_group_at_each_landmark_has_the_figures_of_its_rows(town: Town, policy: Policy) -> None:
    predictions, protected = town(4000, SHARES, "few")
    landmark = np.arange(4000) % 2
    found = found_of(predictions, protected, policy(), landmark=landmark)
    assert list(found) == [("fi", 0), ("fi", 1), ("sv", 0), ("sv", 1), ("ру", 0), ("ру", 1)]
    rows = ((protected["language"] == "sv") & (landmark == 1)).to_numpy()
    told, expected = found["sv", 1].figures, core_figures(predictions[rows], np.random.default_rng(7))
    assert told is not None
    assert (told.observed, told.predicted, told.auc, told.brier) == (
        expected.observed, expected.predicted, expected.auc, expected.brier
    )  # fmt: skip
    assert told.calibration.slope == expected.calibration.slope
    assert told.calibration.ici.value == expected.calibration.ici.value
    assert told.coverage is None
    assert found["sv", 1].why == ""


def test_a_model_that_is_wrong_for_one_group_shows_there_alone(town: Town, policy: Policy) -> None:
    predictions, protected = town(8000, SHARES)
    theirs = (protected["language"] == "ру").to_numpy()
    score = np.where(theirs, np.minimum(predictions.score + 0.15, 1), predictions.score)
    found = found_of(replace(predictions, score=score), protected, policy())
    wrong, right = found["ру", 0].figures, found["fi", 0].figures
    assert wrong is not None
    assert right is not None
    assert wrong.gap.low > 0.1
    assert wrong.calibration.ici.low > wrong.calibration.ici_if_perfect.high
    assert right.gap.low < 0 < right.gap.high


@pytest.mark.parametrize(
    ("rows", "n", "why"),
    [
        (3, None, "fewer than 30 people with a known outcome"),
        (29, 30, "fewer than 30 people with a known outcome"),
        (45, 45, "fewer than 20 people known to be still unemployed"),
        (200, 200, ""),
    ],
)
def test_small_groups_are_listed_without_figures(policy: Policy, rows: int, n: int | None, why: str) -> None:
    score = np.tile([0.2, 0.3, 0.8], 1000)
    outcome = np.tile([False, False, True], 1000)
    outcome[::7] = ~outcome[::7]
    protected = pd.DataFrame({"language": ["few"] * rows + ["many"] * (3000 - rows)})
    found = found_of(Predictions(12.0, score, outcome, np.ones(3000)), protected, policy())
    assert (found["few", 0].n, found["few", 0].why) == (n, why)
    assert (found["few", 0].figures is None) == bool(why)
    assert found["many", 0].figures is not None


def test_the_policys_smallest_denominator_counts_persons_whose_outcome_is_known(town: Town, policy: Policy) -> None:
    predictions, protected = town(300, {"fi": 1.0})
    known = Predictions(12.0, predictions.score, predictions.outcome, (np.arange(300) < 150).astype(float))
    assert found_of(known, protected, policy(smallest_denominator=150))["fi", 0].figures is not None
    assert found_of(known, protected, policy(smallest_denominator=151))["fi", 0].figures is None
    thrice = replace(known, person=np.arange(300) // 3)
    assert found_of(thrice, protected, policy(smallest_denominator=50))["fi", 0].figures is not None
    assert found_of(thrice, protected, policy(smallest_denominator=51))["fi", 0].figures is None


def test_a_missing_value_is_a_group(town: Town, policy: Policy) -> None:
    predictions, protected = town(2000, SHARES)
    known = protected["language"].where(np.arange(2000) % 4 > 0)
    found = found_of(predictions, pd.DataFrame({"language": known}), policy())
    assert found["missing", 0].n == 500
    assert found["missing", 0].figures is not None


def test_coverage_is_of_the_groups_own_rows(town: Town, policy: Policy) -> None:
    predictions, protected = town(4000, SHARES)
    low, high = predictions.score * 0.8, np.minimum(predictions.score * 1.2, 1)
    found = found_of(predictions, protected, policy(), ends=(low, high))["sv", 0].figures
    rows = (protected["language"] == "sv").to_numpy()
    assert found is not None
    assert found.coverage == coverage(low[rows], high[rows], predictions[rows], np.zeros(rows.sum(), dtype=np.int64))


def test_an_attribute_that_is_not_there_raises(town: Town, policy: Policy) -> None:
    predictions, protected = town(200, SHARES)
    with pytest.raises(DataError, match="'gender', 'origin': no such protected column"):
        found_of(predictions, protected, policy(), attributes=("origin", "language", "gender"))


def test_rows_that_do_not_match_raise(town: Town, policy: Policy) -> None:
    predictions, protected = town(200, SHARES)
    with pytest.raises(DataError, match="199 landmarks or protected rows beside 200"):
        found_of(predictions, protected.iloc[1:], policy())
    with pytest.raises(DataError, match="198 landmarks"):
        found_of(predictions, protected, policy(), landmark=np.zeros(198, dtype=np.int64))


def test_without_protected_attributes_there_are_no_groups(town: Town, policy: Policy) -> None:
    predictions, protected = town(200, SHARES)
    assert found_of(predictions, protected[[]], policy()) == {}

"""Whom a capacity looks at and what that finds, by hand: the table is the rule."""

from __future__ import annotations

import numpy as np
import pytest

from ml.contracts import Outcome, Predictions
from ml.measures.capacity import at_capacity, rank
from ml.measures.net_benefit import decision_curve
from ml.measures.quarters import quarters

NAN = float("nan")

# scores | capacity | which part of each is looked at
LOOKED_AT = [
    ([5, 4, 3, 2], 1 / 2, [1, 1, 0, 0]),
    ([2, 3, 4, 5], 1 / 4, [0, 0, 0, 1]),  # the order of rows means nothing
    ([5, 4, 4, 2], 1 / 2, [1, 1 / 2, 1 / 2, 0]),  # one of the two who tie, and nobody knows which
    ([4, 4, 4, 4], 1 / 4, [1 / 4, 1 / 4, 1 / 4, 1 / 4]),
    ([5, 4, 3, 2], 3 / 8, [1, 1 / 2, 0, 0]),  # a capacity of one person and a half
    ([5, NAN, 3, NAN], 3 / 4, [1, 1 / 2, 1, 1 / 2]),  # who has no score comes last
    ([NAN, NAN, 3, 2], 1 / 2, [0, 0, 1, 1]),
    ([5, 4, 3, 2], 1, [1, 1, 1, 1]),
]

# score | still unemployed | weight | the rule's ranking
PEOPLE = [
    (0.9, True, 1, 1),
    (0.8, False, 2, 7),
    (0.6, True, 1, 7),
    (0.6, False, 1, 2),
    (0.3, True, 2, 2),
    (0.2, False, 0, 9),  # unknown: is looked at like others, and says nothing
    (0.1, False, 2, 2),
    (0.1, True, 1, 1),
]
# Weights: 10, of which still unemployed 5.
# capacity | precision | recall | missed of 1,000 | the rule's precision | the rule's recall
FOUND = [
    # 0.9 and 0.8: weights 3, of which 1. By the rule 9 and half of each 7: weights 3/2, of which 1/2
    (1 / 4, 1 / 3, 1 / 5, 400, 1 / 3, 1 / 10),
    # 0.9, 0.8 and half of each 0.6: weights 4, of which 3/2. By the rule 9, 7, 7: weights 3, of which 1
    (3 / 8, 3 / 8, 3 / 10, 350, 1 / 3, 1 / 5),
    # 0.9 to 0.6: weights 5, of which 2. By the rule a third of each 2 as well: weights 14/3, of which 5/3
    (1 / 2, 2 / 5, 2 / 5, 300, 5 / 14, 1 / 3),
    (1, 1 / 2, 1, 0, 1 / 2, 1),
]
# threshold | share looked at | net benefit: true positives less odds × false ones, of a weight of 10 | everybody | rule
WORTH = [
    (0.5, 1 / 2, (2 - 3) / 10, (5 - 5) / 10, (5 / 3 - 3) / 10),
    (0.25, 5 / 8, (4 - 1 / 3 * 3) / 10, (5 - 1 / 3 * 5) / 10, (7 / 3 - 1 / 3 * 4) / 10),
    (0.85, 1 / 8, 1 / 10, (5 - 17 / 3 * 5) / 10, 0),  # by the rule, the one of whom nothing is known
]


def people() -> tuple[Predictions, np.ndarray]:
    score, outcome, weight, rule = (np.array(column) for column in zip(*PEOPLE, strict=True))
    return Predictions(12.0, score, outcome, weight.astype(float)), rule.astype(float)


@pytest.mark.parametrize(("scores", "capacity", "parts"), LOOKED_AT)
def test_who_is_looked_at(scores: list[float], capacity: float, parts: list[float]) -> None:
    found = rank(np.array(scores, dtype=float)).looked_at(float(capacity))
    assert found == pytest.approx([float(part) for part in parts], abs=1e-12)


@pytest.mark.parametrize(("capacity", "precision", "recall", "missed", "rule_precision", "rule_recall"), FOUND)
def test_what_is_found(
    capacity: float,
    precision: float,
    recall: float,
    missed: int,
    rule_precision: float,
    rule_recall: float,
) -> None:
    predictions, rule = people()
    found = at_capacity(predictions, float(capacity), rule)
    assert found.precision.value == pytest.approx(float(precision))
    assert found.recall.value == pytest.approx(float(recall))
    assert found.missed_per_1000.value == pytest.approx(missed, abs=1e-9)
    assert found.rule_precision is not None
    assert found.rule_recall is not None
    assert found.lift is not None
    assert found.rule_precision.value == pytest.approx(float(rule_precision))
    assert found.rule_recall.value == pytest.approx(float(rule_recall))
    assert found.lift.value == pytest.approx(float(precision / rule_precision))


@pytest.mark.parametrize(("threshold", "looked_at", "model", "everybody", "by_rule"), WORTH)
def test_what_looking_is_worth(
    threshold: float, looked_at: float, model: float, everybody: float, by_rule: float
) -> None:
    predictions, rule = people()
    (found,) = decision_curve(predictions, rule, (threshold,))
    assert found.looked_at == float(looked_at)
    assert found.model.value == pytest.approx(float(model))
    assert found.everybody.value == pytest.approx(float(everybody))
    assert found.rule is not None
    assert found.rule.value == pytest.approx(float(by_rule))


# first day of the spell | days that it had lasted | quarter of the look
QUARTERS = [
    ("2018-01-01", 0, "2018 Q1"),
    ("2018-03-31", 0, "2018 Q1"),
    ("2018-03-31", 1, "2018 Q2"),
    ("2018-06-30", 92, "2018 Q3"),
    ("2018-10-01", 91, "2018 Q4"),
    ("2018-10-02", 91, "2019 Q1"),
    ("2017-11-27", 125, "2018 Q2"),  # 125 days, as months and back, are a little less than 125
    ("1969-12-31", 0, "1969 Q4"),
]


@pytest.mark.parametrize(("start", "lasted", "quarter"), QUARTERS)
def test_the_quarter_of_a_look(start: str, lasted: float, quarter: str) -> None:
    """Also where a spell is counted in months of 365.25 / 12 days: 91 days are 2.99 of them."""
    day = np.array([start], dtype="datetime64[D]")
    in_days = Outcome("d", "day", 1.0, 365.0, (365.0,), "how", exit_when=("work",))
    in_months = Outcome("d", "month", 365.25 / 12, 12.0, (12.0,), "how", exit_when=("work",))
    assert quarters(day, np.array([float(lasted)]), in_days).tolist() == [quarter]
    assert quarters(day, np.array([lasted / in_months.unit_days]), in_months).tolist() == [quarter]

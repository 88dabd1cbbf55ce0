"""Those unemployed now, a chunk at a time: everybody once, in one order, each with their own plan."""

from __future__ import annotations

from datetime import date

import pandas as pd
import pytest

from ml.contracts import CurrentCohort, PlanInForce


@pytest.fixture
def cohort() -> CurrentCohort:
    names = tuple(f"p{number}" for number in range(7))
    features = pd.DataFrame({"days_unemployed": [float(number) for number in range(7)]})
    plans = {"p0": PlanInForce(date(2019, 5, 1), None), "p5": PlanInForce(date(2019, 6, 1), date(2022, 5, 31))}
    return CurrentCohort("service-need", date(2020, 1, 31), (), names, features, plans, "key", "digest")


@pytest.mark.parametrize(
    ("size", "lengths"), [(1, [1] * 7), (3, [3, 3, 1]), (7, [7]), (100, [7])], ids=["one", "some", "all", "more"]
)
def test_everybody_comes_once_and_in_order(cohort: CurrentCohort, size: int, lengths: list[int]) -> None:
    chunks = list(cohort.chunks(size))
    assert [len(chunk) for chunk in chunks] == lengths
    assert [name for chunk in chunks for name in chunk.pseudonyms] == list(cohort.pseudonyms)
    assert [days for chunk in chunks for days in chunk.features["days_unemployed"]] == list(range(7))
    plans = dict(zip(cohort.pseudonyms, (plan for chunk in chunks for plan in chunk.plans), strict=True))
    assert {name: plan for name, plan in plans.items() if plan is not None} == cohort.plans
    assert all(list(chunk.features.index) == list(range(len(chunk))) for chunk in chunks)

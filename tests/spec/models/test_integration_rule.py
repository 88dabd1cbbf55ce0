"""The integration rule: plan and day in, what the rule says out."""

from __future__ import annotations

from datetime import date

import pytest

from ml.errors import DataError
from ml.models.needs.rule import IntegrationPlan, RuleAnswer, integration_rule

# plan's first day, its last day | day asked for | entity | conditions that hold | over the usual term
TABLE = """
    2025-03-01 2026-03-01 | 2025-06-01 | integration | plan begun not_ended | no
    2025-03-01 2026-03-01 | 2025-03-01 | integration | plan begun not_ended | no
    2025-03-01 2026-03-01 | 2026-03-01 | integration | plan begun not_ended | no
    2025-03-01 2026-03-01 | 2025-02-28 | -           | plan not_ended       | no
    2025-03-01 2026-03-01 | 2026-03-02 | -           | plan begun           | no
    2025-03-01 -          | 2025-06-01 | integration | plan begun not_ended | no
    2025-03-01 -          | 2027-03-01 | integration | plan begun not_ended | no
    2025-03-01 -          | 2027-03-02 | integration | plan begun not_ended | yes
    2024-02-29 2029-01-01 | 2027-02-28 | integration | plan begun not_ended | no
    2024-02-29 2029-01-01 | 2027-03-01 | integration | plan begun not_ended | yes
    2024-12-31 -          | 2027-06-01 | integration | plan begun not_ended | no
    2025-01-01 -          | 2027-06-01 | integration | plan begun not_ended | yes
    -          -          | 2025-06-01 | -           |                      | no
"""
# The act before 2025 gave a plan three years (row 2024-12-31), the one since gives two (row 2025-01-01).


def day(text: str) -> date | None:
    return None if text == "-" else date.fromisoformat(text)


def said(first: str, last: str, on: str) -> RuleAnswer:
    start = day(first)
    asked = day(on)
    assert asked is not None
    return integration_rule(None if start is None else IntegrationPlan(start, day(last)), asked)


@pytest.mark.parametrize("line", TABLE.strip().splitlines())
def test_what_the_rule_says(line: str) -> None:
    plan, on, entity, conditions, over = (part.strip() for part in line.split("|"))
    answer = said(*plan.split(), on)
    assert answer.entity == (None if entity == "-" else entity)
    assert [each.name for each in answer.conditions if each.holds] == conditions.split()
    assert [each.name for each in answer.conditions] == ["plan", "begun", "not_ended"]
    assert answer.over_usual_term is (over == "yes")


@pytest.mark.parametrize(("on", "act"), [("2024-12-31", "1386/2010"), ("2025-01-01", "681/2023")])
def test_the_act_in_force_on_the_day_is_named(on: str, act: str) -> None:
    assert said("2024-06-01", "2026-06-01", on).source == act


def test_a_plan_that_ends_before_it_begins_is_refused() -> None:
    with pytest.raises(DataError, match="ends on 2025-01-01, before it begins on 2025-01-02"):
        IntegrationPlan(date(2025, 1, 2), date(2025, 1, 1))

"""How the integration rule agrees with what a register calls made by rule."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from ml.contracts import Placements
from ml.models.needs.rule import rule_quality

Town = Callable[..., Placements]


def test_a_register_that_keeps_the_rule_agrees_wholly(placements: Placements) -> None:
    quality = rule_quality(placements)
    assert quality.holds == quality.by_rule == int(placements.plan_in_force.sum()) > 100
    assert quality.placed_where_holds.value == quality.holds_where_placed.value == 1
    assert 0.95 < quality.placed_where_holds.low < 1  # all of so many is not known to be all


def test_caseworkers_who_placed_against_the_rule_are_counted(placements: Placements) -> None:
    by_rule = np.flatnonzero(placements.plan_in_force)
    by_caseworker = placements.by_caseworker.copy()
    by_caseworker[by_rule[: len(by_rule) // 4]] = True
    quality = rule_quality(replace(placements, by_caseworker=by_caseworker))
    assert quality.placed_where_holds.value == np.mean(~by_caseworker[by_rule])
    assert quality.holds_where_placed.value == 1


def test_of_no_plans_nothing_is_said(town: Town) -> None:
    none = np.zeros(len(town(50)), dtype=bool)
    quality = rule_quality(replace(town(50), plan_in_force=none, by_caseworker=~none))
    assert (quality.holds, quality.by_rule) == (0, 0)
    assert np.isnan(quality.placed_where_holds.value)

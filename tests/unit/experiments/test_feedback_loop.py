"""The simulated loop: what must come out of worlds whose truth is plain, and what the figures mean."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import roc_auc_score

from experiments.feedback_loop import run as feedback_loop
from experiments.feedback_loop.figures import at_end, compared, over_worlds, ratio_over_worlds
from experiments.feedback_loop.grid import HIGHEST, JUDGED, LOT, LOWEST, MIDDLE, NOBODY, POLICIES, Run, live_all
from experiments.feedback_loop.hints import Inputs, Training, Year, risks, trained
from experiments.feedback_loop.life import Course, live, settle
from experiments.feedback_loop.people import World
from experiments.feedback_loop.policies import Policy, Seen, Target, served
from experiments.feedback_loop.year import figures_of
from ml.contracts import Floats

ROUNDS, REPEATED = 6, 8
UNEQUAL = World(people=2000, behind=0.5, bias=0.5)


def lives(world: World, policy: Policy, repeated: int = REPEATED, **course: Any) -> dict[str, Floats]:
    """Return figure → (repeated, rounds) of a world lived through again and again."""
    told = []
    for number in range(repeated):
        before = settle(world, np.random.default_rng([7, number, 0]))
        told.append(live(world, Course(policy, **course), before, ROUNDS, np.random.default_rng([7, number, 1])))
    return {name: np.array([each[name] for each in told]) for name in told[0]}


def end(figures: dict[str, Floats], name: str) -> float:
    return float(at_end(figures[name]).mean())


# ---------------------------------------------------------------- what must come out


def test_between_equal_groups_no_gap_grows() -> None:
    """Neither past disadvantage nor bias: whoever is helped, no gap is shown."""
    for policy in (NOBODY, LOT, JUDGED, HIGHEST, MIDDLE, LOWEST):
        gap = over_worlds(at_end(lives(World(people=2000), policy)["gap"]), alpha=0.001)
        assert gap.low < 0 < gap.high, policy.words


@pytest.mark.parametrize("policy", POLICIES, ids=lambda policy: policy.words)
def test_services_without_effect_change_nothing_whoever_gets_them(policy: Policy) -> None:
    """People and luck are the same under every policy, so that nothing at all may differ."""
    world = replace(UNEQUAL, effect=0.0)
    alone, same = lives(world, NOBODY, repeated=2), lives(world, policy, repeated=2)
    for name in ("gap", "out", "out_of_group", "out_of_others"):
        assert np.array_equal(alone[name], same[name])


@pytest.mark.parametrize(
    "world", [World(people=2000, bias=0.5), World(people=2000, behind=0.5)], ids=["bias", "behind"]
)
def test_bias_of_employers_makes_a_gap_and_so_does_past_disadvantage(world: World) -> None:
    assert over_worlds(lives(world, NOBODY)["gap"][:, 0]).low > 0.02


def test_help_by_highest_risk_narrows_the_gap_and_by_lowest_risk_does_not() -> None:
    gaps = {policy: at_end(lives(UNEQUAL, policy)["gap"]) for policy in (NOBODY, JUDGED, HIGHEST, LOWEST)}
    assert over_worlds(gaps[HIGHEST] - gaps[NOBODY]).high < -0.01
    assert over_worlds(gaps[HIGHEST] - gaps[JUDGED]).high < 0
    assert over_worlds(gaps[LOWEST] - gaps[HIGHEST]).low > 0.01


def test_services_bring_people_into_work_unless_jobs_are_fixed() -> None:
    free, fixed = UNEQUAL, replace(UNEQUAL, fixed_jobs=True)
    gain = {world: end(lives(world, NOBODY), "out") - end(lives(world, LOT), "out") for world in (free, fixed)}
    assert gain[free] > 0.02
    assert gain[fixed] < 0.75 * gain[free]


def test_caseworkers_who_lean_against_a_group_make_a_gap_between_equals() -> None:
    fair, leaning = Policy(Target.HIGHEST, override=0.5), Policy(Target.HIGHEST, override=0.5, lean=2.0)
    more = at_end(lives(World(people=2000), leaning)["gap"]) - at_end(lives(World(people=2000), fair)["gap"])
    assert over_worlds(more).low > 0


def test_what_stands_for_the_group_moves_help_towards_it_or_away_by_how_hints_are_used() -> None:
    for policy, towards in ((HIGHEST, 1), (LOWEST, -1)):
        plain, proxy, group = (end(lives(UNEQUAL, policy, inputs=inputs), "helped_of_group") for inputs in Inputs)
        assert towards * plain < towards * proxy < towards * group


# ---------------------------------------------------------------- how the model looks, and how it is


def test_a_model_trained_on_helped_people_looks_right_and_is_not_and_one_that_knows_help_the_other_way() -> None:
    """With strong services: who ignores help predicts too little risk; who knows it seems to predict too much."""
    world = replace(UNEQUAL, effect=1.0)
    ignored = lives(world, HIGHEST, training=Training.IGNORED)
    known = lives(world, HIGHEST, training=Training.KNOWN)
    assert abs(end(ignored, "off_observed")) < 0.02
    assert end(ignored, "off_alone") < -0.03
    assert end(ignored, "off_alone_group") < end(known, "off_alone_group") - 0.03
    assert abs(end(known, "off_alone")) < 0.02
    assert end(known, "off_observed_flagged") > 0.1


def test_without_services_all_ways_of_training_are_one_and_right() -> None:
    first, *others = (lives(UNEQUAL, NOBODY, repeated=3, training=each) for each in Training if each != Training.FROZEN)
    for other in others:
        assert np.array_equal(first["auc"], other["auc"])
    assert abs(end(first, "off_alone")) < 0.02
    assert abs(end(first, "off_observed")) < 0.02
    assert 0.65 < end(first, "auc") < 0.85


def test_only_the_first_model_is_kept_where_it_is_said_to_be() -> None:
    kept = lives(UNEQUAL, HIGHEST, repeated=3, training=Training.FROZEN)
    again = lives(UNEQUAL, HIGHEST, repeated=3, training=Training.IGNORED)
    assert np.array_equal(kept["auc"][:, 0], again["auc"][:, 0])
    assert not np.array_equal(kept["off_alone"][:, 2:], again["off_alone"][:, 2:])


@pytest.mark.parametrize(
    ("training", "stays"),
    [(Training.IGNORED, 0.5), (Training.HELPED, 0.2), (Training.UNHELPED, 0.8), (Training.KNOWN, 0.8)],
)
def test_a_model_says_what_those_it_learnt_from_did(training: Training, stays: float) -> None:
    """Of a hundred who were helped twenty stayed, of a hundred others eighty; nothing else tells them apart."""
    helped = np.arange(200) < 100
    stayed = np.where(helped, np.arange(200) < 20, np.arange(200) < 180)
    inputs = np.column_stack([np.ones(200), np.zeros(200)])
    said = risks(trained(Year(inputs, helped, stayed), training, None), inputs[:1])
    assert said == pytest.approx(stays, abs=0.01)


def test_without_services_no_false_positive_is_of_their_making() -> None:
    found = lives(UNEQUAL, NOBODY, repeated=2)
    for name in ("false_positive_group", "false_positive_others", "auc"):
        assert np.array_equal(found[name], found[f"{name}_alone"])


# ---------------------------------------------------------------- the same asked twice


def test_the_same_seed_gives_the_same_and_more_worlds_leave_the_first_as_they_were() -> None:
    runs = [Run("equal", Course(HIGHEST))]
    few, many = (live_all(3, worlds, 4, runs, people=800) for worlds in (2, 3))
    other = live_all(4, 2, 4, runs, people=800)
    for name, value in few.figures[runs[0]].items():
        assert np.array_equal(value, many.figures[runs[0]][name][:2])
    assert np.array_equal(few.before["equal"], many.before["equal"][:2])
    assert not np.array_equal(few.before["equal"], other.before["equal"])
    assert not np.array_equal(few.figures[runs[0]]["gap"], other.figures[runs[0]]["gap"])


def test_hints_never_followed_are_no_hints_and_hints_always_followed_are_the_hints() -> None:
    never, always = Policy(Target.HIGHEST, override=1.0), Policy(Target.HIGHEST, override=0.0)
    assert np.array_equal(lives(UNEQUAL, never, 2)["gap"], lives(UNEQUAL, JUDGED, 2)["gap"])
    assert np.array_equal(lives(UNEQUAL, always, 2)["gap"], lives(UNEQUAL, HIGHEST, 2)["gap"])


# ---------------------------------------------------------------- who is served


@pytest.mark.parametrize(
    ("policy", "who"),
    [
        (NOBODY, ""),
        (LOT, "DH"),
        (JUDGED, "AE"),
        (HIGHEST, "GH"),
        (LOWEST, "AB"),
        (MIDDLE, "DE"),
        (Policy(Target.JUDGED, lean=5.0), "AC"),
        (Policy(Target.HIGHEST, override=1.0), "AE"),
    ],
    ids=lambda value: value.words if isinstance(value, Policy) else value,
)
def test_two_of_eight_are_served(policy: Policy, who: str) -> None:
    """A has the lowest risk, H the highest; E is of the group."""
    seen = Seen(
        risk=np.linspace(0.1, 0.8, 8),
        need=np.array([9.0, 1, 7, 2, 8, 3, 4, 5]),
        group=np.array([name == "E" for name in "ABCDEFGH"]),
        lot=np.array([0.1, 0.2, 0.3, 0.9, 0.4, 0.5, 0.6, 0.8]),
        override=np.full(8, 0.5),
    )
    assert "".join(np.array(list("ABCDEFGH"))[served(policy, seen)]) == who


@given(
    people=st.integers(1, 60), capacity=st.floats(0, 1), override=st.floats(0, 1), seed=st.integers(0, 99),
    target=st.sampled_from([target for target in Target if target is not Target.NOBODY]),
)  # fmt: skip
def test_capacity_is_used_and_never_passed(
    people: int, capacity: float, override: float, seed: int, target: Target
) -> None:
    rng = np.random.default_rng(seed)
    seen = Seen(
        rng.random(people), rng.random(people), rng.random(people) < 0.5, rng.random(people), rng.random(people)
    )
    assert served(Policy(target, override, capacity=capacity), seen).sum() == round(capacity * people)


# ---------------------------------------------------------------- figures


def test_figures_of_a_year_are_those_of_a_table() -> None:
    """Of eight, four of the group; had nobody been helped, the second of each four would have stayed."""
    group = np.array([False] * 4 + [True] * 4)
    risk = np.array([0.9, 0.8, 0.3, 0.2, 0.95, 0.85, 0.7, 0.1])
    flags = risk > 0.75
    helped = np.array([False, True, False, False, False, True, True, False])
    found = np.array([False, True, True, True, True, True, True, False])
    found_alone = np.array([False, False, True, True, True, False, True, False])
    alone = np.array([0.9, 0.7, 0.3, 0.3, 0.8, 0.9, 0.6, 0.3])
    told = figures_of(group, risk, flags, helped, alone, found, found_alone)
    shares = {"helped_of_others": 1 / 4, "helped_of_group": 2 / 4, "false_positive_others": 1 / 3,
              "false_positive_group": 2 / 3, "false_positive_others_alone": 0, "false_positive_group_alone": 1 / 2,
              "off_observed": risk.mean() - 2 / 8, "off_alone": (risk - alone).mean(),
              "off_observed_group": 0.65 - 1 / 4, "off_alone_flagged": 3.5 / 4 - 3.3 / 4,
              "flagged_of_highest": 1}  # fmt: skip
    assert {name: told[name] for name in shares} == pytest.approx(shares)
    assert told["auc"] == pytest.approx(roc_auc_score(~found, risk))
    assert told["auc_alone"] == pytest.approx(roc_auc_score(~found_alone, risk))


def test_intervals_cover_the_truth_as_often_as_they_say() -> None:
    """2,000 times 24 worlds of a figure whose mean is 1, and of a ratio whose value is 2."""
    rng = np.random.default_rng(1)
    means = [over_worlds(rng.normal(1, 2, 24)) for _ in range(2000)]
    ratios = [ratio_over_worlds(rng.normal(2, 0.3, 24), rng.normal(1, 0.2, 24)) for _ in range(2000)]
    for found, truth in ((means, 1), (ratios, 2)):
        assert 0.935 < np.mean([each.low <= truth <= each.high for each in found]) < 0.965


@pytest.mark.parametrize(
    ("more", "reading"),
    [
        ([0.01, 0.02, 0.01, 0.02], "grows"),
        ([-0.01, -0.02, -0.01, -0.02], "shrinks"),
        ([0.01, -0.02, 0.01, -0.02], "no change shown"),
        ([0.0, 0.0, 0.0, 0.0], "the same in every world"),
    ],
)
def test_a_gap_is_said_to_grow_only_where_that_is_shown(more: list[float], reading: str) -> None:
    other = np.array([0.1, 0.2, 0.3, 0.4])
    assert compared(other + np.array(more), other, comparisons=2)["reading"] == reading


def test_many_comparisons_need_more_to_be_shown() -> None:
    more = np.array([0.01, 0.02, 0.01, 0.02])
    assert compared(more, np.zeros(4), 2)["reading"] == "grows"
    assert compared(more, np.zeros(4), 1000)["reading"] == "no change shown"


# ---------------------------------------------------------------- the command


def test_the_command_tells_of_every_round_of_every_policy(tmp_path: Any, capsys: pytest.CaptureFixture[str]) -> None:
    picture = tmp_path / "loop.png"
    asked = ["--worlds", "2", "--rounds", "3", "--people", "500"]
    feedback_loop.main([*asked, "--picture", str(picture), "--json"])
    found = json.loads(capsys.readouterr().out)
    assert picture.stat().st_size > 10_000
    for world in found["worlds"].values():
        assert set(world["policies"]) == {policy.words for policy in POLICIES}
        for line in world["policies"].values():
            assert {len(rounds) for rounds in line["rounds"].values()} == {3}
            assert {"gap", "false_positive_ratio", "helped_ratio", "off_observed", "off_alone"} <= set(line["rounds"])
    assert [line["training"] for line in found["training"]] == [each.value for each in Training]
    feedback_loop.main(asked)
    said = capsys.readouterr().out
    for words in (*found["worlds"], *(policy.words for policy in POLICIES), *Training):
        assert words in said


@pytest.mark.parametrize("asked", [["--worlds", "1"], ["--rounds", "2"], ["--people", "499"]])
def test_too_few_to_say_anything_is_refused(asked: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        feedback_loop.main(asked)
    assert asked[0] in capsys.readouterr().err.splitlines()[-1]

"""The worlds whose truth is known, and what the audit makes of them.

The bounds of the slow tests are such that an audit that keeps its word misses each less than once in a million runs.
"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from scipy.stats import binom, t
from sklearn.metrics import confusion_matrix, roc_auc_score

from experiments.audit_honesty import run
from experiments.audit_honesty.alarms import GROUP, SIZE, at_the_limit, nothing_planted, power, share
from experiments.audit_honesty.coverage import FIGURES, share_over_sets
from experiments.audit_honesty.sets import HEADLINE, LIMIT
from experiments.audit_honesty.truth import CAPACITY, planted, truths
from experiments.audit_honesty.worlds import ATTRIBUTES, LOOKS, ONE_LOOK, PEOPLE, Look, World, people
from ml.fairness.cut import cut
from ml.measures.shares import Z95

ONCE_IN_A_MILLION = 1e-6
PROMISED_ALARMS, PROMISED_POWER = 0.05, 0.9
MANY = World(sizes={GROUP: 60_000}, people=400_000)


# ---------------------------------------------------------------- what is true


@pytest.mark.parametrize("months", [ONE_LOOK, LOOKS], ids=["one look", "three looks"])
@pytest.mark.parametrize("world", [MANY, planted(1.5, MANY), planted(1.5, MANY, in_vain_only=True)],
                         ids=["fair", "raised", "raised in vain"])  # fmt: skip
def test_truth_is_what_many_people_show(world: World, months: tuple[float, ...]) -> None:
    """The oracle is scikit-learn on 400,000 people; the tolerances are five standard errors and more."""
    predictions, protected = people(world, Look(months), np.random.default_rng(5))
    line = cut(predictions.score, CAPACITY)
    for (attribute, group), truth in truths(world, months).items():
        if (attribute, group) not in (("", ""), (world.attribute, GROUP), (world.attribute, "Finnish")):
            continue
        rows = np.ones(len(protected), dtype=np.bool_) if not attribute else protected[attribute] == group
        outcome, score, told = predictions.outcome[rows], predictions.score[rows], truth.figures(line)
        (right, vain), (missed, found) = confusion_matrix(outcome, score >= line)
        shown = {
            "selection_rate": (vain + found) / len(score),
            "false_positive_rate": vain / (vain + right),
            "false_negative_rate": missed / (missed + found),
            "precision": found / (vain + found),
            "calibration_gap": score.mean() - outcome.mean(),
            "auc": roc_auc_score(outcome, score),
        }
        assert shown == pytest.approx({name: told[name] for name in shown}, abs=0.025 if attribute else 0.008)


def test_the_planted_ratio_is_there_at_the_line_of_everyone() -> None:
    world = planted(1.5, World(sizes={GROUP: SIZE}))
    true = truths(world)
    line = true["", ""].line()
    rate = {group: true["mother_tongue_group", group].figures(line)[HEADLINE] for group in (GROUP, "Finnish")}
    assert rate[GROUP] / rate["Finnish"] == pytest.approx(1.5)
    assert rate["Finnish"] == pytest.approx(0.17, abs=0.002)
    assert true["", ""].figures(line)["selection_rate"] == pytest.approx(CAPACITY)


def test_people_are_as_asked() -> None:
    predictions, protected = people(World(sizes={GROUP: SIZE}), Look(), np.random.default_rng(1))
    assert list(protected.columns) == list(ATTRIBUTES)
    assert (protected["mother_tongue_group"] == GROUP).sum() == SIZE
    assert len(predictions.score) == PEOPLE
    assert predictions.outcome.mean() == pytest.approx(0.25, abs=0.02)


def test_who_left_early_is_looked_at_less_often() -> None:
    predictions, _ = people(World(), Look(LOOKS), np.random.default_rng(1))
    times = np.bincount(predictions.person, minlength=PEOPLE)
    assert set(times.tolist()) == {1, 2, 3}
    assert predictions.outcome[times[predictions.person] == 3].mean() > 0.25
    assert not predictions.outcome[times[predictions.person] == 1].any()


def test_weights_make_up_for_those_lost_from_sight() -> None:
    predictions, _ = people(replace(World(), people=200_000), Look(censored=True), np.random.default_rng(1))
    known = predictions.weight > 0
    assert 0.1 < 1 - known.mean() < 0.25
    assert np.average(predictions.outcome, weights=predictions.weight) == pytest.approx(predictions.outcome.mean(),
                                                                                       abs=0.01)  # fmt: skip


def test_shares_have_the_interval_that_is_theirs() -> None:
    """Clopper and Pearson's own bound for none of 20; sets that are all alike leave no doubt."""
    none = share([False] * 20)
    assert none["high"] == pytest.approx(1 - 0.025 ** (1 / 20))
    sure = share_over_sets([[True, False]] * 10)
    assert (sure["value"], sure["low"], sure["high"], sure["of"]) == (0.5, 0.5, 0.5, 20)


# ---------------------------------------------------------------- what the audit makes of it


@pytest.mark.slow
def test_nothing_fails_where_nothing_is_unfair() -> None:
    found = nothing_planted(20, seed=1)
    assert failures(found["sets_with_a_failure"]) <= most(20, PROMISED_ALARMS)
    for scope, each in found["findings"].items():
        assert each["corrected"]["of"] >= 20, scope
        assert failures(each["corrected"]) <= most(each["corrected"]["of"], PROMISED_ALARMS), scope


@pytest.mark.slow
def test_few_findings_fail_that_lie_just_at_the_limit() -> None:
    for each in at_the_limit(20, 1, LIMIT).values():
        assert failures(each["corrected"]) <= most(each["corrected"]["of"], PROMISED_ALARMS)
        assert failures(each["uncorrected"]) <= most(each["uncorrected"]["of"], PROMISED_ALARMS)


@pytest.mark.slow
def test_a_ratio_of_a_half_more_among_2000_is_found() -> None:
    assert failures(power(40, 1)["found"]) >= binom.ppf(ONCE_IN_A_MILLION, 40, PROMISED_POWER)


@pytest.mark.slow
@pytest.mark.parametrize("look", run.WAYS.values(), ids=run.WAYS)
def test_intervals_hold_the_truth(look: Look) -> None:
    """Within 93 to 97 %, but for as many standard errors over sets as chance reaches once in a million times.

    Of each figure the mean over metrics, whose errors are taken to be the same: they are of the same people. So few
    sets tell intervals that hold 80 % of the time; what holds 88 % takes the whole experiment.
    """
    sets = 40
    reach = float(t.isf(ONCE_IN_A_MILLION, sets - 1)) / Z95
    of_metrics = list(run.of_way(sets, 1, look).values())
    for name in FIGURES:
        told = [(each[name]["value"], each[name]["low"]) for each in of_metrics if name in each]
        value, low = np.mean(told, axis=0)
        assert value + reach * (value - low) > 0.93, name
        assert value - reach * (value - low) < 0.97, name


@pytest.mark.slow
def test_run_answers_in_json(capsys: pytest.CaptureFixture[str]) -> None:
    run.main(["--sets", "4", "--json"])
    found = json.loads(capsys.readouterr().out)
    assert set(found) >= {"nothing", "limit", "planted", "coverage", "curve"}
    assert found["sets"] == 4


@pytest.mark.parametrize("sets", ["0", "3"])
def test_run_refuses_too_few_sets(sets: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        run.main(["--sets", sets])
    assert "--sets must be at least 4" in capsys.readouterr().err


def failures(figure: dict[str, Any]) -> int:
    """Return the cases that a share counts."""
    return round(figure["value"] * figure["of"])


def most(cases: int, rate: float) -> float:
    """Return how many of the cases there are more than once in a million times, at this rate."""
    return float(binom.isf(ONCE_IN_A_MILLION, cases, rate))

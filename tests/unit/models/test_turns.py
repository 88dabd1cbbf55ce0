"""Models judged in turns: everybody once, by models that others taught; the luck of one test part is gone."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from ml.contracts import Cohort, InTurns, Split
from ml.models.ltu.trees import TreeSettings
from ml.models.split import further_turns, split
from ml.models.train import Trained, train, tried
from ml.models.turns import in_turns

SEED = 5


@pytest.fixture(scope="module")
def trained(straight_world: Cohort) -> Trained:
    return learnt(straight_world)


@pytest.fixture(scope="module")
def turned(straight_world: Cohort, trained: Trained) -> tuple[InTurns, ...]:
    return in_turns(straight_world, trained, turns(straight_world), seed=SEED, settings=TreeSettings())


def turns(cohort: Cohort) -> list[Split]:
    return list(further_turns(cohort, SEED))


def learnt(cohort: Cohort) -> Trained:
    contract = cohort.contract
    return train("x", cohort.features, contract.inputs, contract.outcome, split(cohort, SEED), seed=SEED)


def test_the_kept_one_comes_first_and_all_challengers_stand_beside_it(
    turned: tuple[InTurns, ...], trained: Trained
) -> None:
    assert [each.name for each in turned] == ["logistic", "additive", "lightgbm", "hazard"]
    kept, *others = turned
    assert kept.name == trained.model.scorer.kind
    assert (kept.auc_gain, kept.brier_gain) == (None, None)
    for each in others:
        assert each.auc_gain is not None
        assert each.brier_gain is not None
        assert each.auc_gain.value == pytest.approx(kept.auc.value - each.auc.value)
        assert each.brier_gain.value == pytest.approx(each.brier.value - kept.brier.value)


def test_it_is_the_mean_over_five_models_of_people_whom_they_do_not_know(
    turned: tuple[InTurns, ...], straight_world: Cohort
) -> None:
    """The first turn is trained again here, the way of the others: it was not asked again for nothing."""
    contract, aucs, people = straight_world.contract, [], []
    for parts in (split(straight_world, SEED), *further_turns(straight_world, SEED)):
        said = tried(straight_world.features, contract.inputs, contract.outcome, parts, seed=SEED,
                     settings=TreeSettings())["lightgbm"]  # fmt: skip
        aucs.append(roc_auc_score(said.outcome, said.score, sample_weight=said.weight))
        people.extend(said.person)
        assert not np.isin(said.person, parts.train.person).any()
    assert turned[2].auc.value == pytest.approx(np.mean(aucs), abs=1e-9)
    np.testing.assert_array_equal(np.sort(people), np.arange(len(straight_world)))


def test_its_interval_is_narrower_than_that_of_one_test_part(turned: tuple[InTurns, ...], trained: Trained) -> None:
    once = trained.scores["logistic"].auc
    assert turned[0].auc.high - turned[0].auc.low < 0.55 * (once.high - once.low)  # a root of five, about


def test_where_there_is_nothing_to_learn_everything_is_a_coin(straight_world: Cohort) -> None:
    """Whoever taught a model that judges them would be known by heart."""
    order = np.random.default_rng(1).permutation(len(straight_world))
    shuffled = replace(straight_world, duration=straight_world.duration[order], exited=straight_world.exited[order])
    for each in in_turns(shuffled, learnt(shuffled), turns(shuffled), seed=SEED, settings=TreeSettings()):
        assert each.auc.low - 0.02 < 0.5 < each.auc.high + 0.02, each.name


def test_where_there_are_no_turns_there_is_nothing_to_tell(straight_world: Cohort, trained: Trained) -> None:
    assert in_turns(straight_world, trained, (), seed=SEED, settings=TreeSettings()) == ()

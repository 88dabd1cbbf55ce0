"""The figures of the test part: scikit-learn's where it has them, and caseworkers beside the model."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from sklearn.metrics import accuracy_score, cohen_kappa_score, log_loss, precision_score, recall_score, roc_auc_score

from ml.contracts import ENTITIES, INTERVIEW_FIRST, Placements
from ml.contracts.needs_report import NeedsEvaluation
from ml.models.needs.agreement import caseworker_pairs
from ml.models.needs.evaluate import answers_on, evaluate
from ml.models.needs.model import NeedAnswers
from ml.models.needs.split import NeedSplit, split_placements
from ml.models.needs.train import TrainedNeeds, train_model

Town = Callable[..., Placements]


@pytest.fixture(scope="module")
def evaluation(trained: TrainedNeeds, placements: Placements, parts: NeedSplit) -> NeedsEvaluation:
    return evaluate(trained, placements, parts.test, np.random.default_rng(1))


@pytest.fixture(scope="module")
def said(trained: TrainedNeeds, placements: Placements, parts: NeedSplit) -> NeedAnswers:
    return answers_on(trained, placements, parts.test.placed)


@pytest.fixture(scope="module")
def chosen(placements: Placements, parts: NeedSplit) -> np.ndarray:
    return placements.entity[parts.test.placed]


def test_figures_are_scikit_learns(evaluation: NeedsEvaluation, said: NeedAnswers, chosen: np.ndarray) -> None:
    assert evaluation.accuracy.value == pytest.approx(accuracy_score(chosen, said.top))
    alphabetical = np.argsort(ENTITIES)
    loss = log_loss(chosen, said.probability[:, alphabetical], labels=sorted(ENTITIES))
    assert evaluation.candidates["logistic"].log_loss.value == pytest.approx(loss)
    for place, entity in enumerate(ENTITIES):
        found = evaluation.entities[entity]
        answered, placed = said.answer == entity, chosen == entity
        assert found.precision.value == pytest.approx(precision_score(placed, answered))
        assert found.recall.value == pytest.approx(recall_score(placed, answered))
        assert found.auc.value == pytest.approx(roc_auc_score(placed, said.probability[:, place]))
        assert found.precision.low < found.precision.value < found.precision.high
        assert (found.placed, found.answered) == (placed.sum(), answered.sum())
        assert found.predicted == pytest.approx(said.probability[:, place].mean())


def test_every_row_stands_once_in_the_confusion(evaluation: NeedsEvaluation, chosen: np.ndarray) -> None:
    for entity, row in evaluation.confusion.items():
        assert sum(row.values()) == (chosen == entity).sum()
    answered = 1 - sum(row[INTERVIEW_FIRST] for row in evaluation.confusion.values()) / evaluation.rows
    assert evaluation.answered.value == pytest.approx(answered)
    agreed = sum(evaluation.confusion[entity][entity] for entity in ENTITIES)
    assert evaluation.agreement.value == pytest.approx(agreed / (answered * evaluation.rows))


def test_classes_are_calibrated_on_time_that_was_held_out(town: Town) -> None:
    placements = town(20_000, 5)
    parts = split_placements(placements, 1)
    trained = train_model("service-need", placements, parts, seed=1)
    found = evaluate(trained, placements, parts.test, np.random.default_rng(1))
    for entity in ENTITIES:
        calibration = found.entities[entity].calibration
        assert abs(calibration.intercept.value) < 0.1
        assert 0.9 < calibration.slope.value < 1.1
        assert calibration.ici.value < 0.015


def test_the_base_rate_gains_nothing_and_others_are_held_against_it(evaluation: NeedsEvaluation) -> None:
    base, line = evaluation.candidates["base_rate"], evaluation.candidates["logistic"]
    assert base.gain.value == base.gain.low == base.gain.high == 0
    assert line.gain.value == pytest.approx(base.log_loss.value - line.log_loss.value)
    assert line.gain.low > 0


def test_caseworkers_and_model_are_compared_on_the_same_clients(
    trained: TrainedNeeds, placements: Placements, parts: NeedSplit, evaluation: NeedsEvaluation
) -> None:
    pairs = caseworker_pairs(placements, parts.test.rows)
    one, other = placements.entity[pairs.first], placements.entity[pairs.second]
    top = answers_on(trained, placements, pairs.first).top
    both = (one != INTERVIEW_FIRST) & (other != INTERVIEW_FIRST)
    found = evaluation.disagreement
    assert found.four_answers.pairs == len(pairs) > found.entities.pairs == found.model.pairs == both.sum() > 30
    assert found.entities.kappa.value == pytest.approx(cohen_kappa_score(one[both], other[both]))
    assert found.model.kappa.value == pytest.approx(cohen_kappa_score(top[both], other[both]))
    assert found.gap.value == pytest.approx(found.model.share.value - found.entities.share.value)
    assert found.gap.low < found.gap.value < found.gap.high
    assert found.gap_answered.value == pytest.approx(
        found.model_answered.share.value - found.entities_answered.share.value
    )


def test_what_caseworkers_called_an_interview_is_shown_apart(
    trained: TrainedNeeds, placements: Placements, parts: NeedSplit, evaluation: NeedsEvaluation
) -> None:
    found = evaluation.interview_first
    there = answers_on(trained, placements, parts.test.interview)
    assert found.rows == len(parts.test.interview) == len(there.answer)
    assert sum(share.value for share in found.answers_there.values()) == pytest.approx(1)
    assert found.answers_there[INTERVIEW_FIRST].value == pytest.approx(np.mean(there.answer == INTERVIEW_FIRST))
    assert found.top_there.value < found.top_elsewhere.value  # in this town caseworkers ask where it is less clear


def test_a_model_that_never_answers_has_no_precision_and_recall_of_none(
    trained: TrainedNeeds, placements: Placements, parts: NeedSplit
) -> None:
    silent = replace(trained, model=replace(trained.model, threshold=None))
    found = evaluate(silent, placements, parts.test, np.random.default_rng(1))
    assert found.answered.value == 0 < found.answered.high
    assert np.isnan(found.agreement.value)
    assert np.isnan(found.entities["skills"].precision.value)
    assert found.entities["skills"].recall.value == 0
    assert found.accuracy.value > 0.5

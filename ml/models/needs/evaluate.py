"""How good the service-need model is on placements it has not seen, beside caseworkers' own disagreement."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from ml.contracts import ENTITIES, INTERVIEW_FIRST, Bools, Floats, Interval, Placements, Predictions, Rows
from ml.contracts.needs_report import (
    CandidateQuality,
    Disagreement,
    EntityQuality,
    InterviewFirst,
    NeedsEvaluation,
)
from ml.measures.calibration import calibration_intervals
from ml.measures.ranking import auc

from .agreement import agreement, caseworker_pairs
from .answer import unlike_training
from .model import NeedAnswers, NeedModel
from .proportion import mean, proportion
from .split import NeedPart
from .train import TrainedNeeds, entity_codes, log_loss

ANSWERS = (*ENTITIES, INTERVIEW_FIRST)


def evaluate(
    trained: TrainedNeeds, placements: Placements, test: NeedPart, rng: np.random.Generator
) -> NeedsEvaluation:
    """Return all figures of the test part; `rng` draws the noise that the calibration index is held against."""
    rows = test.placed
    said = answers_on(trained, placements, rows)
    person, chosen = placements.person[rows], placements.entity[rows]
    hit, answered = said.top == chosen, said.answer != INTERVIEW_FIRST
    return NeedsEvaluation(
        rows=len(rows),
        persons=len(np.unique(person)),
        accuracy=proportion(hit, person),
        agreement=proportion(hit[answered], person[answered]),
        answered=proportion(answered, person),
        unlike=proportion(said.unlike, person),
        candidates=_candidates(trained.candidates, trained.codes[rows], entity_codes(placements, rows), person),
        entities={
            entity: _entity(entity_predictions(said, chosen, person, entity), said.answer == entity, rng)
            for entity in ENTITIES
        },
        confusion={
            entity: {answer: int(((chosen == entity) & (said.answer == answer)).sum()) for answer in ANSWERS}
            for entity in ENTITIES
        },
        disagreement=disagreement(trained, placements, test),
        interview_first=_interview_first(trained, placements, test, said),
    )


def answers_on(trained: TrainedNeeds, placements: Placements, rows: Rows) -> NeedAnswers:
    """Return what the kept model says of some placements."""
    unlike = unlike_training(trained.model.encoder, placements.features.iloc[rows])
    return trained.model.answers_of(trained.codes[rows], unlike)


def entity_predictions(said: NeedAnswers, chosen: NDArray[np.str_], person: Rows, entity: str) -> Predictions:
    """Return one entity against the rest, as ml.measures takes it: nothing is censored, every weight is 1."""
    place = ENTITIES.index(entity)
    return Predictions(0.0, said.probability[:, place], chosen == entity, np.ones(len(chosen)), person)


def _candidates(
    candidates: Mapping[str, NeedModel], codes: Floats, entity: Rows, person: Rows
) -> dict[str, CandidateQuality]:
    probability = {name: each.calibration.probability(each.scorer.margins(codes)) for name, each in candidates.items()}
    losses = {name: log_loss(each, entity) for name, each in probability.items()}
    return {
        name: CandidateQuality(
            log_loss=mean(losses[name], person),
            accuracy=proportion(each.argmax(axis=1) == entity, person),
            gain=mean(losses["base_rate"] - losses[name], person),
        )
        for name, each in probability.items()
    }


def _entity(predictions: Predictions, answered: Bools, rng: np.random.Generator) -> EntityQuality:
    placed, person = predictions.outcome, predictions.person
    return EntityQuality(
        placed=int(placed.sum()),
        answered=int(answered.sum()),
        precision=proportion(placed[answered], person[answered]),
        recall=proportion(answered[placed], person[placed]),
        observed=proportion(placed, person),
        predicted=float(predictions.score.mean()),
        auc=auc(predictions),
        calibration=calibration_intervals(predictions, rng),
    )


def disagreement(trained: TrainedNeeds, placements: Placements, test: NeedPart) -> Disagreement:
    """Return two caseworkers on one client, and the model beside them, on pairs within the test part.

    The model sees what was known on the first day, as the first caseworker did, and is held against the second, who
    judged without it: one judge takes the other's place on the same clients.
    """
    pairs = caseworker_pairs(placements, test.rows)
    person = placements.person[pairs.first]
    one, other = placements.entity[pairs.first], placements.entity[pairs.second]
    said = answers_on(trained, placements, pairs.first)
    both = (one != INTERVIEW_FIRST) & (other != INTERVIEW_FIRST)
    answered = both & (said.answer != INTERVIEW_FIRST)
    gained = (said.top == other).astype(np.float64) - (one == other)
    return Disagreement(
        four_answers=agreement(one, other, person, ANSWERS),
        entities=agreement(one[both], other[both], person[both], ENTITIES),
        model=agreement(said.top[both], other[both], person[both], ENTITIES),
        model_answered=agreement(said.answer[answered], other[answered], person[answered], ENTITIES),
        entities_answered=agreement(one[answered], other[answered], person[answered], ENTITIES),
        gap=mean(gained[both], person[both]),
        gap_answered=mean(gained[answered], person[answered]),
    )


def _interview_first(
    trained: TrainedNeeds, placements: Placements, test: NeedPart, elsewhere: NeedAnswers
) -> InterviewFirst:
    there = answers_on(trained, placements, test.interview)
    person, other = placements.person[test.interview], placements.person[test.placed]
    return InterviewFirst(
        rows=len(test.interview),
        answers_there=_shares(there.answer, person),
        answers_elsewhere=_shares(elsewhere.answer, other),
        top_there=mean(there.probability.max(axis=1), person),
        top_elsewhere=mean(elsewhere.probability.max(axis=1), other),
    )


def _shares(given: NDArray[np.str_], person: Rows) -> dict[str, Interval]:
    return {answer: proportion(given == answer, person) for answer in ANSWERS}

"""Hints about service needs as figures: one alone as among many, and whole when they were kept."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date

import numpy as np
import pandas as pd
import pytest

from ml.contracts import ENTITIES
from ml.models.encode import fit_encoder
from ml.models.needs.calibrate import VectorScaling
from ml.models.needs.classifier import fit_base_rate, fit_need_lines, fit_need_trees
from ml.models.needs.model import NeedModel
from ml.models.needs.rule import IntegrationPlan
from serving.hints.needs import NeedHint, compute_many_needs, compute_needs
from serving.hints.needs_words import word_needs
from serving.language import Language

from .conftest import COLUMNS
from .test_risk import ODD, posted

DAY = date(2026, 11, 24)
PLANS = (None, None, IntegrationPlan(date(2020, 1, 1), date(2021, 1, 1)), IntegrationPlan(date(2026, 1, 1)), None)
COVARIANCE = ((0.01, 0.0, 0.0), (0.0, 0.02, 0.0), (0.0, 0.0, 0.01))


@pytest.fixture(scope="session", params=["base_rate", "logistic", "lightgbm"])
def needs(request: pytest.FixtureRequest, looks: pd.DataFrame) -> NeedModel:
    """Return a model of each kind that can be kept: who is hasty needs skills, cooks rehabilitation."""
    encoder = fit_encoder(looks, COLUMNS)
    codes, rng = encoder.frame(looks), np.random.default_rng(5)
    cook = 2.0 * (looks["trade"] == "cook").to_numpy()
    odds = np.column_stack([2 * looks["haste"].fillna(0).to_numpy(), cook, np.zeros(len(looks))])
    entity = (odds + rng.gumbel(size=odds.shape)).argmax(axis=1)
    fit = {"base_rate": lambda: fit_base_rate(entity), "logistic": lambda: fit_need_lines(encoder, codes, entity),
           "lightgbm": lambda: fit_need_trees(codes, entity, 1)}  # fmt: skip
    scorer = fit[request.param]()
    assert scorer.kind == request.param
    return NeedModel("service-need", encoder, scorer, VectorScaling(0.9, (0.0, 0.1, -0.1), COVARIANCE), 0.5)


@pytest.fixture(scope="session")
def cases(looks: pd.DataFrame) -> pd.DataFrame:
    return pd.concat([looks.sample(100, random_state=4), ODD], ignore_index=True)


def test_a_case_alone_is_told_what_it_is_told_among_many(needs: NeedModel, cases: pd.DataFrame) -> None:
    plans = [PLANS[place % len(PLANS)] for place in range(len(cases))]
    many = compute_many_needs(needs, cases, plans, DAY, weak=True)
    alone = [compute_needs(needs, row, plan, DAY, weak=True) for row, plan in zip(posted(cases), plans, strict=True)]
    assert alone == many
    assert {each.basis for each in many} == {"rule", "model"}
    if needs.scorer.kind != "base_rate":
        assert {each.answer for each in many} >= {"skills", "rehabilitation", "integration", "interview_first"}


def test_figures_are_the_models_own(needs: NeedModel, cases: pd.DataFrame) -> None:
    said = needs.answers(cases)
    for place, hint in enumerate(compute_many_needs(needs, cases, [None] * len(cases), DAY, weak=False)):
        assert hint.answer == said.answer[place]
        assert bool(hint.chances) == (not said.unlike[place])
        for each in hint.chances:
            column = ENTITIES.index(each.entity)
            told = (each.probability, each.low, each.high)
            np.testing.assert_allclose(
                told, [figure[place, column] for figure in (said.probability, said.low, said.high)], rtol=0, atol=5.1e-5
            )


def test_a_kept_hint_is_the_hint(needs: NeedModel, cases: pd.DataFrame, languages: Mapping[str, Language]) -> None:
    plans = [PLANS[place % len(PLANS)] for place in range(len(cases))]
    for hint in compute_many_needs(needs, cases, plans, DAY, weak=True):
        read = NeedHint.from_json(json.loads(json.dumps(hint.as_json(), allow_nan=False)))
        assert read == hint
        assert "astronaut" not in json.dumps(hint.as_json())
        for language in languages.values():
            assert word_needs(read, language) == word_needs(hint, language)

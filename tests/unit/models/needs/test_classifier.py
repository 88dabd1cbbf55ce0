"""The candidates: what they say is what their libraries say, and contributions add up to it."""

from __future__ import annotations

import numpy as np
import pytest
import shap
from scipy.special import softmax
from sklearn.linear_model import LogisticRegression

from ml.contracts import ENTITIES, Placements
from ml.models.encode import Encoder, fit_encoder
from ml.models.needs.classifier import (
    NeedLines,
    NeedScorer,
    NeedTrees,
    fit_base_rate,
    fit_need_lines,
    fit_need_trees,
)
from ml.models.needs.split import NeedSplit
from ml.models.needs.train import entity_codes


@pytest.fixture(scope="module")
def encoder(placements: Placements, parts: NeedSplit) -> Encoder:
    return fit_encoder(placements.features.iloc[parts.train.placed], placements.columns)


@pytest.fixture(scope="module")
def codes(encoder: Encoder, placements: Placements, parts: NeedSplit) -> np.ndarray:
    return encoder.frame(placements.features.iloc[parts.train.placed])


@pytest.fixture(scope="module")
def entity(placements: Placements, parts: NeedSplit) -> np.ndarray:
    return entity_codes(placements, parts.train.placed)


@pytest.fixture(scope="module", params=["base_rate", "logistic", "lightgbm"])
def scorer(request: pytest.FixtureRequest, encoder: Encoder, codes: np.ndarray, entity: np.ndarray) -> NeedScorer:
    made = {
        "base_rate": lambda: fit_base_rate(entity),
        "logistic": lambda: fit_need_lines(encoder, codes, entity),
        "lightgbm": lambda: fit_need_trees(codes, entity, 1),
    }
    found: NeedScorer = made[request.param]()
    assert found.kind == request.param
    return found


def test_contributions_add_up_to_the_margins(scorer: NeedScorer, codes: np.ndarray) -> None:
    parts = scorer.contributions(codes)
    assert parts.shape == (len(codes), len(ENTITIES), codes.shape[1] + 1)
    assert np.abs(parts.sum(axis=2) - scorer.margins(codes)).max() < 1e-9


def test_one_row_is_scored_as_among_many(scorer: NeedScorer, codes: np.ndarray) -> None:
    assert scorer.margins(codes[7:8])[0] == pytest.approx(scorer.margins(codes)[7])


def test_the_base_rate_is_the_shares_of_the_part(codes: np.ndarray, entity: np.ndarray) -> None:
    shares = softmax(fit_base_rate(entity).margins(codes[:2]), axis=1)
    assert shares[0] == pytest.approx([np.mean(entity == place) for place in range(3)])


def test_lines_say_what_scikit_learn_says(encoder: Encoder, codes: np.ndarray, entity: np.ndarray) -> None:
    lines = fit_need_lines(encoder, codes, entity)
    oracle = LogisticRegression(max_iter=2000).fit(encoder.design(codes), entity)
    assert softmax(lines.margins(codes), axis=1) == pytest.approx(oracle.predict_proba(encoder.design(codes)), abs=1e-3)


def test_contributions_of_lines_are_zero_on_average(encoder: Encoder, codes: np.ndarray, entity: np.ndarray) -> None:
    lines: NeedLines = fit_need_lines(encoder, codes, entity)
    assert np.abs(lines.contributions(codes)[:, :, :-1].mean(axis=0)).max() < 1e-9


def test_contributions_of_trees_are_shaps(codes: np.ndarray, entity: np.ndarray) -> None:
    trees: NeedTrees = fit_need_trees(codes, entity, 1)
    oracle = shap.TreeExplainer(trees.booster).shap_values(codes[:50])
    assert np.moveaxis(trees.contributions(codes[:50])[:, :, :-1], 1, 2) == pytest.approx(np.asarray(oracle), abs=1e-9)


def test_the_same_seed_gives_the_same_trees(codes: np.ndarray, entity: np.ndarray) -> None:
    one, same, other = (fit_need_trees(codes, entity, seed).booster.model_to_string() for seed in (1, 1, 2))
    assert one == same != other

"""What is fitted: the right weights, on the right rows, with categories as categories."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit
from sklearn.linear_model import LogisticRegression
from sksurv.nonparametric import ipc_weights

from ml.contracts import Cohort, Column, ColumnType, Floats, Role, Spells
from ml.measures.censoring import share_unemployed
from ml.models.encode import Encoder, fit_encoder
from ml.models.ltu.line import fit_line
from ml.models.ltu.trees import TreeSettings, fit_trees

World = tuple[Encoder, Floats, Spells]


@pytest.fixture(scope="module")
def censored(followed: Callable[..., tuple[Floats, np.ndarray]]) -> World:
    """Return one number and spells that are all censored at some time before the 14th month."""
    rng = np.random.default_rng(6)
    frame = pd.DataFrame({"age": rng.normal(size=2000)})
    encoder = fit_encoder(frame, [Column("age", ColumnType.NUMBER, Role.FEATURE)])
    return encoder, encoder.frame(frame), Spells(*followed(0.5 * frame["age"].to_numpy(), rng, censored=1.0))


def test_the_line_is_scikit_learns_with_scikit_survivals_weights(censored: World) -> None:
    encoder, codes, spells = censored
    line = fit_line(encoder, codes, spells, (3.0, 6.0))
    for place, horizon in enumerate((3.0, 6.0)):
        known = (spells.duration >= horizon) | spells.exited
        weight = ipc_weights(known, np.minimum(spells.duration, horizon))
        oracle = LogisticRegression(C=1.0, tol=1e-8, max_iter=1000)
        oracle.fit(encoder.design(codes), spells.duration >= horizon, sample_weight=weight / weight[known].mean())
        np.testing.assert_allclose(
            line.margins(codes)[:, place], oracle.decision_function(encoder.design(codes)), atol=1e-3
        )


@pytest.mark.parametrize(
    "fit", [fit_line, lambda _, *world: fit_trees(*world, seed=1, settings=TreeSettings())], ids=["line", "trees"]
)
def test_censored_spells_do_not_shift_the_share(censored: World, fit: Callable[..., Any]) -> None:
    """Even before calibration the mean is the Kaplan–Meier share, which those of known outcome miss by far."""
    encoder, codes, spells = censored
    share = share_unemployed(spells, 6.0).value
    known = (spells.duration >= 6) | spells.exited
    assert share - (spells.duration >= 6)[known].mean() > 0.08
    assert expit(fit(encoder, codes, spells, (6.0,)).margins(codes)).mean() == pytest.approx(share, abs=0.01)


def test_a_contribution_of_the_line_is_measured_from_the_average_training_spell(straight_world: Cohort) -> None:
    encoder = fit_encoder(straight_world.features, straight_world.contract.inputs)
    codes = encoder.frame(straight_world.features)
    line = fit_line(encoder, codes, Spells(straight_world.duration, straight_world.exited), (6.0,))
    np.testing.assert_allclose(line.contributions(codes, 0)[:, :-1].mean(axis=0), 0, atol=1e-9)


def splits(node: dict[str, Any]) -> Iterator[tuple[int, str]]:
    """Yield the input and the kind of every split of a tree."""
    if "split_feature" in node:
        yield node["split_feature"], node["decision_type"]
        yield from splits(node["left_child"])
        yield from splits(node["right_child"])


def test_trees_split_codes_as_numbers(crossed_world: Cohort) -> None:
    """On LightGBM's own categories shap is wrong (design.md 2.4)."""
    encoder = fit_encoder(crossed_world.features, crossed_world.contract.inputs)
    spells = Spells(crossed_world.duration, crossed_world.exited)
    scorer = fit_trees(encoder.frame(crossed_world.features), spells, (3.0, 6.0), 1, TreeSettings())
    assert len(scorer.boosters) == 2
    for booster in scorer.boosters:
        trees = booster.dump_model()["tree_info"]
        kinds = {split for tree in trees for split in splits(tree["tree_structure"])}
        assert kinds == {(0, "<="), (1, "<="), (2, "<=")}

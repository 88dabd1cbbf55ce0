"""The rule of today: who has waited longest for a job comes first."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit

from ml.contracts import Column, ColumnType, Floats, Role, Spells
from ml.models.additive import from_json, to_json
from ml.models.encode import Encoder, fit_encoder
from ml.models.ltu.rule import fit_rule, rule_ranking

COLUMNS = [Column(name, ColumnType.NUMBER, Role.FEATURE) for name in ("noise", "gap", "waited")]
World = tuple[Encoder, Floats, Spells]


@pytest.fixture
def world(followed: Callable[..., tuple[Floats, np.ndarray]]) -> World:
    """Return gaps that go together with long spells, missing for those who stay longest; and looks at 0 and 3 months.

    Between the looks hardly anybody leaves, so that whoever is looked at late is long unemployed more often.
    """
    rng = np.random.default_rng(5)
    n = 4000
    gap = np.where(rng.random(n) < 0.2, np.nan, rng.exponential(10, n))
    waited = np.where(rng.random(n) < 0.5, 0.0, 3.0)
    duration, exited = followed(np.where(np.isnan(gap), 1.5, gap / 10 - 1.5), rng, censored=0.0)
    frame = pd.DataFrame({"noise": rng.normal(size=n), "gap": gap, "waited": waited})
    encoder = fit_encoder(frame, COLUMNS)
    return encoder, encoder.frame(frame), Spells(waited + duration, exited, waited)


@pytest.mark.parametrize(
    ("gaps", "first_to_last"),
    [
        ([1.0, 30.0, 12.0], [1, 2, 0]),
        ([1.0, np.nan, 12.0], [1, 2, 0]),
        ([-5.0, np.nan, -1.0], [1, 2, 0]),
        ([np.nan, np.nan], [0, 1]),
    ],
)
def test_the_longest_come_first_and_those_without_a_job_before_them(
    gaps: list[float], first_to_last: list[int]
) -> None:
    encoder = fit_encoder(pd.DataFrame({"gap": [0.0, 1.0]}), [COLUMNS[1]])
    ranking = rule_ranking(encoder, np.array(gaps)[:, None], "gap")
    assert np.isfinite(ranking).all()
    assert np.argsort(-ranking, kind="stable").tolist() == first_to_last


def test_chances_are_the_shares_of_the_tenths(world: World) -> None:
    """At 6 months, of whoever was looked at from the beginning; a tenth each, and the missing apart."""
    encoder, codes, spells = world
    rule = fit_rule(encoder, codes, spells, (3.0, 6.0, 12.0), "gap", "waited")
    frame = pd.DataFrame({"chance": expit(rule.margins(codes)[:, 1]), "long": spells.duration >= 6, "gap": codes[:, 1]})
    frame["tenth"] = pd.qcut(frame["gap"], 10, labels=False).fillna(10)  # the missing apart
    shares = frame.groupby("tenth")[["chance", "long"]].mean()
    assert len(shares) == 11
    assert (shares["chance"] - shares["long"]).abs().max() < 0.03
    assert frame.loc[frame["gap"].isna(), "chance"].nunique() == 2  # one a look
    assert frame["chance"].nunique() == 22


def test_only_the_rule_and_the_look_count(world: World) -> None:
    encoder, codes, spells = world
    rule = fit_rule(encoder, codes, spells, (3.0, 6.0), "gap", "waited")
    parts = rule.contributions(codes, 1)
    assert rule.kind == "rule"
    assert not parts[:, 0].any()
    assert (parts[:, 1:3].std(axis=0) > 0.1).all()
    np.testing.assert_allclose(parts[:, :-1].mean(axis=0), 0, atol=1e-9)
    np.testing.assert_allclose(parts.sum(axis=1), rule.margins(codes)[:, 1])
    # A look from 3 months on leaves no question at 3 months, and teaches nothing of it.
    assert rule.contributions(codes[spells.entry == 0], 0)[:, 2].std() == pytest.approx(0)
    assert from_json(to_json(rule)) == rule


def test_the_look_is_part_of_the_chance(world: World) -> None:
    encoder, codes, spells = world
    rule = fit_rule(encoder, codes, spells, (3.0, 6.0), "gap", "waited")
    for look in (0.0, 3.0):
        at = spells.entry == look
        assert expit(rule.margins(codes[at])[:, 1]).mean() == pytest.approx((spells.duration[at] >= 6).mean(), abs=0.02)
    blind = fit_rule(encoder, codes, spells, (3.0, 6.0), "gap")
    late = spells.entry == 3
    assert expit(blind.margins(codes[late])[:, 1]).mean() < (spells.duration[late] >= 6).mean() - 0.05


def test_a_number_that_hardly_varies_has_fewer_steps(world: World) -> None:
    encoder, codes, spells = world
    few = codes.copy()
    few[:, 1] = np.where(np.isnan(codes[:, 1]), np.nan, (codes[:, 1] > 20).astype(float))
    rule = fit_rule(encoder, few, spells, (6.0,), "gap")
    assert len(rule.steps[0][1].values) == 2
    few[:, 1] = np.nan
    none = fit_rule(encoder, few, spells, (6.0,), "gap")
    assert none.margins(few).std() == pytest.approx(0)

"""Months at risk: whose they are, how they end, and what multiplies out of them."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import expit

from ml.contracts import Column, ColumnType, Floats, Role, Spells
from ml.errors import DataError
from ml.measures.censoring import share_unemployed
from ml.models.encode import Encoder, fit_encoder
from ml.models.ltu.hazard import fit_hazard, person_months
from ml.models.ltu.trees import TreeSettings

HORIZONS = (3.0, 6.0, 12.0)
MONTH_DAYS = 365.25 / 12
QUICK = TreeSettings(rounds=100, learning_rate=0.1)
NOBODY = Encoder(())


def looks(rng: np.random.Generator, rate: Floats) -> tuple[Spells, Floats]:
    """Return looks at 0, 3 and 6 months at spells with a constant rate of leaving, a third lost; and whose they are."""
    ends = rng.exponential(1 / rate)
    lost = np.where(rng.random(len(rate)) < 1 / 3, rng.uniform(0, 14, len(rate)), 20.0)
    seen = np.minimum(ends, lost)
    person = np.concatenate([np.flatnonzero(seen > look) for look in (0.0, 3.0, 6.0)])
    entry = np.concatenate([np.full((seen > look).sum(), look) for look in (0.0, 3.0, 6.0)])
    return Spells(seen[person], (ends <= lost)[person], entry), rate[person]


# ---------------------------------------------------------------- months


@pytest.mark.parametrize(
    ("entry", "duration", "exited", "months"),
    [
        (0, 2.5, True, [(0, 1, 0), (1, 2, 0), (2, 3, 1)]),
        (0, 2.5, False, [(0, 1, 0), (1, 2, 0), (2, 2.5, 0)]),
        (0, 3.0, True, [(0, 1, 0), (1, 2, 0), (2, 3, 0), (3, 4, 1)]),  # still unemployed at 3 months
        (0, 3.0, False, [(0, 1, 0), (1, 2, 0), (2, 3, 0)]),
        (0, 0.0, True, [(0, 1, 1)]),
        (0, 0.0, False, []),
        (4.4, 5.5, True, [(4.4, 5.2, 0), (5.2, 6, 1)]),  # two months that are a little short, and none before the look
        (3.0, 3.0, True, []),  # ended as it was looked at: not followed for any time
        (10.8, 30.0, True, [(10.8, 12, 0)]),
        (12.0, 30.0, True, []),
    ],
)
def test_a_look_gives_its_months(
    entry: float, duration: float, exited: bool, months: list[tuple[float, float, int]]
) -> None:
    found = person_months(Spells(np.array([duration]), np.array([exited]), np.array([entry])), HORIZONS, 1.0)
    rows = np.column_stack([found.begin, found.end, found.exited])
    np.testing.assert_allclose(rows, np.array(months, dtype=float).reshape(-1, 3), atol=1e-9)
    assert (found.row == 0).all()


SPELL = st.tuples(st.floats(0, 11), st.floats(0, 20), st.booleans())


@settings(max_examples=100, deadline=None)
@given(spells=st.lists(SPELL, min_size=1, max_size=8))
def test_months_are_the_time_at_risk(spells: list[tuple[float, float, bool]]) -> None:
    entry, further, exited = (np.array(column) for column in zip(*spells, strict=True))
    duration = entry + further
    months = person_months(Spells(duration, exited, entry), HORIZONS, 1.0)
    at_risk = np.maximum(np.minimum(duration, 12.0) - entry, 0)
    lived = np.bincount(months.row, weights=np.minimum(months.end, duration[months.row]) - months.begin, minlength=8)
    np.testing.assert_allclose(lived[: len(entry)], at_risk, atol=1e-9)
    assert (months.begin >= entry[months.row]).all()
    assert (months.end > months.begin).all()
    assert (months.end - months.begin <= 1.5).all()
    left = np.bincount(months.row, weights=months.exited, minlength=8)[: len(entry)]
    followed = (duration > entry) | (entry == 0)
    np.testing.assert_array_equal(left, exited & (duration < 12) & followed)


# ---------------------------------------------------------------- chances


def test_without_inputs_it_is_kaplan_meier() -> None:
    """Of spells whose rate of leaving falls with time, with looks that came late among them."""
    rng = np.random.default_rng(8)
    spells, _ = looks(rng, np.exp(rng.normal(-2, 1, 6000)))
    found = fit_hazard(NOBODY, np.zeros((len(spells.duration), 0)), spells, HORIZONS, MONTH_DAYS, 1, QUICK)
    chances = expit(found.margins(np.zeros((1, 0))))[0]
    for chance, horizon in zip(chances, HORIZONS, strict=True):
        assert chance == pytest.approx(share_unemployed(spells, horizon).value, abs=0.01)


@pytest.fixture(scope="module")
def world() -> tuple[Encoder, Floats, Spells, Floats]:
    rng = np.random.default_rng(9)
    spells, rate = looks(rng, np.exp(-2.3 + 0.8 * rng.normal(size=4000)))
    columns = [Column(name, ColumnType.NUMBER, Role.FEATURE) for name in ("haste", "waited")]
    frame = pd.DataFrame({"haste": np.log(rate), "waited": spells.entry})
    encoder = fit_encoder(frame, columns)
    return encoder, encoder.frame(frame), spells, rate


def test_known_hazards_are_found_given_the_entry(world: tuple[Encoder, Floats, Spells, Floats]) -> None:
    """P(T >= 12 | T > look) = exp(-rate (12 - look)), person by person and on average at each look."""
    encoder, codes, spells, rate = world
    found = fit_hazard(encoder, codes, spells, HORIZONS, MONTH_DAYS, 1, QUICK, entry="waited")
    margins = found.margins(codes)
    for place, horizon in enumerate(HORIZONS):
        ahead = spells.entry < horizon
        truth = np.exp(-rate * (horizon - spells.entry))[ahead]
        chance = expit(margins[ahead, place])
        assert np.corrcoef(chance, truth)[0, 1] > 0.95
        assert np.abs(chance - truth).mean() < 0.05
        for look in np.unique(spells.entry[ahead]):
            at = spells.entry[ahead] == look
            assert chance[at].mean() == pytest.approx(truth[at].mean(), abs=0.03)
        assert (margins[~ahead, place] > 20).all()
    assert np.isfinite(margins).all()
    assert (np.diff(margins, axis=1) <= 1e-9).all()  # whoever stays for a year stays for half of one


def test_who_was_lost_does_not_count_as_gone() -> None:
    """All are lost at some time before the 14th month; what Kaplan and Meier say of the rest holds all the same."""
    rng = np.random.default_rng(10)
    ends, lost = rng.exponential(10, 5000), rng.uniform(0, 14, 5000)
    spells = Spells(np.minimum(ends, lost), ends <= lost)
    found = fit_hazard(NOBODY, np.zeros((5000, 0)), spells, HORIZONS, MONTH_DAYS, 1, QUICK)
    chances = expit(found.margins(np.zeros((1, 0))))[0]
    for chance, horizon in zip(chances, HORIZONS, strict=True):
        assert chance == pytest.approx(share_unemployed(spells, horizon).value, abs=0.007)


def test_the_same_seed_gives_the_same_model(world: tuple[Encoder, Floats, Spells, Floats]) -> None:
    encoder, codes, spells, _ = world
    settings = TreeSettings(rounds=10)
    one, two = (fit_hazard(encoder, codes, spells, HORIZONS, 30.0, 4, settings, "waited") for _ in range(2))
    np.testing.assert_array_equal(one.margins(codes), two.margins(codes))


def test_a_horizon_that_nobody_reached_is_refused() -> None:
    spells = Spells(np.array([1.0, 2.0, 3.0]), np.array([True, False, True]))
    with pytest.raises(DataError, match="no spell was followed to 12 units"):
        fit_hazard(NOBODY, np.zeros((3, 0)), spells, HORIZONS, 30.0, 1, QUICK)

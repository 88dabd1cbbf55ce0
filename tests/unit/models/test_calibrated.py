"""A calibrator for each landmark and horizon."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from ml.contracts import Bools, Cohort, Floats, Outcome, Part, Spells
from ml.measures.censoring import outcome_at
from ml.models.calibrate import Known, calibrate
from ml.models.calibrated import FEWEST, fit_calibrators, refit_calibrators

MONTHS = Outcome("months", "month", 30.0, 12.0, (3.0, 6.0, 12.0), entry="waited")


def part_of(entry: Floats, duration: Floats, ripe: Bools | None = None) -> Part:
    spells = Spells(duration, np.full(len(duration), True), entry)
    given = {} if ripe is None else {"ripe": ripe}
    return Part(np.arange(len(duration)), spells, person=np.arange(len(duration)) // 2, **given)


def looked(rng: np.random.Generator, counts: tuple[int, ...]) -> tuple[Floats, Part]:
    """Return margins, a column a horizon, and a part of so many looks at 0, 3 and 6 months, that tell something."""
    entry = np.repeat([0.0, 3.0, 6.0], counts)
    margins = rng.normal(size=(len(entry), 3)) + 0.3 * entry[:, None]
    return margins, part_of(entry, entry + rng.exponential(8 * np.exp(0.4 * margins[:, 2])) + 0.01)


def by_hand(margins: Floats, part: Part, rows: Bools, place: int) -> object:
    """Return the calibrator of some rows."""
    horizon = MONTHS.horizons[place]
    ripe, newest = (
        Known(margins[own, place], outcome_at(part.spells[own], horizon), part.person[own])
        for own in (rows & part.ripe, rows)
    )
    return calibrate(ripe, newest)


def test_each_landmark_has_its_own_and_none_where_a_horizon_was_reached(rng: np.random.Generator) -> None:
    margins, part = looked(rng, (600, 500, 400))
    found = fit_calibrators(margins, part, MONTHS)
    assert [[each is not None for each in horizons] for horizons in found] == [
        [True, True, True],
        [False, True, True],
        [False, False, True],
        [False, False, False],
    ]
    for stage, look in enumerate((0.0, 3.0, 6.0)):
        for place in range(stage, 3):
            assert found[stage][place] == by_hand(margins, part, part.spells.entry == look, place)


def test_without_looks_there_is_one_landmark(rng: np.random.Generator) -> None:
    margins, part = looked(rng, (600, 0, 0))
    plain = replace(MONTHS, entry=None)
    (horizons,) = fit_calibrators(margins, part, plain)
    assert horizons == tuple(by_hand(margins, part, np.full(600, True), place) for place in range(3))


@pytest.mark.parametrize(("of_each", "own"), [(FEWEST, True), (FEWEST - 1, False)])
@pytest.mark.parametrize("scarce", ["still", "gone", "ripe"])
def test_a_landmark_with_few_of_an_outcome_shares_one(
    rng: np.random.Generator, of_each: int, own: bool, scarce: str
) -> None:
    """Fifty of each, of those whose outcome is known in time: with fewer, all rows that ask make one calibrator."""
    still = np.concatenate([rng.random(300) < 0.4, np.repeat([True, False], [of_each, 120])])
    if scarce == "gone":
        still[300:] = ~still[300:]
    entry = np.repeat([0.0, 6.0], [300, of_each + 120])
    ripe = np.full(len(entry), True)
    if scarce == "ripe":  # thirty more stayed, but it is too early to be sure of them
        entry, still = np.append(entry, np.full(30, 6.0)), np.append(still, np.full(30, True))
        ripe = np.append(ripe, np.full(30, False))
    part = part_of(entry, np.where(still, 20.0, 8.0), ripe)
    margins = rng.normal(size=(len(entry), 3)) + still[:, None]
    found = fit_calibrators(margins, part, MONTHS)
    rows = part.spells.entry == 6 if own else np.full(len(part), True)
    assert found[2][2] == by_hand(margins, part, rows, 2)
    assert found[0][2] == by_hand(margins, part, part.spells.entry == 0, 2)


def test_looks_that_reached_the_horizon_are_in_no_shared_calibrator(rng: np.random.Generator) -> None:
    """Few looks at 3 months share with those at 0; those at 6 have nothing to say of 6 months."""
    margins, part = looked(rng, (600, 40, 400))
    found = fit_calibrators(margins, part, MONTHS)
    assert found[1][1] == by_hand(margins, part, part.spells.entry < 6, 1)
    assert found[1][2] == by_hand(margins, part, np.full(1040, True), 2)


def test_each_landmark_keeps_its_word(looks_world: Cohort, rng: np.random.Generator) -> None:
    """A margin that knows nothing of how long people have waited is still right on average at each landmark."""
    whole, outcome = looks_world, looks_world.contract.outcome
    part = Part(np.arange(len(whole)), Spells(whole.duration, whole.exited, whole.entry), person=whole.person)
    margins = -whole.features["haste"].to_numpy()[:, None] + rng.normal(size=(len(whole), 3))
    found, shares = fit_calibrators(margins, part, outcome), []
    for stage, look in enumerate((0.0, 3.0, 6.0)):
        rows = part.spells.entry == look
        known = outcome_at(part.spells[rows], 12.0)
        calibrator = found[stage][2]
        assert calibrator is not None
        predicted = np.average(calibrator.probability(margins[rows, 2]), weights=known.weight)
        shares.append(np.average(known.outcome, weights=known.weight))
        assert predicted == pytest.approx(shares[-1], abs=2e-3)
    assert shares[0] + 0.1 < shares[1] < shares[2] - 0.1


def test_refits_are_calibrated_on_the_same_rows(rng: np.random.Generator) -> None:
    margins, part = looked(rng, (600, 40, 400))
    kept = fit_calibrators(margins, part, MONTHS)
    others = margins + rng.normal(size=margins.shape) / 2
    found, alone = refit_calibrators(kept, others, part, MONTHS), fit_calibrators(others, part, MONTHS)
    at = np.linspace(-2, 2, 5)
    for mine, theirs, of_kept in zip(found, alone, kept, strict=True):
        for one, two, origin in zip(mine, theirs, of_kept, strict=True):
            assert (one is None) == (two is None) == (origin is None)
            if one is not None and two is not None:
                np.testing.assert_allclose(one.log_odds(at), two.log_odds(at), atol=1e-7)


def test_later_spells_of_people_who_were_learnt_from_tell_slopes_too(rng: np.random.Generator) -> None:
    margins, part = looked(rng, (600, 500, 400))
    lent = replace(part, lent=rng.random(len(part)) < 0.5)
    assert fit_calibrators(margins, lent, MONTHS) == fit_calibrators(margins, part, MONTHS)
    assert not (lent.judging & lent.lent).any()  # and choose no model


def test_in_a_window_the_level_is_that_of_the_window(rng: np.random.Generator) -> None:
    """Before it opened half as many left; the mean chance of those looked at since is the share of the window."""
    n = 20_000
    began, margins = rng.uniform(0, 24, n), rng.normal(size=(n, 3))
    lasted = np.maximum(12 - began, 0)
    slow, quick = (rng.exponential(scale * np.exp(0.5 * margins[:, 2])) for scale in (24, 8))
    duration = np.where(slow <= lasted, slow, lasted + quick)
    until = 24 - began
    spells = Spells(np.minimum(duration, until), duration <= until)
    part = Part(np.arange(n), spells, ripe=began <= 12, since=lasted)
    plain = replace(MONTHS, entry=None)
    (horizons,) = fit_calibrators(margins, part, plain)
    late = lasted == 0
    truth = np.exp(-12 / (8 * np.exp(0.5 * margins[late, 2]))).mean()
    assert horizons[2] is not None
    assert horizons[2].probability(margins[late, 2]).mean() == pytest.approx(truth, abs=0.015)
    (without,) = fit_calibrators(margins, replace(part, since=np.zeros(n)), plain)
    assert without[2] is not None
    assert without[2].probability(margins[late, 2]).mean() > truth + 0.05

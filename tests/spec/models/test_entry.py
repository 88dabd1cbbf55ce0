"""What a spell weighs that was looked at late, by hand: the table is the rule."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from ml.contracts import Part, Spells
from ml.measures.censoring import outcome_at, risk_table, share_unemployed
from ml.measures.observed import observed_share

NO_QUESTION = UNKNOWN = Fraction(0)

# Horizon 6. Censored are one of five at risk at 1, one of three at 3 (those who are looked at on that day enter after
# it) and two of five at 4: P(not censored) falls to 4/5, then by 2/3, then by 3/5.
# entry | duration | exit seen | weight
TABLE = [
    (0, 1, False, UNKNOWN),
    (0, 2, True, 1 / Fraction(4, 5)),  # known at 2, after the first censoring
    (0, 3, False, UNKNOWN),
    (0, 4, False, UNKNOWN),
    (0, 8, True, 1 / (Fraction(4, 5) * Fraction(2, 3) * Fraction(3, 5))),
    (3, 4, False, UNKNOWN),  # the second look at the spell of 4
    (3, 8, True, 1 / Fraction(3, 5)),  # the second look at the spell of 8: two censorings were before it
    (3, 5, True, 1 / Fraction(3, 5)),
    (6, 8, True, NO_QUESTION),  # had reached the horizon when it was looked at
    (3, 3, True, NO_QUESTION),  # ended as it was looked at: it was never followed
]
# time | exits | censored | at risk: entry < time <= duration
RISK = [(1, 0, 1, 5), (2, 1, 0, 4), (3, 0, 1, 3), (4, 0, 2, 5), (5, 1, 0, 3), (8, 3, 0, 3)]


def spells_of(rows: list[tuple[int, int, bool, Fraction]]) -> Spells:
    entry, duration, exited, _ = (np.array(column) for column in zip(*rows, strict=True))
    return Spells(duration.astype(float), exited.astype(bool), entry.astype(float))


def test_who_is_at_risk() -> None:
    found = risk_table(spells_of(TABLE))
    assert list(zip(found.time, found.exits, found.censored, found.at_risk, strict=True)) == RISK


def test_weights() -> None:
    found = outcome_at(spells_of(TABLE), 6)
    assert found.weight == pytest.approx([float(row[3]) for row in TABLE], abs=1e-12)
    assert found.outcome[found.known].tolist() == [False, True, True, False]


def test_the_observed_share_is_that_of_the_rows_asked_and_not_of_all_spells_from_their_beginning() -> None:
    """Of the weights 30/24, 75/24, 40/24 and 40/24 the second and the third are still unemployed: 115 of 185."""
    spells = spells_of(TABLE)
    part = Part(np.arange(len(TABLE)), spells)
    assert observed_share(part, 6).value == pytest.approx(115 / 185, abs=1e-12)
    assert observed_share(part.asked(6), 6) == observed_share(part, 6)
    assert share_unemployed(spells, 6).value == pytest.approx(3 / 4 * 2 / 3, abs=1e-12)


def test_rows_of_one_entry_give_their_conditional_share() -> None:
    """Of three who lasted beyond 3 one is lost at 4; of the two that stay one leaves at 5."""
    spells = spells_of([row for row in TABLE if row[0] == 3])
    assert observed_share(Part(np.arange(len(spells.duration)), spells), 6).value == pytest.approx(1 / 2, abs=1e-12)
    assert outcome_at(spells, 6).weight == pytest.approx([0, 3 / 2, 3 / 2, 0], abs=1e-12)


def test_without_an_entry_the_observed_share_is_the_kaplan_meier_share() -> None:
    spells = Spells(np.array([1.0, 2, 4, 8]), np.array([False, True, False, True]))
    assert observed_share(Part(np.arange(4), spells), 6) == share_unemployed(spells, 6)

"""How many groups: the largest number that comes again and that twins without groups do not show."""

from __future__ import annotations

import pytest

from ml.contracts import Interval
from ml.models.fractions.number import choose, tried
from ml.models.fractions.report import Tried
from ml.models.fractions.stability import Agreement


def line(groups: int, strength: float, p: float) -> Tried:
    some = Interval(strength, strength - 0.1, strength + 0.1)
    return Tried(groups, some, some, some, some, some, p)


@pytest.mark.parametrize(
    ("table", "chosen", "why"),
    [
        # (groups, prediction strength, p against twins)
        ([(2, 0.95, 0.05), (3, 0.80, 0.05), (4, 0.79, 0.05)], 3, "3 is the largest"),
        ([(2, 0.95, 0.05), (3, 0.60, 0.05), (4, 0.85, 0.05)], 4, "4 is the largest"),
        ([(2, 0.95, 0.05), (3, 0.90, 0.05), (4, 0.85, 0.10)], 3, "3 is the largest"),
        ([(2, 0.95, 0.60), (3, 0.90, 0.10)], None, "p = 0.10 at best"),
        ([(2, 0.79, 0.05), (3, 0.50, 0.05)], None, "no number of groups reaches"),
    ],
)
def test_the_largest_number_that_is_stable_and_apart(
    table: list[tuple[int, float, float]], chosen: int | None, why: str
) -> None:
    number, said = choose([line(*row) for row in table])
    assert number == chosen
    assert why in said


CLOSE, LOOSE = 0.2, 0.4  # spread
FIRM, WEAK = 0.95, 0.5  # strength


@pytest.mark.parametrize(
    ("twin_strength", "twin_spread", "p"),
    [
        (WEAK, LOOSE, 0.05),
        (WEAK, CLOSE, 1.0),  # twins come again less, but are packed as closely
        (FIRM, LOOSE, 1.0),  # packed less closely, but they come again as well
        (FIRM, CLOSE, 1.0),
    ],
)
def test_people_must_beat_their_twins_in_both(twin_strength: float, twin_spread: float, p: float) -> None:
    twins = [Agreement(twin_strength, 0.5, twin_spread)] * 19
    assert tried(3, [Agreement(FIRM, 0.9, CLOSE)] * 4, twins).separation_p == pytest.approx(p)


def test_p_counts_the_twins_that_do_as_well() -> None:
    twins = [Agreement(FIRM, 0.5, LOOSE)] * 3 + [Agreement(WEAK, 0.5, LOOSE)] * 16
    assert tried(3, [Agreement(0.9, 0.9, CLOSE)], twins).separation_p == pytest.approx(4 / 20)

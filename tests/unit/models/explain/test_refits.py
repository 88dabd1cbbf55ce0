"""Whether refits tell people the same reasons."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import pytest
from scipy.stats import spearmanr

from ml.contracts import Floats
from ml.models.explain import explain, refits, stability
from ml.models.explain.refits import top
from ml.models.scorers import Scorer
from ml.models.trained import TrainedModel

Stating = Callable[..., TrainedModel]


@pytest.fixture
def again(stating: Stating) -> Callable[..., tuple[Scorer, ...]]:
    """Return a maker of refits that weigh the inputs as given."""

    def make(*weights: tuple[float, ...]) -> tuple[Scorer, ...]:
        scorer = stating(1).scorer
        return tuple(replace(scorer, weights=each) for each in weights)

    return make


@pytest.mark.parametrize(
    ("sums", "strongest"),
    [
        ((0.1, 0.3, -0.2), 2),
        ((0.1, 0.3, -0.4), -3),
        ((-0.3, 0.1, 0.2), -1),
        ((0.04, -0.04, 0.0), 0),
        ((0.05, 0.0, 0.0), 1),
    ],
)
def test_the_strongest_reason_has_a_direction(sums: tuple[float, ...], strongest: int) -> None:
    assert top(np.array([sums])) == [strongest]


def test_refits_that_say_the_same_are_wholly_stable(stating: Stating, again: Callable[..., tuple[Scorer, ...]]) -> None:
    codes = np.random.default_rng(1).normal(size=(300, 3)) * [3, 2, 1]
    found = stability(stating(3, refits=again(*[(1.0, 1.0, 1.0)] * 10)), codes)
    assert (found.rows, found.refits) == (300, 10)
    for each in (found.same_top, found.still_told, found.rank_correlation):
        assert each is not None
        assert (each.value, each.low, each.high) == (pytest.approx(1), pytest.approx(1), pytest.approx(1))
    assert found.words == (
        "a refit gives the same strongest reason to 100.0 % (100.0 to 100.0 %) of people and tells it among others to "
        "100.0 % (100.0 to 100.0 %); the importance of reasons ranks alike (1.00, 1.00 to 1.00)"
    )


def test_refits_that_say_the_opposite_are_not_stable_at_all(
    stating: Stating, again: Callable[..., tuple[Scorer, ...]]
) -> None:
    """Though importance, which has no direction, ranks alike."""
    codes = np.random.default_rng(1).normal(size=(300, 3)) * [3, 2, 1]
    found = stability(stating(3, refits=again(*[(-1.0, -1.0, -1.0)] * 10)), codes)
    assert found.same_top is not None
    assert found.still_told is not None
    assert (found.same_top.value, found.same_top.high, found.still_told.value) == (0, 0, 0)
    assert found.rank_correlation is not None
    assert found.rank_correlation.value == pytest.approx(1)


def test_shares_are_counted_over_people_and_refits(stating: Stating, again: Callable[..., tuple[Scorer, ...]]) -> None:
    """Input a is strongest of three people in four; two refits of four do not know it, and tell b or nothing."""
    codes = np.array([[0.4, 0.1], [0.4, 0.1], [0.4, 0.0], [0.1, 0.4]])
    model = stating(2, refits=again((1.0, 1.0), (1.0, 1.0), (0.0, 1.0), (0.0, 1.0)))
    found = stability(model, codes)
    assert found.same_top is not None
    assert found.still_told is not None
    assert found.same_top.value == pytest.approx((4 + 4 + 1 + 1) / 16)
    assert found.still_told.value == pytest.approx((4 + 4 + 1 + 1) / 16)


def test_a_strongest_reason_that_comes_second_is_still_told(
    stating: Stating, again: Callable[..., tuple[Scorer, ...]]
) -> None:
    codes = np.array([[0.4, 0.3], [0.4, 0.3]])
    found = stability(stating(2, refits=again((1.0, 2.0), (1.0, 2.0))), codes)
    assert found.same_top is not None
    assert found.still_told is not None
    assert (found.same_top.value, found.still_told.value) == (0, 1)


def test_a_strongest_reason_that_comes_fourth_is_told_no_more(
    stating: Stating, again: Callable[..., tuple[Scorer, ...]]
) -> None:
    codes = np.array([[0.4, 0.3, 0.3, 0.3]] * 2)
    found = stability(stating(4, refits=again((1.0, 2.0, 2.0, 2.0), (1.0, 2.0, 2.0, 1.0))), codes)
    assert found.still_told is not None
    assert found.still_told.value == 0.5


def test_people_who_are_told_nothing_stay_so(stating: Stating, again: Callable[..., tuple[Scorer, ...]]) -> None:
    codes = np.array([[0.01, 0.02], [0.01, 0.02]])
    found = stability(stating(2, refits=again((1.0, 1.0), (9.0, 9.0))), codes)
    assert found.same_top is not None
    assert found.still_told is not None
    assert (found.same_top.value, found.still_told.value) == (0.5, 0.5)


def test_reasons_are_compared_and_not_their_inputs(stating: Stating, again: Callable[..., tuple[Scorer, ...]]) -> None:
    """Two windows of one fact take turns; what people are told is the same."""
    codes = np.array([[0.4, 0.4, 0.1]] * 3)
    model = stating(3, reasons=("x", "x", None), refits=again((1.5, 0.5, 1.0), (0.5, 1.5, 1.0)))
    found = stability(model, codes)
    assert found.same_top is not None
    assert found.same_top.value == 1


def test_rank_correlation_is_spearmans(stating: Stating, again: Callable[..., tuple[Scorer, ...]]) -> None:
    rng = np.random.default_rng(3)
    codes = rng.normal(size=(200, 5)) * [5, 4, 3, 2, 1]
    weights = [tuple(rng.uniform(0.2, 3, 5)) for _ in range(12)]
    found = stability(stating(5, refits=again(*weights)), codes)
    size = np.abs(codes).mean(axis=0)
    expected = [spearmanr(size, size * np.array(each)).statistic for each in weights]
    assert found.rank_correlation is not None
    assert found.rank_correlation.value == pytest.approx(np.mean(expected))
    assert found.rank_correlation.low < np.mean(expected) < found.rank_correlation.high


@dataclass(frozen=True)
class Coin:
    """A refit that agrees with each row by chance: how often it does is drawn, too."""

    seed: int
    kind = "coin"

    def contributions(self, codes: Floats, place: int) -> Floats:
        rng = np.random.default_rng(self.seed)
        sign = np.where(rng.random(len(codes)) < rng.uniform(0.5, 0.9), 1.0, -1.0)
        return np.column_stack([sign, np.zeros(len(codes))])

    def margins(self, codes: Floats) -> Floats:
        return np.tile(self.contributions(codes, 1).sum(axis=1)[:, None], 3)


def test_the_interval_holds_the_truth_as_often_as_it_says(stating: Stating) -> None:
    """Refits agree with 0.7 of people on the average; 95 % of intervals hold that, within what 200 trials can show."""
    held = 0
    for trial in range(200):
        coins = tuple(Coin(1000 * trial + refit) for refit in range(10))
        found = stability(stating(1, refits=coins), np.ones((100, 1)))
        assert found.same_top is not None
        held += found.same_top.low <= 0.7 <= found.same_top.high
    assert 180 <= held < 200


def test_looks_at_one_person_widen_the_interval(stating: Stating) -> None:
    """Whoever the refits disagree about is looked at three times: that is one person, not three."""
    codes = np.repeat(np.array([[0.4, 0.3], [0.4, 0.1]]), 60, axis=0)
    refit = replace(stating(2).scorer, weights=(1.0, 2.0))
    model = stating(2, refits=(refit,) * 10)
    apart, together = stability(model, codes), stability(model, codes, np.arange(120) // 3)
    assert apart.same_top is not None
    assert together.same_top is not None
    assert apart.same_top.value == together.same_top.value == 0.5
    widths = [each.same_top.high - each.same_top.low for each in (apart, together)]
    assert widths[1] / widths[0] == pytest.approx(np.sqrt(3))


@pytest.mark.parametrize(("refit_count", "rows"), [(0, 9), (1, 9), (3, 1), (3, 0)])
def test_too_little_is_said_aloud(
    stating: Stating, again: Callable[..., tuple[Scorer, ...]], refit_count: int, rows: int
) -> None:
    found = stability(stating(2, refits=again(*[(1.0, 1.0)] * refit_count)), np.full((rows, 2), 0.3))
    assert (found.same_top, found.still_told, found.rank_correlation) == (None, None, None)
    assert found.words == (
        f"insufficient evidence of how stable reasons are: {rows} looks and {refit_count} refits, "
        "at least 2 of each are needed"
    )


def test_where_all_reasons_matter_alike_nothing_can_be_ranked(
    stating: Stating, again: Callable[..., tuple[Scorer, ...]]
) -> None:
    found = stability(stating(2, refits=again((1.0, 1.0), (1.0, 2.0))), np.full((4, 2), 0.3))
    assert found.rank_correlation is None
    assert found.words.endswith("; the importance of reasons cannot be ranked")


def test_of_many_people_some_are_explained(
    stating: Stating, again: Callable[..., tuple[Scorer, ...]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(refits, "MOST_PEOPLE", 50)
    codes = np.random.default_rng(1).normal(size=(300, 2))
    model = stating(2, refits=again((1.0, 1.2), (1.0, 0.8)))
    assert stability(model, codes).rows == 50
    assert stability(model, codes) == stability(model, codes)


def test_a_refit_speaks_by_its_own_calibration(stating: Stating) -> None:
    """One whose margin says nothing of the outcome tells nobody anything."""
    model = stating(2, refits=(stating(2).scorer,) * 2)
    silent = tuple(replace(each, calibrators=stating(2, slope=0.0).calibrators) for each in model.refits)
    found = stability(replace(model, refits=silent), np.array([[0.4, 0.1]] * 3))
    assert found.same_top is not None
    assert found.same_top.value == 0


def test_spells_that_have_reached_the_horizon_are_told_nothing_and_do_not_count(stating: Stating) -> None:
    """Else refits would agree on the silence about them. Input b says how long each has lasted."""
    model = stating(2, refits=(replace(stating(2).scorer, weights=(-1.0, 0.0)),) * 2)
    (asked,) = model.calibrators
    reached = (asked[0], None, asked[2])  # of the horizons 3, 6 and 12, the second is no question any more
    waited = replace(
        model,
        outcome=replace(model.outcome, entry="b"),
        calibrators=(asked, asked, reached, reached),
        scorer=replace(stating(2).scorer, weights=(1.0, 0.0)),
        refits=tuple(replace(each, calibrators=(asked, asked, reached, reached)) for each in model.refits),
    )
    codes = np.array([[0.4, 0.0], [0.4, 4.0], [0.4, 7.0], [0.4, 8.0], [0.4, 9.0]])
    found = stability(waited, codes)
    assert found.rows == 2
    assert found.same_top is not None
    assert found.same_top.value == 0
    told = explain(waited, codes).raising.reason[:, 0]
    assert list(told) == [0, 0, -1, -1, -1]


def test_reasons_that_rank_the_other_way_round_are_told_so(
    stating: Stating, again: Callable[..., tuple[Scorer, ...]]
) -> None:
    codes = np.array([[0.9, 0.5, 0.1]] * 3)
    found = stability(stating(3, refits=again((0.1, 1.0, 9.0), (0.1, 1.0, 9.5))), codes)
    assert found.rank_correlation is not None
    assert found.rank_correlation.value == pytest.approx(-1)

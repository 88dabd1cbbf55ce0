"""What a protected attribute that is an input changes: nothing where it is ignored, what is known where it is known."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit, logit

from ml.contracts import Flip, Floats, Rows
from ml.errors import DataError
from ml.fairness.flips import Chances, flips

N = 4000


def people(rng: np.random.Generator, n: int = N) -> pd.DataFrame:
    """Return inputs: a risk without the attribute, and the attribute."""
    return pd.DataFrame({"risk": rng.random(n), "gender": rng.choice(["men", "women"], n)})


def adding(log_odds: float) -> Chances:
    """Return a model that adds so much to the log-odds of women."""

    def chances(inputs: pd.DataFrame) -> Floats:
        return np.asarray(expit(logit(inputs["risk"]) + log_odds * (inputs["gender"] == "women")), dtype=np.float64)

    return chances


def flip(chances: Chances, inputs: pd.DataFrame, cut: float = 0.7, person: Rows | None = None) -> Flip:
    who = np.arange(len(inputs)) if person is None else person
    (one,) = flips(chances, inputs, inputs[["gender"]], cut, who)
    return one


def test_a_model_that_ignores_the_attribute_moves_nothing(rng: np.random.Generator) -> None:
    found = flip(adding(0.0), people(rng))
    assert (found.moved.value, found.moved.low, found.moved.high) == (0, 0, 0)
    assert (found.flagged.value, found.flagged.low) == (0, 0)
    assert 0 < found.flagged.high <= 0.001  # none of 4,000 may still be one in a thousand
    assert found.why == ""


def test_a_model_that_adds_to_one_group_moves_what_is_known(rng: np.random.Generator) -> None:
    inputs = people(rng)
    without, with_it = (np.asarray(expit(logit(inputs["risk"]) + each)) for each in (0.0, 0.3))
    found = flip(adding(0.3), inputs)
    assert found.moved.value == pytest.approx((with_it - without).mean(), abs=0.0006)
    width = 2 * 1.96 * (with_it - without).std() / np.sqrt(N)
    assert found.moved.high - found.moved.low == pytest.approx(width, abs=0.0012)
    turned = np.mean((without < 0.7) & (with_it >= 0.7))
    assert found.flagged.value == pytest.approx(turned, abs=5 / N)
    assert found.flagged.low < turned < found.flagged.high
    error = 1.96 * np.sqrt(turned * (1 - turned) / N)
    assert found.flagged.high - found.flagged.low == pytest.approx(2 * error, rel=0.15)


def test_the_direction_does_not_matter(rng: np.random.Generator) -> None:
    inputs = people(rng)
    assert flip(adding(0.3), inputs).moved.value == pytest.approx(flip(adding(-0.3), inputs).moved.value, abs=0.01)


def test_intervals_of_what_is_moved_hold_the_truth() -> None:
    """Over 200 draws of 300 people each; the truth is of a million."""
    inputs = people(np.random.default_rng(0), 1_000_000)
    truth = float(np.mean(adding(1.0)(inputs.assign(gender="women")) - adding(1.0)(inputs.assign(gender="men"))))
    held = []
    for seed in range(200):
        found = flip(adding(1.0), people(np.random.default_rng(1 + seed), 300))
        held.append(found.moved.low <= truth <= found.moved.high)
    assert 0.90 < np.mean(held) < 0.99


def test_of_several_values_it_is_the_mean_over_those_that_are_not_ones_own() -> None:
    """a, b and c have chances 0.1, 0.2 and 0.6: of a 0.1 and 0.5, of b 0.1 and 0.4, of c 0.5 and 0.4."""
    inputs = pd.DataFrame({"origin": ["a"] * 50 + ["b"] * 30 + ["c"] * 20})
    chance = {"a": 0.1, "b": 0.2, "c": 0.6}

    def chances(inputs: pd.DataFrame) -> Floats:
        return inputs["origin"].map(chance).to_numpy(dtype=np.float64)

    (found,) = flips(chances, inputs, inputs[["origin"]], 0.5, np.arange(100))
    assert found.moved.value == pytest.approx(0.5 * 0.3 + 0.3 * 0.25 + 0.2 * 0.45)
    assert found.flagged.value == 1.0
    assert found.flagged.low == pytest.approx(0.025 ** (1 / 100), abs=0.001)


def test_a_number_is_set_to_the_median_of_each_other_group() -> None:
    inputs = pd.DataFrame({"age": [20.0, 21.0, 28.0] * 20 + [40.0, 50.0, 51.0, 58.0] * 10})
    bands = pd.DataFrame({"age": ["under 30"] * 60 + ["30 and over"] * 40})
    (found,) = flips(lambda each: each["age"].to_numpy() / 100, inputs, bands, 0.35, np.arange(100))
    young, old = np.abs(inputs["age"][:60] - 50.5).mean(), np.abs(inputs["age"][60:] - 21).mean()
    assert found.moved.value == pytest.approx((0.6 * young + 0.4 * old) / 100, abs=0.0006)


def test_where_groups_join_values_the_commonest_stands_for_them(rng: np.random.Generator) -> None:
    tongue = pd.DataFrame({"tongue": ["fi"] * 60 + ["ar"] * 30 + ["so"] * 10})
    groups = pd.DataFrame({"tongue": ["Finnish"] * 60 + ["foreign"] * 40})
    chance = {"fi": 0.1, "ar": 0.3, "so": 0.9}
    (found,) = flips(lambda each: each["tongue"].map(chance).to_numpy(), tongue, groups, 0.5, np.arange(100))
    assert found.moved.value == pytest.approx(0.6 * 0.2 + 0.3 * 0.2 + 0.1 * 0.8)
    assert found.flagged.value == 0.1


@pytest.mark.parametrize("nobody", ["missing", "suppressed"])
def test_nobody_is_set_to_what_is_no_value_and_who_has_none_is_set_to_all(nobody: str) -> None:
    """Who is suppressed would have 0.9, and moves to 0.1 and 0.2; the others only between these."""
    group = ["a"] * 40 + ["b"] * 40 + [nobody] * 20
    inputs = pd.DataFrame({"origin": [None if each == "missing" else each for each in group]}, dtype=object)
    given: list[str] = []

    def chances(inputs: pd.DataFrame) -> Floats:
        given.extend(set(inputs["origin"].fillna("missing")))
        return inputs["origin"].map({"a": 0.1, "b": 0.2}).fillna(0.9).to_numpy(dtype=np.float64)

    (found,) = flips(chances, inputs, pd.DataFrame({"origin": group}), 0.5, np.arange(100))
    assert found.moved.value == pytest.approx(0.8 * 0.1 + 0.2 * 0.75)
    assert found.flagged.value == 0.2
    assert given.count(nobody) == 1  # as people are, and never set to


def test_all_else_is_held_and_the_frame_is_left_as_it_was(rng: np.random.Generator) -> None:
    inputs = people(rng, 200)
    before = inputs.copy()

    def chances(given: pd.DataFrame) -> Floats:
        pd.testing.assert_series_equal(given["risk"], before["risk"])
        assert list(given.columns) == list(before.columns)
        return adding(0.3)(given)

    flip(chances, inputs)
    pd.testing.assert_frame_equal(inputs, before)


def test_rows_of_one_person_are_no_more_people(rng: np.random.Generator) -> None:
    inputs, person = people(rng, 500), np.repeat(np.arange(500), 4)
    once, often = flip(adding(0.5), inputs), flip(adding(0.5), inputs.iloc[person].reset_index(drop=True), 0.7, person)
    assert often.moved == once.moved
    assert often.flagged.low == pytest.approx(once.flagged.low, abs=0.006)
    assert often.flagged.high == pytest.approx(once.flagged.high, abs=0.006)


@pytest.mark.parametrize(
    ("turned", "told"),
    [(0, True), (1, False), (4, False), (5, True), (95, True), (96, False), (99, False), (100, True)],
)
def test_one_to_four_people_are_not_told_of(turned: int, told: bool) -> None:
    inputs = pd.DataFrame({"turns": np.arange(100) < turned, "gender": ["men", "women"] * 50})

    def chances(inputs: pd.DataFrame) -> Floats:
        return np.where(inputs["turns"] & (inputs["gender"] == "women"), 0.9, 0.1)

    found = flip(chances, inputs)
    assert [np.isfinite(each.value) for each in (found.moved, found.flagged)] == [told, told]
    assert found.why == ("" if told else "too few people")


@pytest.mark.parametrize(("turned", "share"), [(7, 0.05), (8, 0.1), (12, 0.1), (92, 0.9), (95, 0.95)])
def test_the_share_is_of_rounded_counts(turned: int, share: float) -> None:
    inputs = pd.DataFrame({"turns": np.arange(100) < turned, "gender": ["men", "women"] * 50})
    found = flip(lambda each: np.where(each["turns"] & (each["gender"] == "women"), 0.9, 0.1), inputs)
    assert found.flagged.value == share


def test_who_stands_at_the_cut_is_flagged() -> None:
    inputs = pd.DataFrame({"gender": ["men", "women"] * 50})
    assert flip(lambda each: np.where(each["gender"] == "women", 0.7, 0.6), inputs, 0.7).flagged.value == 1
    assert flip(lambda each: np.where(each["gender"] == "women", 0.7, 0.8), inputs, 0.7).flagged.value == 0


def test_four_people_of_many_rows_are_four() -> None:
    person = np.minimum(np.arange(200) // 10, 100)
    inputs = pd.DataFrame({"turns": person < 4, "gender": ["men", "women"] * 100})
    found = flip(lambda each: np.where(each["turns"] & (each["gender"] == "women"), 0.9, 0.1), inputs, 0.5, person)
    assert np.isnan(found.flagged.value)


@pytest.mark.parametrize("groups", [["men"] * 50, ["men"] * 40 + ["missing"] * 3 + ["suppressed"] * 7])
def test_with_one_value_there_is_nothing_to_change_or_too_few_to_tell(groups: list[str]) -> None:
    inputs = pd.DataFrame({"gender": groups})
    found = flip(lambda each: np.full(len(each), 0.5), inputs, 0.5)
    if len(set(groups)) == 1:
        assert found.why == "everyone is of this group"
        assert np.isnan([found.moved.value, found.flagged.value]).all()
    else:
        assert found.moved.value == 0  # ten are set to the one value


def test_an_attribute_that_is_no_input_is_refused(rng: np.random.Generator) -> None:
    inputs = people(rng, 10)
    with pytest.raises(DataError, match="'age': no such input"):
        flips(adding(0.1), inputs, pd.DataFrame({"age": ["old"] * 10}), 0.5, np.arange(10))


def test_rows_must_match(rng: np.random.Generator) -> None:
    inputs = people(rng, 10)
    with pytest.raises(DataError, match="10 rows of inputs, 9 protected rows and 10 persons"):
        flips(adding(0.1), inputs, inputs[["gender"]][:9], 0.5, np.arange(10))

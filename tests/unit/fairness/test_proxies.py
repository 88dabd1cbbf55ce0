"""How well inputs tell groups apart: what is planted is found with its carriers, and what is not there is not."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from ml.contracts import Bools, Floats, Proxy, Rows
from ml.errors import DataError
from ml.fairness.proxies import proxies

N = 2000
Telling = Callable[[np.random.Generator, Bools], dict[str, Floats]]
HALF = {"a": 0.5, "b": 0.5}


def people(rng: np.random.Generator, shares: Mapping[str, float], n: int = N) -> pd.DataFrame:
    return pd.DataFrame({"group": rng.choice(list(shares), n, p=list(shares.values()))})


def found(
    inputs: Mapping[str, Floats], protected: pd.DataFrame, seed: int = 1, person: Rows | None = None, **more: int
) -> list[Proxy]:
    codes = np.column_stack(list(inputs.values()))
    who = np.arange(len(codes)) if person is None else person
    return list(proxies(codes, tuple(inputs), protected, who, np.random.default_rng(seed), **more))


def noise(rng: np.random.Generator, inputs: int = 3, n: int = N) -> dict[str, Floats]:
    return {f"noise {place}": rng.normal(size=n) for place in range(inputs)}


def known(proxy: Proxy) -> tuple[float, float, float]:
    assert proxy.auc is not None
    return proxy.auc.value, proxy.auc.low, proxy.auc.high


def hanley_mcneil(auc: float, cases: int, controls: int) -> float:
    """Return the standard error of an AUC (Hanley & McNeil 1982)."""
    of_cases, of_controls = auc / (2 - auc) - auc**2, 2 * auc**2 / (1 + auc) - auc**2
    return float(
        np.sqrt((auc * (1 - auc) + (cases - 1) * of_cases + (controls - 1) * of_controls) / (cases * controls))
    )


def test_a_shifted_input_tells_as_well_as_theory_says(rng: np.random.Generator) -> None:
    """Two normal distributions a deviation apart: AUC Φ(1/√2); shuffled, what is left is a coin."""
    protected = people(rng, HALF, 8000)
    inputs = noise(rng, n=8000) | {"shifted": rng.normal(size=8000) + (protected["group"] == "a")}
    best = float(norm.cdf(1 / np.sqrt(2)))
    one = found(inputs, protected)[0]
    value, low, high = known(one)
    assert low - 0.005 < best < high + 0.005  # a model taught by 4,000 people falls a little short of the best
    assert high - low == pytest.approx(2 * 1.96 * hanley_mcneil(best, 2000, 2000), rel=0.1)
    assert [name for name, _ in one.carriers] == ["shifted"]
    assert one.carriers[0][1] == pytest.approx(value - 0.5, abs=0.03)
    assert one.why == ""


def bent(rng: np.random.Generator, member: Bools) -> dict[str, Floats]:
    """Return an input whose middle and ends are of different groups."""
    return {"bent": rng.normal(size=len(member)) * np.where(member, 3.0, 0.7)}


def crossed(rng: np.random.Generator, member: Bools) -> dict[str, Floats]:
    """Return two inputs that tell nothing alone: same sign, one group; opposite signs, the other."""
    one = rng.choice([-1.0, 1.0], len(member))
    return {"one": one, "other": np.where(member, one, -one) * np.where(rng.random(len(member)) < 0.9, 1, -1)}


def absent(rng: np.random.Generator, member: Bools) -> dict[str, Floats]:
    """Return an input of two values that tell nothing; it is more often missing for one group."""
    gone = rng.random(len(member)) < np.where(member, 0.5, 0.05)
    return {"absent": np.where(gone, np.nan, rng.choice([-1.0, 1.0], len(member)))}


@pytest.mark.parametrize("kind", [bent, crossed, absent])
def test_what_no_line_tells_is_found_and_named(kind: Telling, rng: np.random.Generator) -> None:
    protected = people(rng, HALF)
    member = (protected["group"] == "a").to_numpy()
    telling = kind(rng, member)
    design = np.nan_to_num(np.column_stack(list(telling.values())))
    assert roc_auc_score(member, LogisticRegression().fit(design, member).predict_proba(design)[:, 1]) < 0.55
    one = found(noise(rng) | telling, protected)[0]
    assert known(one)[1] > 0.65
    assert {name for name, _ in one.carriers} == set(telling)


def test_of_many_inputs_those_that_carry_most_come_first_and_not_more_than_five(rng: np.random.Generator) -> None:
    protected = people(rng, HALF, 4000)
    member = protected["group"] == "a"
    shifts = {"least": 0.5, "e": 0.7, "d": 0.75, "c": 0.8, "b": 0.9, "most": 1.3}
    telling = {name: rng.normal(size=4000) + shift * member for name, shift in shifts.items()}
    one = found(noise(rng, 10, 4000) | telling | noise(rng, 10, 4000), protected)[0]
    assert len(one.carriers) == 5
    assert one.carriers[0][0] == "most"
    assert {name for name, _ in one.carriers} == {"b", "c", "d", "e", "most"}
    assert [lost for _, lost in one.carriers] == sorted((lost for _, lost in one.carriers), reverse=True)


def test_inputs_that_tell_nothing_are_said_to_tell_nothing() -> None:
    """Of 60 registers with inputs of pure chance 95 % hold 0.5: fewer than 52 would come up once in 300 times."""
    held = []
    for seed in range(60):
        rng = np.random.default_rng(seed)
        one, _ = found(noise(rng, n=400), people(rng, {"a": 0.3, "b": 0.7}, 400), seed)
        _, low, high = known(one)
        held.append(low <= 0.5 <= high)
        if low <= 0.5:
            assert one.carriers == ()
            assert "tell nothing" in one.why
    assert sum(held) >= 52


def test_people_are_not_judged_by_a_model_that_saw_them(rng: np.random.Generator) -> None:
    """Four rows a person, alike, and a group that nothing tells: only who was seen before can be recognised."""
    person = np.repeat(np.arange(500), 4)
    protected = people(rng, HALF, 500).iloc[person].reset_index(drop=True)
    inputs = {name: values[person] for name, values in noise(rng, 6, 500).items()}
    value, low, _ = known(found(inputs, protected, person=person)[0])
    assert low < 0.5
    assert value < 0.6


def test_rows_of_one_person_do_not_narrow_the_interval(rng: np.random.Generator) -> None:
    protected = people(rng, HALF)
    inputs = noise(rng) | {"shifted": rng.normal(size=N) + (protected["group"] == "a")}
    person = np.repeat(np.arange(N), 4)
    _, low, high = known(found(inputs, protected)[0])
    many = {name: values[person] for name, values in inputs.items()}
    _, of_many_low, of_many_high = known(found(many, protected.iloc[person], person=person)[0])
    assert of_many_high - of_many_low == pytest.approx(high - low, rel=0.15)


def test_too_few_people_are_said_to_be_too_few(rng: np.random.Generator) -> None:
    protected = pd.DataFrame({"group": ["few"] * 99 + ["enough"] * 100 + ["most"] * 801})
    few = {each.group: each for each in found(noise(rng, n=1000), protected)}
    assert {group: each.why == "too few people" for group, each in few.items()} == {
        "few": True, "enough": False, "most": False,
    }  # fmt: skip
    assert few["few"].auc is None
    assert few["few"].carriers == ()
    assert few["enough"].auc is not None


def test_one_side_is_enough_to_be_too_few(rng: np.random.Generator) -> None:
    protected = pd.DataFrame({"group": ["all but few"] * 960 + ["few"] * 40})
    assert [each.auc for each in found(noise(rng, n=1000), protected)] == [None, None]


def test_people_are_counted_and_not_their_rows(rng: np.random.Generator) -> None:
    person = np.repeat(np.arange(250), 4)
    protected = pd.DataFrame({"group": np.where(person < 90, "few", "most")})
    assert [each.why for each in found(noise(rng, n=1000), protected, person=person)] == ["too few people"] * 2


def test_groups_of_all_attributes_in_their_order_with_the_missing_beside_others(rng: np.random.Generator) -> None:
    three = people(rng, {"a": 0.4, "b": 0.3, "missing": 0.3}, 900)["group"]
    protected = pd.DataFrame({"z": three, "alone": "missing", "sex": rng.choice(["m", "w"], 900)})
    assert [(each.attribute, each.group) for each in found(noise(rng, n=900), protected)] == [
        ("z", "a"), ("z", "b"), ("z", "missing"), ("sex", "m"), ("sex", "w"),
    ]  # fmt: skip


def test_who_tells_one_of_two_groups_tells_the_other(rng: np.random.Generator) -> None:
    protected = people(rng, {"a": 0.2, "b": 0.8})
    one, other = found({"shifted": rng.normal(size=N) + (protected["group"] == "a")}, protected)
    assert (one.auc, one.carriers, one.why) == (other.auc, other.carriers, other.why)


def test_an_attribute_that_is_an_input_is_told_by_the_others(rng: np.random.Generator) -> None:
    protected = people(rng, HALF)
    member = (protected["group"] == "a").to_numpy()
    one = found(noise(rng) | {"group": member * 1.0, "shifted": rng.normal(size=N) + member}, protected)[0]
    assert [name for name, _ in one.carriers] == ["shifted"]
    assert known(one)[2] < 0.85
    alone = found({"group": member * 1.0}, protected)[0]
    assert (alone.auc, alone.why) == (None, "no other input")


def test_a_perfect_proxy_is_not_certain(rng: np.random.Generator) -> None:
    """None of 100 wrong may still be three in a hundred."""
    protected = pd.DataFrame({"group": ["a"] * 200 + ["b"] * 1800})
    one = found(noise(rng) | {"it": (protected["group"] == "a") * 1.0}, protected)[0]
    assert known(one) == (1.0, pytest.approx(0.025 ** (1 / 100), abs=0.001), 1.0)


def test_a_sample_of_many_says_what_all_of_them_say(rng: np.random.Generator) -> None:
    protected = people(rng, {"a": 0.1, "b": 0.9}, 6000)
    inputs = noise(rng, n=6000) | {"shifted": rng.normal(size=6000) + 2 * (protected["group"] == "a")}
    value, low, high = known(found(inputs, protected, most=300)[0])
    assert low < norm.cdf(2 / np.sqrt(2)) < high + 0.02
    assert high - low == pytest.approx(2 * 1.96 * hanley_mcneil(value, 150, 150), rel=0.15)
    assert value == known(found(inputs, protected, most=300)[0])[0]


def test_inputs_of_nothing_and_of_one_value_do_no_harm(rng: np.random.Generator) -> None:
    protected = people(rng, HALF)
    inputs = {"nothing": np.full(N, np.nan), "one": np.ones(N), "endless": np.where(rng.random(N) < 0.1, np.inf, 1.0)}
    one = found(inputs | {"shifted": rng.normal(size=N) + (protected["group"] == "a")}, protected)[0]
    assert [name for name, _ in one.carriers] == ["shifted"]


@pytest.mark.parametrize(("rows", "persons", "names"), [(9, 10, 2), (10, 9, 2), (10, 10, 1)])
def test_rows_and_names_must_match(rows: int, persons: int, names: int) -> None:
    protected = pd.DataFrame({"group": ["a"] * rows})
    rng = np.random.default_rng(1)
    with pytest.raises(DataError, match="each row, and each input, needs its own"):
        proxies(np.zeros((10, 2)), ("x", "y")[:names], protected, np.arange(persons), rng)

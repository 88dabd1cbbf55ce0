"""The few reasons of a person: summed by the contract's reasons, the strongest each way, and exact or none."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from ml.contracts import Cohort, Floats
from ml.errors import GateError
from ml.models.explain import Explanation, contributions, explain, reasons
from ml.models.train import Trained
from ml.models.trained import TrainedModel

Stating = Callable[..., TrainedModel]


def row(*parts: float) -> dict[str, object]:
    return dict(zip("abcdefghijkl", parts, strict=False))


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        # contributions of a, b, c …            reasons: longer first, then shorter, each strongest first
        ((0.1, 0.3, 0.2), "+b +c +a"),
        ((-0.1, -0.3, -0.2), "-b -c -a"),
        ((0.1, -0.9, 0.2, -0.3), "+c +a -b -d"),
        ((0.1, 0.2, 0.3, 0.4, 0.5), "+e +d +c"),
        ((0.1, 0.2, 0.3, 0.4, -0.1, -0.2, -0.3, -0.4), "+d +c +b -h -g -f"),
        ((0.05, 0.0499, -0.05, -0.0499), "+a -c"),  # less than 0.05 is not worth words
        ((0.0, 0.0), ""),
        ((0.2, 0.2, 0.2, 0.2), "+a +b +c"),  # of equals the first in the contract
    ],
)
def test_at_most_three_reasons_each_way(stating: Stating, parts: tuple[float, ...], expected: str) -> None:
    found = reasons(stating(len(parts)), row(*parts))
    assert " ".join(("+" if each.raises else "-") + each.reason.name for each in found) == expected
    for each in found:
        assert each.contribution == parts["abcdefghij".index(each.column.name)]


@pytest.mark.parametrize(
    ("named", "parts", "expected"),
    [
        # reasons of a, b, c … | contributions       | reason, its sum, the input that tells most of it
        (("x", "x", None), (0.1, 0.3, 0.2), "x +0.40 b, c +0.20 c"),
        (("x", None, "x"), (0.1, 0.2, 0.3), "x +0.40 c, b +0.20 b"),
        (("x", "x", "x"), (0.5, -0.3, -0.1), "x +0.10 a"),
        (("x", "x", "x"), (0.4, -0.3, -0.3), "x -0.20 b"),  # a is strongest, and speaks against the sum
        (("x", "x", None), (0.9, -0.9, 0.1), "c +0.10 c"),  # they outweigh each other: nothing to tell
        (("x", "x", "y"), (0.03, 0.03, 0.04), "x +0.06 a"),  # together worth words, neither alone
        (("y", "x", "y", "x"), (0.1, -0.2, 0.1, -0.1), "y +0.20 a, x -0.30 b"),
    ],
)
def test_inputs_of_one_reason_are_told_together(
    stating: Stating, named: tuple[str | None, ...], parts: tuple[float, ...], expected: str
) -> None:
    found = reasons(stating(len(parts), reasons=named), row(*parts))
    assert ", ".join(f"{each.reason.name} {each.contribution:+.2f} {each.column.name}" for each in found) == expected
    assert all(each.value == row(*parts)[each.column.name] for each in found)


def test_a_reason_is_in_calibrated_log_odds_and_holds_the_value(stating: Stating) -> None:
    longer, shorter = reasons(stating(3, slope=0.5), row(0.2, -0.4, 0.06))
    assert (longer.column.name, longer.value, longer.contribution) == ("a", 0.2, 0.1)
    assert (shorter.column.name, shorter.value, shorter.contribution) == ("b", -0.4, -0.2)


def test_a_model_that_knows_only_the_share_has_no_reasons(stating: Stating) -> None:
    assert reasons(stating(2, slope=0.0), row(0.2, -0.4)) == ()


@pytest.mark.parametrize("missing", [0.3, -0.3, 2e-6, float("nan")])
def test_an_explanation_that_is_not_exact_is_not_given(stating: Stating, missing: float) -> None:
    model = stating(2, missing=missing)
    with pytest.raises(GateError, match="misses the model's margin"):
        reasons(model, row(0.2, 0.1))
    with pytest.raises(GateError, match="misses the model's margin"):
        explain(model, np.full((3, 2), 0.2))
    with pytest.raises(GateError, match="misses the model's margin"):
        contributions(model, np.full((3, 2), 0.2))


def test_one_inexact_row_among_many_is_enough(straight_world: Cohort, straight: Trained) -> None:
    codes = straight.model.encoder.frame(straight_world.features)[:50]

    class OneOff(type(straight.model.scorer)):  # type: ignore[misc]
        def contributions(self, codes: Floats, place: int) -> Floats:
            parts = super().contributions(codes, place).copy()
            parts[17, 0] += 1e-5
            return parts

    scorer = straight.model.scorer
    off = OneOff(**{each.name: getattr(scorer, each.name) for each in fields(scorer)})
    assert explain(straight.model, codes)
    with pytest.raises(GateError, match="misses the model's margin by 1e-05"):
        explain(replace(straight.model, scorer=off), codes)


def test_an_input_that_takes_no_part_is_never_a_reason(straight: Trained) -> None:
    given_ = {"age": 60.0, "gap": 0.0, "skill": "nurse", "noise": 0.0}
    found = {each.column.name: each for each in reasons(straight.model, given_)}
    assert {"age", "skill"} <= {name for name, each in found.items() if each.raises}
    assert found["age"].value == 60.0
    assert {each.column.name for each in reasons(straight.model, given_ | {"age": 20.0}) if not each.raises} == {"age"}


# ---------------------------------------------------------------- many people at once


def in_plain_words(parts: list[float], named: list[str | None], way: int) -> list[tuple[str, float, str]]:
    """Return reason, sum and member, strongest first, as one would count them by hand."""
    members: dict[str, list[tuple[float, str]]] = {}
    for part, name, letter in zip(parts, named, "abcdefghijkl", strict=False):
        members.setdefault(name or letter, []).append((part, letter))
    sums = [(name, sum(part for part, _ in each), each) for name, each in members.items()]
    best = sorted((each for each in sums if way * each[1] >= 0.05), key=lambda each: -way * each[1])[:3]
    return [(name, total, max(each, key=lambda member: way * member[0])[1]) for name, total, each in best]


def of_row(found: Explanation, place: int, way: int) -> list[tuple[str, float, str]]:
    strongest = found.raising if way > 0 else found.lowering
    three = zip(strongest.reason[place], strongest.contribution[place], strongest.member[place], strict=True)
    return [
        (found.reasons[reason].name, total, "abcdefghijkl"[member]) for reason, total, member in three if reason >= 0
    ]


hundredths = st.integers(-60, 60).map(lambda count: count / 128)  # sums of these are exact


@given(data=st.data(), inputs=st.integers(1, 9))
@settings(max_examples=80, deadline=None)
def test_many_people_are_explained_as_each_by_hand(stating: Stating, data: st.DataObject, inputs: int) -> None:
    named = data.draw(st.lists(st.sampled_from([None, "x", "y", "z"]), min_size=inputs, max_size=inputs))
    codes = data.draw(arrays(np.float64, st.tuples(st.integers(1, 6), st.just(inputs)), elements=hundredths))
    model = stating(inputs, reasons=named)
    found = explain(model, codes)
    for place, parts in enumerate(codes):
        for way in (1, -1):
            assert of_row(found, place, way) == in_plain_words(list(parts), named, way)
        one = reasons(model, row(*parts))
        told = [(each.reason.name, each.contribution, each.column.name) for each in one]
        assert told == of_row(found, place, 1) + of_row(found, place, -1)
    for strongest in (found.raising, found.lowering):
        assert strongest.reason.shape == strongest.contribution.shape == strongest.member.shape == (len(codes), 3)
        assert ((strongest.reason < 0) == (strongest.member < 0)).all()
        assert (strongest.contribution[strongest.reason < 0] == 0).all()


@given(data=st.data())
@settings(max_examples=40, deadline=None)
def test_sums_of_reasons_and_the_base_are_the_margin(
    data: st.DataObject, crossed: Trained, straight: Trained, stating: Stating
) -> None:
    """Of trees and of the line, whatever inputs are put together."""
    model = data.draw(st.sampled_from([crossed, straight])).model
    names = model.encoder.names
    named = data.draw(st.lists(st.sampled_from([None, "x", "y"]), min_size=len(names), max_size=len(names)))
    grouped = stating(len(names), reasons=named).encoder
    numbers = st.one_of(st.floats(-100, 100), st.just(float("nan")))
    codes = data.draw(arrays(np.float64, st.tuples(st.integers(1, 8), st.just(len(names))), elements=numbers))
    for place, each in enumerate(model.encoder.inputs):
        if each.is_category:
            codes[:, place] = np.mod(np.floor(codes[:, place]), len(each.categories))
    groups = grouped.grouping
    sums = groups.sums(contributions(model, codes))
    base = model.scorer.contributions(codes, model.place)[:, -1]
    np.testing.assert_allclose(sums.sum(axis=1) + base, model.scorer.margins(codes)[:, model.place], atol=1e-6)
    assert [reason.name for reason in groups.reasons] == list(
        dict.fromkeys(name or letter for name, letter in zip(named, "abcdefgh", strict=False))
    )

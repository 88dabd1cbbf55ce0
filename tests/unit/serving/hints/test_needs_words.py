"""Advice about service needs in words: the rule first, answers, interviews, drivers, caveats."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
import pytest

from ml.contracts import ENTITIES, INTERVIEW_FIRST, Column, ColumnType, Kind, Role
from ml.models.encode import Encoder, Input
from ml.models.needs.calibrate import VectorScaling
from ml.models.needs.classifier import NeedLines
from ml.models.needs.model import NeedModel
from ml.models.needs.rule import IntegrationPlan
from serving.hints.needs import compute_needs
from serving.hints.needs_words import word_needs
from serving.language import Language
from serving.wire.advice import NeedsPart

Languages = Mapping[str, Language]
MODEL = {"name": "small", "version": 1, "digest": "", "card": ""}
DAY = date(2026, 11, 24)
ABILITY = Column("ability", ColumnType.NUMBER, Role.FEATURE, Kind.SERVICE_CAN_CHANGE,
                 {"en": "Work ability", "fi": "Työkyky", "sv": "Arbetsförmåga"}, missing_allowed=True)  # fmt: skip
TRADE = Column("trade", ColumnType.CATEGORY, Role.FEATURE, Kind.CONTEXT, {"en": "Trade", "fi": "Ammatti"})


@pytest.fixture(scope="module")
def needs() -> NeedModel:
    """Return a model of work ability (5 is usual; 0.8 a point for skills, against rehabilitation) and trade."""
    encoder = Encoder((
        Input(ABILITY, (), 0.0, 10.0, 5.0, 1.0, missing_seen=True),
        Input(TRADE, ("cook", "welder"), 0.0, 1.0, 0.0, 1.0, missing_seen=False),
    ))  # fmt: skip
    weights = np.array([
        [0.0, 0.8, 0.0, 0.0, 0.0],  # missing, ability | missing, cook, welder
        [0.0, -0.8, 0.0, 0.0, 0.0],
        [0.0, 0.0, 0.0, 1.0, -1.0],
    ])  # fmt: skip
    lines = NeedLines(encoder, weights, np.array([0.0, 0.0, -1.0]), np.zeros(5))
    covariance = ((0.01, 0.0, 0.0), (0.0, 0.01, 0.0), (0.0, 0.0, 0.01))
    return NeedModel("service-need", encoder, lines, VectorScaling(1.0, (0.0, 0.0, 0.0), covariance), 0.6)


def ask(
    needs: NeedModel, language: Language, *, plan: IntegrationPlan | None = None, weak: bool = False, **inputs: Any
) -> NeedsPart:
    words = word_needs(compute_needs(needs, inputs, plan, DAY, weak=weak), language)
    return NeedsPart.model_validate({"model": MODEL, "as_of": "2026-11-29", "valid_until": "2026-12-29", **words})


# ---------------------------------------------------------------- the rule


def test_the_rule_answers_first_and_alone(needs: NeedModel, languages: Languages) -> None:
    advice = ask(needs, languages["en"], plan=IntegrationPlan(date(2026, 1, 1)), ability=9.0, trade="welder")
    assert (advice.answer, advice.basis) == ("integration", "rule")
    assert (advice.chances, advice.drivers, advice.caveats) == ([], [], [])
    assert advice.words == (
        "Integration services: an integration plan is in force. This follows from law (681/2023), not from a model."
    )
    assert advice.rule.holds
    assert advice.rule.source == "Integration Act (681/2023)"


def test_a_rule_that_says_nothing_is_shown_beside_the_model(needs: NeedModel, languages: Languages) -> None:
    over = IntegrationPlan(date(2020, 1, 1), date(2023, 1, 1))
    advice = ask(needs, languages["en"], plan=over, ability=9.0, trade="welder")
    assert (advice.answer, advice.basis, advice.rule.holds) == ("skills", "model", False)
    assert [(each.name, each.holds) for each in advice.rule.conditions] == [
        ("plan", True), ("begun", True), ("not_ended", False),
    ]  # fmt: skip
    assert advice.rule.conditions[2].text == "The last day of the plan has not passed."


def test_no_plan_changes_nothing_that_the_model_says(needs: NeedModel, languages: Languages) -> None:
    """The plan is the rule's alone: one that has ended leaves no trace in chances and drivers."""
    without = ask(needs, languages["en"], ability=9.0, trade="cook")
    over = ask(needs, languages["en"], plan=IntegrationPlan(date(2020, 1, 1), date(2021, 1, 1)), ability=9.0,
               trade="cook")  # fmt: skip
    assert over.model_copy(update={"rule": without.rule}) == without


def test_a_plan_over_its_usual_term_is_pointed_out(needs: NeedModel, languages: Languages) -> None:
    advice = ask(needs, languages["en"], plan=IntegrationPlan(date(2022, 1, 1)), ability=9.0, trade="cook")
    assert advice.answer == "integration"
    assert advice.caveats == [
        "The integration plan has lasted longer than plans usually do: check whether it has been extended."
    ]


# ---------------------------------------------------------------- answers


@pytest.mark.parametrize(
    ("ability", "answer", "words"),
    [
        (6.0, "skills", "about 8 in 10 in “skills and career guidance”."),
        (10.0, "skills", "more than 19 in 20 in “skills and career guidance”."),
        (4.0, "rehabilitation", "about 8 in 10 in “work-rehabilitative services”."),
        (5.0, INTERVIEW_FIRST, "most often “skills and career guidance” or “work-rehabilitative services”."),
    ],
)
def test_answers_in_words(needs: NeedModel, languages: Languages, ability: float, answer: str, words: str) -> None:
    advice = ask(needs, languages["en"], ability=ability, trade="welder")
    assert advice.answer == answer
    assert advice.words.endswith(words)
    assert advice.chances[0].entity == ("skills" if answer == INTERVIEW_FIRST else answer)
    assert sum(each.probability for each in advice.chances) == pytest.approx(1, abs=2e-4)
    assert all(each.low < each.probability < each.high for each in advice.chances)


def test_chances_stand_likeliest_first(needs: NeedModel, languages: Languages) -> None:
    chances = ask(needs, languages["en"], ability=3.0, trade="cook").chances
    assert [each.entity for each in chances] == ["rehabilitation", "integration", "skills"]
    assert [each.probability for each in chances] == sorted((each.probability for each in chances), reverse=True)


def test_a_value_never_seen_asks_for_an_interview_and_is_not_repeated(needs: NeedModel, languages: Languages) -> None:
    advice = ask(needs, languages["en"], ability=9.0, trade="010190-999X")
    assert (advice.answer, advice.chances, advice.drivers) == (INTERVIEW_FIRST, [], [])
    assert advice.words == "An interview first: the model does not say which service fits."
    assert "The model has not learnt from values like these: Trade. The hint is uncertain." in advice.caveats
    assert "010190" not in repr(advice)


def test_a_model_without_threshold_never_names_an_entity(needs: NeedModel, languages: Languages) -> None:
    advice = ask(replace(needs, threshold=None), languages["en"], ability=9.0, trade="cook")
    assert (advice.answer, advice.drivers) == (INTERVIEW_FIRST, [])
    assert advice.words.endswith(
        "In tests the model did not agree with caseworkers as well as caseworkers agree with each other."
    )


# ---------------------------------------------------------------- drivers and caveats


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("en", "A service can change this: Work ability (9) goes together with “skills and career guidance” being "
               "chosen more often."),
        ("fi", "Tähän voidaan vaikuttaa palvelulla: Työkyky (9) liittyy siihen, että ”osaaminen ja uraohjaus” valitaan "
               "useammin."),
        ("sv", "Det här kan påverkas genom service: Arbetsförmåga (9) hänger samman med att ”kunnande och "
               "karriärvägledning” väljs oftare."),
    ],
)  # fmt: skip
def test_drivers_speak_of_association_in_three_languages(
    needs: NeedModel, languages: Languages, code: str, text: str
) -> None:
    advice = ask(needs, languages[code], ability=9.0, trade="cook")
    assert [(each.column, each.goes_with, each.kind) for each in advice.drivers] == [
        ("ability", "oftener", Kind.SERVICE_CAN_CHANGE), ("trade", "seldomer", Kind.CONTEXT),
    ]  # fmt: skip
    assert advice.drivers[0].text == text


def test_caveats_say_what_is_not_known(needs: NeedModel, languages: Languages) -> None:
    advice = ask(needs, languages["en"], trade="cook", weak=True)
    assert advice.caveats == [
        "This is a statistical hint about people in a like situation; it does not know this person.",
        "The model has learnt what caseworkers have chosen, not what has helped.",
        "The model is weak: it tells people's situations apart only a little.",
        "The hint was made without knowing: Work ability.",
    ]


@pytest.mark.parametrize("code", ["fi", "sv"])
def test_everything_told_is_in_the_language_asked_for(needs: NeedModel, languages: Languages, code: str) -> None:
    for inputs in ({"ability": 9.0, "trade": "cook"}, {"ability": 5.0, "trade": "welder"}, {"trade": "astronaut"}):
        advice = ask(needs, languages[code], weak=True, **inputs)
        told = " ".join((advice.words, advice.rule.source, *advice.caveats,
                         *(each.text for each in (*advice.drivers, *advice.rule.conditions)),
                         *(each.label for each in advice.chances)))  # fmt: skip
        assert not re.search(r"\b(the|this|caseworkers|people|situation of|together)\b", told), told
        assert "{" not in told


def test_entities_are_those_of_the_contract(needs: NeedModel, languages: Languages) -> None:
    chances = ask(needs, languages["en"], ability=5.0, trade="welder").chances
    assert {each.entity for each in chances} == set(ENTITIES)

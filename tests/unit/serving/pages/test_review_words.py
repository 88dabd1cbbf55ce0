"""Whatever the review calls by a key or asks in English is marked, so that the catalogues hold it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import get_args

import pytest
from pydantic import BaseModel

from ml.governance.desk import CLOCK, WITNESS
from ml.governance.people.answers import Section
from ml.governance.people.dialogue import Dialogue, NormKey
from ml.governance.people.people import Filled, People
from ml.governance.policy import METRICS as POLICY_METRICS
from ml.governance.review.conditions import KINDS as CONDITIONS
from ml.governance.review.openings import BEFORE_ANSWERS, CARD, CONDITION, KEY, ROLE, STATE
from ml.governance.review.rules import RULES as GOVERNANCE
from ml.governance.review.states import State, Step
from ml.governance.signing.role import Role
from serving.pages.review.asked import CHOICES, OTHERWISE_ASKED, QUESTIONS
from serving.pages.review.signer import ACTIONS
from serving.pages.review.words import KINDS, MEANING, METRICS, ROLES, RULES, SECTIONS, STEPS, TAKEN
from serving.pages.states import STATES


def sections(model: type[BaseModel]) -> Iterator[type[BaseModel]]:
    """Yield a form's model and all that stand in it."""
    yield model
    for field in model.model_fields.values():
        for kind in (field.annotation, *get_args(field.annotation)):
            if isinstance(kind, type) and issubclass(kind, Section) and kind is not Filled:
                yield from sections(kind)


FORMS = {model for form in (People, Dialogue) for model in sections(form)}


@pytest.mark.parametrize("model", sorted(FORMS - {People, Dialogue}, key=lambda model: model.__name__))
def test_every_question_of_the_forms_is_marked(model: type[BaseModel]) -> None:
    for name, field in model.model_fields.items():
        assert field.description in {*QUESTIONS, *OTHERWISE_ASKED}, (model, name)
        choices = [each for each in get_args(field.annotation) if isinstance(each, str)]
        assert set(choices) in (set(get_args(NormKey)), set(choices) & CHOICES.keys()), (model, name)


def test_no_question_is_marked_that_nobody_asks() -> None:
    asked = {field.description for model in FORMS for field in model.model_fields.values()}
    assert {*QUESTIONS, *OTHERWISE_ASKED} <= asked


def test_every_key_has_its_words() -> None:
    assert STATES.keys() == set(State)
    assert STEPS.keys() == MEANING.keys() == TAKEN.keys() == ACTIONS.keys() == set(Step)
    assert ROLES.keys() == set(Role)
    assert KINDS.keys() == CONDITIONS.keys()
    assert RULES.keys() >= {*GOVERNANCE, *BEFORE_ANSWERS, STATE, ROLE, KEY, CARD, CONDITION, CLOCK, WITNESS}
    assert METRICS.keys() >= set(POLICY_METRICS)
    assert SECTIONS.keys() >= {*People.model_fields, *Dialogue.model_fields} - {"filled"}

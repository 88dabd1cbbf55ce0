"""A case → which service entity: the integration rule first, then the model; reasons and caveats. Knows no HTTP."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

import numpy as np

from ml.contracts import ENTITIES, INTERVIEW_FIRST, Kind
from ml.models.encode import Input
from ml.models.needs.drivers import Driver, drivers
from ml.models.needs.model import NeedAnswers, NeedModel
from ml.models.needs.rule import IntegrationPlan, RuleAnswer, integration_rule

from .advice import DECIMALS, Row, Value, labels, spoken
from .language import Language, marked

ENTITY_WORDS = {
    "skills": marked("skills and career guidance"),
    "rehabilitation": marked("work-rehabilitative services"),
    "integration": marked("integration services"),
}
CONDITION_WORDS = {
    "plan": marked("An integration plan has been made."),
    "begun": marked("The first day of the plan has come."),
    "not_ended": marked("The last day of the plan has not passed."),
}

# Association, never cause; the kind says who, if anyone, can change what the input says.
OFTENER = {
    Kind.CAN_CHANGE: marked("This can change: {what} goes together with “{entity}” being chosen more often."),
    Kind.SERVICE_CAN_CHANGE: marked(
        "A service can change this: {what} goes together with “{entity}” being chosen more often."
    ),
    Kind.CONTEXT: marked("Background: {what} goes together with “{entity}” being chosen more often."),
    Kind.IMMUTABLE: marked("This cannot be changed: {what} goes together with “{entity}” being chosen more often."),
}
SELDOMER = {
    Kind.CAN_CHANGE: marked("This can change: {what} goes together with “{entity}” being chosen less often."),
    Kind.SERVICE_CAN_CHANGE: marked(
        "A service can change this: {what} goes together with “{entity}” being chosen less often."
    ),
    Kind.CONTEXT: marked("Background: {what} goes together with “{entity}” being chosen less often."),
    Kind.IMMUTABLE: marked("This cannot be changed: {what} goes together with “{entity}” being chosen less often."),
}


@dataclass(frozen=True)
class WordedCondition:
    """One condition of the integration rule in words, and whether it holds."""

    name: str
    holds: bool
    text: str


@dataclass(frozen=True)
class WordedRule:
    """What the integration rule says, and the law that it rests on."""

    holds: bool
    conditions: tuple[WordedCondition, ...]
    source: str


@dataclass(frozen=True)
class EntityChance:
    """Among people in a like situation, the share whom caseworkers placed in the entity, with its 95 % interval."""

    entity: str
    label: str
    probability: float
    low: float
    high: float


@dataclass(frozen=True)
class WordedDriver:
    """One reason that goes together with the answer being chosen more or less often, by its strongest input."""

    reason: str
    label: str
    column: str
    value: Value
    kind: Kind
    goes_with: Literal["oftener", "seldomer"]
    text: str


@dataclass(frozen=True)
class NeedAdvice:
    """What a caseworker is told about service needs.

    answer   an entity, or "interview_first"
    basis    "rule": the law, and nothing else stands here; "model": what caseworkers have chosen
    chances  of all three entities, likeliest first; none where the rule answers, or the case is unlike the training
    drivers  of the answer; none where there is no entity to give reasons for
    """

    answer: str
    basis: Literal["rule", "model"]
    words: str
    rule: WordedRule
    chances: tuple[EntityChance, ...]
    drivers: tuple[WordedDriver, ...]
    caveats: tuple[str, ...]


def advise_needs(
    model: NeedModel, row: Row, plan: IntegrationPlan | None, day: date, language: Language, *, weak: bool
) -> NeedAdvice:
    """Return the advice about one case on a day, in a language; the rule is asked first.

    row   input → value as of the wire: numbers, true/false, categories as they read, None or left out when missing
    plan  the person's integration plan, None without one; the rule alone sees it
    weak  what the model's card says of it; makes a caveat
    Raises GateError when the explanation does not add up to the model's output.
    """
    rule = integration_rule(plan, day)
    worded = _rule(rule, language)
    if rule.entity is not None:
        words = language.gettext(
            "Integration services: an integration plan is in force. This follows from law ({act}), not from a model.",
            act=rule.source,
        )
        return NeedAdvice(rule.entity, "rule", words, worded, (), (), _plan_caveat(rule, language))
    inputs = model.encoder.inputs
    strange = [each for each in inputs if each.unfamiliar(row.get(each.column.name))]
    said = model.answers_of(model.encoder.rows([row]), np.array([bool(strange)]))
    answer = str(said.answer[0])
    named = answer != INTERVIEW_FIRST
    return NeedAdvice(
        answer=answer,
        basis="model",
        words=_words(model, said, language, unlike=bool(strange)),
        rule=worded,
        chances=() if strange else _chances(said, language),
        drivers=tuple(_driver(each, inputs, answer, language) for each in drivers(model, row, answer)) if named else (),
        caveats=_caveats(row, inputs, strange, weak=weak, language=language),
    )


def _rule(rule: RuleAnswer, language: Language) -> WordedRule:
    conditions = tuple(
        WordedCondition(each.name, each.holds, language.gettext(CONDITION_WORDS[each.name])) for each in rule.conditions
    )
    source = language.gettext("Integration Act ({act})", act=rule.source)
    return WordedRule(rule.entity is not None, conditions, source)


def _plan_caveat(rule: RuleAnswer, language: Language) -> tuple[str, ...]:
    if not rule.over_usual_term:
        return ()
    return (
        language.gettext(
            "The integration plan has lasted longer than plans usually do: check whether it has been extended."
        ),
    )


def _words(model: NeedModel, said: NeedAnswers, language: Language, *, unlike: bool) -> str:
    """Return the answer in a sentence or two, and for "interview first" why it is that."""
    order = np.argsort(-said.probability[0], kind="stable")
    first, second = (language.gettext(ENTITY_WORDS[ENTITIES[place]]) for place in order[:2])
    if said.answer[0] != INTERVIEW_FIRST:
        return _frequency(float(said.probability[0].max()), first, language)
    interview = language.gettext("An interview first: the model does not say which service fits.")
    if unlike:
        return interview
    if model.threshold is None:
        why = language.gettext(
            "In tests the model did not agree with caseworkers as well as caseworkers agree with each other."
        )
    else:
        why = language.gettext(
            "In like situations caseworkers choose differently: most often “{first}” or “{second}”.",
            first=first,
            second=second,
        )
    return f"{interview} {why}"


def _frequency(probability: float, entity: str, language: Language) -> str:
    """Return a probability of at least a third as people out of ten."""
    if probability >= 0.95:
        return language.gettext(
            "Of people in a like situation caseworkers have placed more than 19 in 20 in “{entity}”.", entity=entity
        )
    tenths = str(math.floor(probability * 10 + 0.5))
    return language.gettext(
        "Of people in a like situation caseworkers have placed about {tenths} in 10 in “{entity}”.",
        tenths=tenths,
        entity=entity,
    )


def _chances(said: NeedAnswers, language: Language) -> tuple[EntityChance, ...]:
    return tuple(
        EntityChance(
            ENTITIES[place],
            language.gettext(ENTITY_WORDS[ENTITIES[place]]),
            *(round(float(each[0, place]), DECIMALS) for each in (said.probability, said.low, said.high)),
        )
        for place in np.argsort(-said.probability[0], kind="stable")
    )


def _driver(driver: Driver, inputs: Sequence[Input], entity: str, language: Language) -> WordedDriver:
    """Return the driver in words."""
    column = driver.column
    spec = next(each for each in inputs if each.column.name == column.name)
    label = driver.reason.words(language.code)
    value, what = spoken(spec, driver.value, label, language)
    text = (OFTENER if driver.speaks_for else SELDOMER)[column.kind]
    return WordedDriver(
        reason=driver.reason.name,
        label=label,
        column=column.name,
        value=value,
        kind=column.kind,
        goes_with="oftener" if driver.speaks_for else "seldomer",
        text=language.gettext(text, what=what, entity=language.gettext(ENTITY_WORDS[entity])),
    )


def _caveats(
    row: Row, inputs: Sequence[Input], strange: Sequence[Input], *, weak: bool, language: Language
) -> tuple[str, ...]:
    missing = [each for each in inputs if row.get(each.column.name) is None]
    said = [
        language.gettext("This is a statistical hint about people in a like situation; it does not know this person."),
        language.gettext("The model has learnt what caseworkers have chosen, not what has helped."),
    ]
    if weak:
        said.append(language.gettext("The model is weak: it tells people's situations apart only a little."))
    never_seen = [each for each in strange if each not in missing]
    if never_seen:
        text = "The model has not learnt from values like these: {labels}. The hint is uncertain."
        said.append(language.gettext(text, labels=labels(never_seen, language)))
    if missing:
        said.append(language.gettext("The hint was made without knowing: {labels}.", labels=labels(missing, language)))
    return tuple(said)

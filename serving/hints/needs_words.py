"""A hint about service needs in words, in a language: the rule, the answer, chances, drivers, caveats."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Literal

from ml.contracts import INTERVIEW_FIRST, Kind
from serving.language import Language, marked

from .inputs import Told
from .needs import EntityChance, NeedHint, Rule
from .words import STATISTICAL, WEAK, WordedReason, not_known, worded

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


@dataclass(frozen=True, slots=True)
class WordedCondition:
    """One condition of the integration rule in words, and whether it holds."""

    name: str
    holds: bool
    text: str


@dataclass(frozen=True, slots=True)
class WordedRule:
    """What the integration rule says, and the law that it rests on."""

    holds: bool
    conditions: tuple[WordedCondition, ...]
    source: str

    def as_json(self) -> dict[str, Any]:
        """Return plain data."""
        conditions = [{"name": each.name, "holds": each.holds, "text": each.text} for each in self.conditions]
        return {"holds": self.holds, "conditions": conditions, "source": self.source}


@dataclass(frozen=True, slots=True)
class WordedChance:
    """Among people in a like situation, the share whom caseworkers placed in the entity, with its 95 % interval."""

    entity: str
    label: str
    probability: float
    low: float
    high: float

    def as_json(self) -> dict[str, Any]:
        """Return plain data."""
        return {
            "entity": self.entity,
            "label": self.label,
            "probability": self.probability,
            "low": self.low,
            "high": self.high,
        }


@dataclass(frozen=True, slots=True)
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
    chances: tuple[WordedChance, ...]
    drivers: tuple[WordedReason, ...]
    caveats: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        """Return plain data."""
        return {
            "answer": self.answer,
            "basis": self.basis,
            "words": self.words,
            "rule": self.rule.as_json(),
            "chances": [each.as_json() for each in self.chances],
            "drivers": [each.as_json() for each in self.drivers],
            "caveats": list(self.caveats),
        }


def word_needs(hint: NeedHint, language: Language) -> dict[str, Any]:
    """Return the hint in a language, as plain data."""
    return need_advice(hint, language).as_json()


def need_advice(hint: NeedHint, language: Language) -> NeedAdvice:
    """Return the hint in a language."""
    by_rule = hint.basis == "rule"
    return NeedAdvice(
        answer=hint.answer,
        basis=hint.basis,
        words=_by_rule(hint.rule, language) if by_rule else _words(hint, language),
        rule=_rule(hint.rule, language),
        chances=tuple(_chance(each, language) for each in hint.chances),
        drivers=tuple(_driver(each, hint.answer, language) for each in hint.drivers),
        caveats=_plan_caveat(hint.rule, language) if by_rule else _caveats(hint, language),
    )


def _chance(chance: EntityChance, language: Language) -> WordedChance:
    label = language.gettext(ENTITY_WORDS[chance.entity])
    return WordedChance(chance.entity, label, chance.probability, chance.low, chance.high)


def _rule(rule: Rule, language: Language) -> WordedRule:
    conditions = tuple(
        WordedCondition(name, holds, language.gettext(CONDITION_WORDS[name])) for name, holds in rule.conditions
    )
    return WordedRule(rule.holds, conditions, language.gettext("Integration Act ({act})", act=rule.act))


def _by_rule(rule: Rule, language: Language) -> str:
    return language.gettext(
        "Integration services: an integration plan is in force. This follows from law ({act}), not from a model.",
        act=rule.act,
    )


def _plan_caveat(rule: Rule, language: Language) -> tuple[str, ...]:
    if not rule.over_usual_term:
        return ()
    return (
        language.gettext(
            "The integration plan has lasted longer than plans usually do: check whether it has been extended."
        ),
    )


def _words(hint: NeedHint, language: Language) -> str:
    """Return the answer in a sentence or two, and for "interview first" why it is that."""
    if hint.answer != INTERVIEW_FIRST:
        return _frequency(hint.chances[0].probability, language.gettext(ENTITY_WORDS[hint.answer]), language)
    interview = language.gettext("An interview first: the model does not say which service fits.")
    if not hint.chances:
        return interview
    if hint.never_answers:
        why = language.gettext(
            "In tests the model did not agree with caseworkers as well as caseworkers agree with each other."
        )
    else:
        first, second = (language.gettext(ENTITY_WORDS[each.entity]) for each in hint.chances[:2])
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


def _driver(told: Told, entity: str, language: Language) -> WordedReason:
    name = language.gettext(ENTITY_WORDS[entity])
    if told.towards:
        return worded(told, "oftener", OFTENER, language, entity=name)
    return worded(told, "seldomer", SELDOMER, language, entity=name)


def _caveats(hint: NeedHint, language: Language) -> tuple[str, ...]:
    return (
        language.gettext(STATISTICAL),
        language.gettext("The model has learnt what caseworkers have chosen, not what has helped."),
        *((language.gettext(WEAK),) if hint.weak else ()),
        *not_known(hint.never_seen, hint.missing, language),
    )

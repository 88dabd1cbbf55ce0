"""A hint about service needs in words, in a language: the rule, the answer, chances, drivers, caveats."""

from __future__ import annotations

import math
from typing import Any

from ml.contracts import INTERVIEW_FIRST, Kind
from serving.language import Language, marked

from .inputs import Told
from .needs import EntityChance, NeedHint, Rule
from .words import STATISTICAL, WEAK, not_known, worded

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


def word_needs(hint: NeedHint, language: Language) -> dict[str, Any]:
    """Return the hint in a language, as the wire has it (`serving.wire.advice.NeedsPart`)."""
    by_rule = hint.basis == "rule"
    return {
        "answer": hint.answer,
        "basis": hint.basis,
        "words": _by_rule(hint.rule, language) if by_rule else _words(hint, language),
        "rule": _rule(hint.rule, language),
        "chances": [_chance(each, language) for each in hint.chances],
        "drivers": [_driver(each, hint.answer, language) for each in hint.drivers],
        "caveats": _plan_caveat(hint.rule, language) if by_rule else _caveats(hint, language),
    }


def _chance(chance: EntityChance, language: Language) -> dict[str, Any]:
    return {
        "entity": chance.entity,
        "label": language.gettext(ENTITY_WORDS[chance.entity]),
        "probability": chance.probability,
        "low": chance.low,
        "high": chance.high,
    }


def _rule(rule: Rule, language: Language) -> dict[str, Any]:
    conditions = [
        {"name": name, "holds": holds, "text": language.gettext(CONDITION_WORDS[name])}
        for name, holds in rule.conditions
    ]
    source = language.gettext("Integration Act ({act})", act=rule.act)
    return {"holds": rule.holds, "conditions": conditions, "source": source}


def _by_rule(rule: Rule, language: Language) -> str:
    return language.gettext(
        "Integration services: an integration plan is in force. This follows from law ({act}), not from a model.",
        act=rule.act,
    )


def _plan_caveat(rule: Rule, language: Language) -> list[str]:
    if not rule.over_usual_term:
        return []
    return [
        language.gettext(
            "The integration plan has lasted longer than plans usually do: check whether it has been extended."
        )
    ]


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


def _driver(told: Told, entity: str, language: Language) -> dict[str, Any]:
    name = language.gettext(ENTITY_WORDS[entity])
    if told.towards:
        return worded(told, "oftener", OFTENER, language, entity=name)
    return worded(told, "seldomer", SELDOMER, language, entity=name)


def _caveats(hint: NeedHint, language: Language) -> list[str]:
    return [
        language.gettext(STATISTICAL),
        language.gettext("The model has learnt what caseworkers have chosen, not what has helped."),
        *([language.gettext(WEAK)] if hint.weak else ()),
        *not_known(hint.never_seen, hint.missing, language),
    ]

"""A hint of risk in words, in a language: chances as people out of ten, the band, reasons, caveats."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Any

from ml.contracts import Kind
from ml.models.bands import Band
from serving.language import Language, marked

from .inputs import Told
from .risk import Doubt, RiskHint, Span
from .words import STATISTICAL, WEAK, not_known, worded

BAND_WORDS = {
    Band.LOW: marked("The chance of still being unemployed is smaller than for most who have been unemployed as long."),
    Band.TYPICAL: marked(
        "The chance of still being unemployed is about as usual among those who have been unemployed as long."
    ),
    Band.ELEVATED: marked(
        "The chance of still being unemployed is greater than for most who have been unemployed as long."
    ),
    Band.UNCERTAIN: marked("The model is too uncertain to say how this compares with other jobseekers."),
}

DOUBTS = {
    Doubt.WIDE: marked("People in a like situation were too few, or too unlike each other: the interval is wide."),
    Doubt.UNSTABLE: marked("Models trained on other people do not agree on this case. The hint is uncertain."),
    Doubt.UNLIKE: marked(
        "These values were seldom seen together in the data that the model learnt from. The hint is uncertain."
    ),
}

# Association, never cause; the kind says who, if anyone, can change what the input says.
LONGER = {
    Kind.CAN_CHANGE: marked("This can change: {what} goes together with a longer spell of unemployment."),
    Kind.SERVICE_CAN_CHANGE: marked(
        "A service can change this: {what} goes together with a longer spell of unemployment."
    ),
    Kind.CONTEXT: marked("Background: {what} goes together with a longer spell of unemployment."),
    Kind.IMMUTABLE: marked("This cannot be changed: {what} goes together with a longer spell of unemployment."),
}
SHORTER = {
    Kind.CAN_CHANGE: marked("This can change: {what} goes together with a shorter spell of unemployment."),
    Kind.SERVICE_CAN_CHANGE: marked(
        "A service can change this: {what} goes together with a shorter spell of unemployment."
    ),
    Kind.CONTEXT: marked("Background: {what} goes together with a shorter spell of unemployment."),
    Kind.IMMUTABLE: marked("This cannot be changed: {what} goes together with a shorter spell of unemployment."),
}


def word_risk(hint: RiskHint, language: Language) -> dict[str, Any]:
    """Return the hint in a language, as the wire has it (`serving.wire.advice.RiskPart`).

    With no horizon left there is nothing to say but the caveat: no words, no reasons.
    """
    already = [] if hint.reached is None else [_already(hint.reached, language)]
    if hint.spoken_of is None or hint.at is None:
        return {"horizons": [], "band": None, "band_words": None, "words": None, "reasons": [], "caveats": already}
    chance = hint.horizons[hint.spoken_of].still_unemployed
    return {
        "horizons": [each.as_json() for each in hint.horizons],
        "band": None if hint.band is None else hint.band.value,
        "band_words": None if hint.band is None else language.gettext(BAND_WORDS[hint.band]),
        "words": frequency_words(chance.probability, horizon_words(hint.at, language), language),
        "reasons": [_worded(each, language) for each in hint.reasons],
        "caveats": [
            *already,
            language.gettext(STATISTICAL),
            *([language.gettext(WEAK)] if hint.weak else ()),
            *not_known(hint.never_seen, hint.missing, language),
            *[language.gettext(DOUBTS[each]) for each in hint.doubts],
        ],
    }


def _already(reached: Span, language: Language) -> str:
    """Return that the spell has lasted to the longest of the horizons reached."""
    count = reached.count
    if reached.word == "month":
        time = language.ngettext("{count} month", "{count} months", count)
    elif reached.word == "week":
        time = language.ngettext("{count} week", "{count} weeks", count)
    else:
        time = language.ngettext("{count} day", "{count} days", count)
    return language.gettext(
        "Already unemployed for {time} or longer: of that time there is nothing to predict.", time=time
    )


def frequency_words(probability: float, when: str, language: Language) -> str:
    """Return a probability as people out of ten; `when` is the horizon in words."""
    tenths = math.floor(probability * 10 + 0.5)
    if probability < 0.05:
        text = marked("Fewer than 1 in 20 people in a like situation are still unemployed {when}.")
    elif probability >= 0.95:
        text = marked("More than 19 in 20 people in a like situation are still unemployed {when}.")
    else:
        text = marked("About {tenths} in 10 people in a like situation are still unemployed {when}.")
    return language.gettext(text, tenths=str(tenths), when=when)


@lru_cache(256)
def horizon_words(at: Span, language: Language) -> str:
    """Return a horizon in words."""
    if at.word == "month":
        return language.ngettext("at {count} month", "at {count} months", at.count)
    if at.word == "week":
        return language.ngettext("at {count} week", "at {count} weeks", at.count)
    return language.ngettext("at {count} day", "at {count} days", at.count)


def _worded(told: Told, language: Language) -> dict[str, Any]:
    return worded(told, "longer", LONGER, language) if told.towards else worded(told, "shorter", SHORTER, language)

"""What the words of all hints share: values, labels within a sentence, and what is not known."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

from ml.contracts import Kind, Reason
from serving.language import Language, marked

from .inputs import Told

STATISTICAL = marked("This is a statistical hint about people in a like situation; it does not know this person.")
WEAK = marked("The model is weak: it tells people's situations apart only a little.")
NEVER_SEEN = marked("The model has not learnt from values like these: {labels}. The hint is uncertain.")
MISSING = marked("The hint was made without knowing: {labels}.")


def worded(told: Told, goes_with: str, texts: Mapping[Kind, str], language: Language, **more: str) -> dict[str, Any]:
    """Return a reason in words, by its strongest input, as the wire has it (`serving.wire.advice.WordedReason`).

    goes_with    what it goes together with: "longer", "shorter" (a spell); "oftener", "seldomer" (chosen)
    texts, more  by kind, with a place for label and value, and for more
    """
    label = told.reason.words(language.code)
    what = spoken(told, label, language)
    return {
        "reason": told.reason.name,
        "label": label,
        "column": told.column.name,
        "value": told.value,
        "kind": str(told.kind),
        "what": what,
        "goes_with": goes_with,
        "text": language.gettext(texts[told.kind], what=what, **more),
    }


def spoken(told: Told, label: str, language: Language) -> str:
    """Return a reason's label with the value in words, and which input it is of unless it is called the same.

    A category never seen is not repeated, for it could hold anything.
    """
    name, value = told.column.words(language.code), value_words(told, language)
    return f"{label} ({value if name == label else f'{uncapitalised(name)}: {value}'})"


def value_words(told: Told, language: Language) -> str:
    """Return a value in words."""
    value = told.value
    if value is None:
        if told.given:
            return language.gettext("a value that the model does not know")
        return language.gettext("not known")
    if isinstance(value, bool):
        return language.gettext("yes") if value else language.gettext("no")
    return told.readings.get(language.code, value) if isinstance(value, str) else language.number(value)


@lru_cache(maxsize=1024)
def uncapitalised(words: str) -> str:
    """Return a label as it reads within a sentence: "Days in work" → "days in work", but "ISCO group" stays."""
    first = words.split(maxsplit=1)[0] if words.strip() else ""
    return words if any(letter.isupper() or letter.isdigit() for letter in first[1:]) else words[:1].lower() + words[1:]


def not_known(never_seen: Sequence[Reason], missing: Sequence[Reason], language: Language) -> Iterator[str]:
    """Yield what a hint does not know of the case."""
    for text, inputs in ((NEVER_SEEN, never_seen), (MISSING, missing)):
        if inputs:
            yield language.gettext(text, labels=", ".join(each.words(language.code) for each in inputs))

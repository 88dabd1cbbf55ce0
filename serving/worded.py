"""A part of a hint as it is told: in a language, with the model that said it and where its card is."""

from __future__ import annotations

from typing import Any

from .advising import Given
from .hints.needs import NeedHint
from .hints.needs_words import word_needs
from .hints.risk_words import word_risk
from .language import Language


def worded(given: Given, language: Language) -> dict[str, Any]:
    """Return a part as the wire has it."""
    hint = given.hint
    words = word_needs(hint, language) if isinstance(hint, NeedHint) else word_risk(hint, language)
    return {
        "model": {
            "name": given.name,
            "version": given.version,
            "digest": given.digest,
            "card": f"/v1/models/{given.name}/cards/{given.version}.md",
        },
        "as_of": given.as_of,
        "valid_until": given.valid_until,
        **words,
    }

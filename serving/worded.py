"""A part of a hint as it is told: in a language, with the model that said it and where its card is."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from .advising import Given
from .hints.needs import NeedHint
from .hints.needs_words import word_needs
from .hints.risk_words import word_risk
from .language import Language
from .models.loading import Task
from .wire.advice import NeedsPart, RiskPart


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


def worded_parts(given: Iterable[Given], language: Language) -> tuple[NeedsPart | None, RiskPart | None]:
    """Return the parts of a hint as the wire has them, service needs and risk; None where there is none."""
    told = {each.task: worded(each, language) for each in given}
    needs, risk = told.get(Task.NEEDS), told.get(Task.RISK)
    return (
        None if needs is None else NeedsPart.model_validate(needs),
        None if risk is None else RiskPart.model_validate(risk),
    )

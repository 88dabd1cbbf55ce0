"""What is wrong with a card's sections, in one line for whoever has to restore it."""

from __future__ import annotations

from collections.abc import Mapping
from textwrap import shorten
from typing import Any

from pydantic import ValidationError

from ...people.problems import problems_of, where

MOST = 3  # a card is written by a machine: the first places tell what happened to it
WIDEST = 200  # of one problem: what stands in a spoilt card can be long
_WORDS = {
    "extra_forbidden": "is no part of a card",
    "string_type": "must be text",
    "int_type": "must be a whole number",
    "float_type": "must be a number",
    "finite_number": "must be a number",
    "bool_type": "must be true or false",
    "model_type": "must be an object",
    "dict_type": "must be an object",
    "tuple_type": "must be a list",
    "greater_than_equal": "must be {ge} or more",
    "less_than_equal": "must be {le} or less",
    "too_short": "must hold at least {min_length}",
    "too_long": "must hold at most {max_length}",
}


def refusal(card: Any, error: ValidationError) -> str:
    """Return the message: whose card it is, at most three places, and how many there are."""
    told = [
        f"{where(each['loc'])}: {_WORDS[each['type']].format(**each.get('ctx', {}))}"
        if each["type"] in _WORDS
        else of_a_form
        for each, of_a_form in zip(error.errors(), problems_of(error), strict=True)
    ]
    more = f" (the first {MOST} of {len(told)} problems)" if len(told) > MOST else ""
    return f"{_whose(card)}: {'; '.join(shorten(each, WIDEST, placeholder=' …') for each in told[:MOST])}{more}"


def _whose(card: Any) -> str:
    model = card.get("model") if isinstance(card, Mapping) else None
    if isinstance(model, Mapping) and {"name", "version"} <= model.keys():
        return shorten(f"the card of {model['name']} version {model['version']}", WIDEST, placeholder=" …")
    return "the card"

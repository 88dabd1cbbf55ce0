"""What is wrong with a form, in words for the person who filled it in."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pydantic import ValidationError

from ml.errors import ContractError, without_identity_codes

MOST = 10
_MUST_BE = {
    "string_type": "must be text in quotes",
    "model_type": "must be a table: [{place}]",
    "model_attributes_type": "must be a table: [{place}]",
    "dict_type": "must be a table: [{place}]",
    "tuple_type": "must be a list of tables: [[{place}]]",
    "missing": "is missing",
}


class FormError(ContractError):
    """A form that is refused; `problems`: each with its place, as "risks 2, severity: is missing"."""

    def __init__(self, what: str, problems: Sequence[str]) -> None:
        """Keep all problems; the message names ten of them at most."""
        super().__init__(refused(what, problems))
        self.problems = tuple(map(without_identity_codes, problems))


def problems_of(error: ValidationError) -> list[str]:
    """Return each problem with its place."""
    return [f"{place}: {_words(each, place)}" for each in error.errors() for place in [where(each["loc"])]]


def refused(what: str, problems: Sequence[str]) -> str:
    """Return one message of all problems: at most ten, and how many there are."""
    more = f" (the first {MOST} of {len(problems)} problems)" if len(problems) > MOST else ""
    return f"{what}: {'; '.join(problems[:MOST])}{more}"


def where(place: Sequence[Any]) -> str:
    """Return a place as a form's reader finds it: "risks 2, severity"."""
    said = ""
    for each in place[1:] if place and place[0] == "dialogue" else place:
        if isinstance(each, int):
            said += f" {each + 1}"
        else:
            said += f"{', ' if said[-1:].isdigit() else '.' if said else ''}{each}"
    return said


def _words(each: Any, place: str) -> str:
    kind = each["type"]
    if kind == "extra_forbidden":
        return "is not asked; take the line out, or mend its name"
    if kind == "literal_error":
        return f"is {each['input']!r}, and must be one of {_choices(each['ctx']['expected'])}"
    if kind == "value_error":
        return str(each["ctx"]["error"])
    return _MUST_BE[kind].format(place=place) if kind in _MUST_BE else str(each["msg"])


def _choices(expected: str) -> str:
    return expected.removeprefix("'', ").replace("'", "").replace(" or ", ", ")

"""Answers to many questions as a browser sends them: a place and an answer each → tables within tables, and back.

A place is a path into the form: "/risks/0/what". Places and answers come in the same order, each place once.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from ml.governance.people.problems import where
from serving.language import Language, marked

from ..form import FormError
from ..page import FORM_OF_THE_WHOLE, Typed

PLACE, ANSWER = "place", "answer"
DETAIL = "detail"  # in faults: what the rules say, in English
MOST_ROWS = 200
ODD = marked("The form is not as it was shown; load it anew.")
LOOK_AGAIN = marked("Something must be mended first; it is told at its place below.")
WORDS = (  # what the rules of a form say, and how its readers are told
    (re.compile(r"is missing$"), marked("This is missing.")),
    (re.compile(r"identity code"), marked("There is an identity code in this text; leave it out.")),
    (re.compile(r"must be one of"), marked("Choose one of these.")),
    (re.compile(r"must be \"sha256"), marked("This is no digest: sha256: and 64 hexadecimal digits.")),
    (re.compile(r"has not come yet$"), marked("This day has not come yet.")),
    (re.compile(r"is before (the|somebody)"), marked("This day is before a step that comes first.")),
    (re.compile(r"day|date"), marked("This is no day; write it as 2026-11-02.")),
    (re.compile(r"integer|number"), marked("Write a whole number.")),
)
OTHERWISE = marked("This cannot be taken as it is written; look at it again.")


def pairs_of(typed: Typed) -> dict[str, str]:
    """Return place → answer, as they were typed. Raises FormError where they do not belong together."""
    places, answers = typed.values.get(PLACE, ()), typed.values.get(ANSWER, ())
    if len(places) != len(answers) or len(set(places)) < len(places):
        raise FormError({FORM_OF_THE_WHOLE: ODD})
    return dict(zip(places, answers, strict=True))


def nested(pairs: Mapping[str, str]) -> dict[str, Any]:
    """Return tables within tables; a part of a place that is a number is a row of a list, rows close up."""
    root: dict[str, Any] = {}
    for place, answer in pairs.items():
        *parents, last = place.strip("/").split("/")
        table = root
        for each in parents:
            table = table.setdefault(each, {})
        table[last] = answer
    return {name: _listed(value) for name, value in root.items()}


def _listed(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    if all(key.isdecimal() for key in value):
        return [_listed(value[key]) for key in sorted(value, key=int)]
    return {key: _listed(each) for key, each in value.items()}


def rows_kept(pairs: Mapping[str, str], says: Callable[[Sequence[str]], bool]) -> dict[str, str]:
    """Return place → place on the form, without the rows of lists that say nothing; the others close up.

    says  whether a row does, by its places in their order
    """
    rows: dict[str, dict[str, list[str]]] = {}
    kept: dict[str, str] = {}
    for place in pairs:
        section, number = row_of(place)
        if number is None:
            kept[place] = place
        else:
            rows.setdefault(section, {}).setdefault(number, []).append(place)
    for section, numbered in rows.items():
        for new, places in enumerate(filter(says, numbered.values())):
            kept |= {f"/{section}/{new}/{each.split('/', 3)[3]}": each for each in places}
    return kept


def row_of(place: str) -> tuple[str, str | None]:
    """Return the section of a place, and the number of its row; None where it is in no list."""
    _, section, *rest = place.split("/")
    return section, rest[0] if len(rest) > 1 and rest[0].isdecimal() else None


def rows_typed(places: Iterable[str], section: str) -> int:
    """Return how many rows of a section were on the form."""
    numbers = [int(found[1]) for each in places if (found := re.match(rf"/{section}/([0-9]{{1,3}})/", each))]
    return min(max(numbers, default=-1) + 1, MOST_ROWS)


def require_asked(pairs: Mapping[str, str], asked: Iterable[str]) -> None:
    """Raise FormError when an answer is to a question that the form does not ask."""
    if pairs.keys() - set(asked):
        raise FormError({FORM_OF_THE_WHOLE: ODD})


def placed(problems: Sequence[str], places: Mapping[str, str], language: Language) -> dict[str, str]:
    """Return place → what is wrong there, in words; what is of no place of the form is of the whole, in English.

    problems  as a form of governance is refused: "risks 2, severity: is missing"
    places    as governance was told → on the form
    """
    known = {_plain(where(_parts(new))): old for new, old in places.items()}
    found: dict[str, str] = {FORM_OF_THE_WHOLE: language.gettext(LOOK_AGAIN)}
    other = []
    for problem in problems:
        said, _, words = problem.partition(": ")
        place = known.get(_plain(said))
        if place is None:
            other.append(problem)
        else:
            found.setdefault(place, worded(words, language))
    return found | ({DETAIL: "; ".join(other)} if other else {})


def worded(words: str, language: Language) -> str:
    """Return in a language what a rule of a form says in English."""
    return language.gettext(next((text for pattern, text in WORDS if pattern.search(words)), OTHERWISE))


def _parts(place: str) -> list[str | int]:
    return [int(each) if each.isdecimal() else each for each in place.strip("/").split("/")]


def _plain(place: str) -> str:
    return place.replace(", ", ".")

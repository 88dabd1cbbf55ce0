"""The questions of a form, as its page shows them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, get_args

from pydantic.fields import FieldInfo

from ml.governance.people.answers import Section, Wanted, wanted
from serving.language import Language

from .asked import CHOICES, OTHERWISE_ASKED

LINE, TEXT, DAY, CHOICE, NUMBER, HIDDEN = "line", "text", "day", "choice", "number", "hidden"


@dataclass(frozen=True)
class Question:
    """One question.

    place    path into the form;  id: of its field on the page
    kind     how it is answered: line, text, day, choice, number; hidden: it is none, and goes with the others
    choices  value and words of each
    fault    what is wrong with the answer
    required whether a browser asks for an answer before it sends the form
    """

    place: str
    id: str
    label: str
    kind: str
    answer: str
    choices: tuple[tuple[str, str], ...] = ()
    fault: str | None = None
    required: bool = False


@dataclass(frozen=True)
class Group:
    """Questions that belong together, under a heading of their own."""

    title: str
    questions: tuple[Question, ...]


@dataclass(frozen=True)
class Part:
    """A section of a form; `lead`: what it is about, where its title does not say."""

    id: str
    title: str
    groups: tuple[Group, ...]
    lead: str = ""


@dataclass(frozen=True)
class Typing:
    """What was typed into the form, and what is wrong with it; over what is known."""

    answers: Mapping[str, str]
    faults: Mapping[str, str]
    language: Language

    def question(
        self, place: str, label: str, kind: str, known: str = "", choices: tuple[tuple[str, str], ...] = ()
    ) -> Question:
        """Return a question with its answer as it was typed, or as it is known."""
        answer = self.answers.get(place, known)
        return Question(place, id_of(place), label, kind, answer, choices, self.faults.get(place))


def id_of(place: str) -> str:
    """Return the id of a place's field."""
    return "q" + place.replace("/", "-")


def questions_of(
    section: Section, place: str, typing: Typing, without: frozenset[str] = frozenset()
) -> Iterator[Question]:
    """Yield the questions of a section and of the sections inside it, in their order.

    without  places that are not asked
    """
    for name, field in type(section).model_fields.items():
        value, at = getattr(section, name), f"{place}/{name}"
        if at in without:
            continue
        asked = str(field.description)
        label = typing.language.gettext(OTHERWISE_ASKED.get(asked, asked))
        if isinstance(value, Section):
            inside = questions_of(value, at, typing, without)
            yield from (_under(label, each) for each in inside)
        else:
            yield typing.question(at, label, *_how(field, value, typing.language))


def _under(label: str, question: Question) -> Question:
    """Return a question of a section inside another with the words of both."""
    return replace(question, label=f"{label} {question.label}")


def _how(field: FieldInfo, value: Any, language: Language) -> tuple[str, str, tuple[tuple[str, str], ...]]:
    """Return how a field is answered, what is known, and its choices."""
    known = value.isoformat() if isinstance(value, date) else value or ""
    if date in get_args(field.annotation):
        return DAY, known, ()
    choices = [each for each in get_args(field.annotation) if isinstance(each, str)]
    if choices and CHOICES.keys() >= set(choices):
        return CHOICE, known, tuple((each, language.gettext(CHOICES[each])) for each in choices)
    return (LINE if wanted(field) is Wanted.NAME else TEXT), known, ()

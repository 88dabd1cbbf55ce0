"""What of a card only people can fill, and have not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .answers import FEWEST_WORDS, InLanguages, Row, Section, Wanted, wanted
from .dialogue import MUST_BE_HEARD, NAMES, NORMS, Dialogue, Weighed
from .people import People, people_of, unasked, unexplained
from .sections import NAMED_RISKS, Risk

NOT_SAID = "is not said"
ABOUT = {
    "unequal_treatment": "unequal treatment", "privacy": "privacy",
    "over_reliance": "caseworkers who rely on it too much", "wrong_advice": "wrong advice",
}  # fmt: skip
VIEWS = ("duty", "consequences", "virtue")


@dataclass(frozen=True)
class Gap:
    """What is missing: the section of the card, the place in the form, and words for the person who can fill it."""

    section: str
    place: str
    words: str


def gaps(card: Mapping[str, Any]) -> tuple[Gap, ...]:
    """Return what is missing, empty or too short, in the order of the card.

    Raises ContractError where the card's people are none that this code could have written.
    """
    people = people_of(card)
    return (
        *_section("made_by", people),
        *_data(card, people),
        *_inputs(card, people),
        *_mitigation(card, people),
        *_section("oversight", people),
        *_risks(card, people.risks),
        *_section("impact", people),
        *_dialogue(people.dialogue),
    )


def lacking(section: Section, place: str, said: str) -> Iterator[tuple[str, str]]:
    """Return place and words of each answer that is empty or too short.

    said  what the section is called, up to what it lacks: "the data: "
    """
    for name, field in type(section).model_fields.items():
        value, at, title = getattr(section, name), f"{place}.{name}", f"{said}{field.title}"
        if isinstance(value, Section):
            yield from lacking(value, at, title + (" " if isinstance(value, InLanguages) else ", "))
        elif words := _lack(value, wanted(field)):
            yield at, f"{title} {words}"


def _lack(value: Any, kind: Wanted | None) -> str:
    """Return what is wrong with an answer; nothing where it is one."""
    if value is None or value == "":
        return "" if kind is Wanted.VIEW else NOT_SAID
    if kind in (Wanted.TEXT, Wanted.VIEW) or (kind is Wanted.REPORT and not value.startswith("sha256:")):
        return _too_short(value)
    return ""


def _too_short(text: str) -> str:
    if len(text.split()) >= FEWEST_WORDS:
        return ""
    return f"is too short: an answer takes at least {FEWEST_WORDS} words, and “yes” is none"


def _section(name: str, people: People) -> Iterator[Gap]:
    title = People.model_fields[name].title or name
    yield from (Gap(name, *each) for each in lacking(getattr(people, name), name, f"{title}: "))


def _data(card: Mapping[str, Any], people: People) -> Iterator[Gap]:
    left_out = {f"data.{name}" for name in unasked(card)}
    yield from (each for each in _section("data", people) if each.place not in left_out)


def _inputs(card: Mapping[str, Any], people: People) -> Iterator[Gap]:
    for name, label in unexplained(card).items():
        if words := _lack(people.inputs.get(name, ""), Wanted.TEXT):
            yield Gap("inputs", f"inputs.{name}", f"the inputs: why “{label}” is needed {words}")


def _mitigation(card: Mapping[str, Any], people: People) -> Iterator[Gap]:
    if card.get("mitigation") and not people.mitigation:
        return
    if words := _lack(people.mitigation, Wanted.TEXT):
        yield Gap(
            "mitigation", "mitigation",
            f"mitigation: nothing was weighed against unequal errors, and why not {words}"
            if words == NOT_SAID else f"mitigation: why nothing was weighed {words}",
        )  # fmt: skip


def _risks(card: Mapping[str, Any], risks: Sequence[Risk]) -> Iterator[Gap]:
    for number, risk in enumerate(risks, start=1):
        named = ABOUT.get(risk.about, "")
        said = f"risks, number {number} ({named})" if named else f"risks, number {number}"
        yield from (Gap("risks", *each) for each in lacking(risk, f"risks {number}", f"{said}: "))
    covered = {risk.about for risk in risks}
    for about in NAMED_RISKS:
        if about not in covered:
            fails = about == "unequal_treatment" and card["audit"]["verdict"] == "fail"
            more = "; the audit fails, so say for whom" if fails else ""
            yield Gap("risks", f"risks.{about}", f"risks: none of them is about {ABOUT[about]}{more}")


def _dialogue(dialogue: Dialogue) -> Iterator[Gap]:
    said = "the ethical dialogue"
    yield from _part(dialogue.notice, "notice", f"{said}, notice")
    yield from _part(dialogue.description, "description", f"{said}, description")
    yield from _rows(dialogue.heard, "heard", f"{said}, who was heard")
    groups = {each.who for each in dialogue.heard}
    for words, accepted in MUST_BE_HEARD.items():
        if groups.isdisjoint(accepted):
            yield Gap("dialogue", f"heard.{accepted[0]}", f"{said}, who was heard: {words} have not been heard")
    yield from _weighing(dialogue.weighing, f"{said}, weighing")
    yield from _part(dialogue.recommendation, "recommendation", f"{said}, recommendation")


def _weighing(weighing: Sequence[Weighed], said: str) -> Iterator[Gap]:
    for number, each in enumerate(weighing, start=1):
        place, title = f"weighing {number}", f"{said}, {NAMES.get(each.norm, f'number {number}')}"
        yield from (Gap("dialogue", *lack) for lack in lacking(each, place, f"{title}: "))
        if not any(getattr(each, view) for view in VIEWS):
            yield Gap("dialogue", place, f"{title}: neither duty, consequences nor virtue says anything")
    weighed = {each.norm for each in weighing}
    for norm in NORMS:
        if norm.key not in weighed:
            yield Gap("dialogue", f"weighing.{norm.key}", f"{said}: {norm.name} has not been weighed")


def _rows(rows: Sequence[Row], place: str, said: str) -> Iterator[Gap]:
    for number, row in enumerate(rows, start=1):
        yield from _part(row, f"{place} {number}", f"{said}, number {number}")


def _part(part: Section, place: str, said: str) -> Iterator[Gap]:
    yield from (Gap("dialogue", *each) for each in lacking(part, place, f"{said}: "))

"""The two forms of a card: written for people, and read back from them."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal, TypeVar

from pydantic import ValidationError

from ml.errors import ContractError

from ..signing.names import same_person
from .answers import Row
from .asks import card_form, dialogue_form
from .dialogue import Dialogue
from .documents import with_digests
from .people import Filled, People, knows_quality_report, people_of
from .problems import FormError, problems_of
from .rules import broken

PRINTED = "printed_after"
Which = Literal["card", "dialogue"]
CARD = ("mitigation", "made_by", "data", "inputs", "oversight", "risks", "impact")
DIALOGUE = tuple(Dialogue.model_fields)
TITLES = {"card": "what only people know", "dialogue": "the ethical dialogue (the City's report, 4.2.4)"}

Rows = TypeVar("Rows", bound=Row)


def form(card: Mapping[str, Any], which: Which) -> str:
    """Return a form as TOML: a comment for each question, what is known filled in, "" for what is not."""
    people, model = people_of(card), card["model"]
    parts = dialogue_form(people.dialogue) if which == "dialogue" else card_form(card, people)
    head = (
        f"# {model['name']} version {model['version']}: {TITLES[which]}\n"
        '# Fill in what stands in "". An answer takes at least three words; what you leave empty stays a gap.\n'
        "# Nothing about a single person belongs here: the card is read by everybody.\n"
        "# A section that you delete stays on the card as it is; one that stands here replaces it.\n"
    )
    kept = f"{PRINTED} = {len(people.filled)}  # leave it: it shows whether somebody else filled in meanwhile\n\n"
    return head + kept + "\n".join(parts)


def fill(
    card: Mapping[str, Any], answers: str | Mapping[str, Any], folder: Path, by: str, at: datetime
) -> dict[str, Any]:
    """Return the card with the form's sections taken over; sections that the form leaves out stay as they are.

    answers  the form as TOML, or section → what TOML would hold
    folder   where the documents lie whose paths the form names
    by, at  who filled it in, and when; kept beside the names of the sections that are other than before

    Where the data told the digest of its quality report, that stands, and an answer about it is not taken over: the
    same form fills cards of data with and without a report.
    Raises FormError with every problem of the form.
    """
    before = people_of(card)
    told, problems = _sections(_toml(answers) if isinstance(answers, str) else answers)
    _require_latest(before, told.pop(PRINTED, None), by, told)
    if "impact" in told:
        told["impact"], unread = with_digests(told["impact"], folder)
        problems += unread
    try:
        after = _without_known(card, _merged(before, told))
    except ValidationError as problem:
        raise FormError("the form", [*problems, *problems_of(problem)]) from None
    problems += broken(card, after, at)
    if problems:
        raise FormError("the form", problems)
    changed = tuple(name for name in (*CARD, *DIALOGUE) if _at(before, name) != _at(after, name))
    if not changed:
        return dict(card)
    moment = at.astimezone(UTC).isoformat(timespec="seconds")
    record = Filled(by=by, at=moment, sections=changed)
    return {**card, "people": after.model_copy(update={"filled": (*before.filled, record)}).stored()}


def _toml(text: str) -> dict[str, Any]:
    """Return what a form holds. Raises ContractError where it is not TOML."""
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as problem:
        raise ContractError(f"the form is not TOML: {problem}") from None


def _sections(found: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """Return the form's sections, and a problem for each that is none. Raises ContractError where it holds none."""
    known = {name: value for name, value in found.items() if name in (PRINTED, *CARD, *DIALOGUE)}
    sections = ", ".join((*CARD, *DIALOGUE))
    if not found:
        raise ContractError(f"the form holds no section; it may hold {sections}")
    return known, [f"{name}: is no section; sections are {sections}" for name in found if name not in known]


def _require_latest(people: People, printed_after: Any, by: str, answers: Mapping[str, Any]) -> None:
    """Raise ContractError when somebody else filled in since the form was printed: their answers would be lost."""
    if printed_after is None:  # a form that was not printed here
        return
    if type(printed_after) is not int or printed_after < 0:
        raise ContractError(
            f"the form: {PRINTED} is {printed_after!r}, and is a count that apualy wrote; print it anew"
        )
    since = people.filled[printed_after:]
    others = [each.by for each in since if not same_person(each.by, by) and set(each.sections) & set(answers)]
    if others:
        raise ContractError(
            f"the form: {others[0]} filled in the card since it was printed, and their answers would be lost; print it "
            "anew (apualy card fill), and take yours over"
        )


def _at(people: People, name: str) -> Any:
    return getattr(people.dialogue if name in DIALOGUE else people, name)


def _merged(before: People, answers: Mapping[str, Any]) -> People:
    """Return what is known after the form; rows that nobody filled in are none."""
    told = before.stored()
    dialogue = {name: value for name, value in answers.items() if name in DIALOGUE}
    known = {name: value for name, value in answers.items() if name in CARD}
    people = People.model_validate(
        {**told, **known, "dialogue": {**told.get("dialogue", {}), **dialogue}},
    )
    spoken = people.dialogue.model_copy(
        update={"heard": _spoken(people.dialogue.heard), "weighing": _spoken(people.dialogue.weighing)}
    )
    inputs = {name: words for name, words in people.inputs.items() if words}
    return people.model_copy(update={"risks": _spoken(people.risks), "inputs": inputs, "dialogue": spoken})


def _without_known(card: Mapping[str, Any], people: People) -> People:
    """Return the answers without the one that the card knows better."""
    if not knows_quality_report(card):
        return people
    return people.model_copy(update={"data": people.data.model_copy(update={"quality_report": ""})})


def _spoken(rows: Sequence[Rows]) -> tuple[Rows, ...]:
    return tuple(row for row in rows if not row.blank)

"""The two forms of a card: what only people know of a model, and the ethical dialogue."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from pydantic import Field

from ml.errors import ContractError, GateError
from ml.governance.people.answers import Row
from ml.governance.people.dialogue import MUST_BE_HEARD, NORMS, Heard, Weighed
from ml.governance.people.form import PRINTED
from ml.governance.people.gaps import gaps
from ml.governance.people.people import People, people_of, unasked, unexplained
from ml.governance.people.problems import FormError as OddAnswersError
from ml.governance.people.sections import NAMED_RISKS, Risk
from ml.governance.review.fillable import require_fillable
from serving.language import Language, marked
from serving.permissions import Action
from serving.wire.wire import Posted

from ..form import FormError
from ..page import FORM_OF_THE_WHOLE, Away, Page, Typed, View, Visit
from .answers import DETAIL, nested, pairs_of, placed, require_asked, row_of, rows_kept, rows_typed
from .model import Version, version_of
from .questions import HIDDEN, TEXT, Group, Part, Question, Typing, questions_of
from .signer import signer_of
from .words import SECTIONS

CARD, DIALOGUE = "card", "dialogue"
TITLES = {CARD: marked("What only people know"), DIALOGUE: marked("The ethical dialogue")}
NOT_TAKEN = marked("The answers were not taken.")
NUMBERED = marked("Number {number}")
WHY_NEEDED = marked("Why is “{label}” needed?")


class PeopleForm(Posted):
    """A filled form; `printed_after`: how often the card had been filled in when the form was shown."""

    printed_after: int = Field(ge=0)
    place: list[str]
    answer: list[str]


@dataclass(frozen=True)
class FormPage:
    """A form of a card.

    gaps    how many it has, of both forms
    closed  why nobody may fill it in now, in English
    whole   what is wrong with the whole form;  detail: as the rules say it, in English
    """

    version: Version
    which: str
    title: str
    printed_after: str
    parts: tuple[Part, ...]
    gaps: int
    closed: str | None
    whole: str | None
    detail: str | None


def card_form(visit: Visit) -> View:
    """Show what only people know of a model, to be filled in."""
    return _form(visit, CARD)


def dialogue_form(visit: Visit) -> View:
    """Show the ethical dialogue, to be filled in."""
    return _form(visit, DIALOGUE)


def fill_card(visit: Visit) -> Away:
    """Take what only people know of a model."""
    return _filled(visit, CARD)


def fill_dialogue(visit: Visit) -> Away:
    """Take the ethical dialogue."""
    return _filled(visit, DIALOGUE)


def _form(visit: Visit, which: str) -> View:
    version, typed = version_of(visit), visit.typed
    card = version.card()
    people = people_of(card)
    page = FormPage(
        version=version,
        which=which,
        title=visit.language.gettext(TITLES[which]),
        printed_after=typed.one("printed_after", str(len(people.filled))),
        parts=tuple(_parts(card, people, which, _typing(typed, visit.language))),
        gaps=len(gaps(card)),
        closed=_closed(version, card, visit.service.now()),
        whole=typed.faults.get(FORM_OF_THE_WHOLE),
        detail=typed.faults.get(DETAIL),
    )
    return View("review_form.html.jinja", page)


def _closed(version: Version, card: Mapping[str, Any], now: datetime) -> str | None:
    try:
        require_fillable(version.review(), card, card, now)
    except GateError as refusal:
        return str(refusal)
    return None


def _typing(typed: Typed, language: Language) -> Typing:
    try:
        answers = pairs_of(typed)
    except FormError:  # told above the form; what belongs to no question cannot be shown at one
        answers = {}
    return Typing(answers, typed.faults, language)


def _filled(visit: Visit, which: str) -> Away:
    version, form = version_of(visit), visit.body
    card, pairs = version.card(), pairs_of(visit.typed)
    parts = _parts(card, people_of(card), which, Typing(pairs, {}, visit.language))
    asked = [each.place for part in parts for group in part.groups for each in group.questions]
    require_asked(pairs, asked)
    person, at = signer_of(visit, version.registry), visit.service.now()
    by = visit.who.name if person is None else person.name
    kept = rows_kept(pairs, lambda places: any(pairs[each].strip() for each in places[1:]))
    emptied: dict[str, Any] = {section: [] for section, number in map(row_of, pairs) if number is not None}
    told = nested({new: pairs[old] for new, old in kept.items()})
    answers = {PRINTED: form.printed_after, **emptied, **told}
    try:
        filled = version.registry.fill(version.name, version.number, answers, version.registry.home, by, at)
    except OddAnswersError as odd:
        raise FormError(placed(odd.problems, kept, visit.language)) from None
    except (ContractError, GateError) as refusal:
        whole = visit.language.gettext(NOT_TAKEN)
        raise FormError({FORM_OF_THE_WHOLE: whole, DETAIL: str(refusal)}) from None
    with visit.recording("card.fill", model=version.name, version=version.number, form=which, gaps=len(gaps(filled))):
        pass  # who filled in what is all that there is to write
    return Away(f"{version.address}?filled={which}")


# ---------------------------------------------------------------- what is asked


def _parts(card: Mapping[str, Any], people: People, which: str, typing: Typing) -> Iterator[Part]:
    if which == DIALOGUE:
        yield from _dialogue_parts(people, typing)
        return
    field = People.model_fields["mitigation"]
    label = typing.language.gettext(str(field.description))
    yield _part("mitigation", [Group("", (typing.question("/mitigation", label, TEXT, people.mitigation),))], typing)
    without = frozenset(f"/data/{name}" for name in unasked(card))
    for name in ("made_by", "data"):
        yield _part(name, [_section(getattr(people, name), name, typing, without)], typing)
    if asked := tuple(_inputs(card, people, typing)):
        yield _part("inputs", [Group("", asked)], typing)
    yield _part("oversight", [_section(people.oversight, "oversight", typing)], typing)
    missing = [Risk(about=about) for about in NAMED_RISKS if about not in {each.about for each in people.risks}]
    yield _part("risks", _rows("risks", [*people.risks, *missing, Risk()], Risk(), typing), typing)
    yield _part("impact", [_section(people.impact, "impact", typing)], typing)


def _dialogue_parts(people: People, typing: Typing) -> Iterator[Part]:
    dialogue = people.dialogue
    for name in ("notice", "description"):
        yield _part(name, [_section(getattr(dialogue, name), name, typing)], typing)
    heard = {each.who for each in dialogue.heard}
    unheard = [Heard(who=groups[0]) for groups in MUST_BE_HEARD.values() if heard.isdisjoint(groups)]
    yield _part("heard", _rows("heard", [*dialogue.heard, *unheard, Heard()], Heard(), typing), typing)
    weighed = {each.norm for each in dialogue.weighing}
    unweighed = [Weighed(norm=norm.key) for norm in NORMS if norm.key not in weighed]
    yield _part("weighing", [*_norms([*dialogue.weighing, *unweighed], typing)], typing)
    yield _part("recommendation", [_section(dialogue.recommendation, "recommendation", typing)], typing)


def _part(name: str, groups: Iterable[Group], typing: Typing) -> Part:
    return Part(name, typing.language.gettext(SECTIONS[name]), tuple(groups))


def _section(section: Any, name: str, typing: Typing, without: frozenset[str] = frozenset()) -> Group:
    return Group("", tuple(questions_of(section, f"/{name}", typing, without)))


def _inputs(card: Mapping[str, Any], people: People, typing: Typing) -> Iterator[Question]:
    labels = {each["name"]: each["label"] for each in card["inputs"]}
    for name, english in unexplained(card).items():
        label = labels[name].get(typing.language.code) or english
        words = typing.language.gettext(WHY_NEEDED, label=label)
        yield typing.question(f"/inputs/{name}", words, TEXT, people.inputs.get(name, ""))


def _rows(name: str, rows: Sequence[Row], blank: Row, typing: Typing) -> Iterator[Group]:
    """Yield the rows of a list, the last of them blank; as many as were typed."""
    more = rows_typed(typing.answers, name) - len(rows)
    for number, row in enumerate([*rows, *[blank] * more]):
        title = typing.language.gettext(NUMBERED, number=str(number + 1))
        yield Group(title, tuple(questions_of(row, f"/{name}/{number}", typing)))


def _norms(rows: Sequence[Weighed], typing: Typing) -> Iterator[Group]:
    norms = {norm.key: norm for norm in NORMS}
    for number, row in enumerate(rows):
        words = norms[row.norm].words(typing.language.code) if row.norm in norms else ""
        place = f"/weighing/{number}"
        questions = questions_of(row, place, typing)
        first = replace(next(questions), kind=HIDDEN, answer=row.norm)  # which norm it is is not asked
        yield Group(f"{words[:1].upper()}{words[1:]}", (first, *questions))


PAGES: tuple[Page, ...] = (
    Page("GET", "/review/{name}/{version:int}/card", Action.FILL_CARD, card_form),
    Page("POST", "/review/{name}/{version:int}/card", Action.FILL_CARD, fill_card, PeopleForm, again=card_form),
    Page("GET", "/review/{name}/{version:int}/dialogue", Action.FILL_CARD, dialogue_form),
    Page(
        "POST", "/review/{name}/{version:int}/dialogue", Action.FILL_CARD, fill_dialogue, PeopleForm,
        again=dialogue_form,
    ),
)  # fmt: skip

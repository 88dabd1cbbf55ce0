"""The form of an approval: understood in own words, what is outside the limits accepted, conditions, an end."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from pydantic import ConfigDict, SecretStr, ValidationError

from ml.errors import ApualyError
from ml.governance.people.problems import FormError as OddAnswersError
from ml.governance.people.problems import problems_of
from ml.governance.review.answers import ApprovalAnswers
from ml.governance.review.asked import Asked, asked_of
from ml.governance.review.states import Step
from ml.governance.review.steps import Ask
from ml.governance.signing.trust import Person
from serving.language import marked
from serving.permissions import Action
from serving.wire.wire import Posted

from ..form import FormError
from ..page import FORM_OF_THE_WHOLE, Away, Page, View, Visit
from .answers import DETAIL, LOOK_AGAIN, nested, pairs_of, placed, require_asked, rows_kept, rows_typed
from .fairness import Finding, attribute_words, findings
from .model import Version, version_of
from .questions import CHOICE, DAY, HIDDEN, LINE, NUMBER, TEXT, Group, Question, Typing
from .signer import REFUSED, Signing, faults_of, openings_of, signer_of, signing_of, take, taken_before
from .step import asked_by
from .words import KINDS, MEANING, METRICS, NOBODY, RULES, STEPS, word_of

ACCEPT_DEVIATION = marked("Why is this acceptable?")
ACCEPT_FINDINGS = marked("Why is this acceptable until the conditions below are met?")
CONDITION_TITLE = marked("Condition {number}")
NO_CONDITION = marked("no condition")
ANY = marked("all of it")
AGAIN = marked("Of an audit: again every so many days")
MOST_CONDITIONS = 3  # blank ones beside those that are called for, and those that were typed
_CONDITION = re.compile(r"condition C([0-9]+)")
OF_CONDITION = (  # what a refusal names → the part of the condition
    (re.compile(r"every_days"), "every_days"),
    (re.compile(r": due "), "due"),
    (re.compile(r": say what"), "what"),
    (re.compile(r"attribute"), "attribute"),
    (re.compile(r"metric"), "metric"),
)
AT_PLACE = {"reasons": "/reason", "ends_in_time": "/expires"}


class ApprovalForm(Posted):
    """A filled form of an approval, and the passphrase of the visitor's key."""

    place: list[str]
    answer: list[str]
    passphrase: SecretStr

    model_config = ConfigDict(hide_input_in_errors=True)


@dataclass(frozen=True)
class Acceptance:
    """What is to be accepted: a deviation, in English, or an attribute's failing findings; `hidden` goes with it."""

    title: str
    deviation: str | None
    findings: tuple[Finding, ...]
    hidden: tuple[Question, ...]
    reason: Question


@dataclass(frozen=True)
class ApprovalPage:
    """The form; where `why` says that the step is not open, there is none."""

    version: Version
    title: str
    meaning: str
    why: str | None
    detail: str | None
    whole: str | None
    signing: Signing | None
    faults: Mapping[str, str]
    hidden: tuple[Question, ...]
    words: tuple[Question, ...]
    months: int
    acceptances: tuple[Acceptance, ...]
    conditions: tuple[Group, ...]

    @property
    def places(self) -> Iterator[str]:
        """Yield the places of all questions."""
        for each in self.acceptances:
            yield each.reason.place
            yield from (one.place for one in each.hidden)
        for question in (*self.hidden, *self.words, *(one for group in self.conditions for one in group.questions)):
            yield question.place


def approval_form(visit: Visit) -> View:
    """Show the form of an approval, or why it is not open."""
    try:
        answers = pairs_of(visit.typed)
    except FormError:  # told above the form
        answers = {}
    page = _page(visit, Typing(answers, visit.typed.faults, visit.language))
    return View("review_approve.html.jinja", page)


def approve(visit: Visit) -> Away:
    """Approve a version, signed by the visitor."""
    version, language, pairs = version_of(visit), visit.language, pairs_of(visit.typed)
    require_asked(pairs, _page(visit, Typing(pairs, {}, language)).places)
    kept = rows_kept(pairs, lambda places: bool(pairs[places[0]].strip()))  # a condition of no kind is none
    try:
        answers = ApprovalAnswers.model_validate(_told(nested({new: pairs[old] for new, old in kept.items()})))
    except ValidationError as problem:
        raise FormError(placed(problems_of(problem), kept, language)) from None
    person, ask = signer_of(visit, version.registry), asked_by(visit, version, Step.APPROVE, "", form=answers)
    if person is None:
        raise FormError({FORM_OF_THE_WHOLE: language.gettext(RULES[NOBODY])})
    try:
        _require_faultless(visit, version, ask, person, answers, kept)
        return Away(take(visit, version, ask, person, visit.body.passphrase.get_secret_value()))
    except FormError:
        before = taken_before(version, ask, person)
        if before is None:
            raise
        return before


def _require_faultless(
    visit: Visit, version: Version, ask: Ask, person: Person, answers: ApprovalAnswers, kept: Mapping[str, str]
) -> None:
    """Raise FormError where the step is not open, or its answers break a rule."""
    try:
        faults = faults_of(version, ask, person)
    except OddAnswersError as odd:
        raise FormError(placed(odd.problems, kept, visit.language)) from None
    except ApualyError as refusal:  # another card than the one that was read, or not open any more
        raise FormError({FORM_OF_THE_WHOLE: visit.language.gettext(REFUSED), DETAIL: str(refusal)}) from None
    if faults:
        raise FormError(_at_places(visit, faults, answers, kept))


def _told(content: Mapping[str, Any]) -> dict[str, Any]:
    """Return the answers as the model of the form has them: blanks left out, ids of findings as a list."""
    told = {name: value for name, value in content.items() if isinstance(value, str) and value.strip()}
    rows = {name: [_said(row) for row in value] for name, value in content.items() if isinstance(value, list)}
    return {**told, **rows}


def _said(row: Mapping[str, str]) -> dict[str, Any]:
    said = {name: value for name, value in row.items() if value.strip()}
    return {**said, "findings": said["findings"].split()} if "findings" in said else dict(said)


# ---------------------------------------------------------------- what is wrong, at its place


def _at_places(
    visit: Visit, faults: Mapping[str, str], answers: ApprovalAnswers, kept: Mapping[str, str]
) -> dict[str, str]:
    found = {FORM_OF_THE_WHOLE: visit.language.gettext(LOOK_AGAIN), DETAIL: "; ".join(faults.values())}
    for rule, words in faults.items():
        for place in _places_of(rule, words, answers):
            found.setdefault(kept.get(place, place), word_of(RULES, rule, visit.language))
    return found


def _places_of(rule: str, words: str, answers: ApprovalAnswers) -> Iterator[str]:
    """Yield the places on the form that a refusal is about: those that it names."""
    if rule in AT_PLACE:
        yield AT_PLACE[rule]
    if rule == "understood":
        yield "/could_go_wrong" if re.search(r"could_go_wrong (says|repeats)", words) else "/does"
    if rule in ("deviations_accepted", "failures_accepted"):
        for number, each in enumerate(answers.accept):
            names = each.findings if each.deviation is None else (each.deviation,)
            if any(re.search(rf"(?<!\w){re.escape(name)}(?!\w)", words) for name in names):
                yield f"/accept/{number}/reason"
    if rule == "watched" and (condition := _CONDITION.search(words)):
        part = next((name for pattern, name in OF_CONDITION if pattern.search(words)), "kind")
        yield f"/condition/{int(condition[1]) - 1}/{part}"


# ---------------------------------------------------------------- what is asked


def _page(visit: Visit, typing: Typing) -> ApprovalPage:
    version, language = version_of(visit), visit.language
    card, digest = version.registry.cards.read_bound(version.name, version.number)
    asked = asked_of(card, version.registry.policy, visit.service.now().date())
    person, closed = signer_of(visit, version.registry), openings_of(visit, version)[Step.APPROVE]
    why = None if closed is None else word_of(RULES, closed.rule, language)
    return ApprovalPage(
        version=version,
        title=word_of(STEPS, Step.APPROVE, language),
        meaning=word_of(MEANING, Step.APPROVE, language),
        why=why,
        detail=typing.faults.get(DETAIL) if closed is None else closed.words,
        whole=typing.faults.get(FORM_OF_THE_WHOLE),
        signing=None if person is None or why is not None else signing_of(version, person),
        faults=typing.faults,
        hidden=(typing.question("/card", "", HIDDEN, digest),),
        words=_own_words(asked, typing),
        months=asked.months,
        acceptances=tuple(_acceptances(card, asked, typing)),
        conditions=tuple(_conditions(card, asked, version, typing)),
    )


def _own_words(asked: Asked, typing: Typing) -> tuple[Question, ...]:
    text = typing.language.gettext
    does = marked("What does the model do? In your own words, at least one whole sentence.")
    wrong = marked("What could go wrong, and for whom? In your own words, at least one whole sentence.")
    why = marked("Why do you approve it?")
    last = marked("The last day of the approval")
    asked_for = (
        typing.question("/does", text(does), TEXT),
        typing.question("/could_go_wrong", text(wrong), TEXT),
        typing.question("/reason", text(why), TEXT),
        typing.question("/expires", text(last), DAY, asked.last.isoformat()),
    )
    return tuple(replace(each, required=True) for each in asked_for)


def _acceptances(card: Mapping[str, Any], asked: Asked, typing: Typing) -> Iterator[Acceptance]:
    text = typing.language.gettext
    for number, words in enumerate(asked.deviations):
        hidden = Question(f"/accept/{number}/deviation", "", "", HIDDEN, words)
        reason = replace(typing.question(f"/accept/{number}/reason", text(ACCEPT_DEVIATION), TEXT), required=True)
        yield Acceptance("", words, (), (hidden,), reason)
    for number, (attribute, found) in enumerate(asked.failing, start=len(asked.deviations)):
        ids = " ".join(str(each["id"]) for each in found)
        hidden = Question(f"/accept/{number}/findings", "", "", HIDDEN, ids)
        reason = replace(typing.question(f"/accept/{number}/reason", text(ACCEPT_FINDINGS), TEXT), required=True)
        title = attribute_words(card, attribute, typing.language)
        yield Acceptance(title, None, findings(card, found, typing.language), (hidden,), reason)


def _conditions(card: Mapping[str, Any], asked: Asked, version: Version, typing: Typing) -> Iterator[Group]:
    """Yield those that are called for, and blank ones."""
    text = typing.language.gettext
    blank = max(MOST_CONDITIONS, rows_typed(typing.answers, "condition") - len(asked.conditions))
    rows = [(each.kind, each.due.isoformat(), str(each.every_days or "")) for each in asked.conditions]
    kinds = (("", text(NO_CONDITION)), *((kind, text(words)) for kind, words in KINDS.items()))
    attributes = (("", text(ANY)), *((name, attribute_words(card, name, typing.language))
                                     for name in card["audit"]["words"]))  # fmt: skip
    metrics = (("", text(ANY)), *((name, word_of(METRICS, name, typing.language))
                                  for name in version.registry.policy.audit.limits))  # fmt: skip
    for number, (kind, due, every) in enumerate([*rows, *[("", asked.due.isoformat(), "")] * blank]):
        place = f"/condition/{number}"
        questions = (
            typing.question(f"{place}/kind", text(marked("What is to be done")), CHOICE, kind, kinds),
            typing.question(f"{place}/what", text(marked("In words")), LINE),
            typing.question(f"{place}/due", text(marked("By which day")), DAY, due),
            typing.question(f"{place}/every_days", text(AGAIN), NUMBER, every),
            typing.question(f"{place}/attribute", text(marked("Of an audit: which attribute")), CHOICE, "", attributes),
            typing.question(f"{place}/metric", text(marked("Of an audit: which figure")), CHOICE, "", metrics),
        )
        yield Group(text(CONDITION_TITLE, number=str(number + 1)), questions)


PAGES: tuple[Page, ...] = (
    Page("GET", "/review/{name}/{version:int}/approve", Action.REVIEW_VERSION, approval_form),
    Page(
        "POST", "/review/{name}/{version:int}/approve", Action.REVIEW_VERSION, approve, ApprovalForm,
        again=approval_form,
    ),
)  # fmt: skip

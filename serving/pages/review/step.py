"""The steps that need a reason and a signature: submit, return, assess, reject, revoke, show a condition as met."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from pydantic import ConfigDict, SecretStr

from ml.errors import ApualyError
from ml.governance.people.gaps import gaps
from ml.governance.review.conditions import TASK
from ml.governance.review.statement import Fulfilment
from ml.governance.review.states import Step
from ml.governance.review.steps import Ask
from ml.governance.signing.trust import Person
from serving.wire.wire import Posted, Text

from ..form import FormError
from ..page import FORM_OF_THE_WHOLE, Away, Page, View, Visit
from .answers import DETAIL
from .model import Version, version_of
from .signer import ACTIONS, REFUSED, Signing, faults_of, openings_of, signer_of, signing_of, take, taken_before
from .standing import ConditionLine, condition_lines
from .words import MEANING, NOBODY, RULES, STEPS, word_of

SIMPLE = (Step.SUBMIT, Step.RETURN, Step.ASSESS, Step.REJECT, Step.FULFIL, Step.REVOKE)
REASON, CONDITION = "reason", "condition"
FIELDS = {"reasons": REASON, "is_condition": CONDITION}  # rule → field of its answer


class StepForm(Posted):
    """Why, and the passphrase of the visitor's key; of a condition, which."""

    reason: Text
    passphrase: SecretStr
    condition: str | None = None

    model_config = ConfigDict(hide_input_in_errors=True)


class SubmitForm(Posted):
    """A submission needs no reason, and may have one."""

    reason: Text | None = None
    passphrase: SecretStr
    condition: None = None

    model_config = ConfigDict(hide_input_in_errors=True)


@dataclass(frozen=True)
class StepPage:
    """The form of a step; `why`: it is not open to the visitor, and there is no form."""

    version: Version
    step: str
    title: str
    meaning: str
    signing: Signing | None
    conditions: tuple[ConditionLine, ...]
    gaps: int | None
    why: str | None
    detail: str | None
    faults: Mapping[str, str]
    whole: str | None


def form_of(step: Step, visit: Visit) -> View:
    """Show the form of a step, or why it is not open."""
    version, language = version_of(visit), visit.language
    person, closed = signer_of(visit, version.registry), openings_of(visit, version)[step]
    why = None if closed is None else word_of(RULES, closed.rule, language)
    faults = visit.typed.faults
    page = StepPage(
        version=version,
        step=step.value,
        title=word_of(STEPS, step, language),
        meaning=word_of(MEANING, step, language),
        signing=None if person is None or why is not None else signing_of(version, person),
        conditions=_tasks(visit, version) if step is Step.FULFIL else (),
        gaps=_gaps(version) if step in (Step.SUBMIT, Step.ASSESS) else None,
        why=why,
        detail=faults.get(DETAIL) if closed is None else closed.words,
        faults=faults,
        whole=faults.get(FORM_OF_THE_WHOLE),
    )
    return View("review_step.html.jinja", page)


def taken(step: Step, visit: Visit) -> Away:
    """Take a step, signed by the visitor."""
    version, form = version_of(visit), visit.body
    fulfilment = Fulfilment(form.condition) if step is Step.FULFIL and form.condition else None
    ask = asked_by(visit, version, step, form.reason or "", fulfilment=fulfilment)
    person = signer_of(visit, version.registry)
    if person is None:
        raise FormError({FORM_OF_THE_WHOLE: visit.language.gettext(RULES[NOBODY])})
    try:
        _require_faultless(visit, version, ask, person)
        return Away(take(visit, version, ask, person, form.passphrase.get_secret_value()))
    except FormError:
        before = taken_before(version, ask, person)
        if before is None:
            raise
        return before


def _require_faultless(visit: Visit, version: Version, ask: Ask, person: Person) -> None:
    """Raise FormError where the step is not open, or its answers break a rule."""
    try:
        faults = faults_of(version, ask, person)
    except ApualyError as refusal:  # the step is not open any more
        raise FormError({FORM_OF_THE_WHOLE: visit.language.gettext(REFUSED), DETAIL: str(refusal)}) from None
    if faults:
        raise FormError(_at_fields(visit, faults))


def asked_by(visit: Visit, version: Version, step: Step, reason: str, **more: Any) -> Ask:
    """Return the step as the registry is asked for it."""
    person = signer_of(visit, version.registry)
    by = visit.who.name if person is None else person.name
    return Ask(version.name, version.number, step, by, visit.service.now(), reason, **more)


def _at_fields(visit: Visit, faults: Mapping[str, str]) -> dict[str, str]:
    """Return field → what is wrong with it; what is of no field is of the whole."""
    found: dict[str, str] = {}
    for rule, words in faults.items():
        field = FIELDS.get(rule, FORM_OF_THE_WHOLE)
        found.setdefault(field, word_of(RULES, rule, visit.language))
        found.setdefault(DETAIL, words)
    return found


def _tasks(visit: Visit, version: Version) -> tuple[ConditionLine, ...]:
    """Return the conditions that are met by words; an audit is a file."""
    review = version.review()
    tasks = {each.condition.id for each in review.standings() if each.condition.kind == TASK}
    lines = condition_lines(review, visit.service.now().date(), visit.language)
    return tuple(each for each in lines if each.id in tasks)


def _gaps(version: Version) -> int | None:
    try:
        return len(gaps(version.card()))
    except ApualyError:  # then the step is not open, and says why
        return None


def _pages(step: Step) -> tuple[Page, Page]:
    path = f"/review/{{name}}/{{version:int}}/{step.value}"
    show: Callable[[Visit], View] = partial(form_of, step)
    act: Callable[[Visit], Away] = partial(taken, step)
    form = SubmitForm if step is Step.SUBMIT else StepForm
    show.__name__, act.__name__ = f"{step.value}_form", step.value
    return (
        Page("GET", path, ACTIONS[step], show),
        Page("POST", path, ACTIONS[step], act, form, again=show),
    )


PAGES: tuple[Page, ...] = tuple(page for step in SIMPLE for page in _pages(step))

"""Whose signature a visitor could give, which steps are open to them, and taking one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from ml.errors import ForbiddenError, GateError, UsageError
from ml.governance.desk import demo_passphrase_path, faults_in, key_of, key_path, openings_in, person_of
from ml.governance.registry import NotMirroredError, Registry
from ml.governance.review.answers import ApprovalAnswers
from ml.governance.review.openings import Closed
from ml.governance.review.states import Step
from ml.governance.review.steps import Ask
from ml.governance.signing.trust import Person
from serving.language import marked
from serving.permissions import Action, acting

from ..form import FormError
from ..page import FORM_OF_THE_WHOLE, Away, Visit
from .answers import DETAIL
from .model import Version
from .words import NO_KEY, NOBODY, PERMISSION

PASSPHRASE = "passphrase"  # noqa: S105  # the name of a field
WRONG = marked("This is not the passphrase of your signing key.")
UNREADABLE = marked("Your signing key cannot be opened.")
A_MOMENT = timedelta(minutes=1)
REFUSED = marked("The step was not taken.")
ACTIONS: Mapping[Step, Action] = {
    Step.SUBMIT: Action.SUBMIT_VERSION,
    Step.RETURN: Action.RETURN_VERSION,
    Step.ASSESS: Action.REVIEW_VERSION,
    Step.APPROVE: Action.REVIEW_VERSION,
    Step.REJECT: Action.REVIEW_VERSION,
    Step.FULFIL: Action.REVIEW_VERSION,
    Step.REVOKE: Action.REVOKE_VERSION,
}


@dataclass(frozen=True)
class Signing:
    """What a form that is signed tells of the signature.

    name   whose it is
    file   name of the key's file on the server
    demo   where the passphrase of a demonstration's person stands; None: it is a person's own secret
    """

    name: str
    file: str
    demo: Path | None


def signer_of(visit: Visit, registry: Registry) -> Person | None:
    """Return who signs when the visitor signs; None: their account is nobody's in the trust file."""
    return person_of(registry, visit.who.subject)


def signing_of(version: Version, person: Person) -> Signing:
    """Return what the form tells of a person's signature."""
    demo = demo_passphrase_path(version.registry) if person.demo else None
    return Signing(person.name, key_path(version.registry, person).name, demo)


def openings_of(visit: Visit, version: Version) -> dict[Step, Closed | None]:
    """Return each step, with why the visitor cannot take it; None: they can, with good answers."""
    person = signer_of(visit, version.registry)
    if person is None:
        nobody = Closed(NOBODY, f"the trust file names nobody with the account {visit.who.subject}")
        return {step: _forbidden(visit, step) or nobody for step in Step}
    found = openings_in(version.registry, version.name, version.number, person, visit.service.now())
    key = key_path(version.registry, person)
    absent = None if key.is_file() else Closed(NO_KEY, f"there is no file {key.name}; sign at the command line")
    return {step: _forbidden(visit, step) or closed or absent for step, closed in found.items()}


def _forbidden(visit: Visit, step: Step) -> Closed | None:
    try:
        acting(visit.who, ACTIONS[step])
    except ForbiddenError as refusal:
        return Closed(PERMISSION, str(refusal))
    return None


def faults_of(version: Version, ask: Ask, person: Person) -> Mapping[str, str]:
    """Return rule → words, in English, of each rule that the answers would break."""
    return faults_in(version.registry, ask, person)


def taken_before(version: Version, ask: Ask, person: Person | None) -> Away | None:
    """Return where a step led that was sent twice, as by a double click; None: it was not taken a moment ago."""
    steps = version.review().steps
    if person is None or not steps:
        return None
    reason = ask.form.reason if isinstance(ask.form, ApprovalAnswers) else ask.reason
    last, asked = steps[-1], (ask.step, person.name, reason, ask.fulfilment)
    same = (last.step, last.person, last.reason, last.fulfilment) == asked and ask.at - last.at <= A_MOMENT
    return Away(_led_to(version, ask)) if same else None


def _led_to(version: Version, ask: Ask) -> str:
    return f"{version.address}?taken={ask.step.value}"


def take(visit: Visit, version: Version, ask: Ask, person: Person, passphrase: str) -> str:
    """Take a step, signed with the visitor's key, and log who took it; return the page to go on to.

    The passphrase opens the key for this one signature, and is kept nowhere.
    Raises FormError where the key does not open, or the registry refuses.
    """
    try:
        key = key_of(version.registry, person, passphrase.encode())
    except UsageError as refusal:
        wrong = "passphrase is wrong" in str(refusal)
        with visit.recording("review.key-refused", model=version.name, version=version.number, step=ask.step.value):
            pass  # that somebody tried is all that there is to write
        raise FormError({PASSPHRASE: visit.language.gettext(WRONG if wrong else UNREADABLE)}) from None
    late = ""
    try:
        review = version.registry.take(ask, key)
        number = review.steps[-1].number
    except NotMirroredError:
        late, number = "&late=true", None
    except (GateError, UsageError) as refusal:
        raise FormError({FORM_OF_THE_WHOLE: visit.language.gettext(REFUSED), DETAIL: str(refusal)}) from None
    with visit.recording("review", model=version.name, version=version.number, step=ask.step.value, entry=number):
        pass  # who took which step is all that there is to write
    return f"{_led_to(version, ask)}{late}"

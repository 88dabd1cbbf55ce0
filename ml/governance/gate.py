"""Whether a version may be used now: what was approved is what is there, and nothing has ended or suspended it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from ml.errors import GateError

from .review.history import Review
from .review.statement import Binding, Statement
from .review.states import IN_FORCE, State, Step
from .signing.names import same_person

SIGNED = (Step.SUBMIT, Step.ASSESS, Step.APPROVE)


@dataclass(frozen=True)
class Pass:
    """An approval that holds now: whose, of what, until when, and the conditions that are still to be met."""

    by: str
    binding: Binding
    expires: datetime
    conditions: tuple[str, ...]


def require_in_force(review: Review, found: Binding, now: datetime, *, demo: bool) -> Pass:
    """Return the approval that holds now. Raises GateError that says what stands in the way.

    found  the digests of what is there now
    demo   whether the signature of a demo person counts
    """
    state = review.state(now)
    step = review.last(Step.APPROVE)
    if state not in IN_FORCE or step is None or step.approval is None:
        raise GateError(_refusal(review, state, now))
    _require_people(review, demo=demo)
    for what in ("artefact", "card", "policy"):
        is_now, was = getattr(found, what), getattr(step.binding, what)
        if is_now != was:
            way = "train again by it" if what == "policy" else "return the version and have it reviewed again"
            raise GateError(
                f"the {what} of {review.what} changed after its approval: it is {is_now}, approved was {was}; "
                f"restore it, or {way}"
            )
    today = now.astimezone(UTC).date()
    conditions = tuple(each.words(today) for each in review.standings() if each.due is not None)
    return Pass(step.person, step.binding, step.approval.expires, conditions)


def _refusal(review: Review, state: State, now: datetime) -> str:
    step = review.last(Step.APPROVE)
    if state is State.EXPIRED and step is not None and step.approval is not None:
        return (
            f"the approval of {review.what} by {step.person} expired on {step.approval.expires:%Y-%m-%d}; "
            "train it again and have the new version reviewed"
        )
    if state is State.SUSPENDED:
        today = now.astimezone(UTC).date()
        told = "; ".join(each.words(today) for each in review.suspended_by(now))
        return f"{review.what} is suspended: {told}. See apualy review fulfil"
    if state is State.SUPERSEDED:
        return f"{review.what} is superseded by version {review.superseded_by}"
    last = review.steps[-1] if review.steps else None
    if last is not None and state is State.REVOKED:
        return f"{review.what} was revoked by {last.person} on {last.at:%Y-%m-%d}: {last.reason}"
    return f"{review.what} is {state.value}, not approved; see where it stands: apualy review status {review.name}"


def _require_people(review: Review, *, demo: bool) -> None:
    """Raise when one of the three is missing, ever took another of the steps, or is a demo person outside a demo."""
    people: list[Statement] = [each for step in SIGNED if (each := review.last(step)) is not None]
    if len(people) < len(SIGNED):
        raise GateError(f"{review.what} was not submitted, assessed and approved; have it reviewed again")
    for place, one in enumerate(people):
        for other in (each for step in SIGNED[:place] for each in review.people(step)):
            if same_person(one.person, other):
                raise GateError(f"{one.person} took two of the three steps on {review.what}; three people must")
    shown = [each.person for each in people if each.demo]
    if shown and not demo:
        raise GateError(
            f"{review.what} was reviewed by demo people ({', '.join(shown)}): outside APUALY_ENV=demo that is worth "
            "nothing; have it reviewed by people of the trust file"
        )

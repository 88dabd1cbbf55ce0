"""What must hold of people, their reasons, and the card."""

from __future__ import annotations

from ml.errors import GateError, UsageError

from ..people.gaps import Gap
from ..signing.names import same_person
from .situation import MOST_NAMED, Situation
from .states import Step
from .words import LEAST_WORDS, words


def not_author(now: Situation) -> None:
    """Raise when the person submitted the version, ever, or trained it."""
    trained = (now.card.get("provenance") or {}).get("trained_by", "")
    _other_than(now, (*now.review.people(Step.SUBMIT), trained), "submitted or trained")


def not_assessor(now: Situation) -> None:
    """Raise when the person assessed the version, ever."""
    _other_than(now, now.review.people(Step.ASSESS), "assessed")


def _other_than(now: Situation, people: tuple[str, ...], did: str) -> None:
    for each in people:
        if each and same_person(each, now.asked.person):
            raise GateError(
                f"{each} {did} {now.review.what}; somebody else must {now.asked.step.value} it "
                f"(asked by {now.asked.person})"
            )


def reasons(now: Situation) -> None:
    """Raise when the reason is no reason."""
    if words(now.asked.reason) < LEAST_WORDS:
        raise UsageError(f"to {now.asked.step.value} a model, say why in at least {LEAST_WORDS} words: --reason TEXT")


def documented(now: Situation) -> None:
    """Raise when the card lacks what its author is to say; the dialogue may still be under way."""
    _no_gaps(now, [gap for gap in now.gaps if gap.section != "dialogue"])


def complete(now: Situation) -> None:
    """Raise when the card has a gap."""
    _no_gaps(now, now.gaps)


def _no_gaps(now: Situation, gaps: list[Gap] | tuple[Gap, ...]) -> None:
    if gaps:
        named = "; ".join(gap.words for gap in gaps[:MOST_NAMED])
        more = f"; and {len(gaps) - MOST_NAMED} more" if len(gaps) > MOST_NAMED else ""
        raise GateError(
            f"the card of {now.review.what} has {len(gaps)} gap{'s' * (len(gaps) > 1)}: {named}{more}. "
            f"Fill them in: apualy card fill {now.review.name}"
        )


def whole(now: Situation) -> None:
    """Raise when what people read is not what the card's source says."""
    if now.altered:
        raise GateError(
            f"the card of {now.review.what} is not as it was made: {'; '.join(now.altered[:MOST_NAMED])}. "
            f"Make its pages anew (apualy card render {now.review.name}) and read them; restore evidence from the run"
        )


def same_policy(now: Situation) -> None:
    """Raise when the card was judged by another policy than the one in force."""
    if now.card["limits"]["policy"] != now.asked.binding.policy:
        raise GateError(
            f"the card of {now.review.what} was judged by another policy than the one in force: its limits, verdicts "
            "and deviations are not today's; train the model again"
        )


def as_assessed(now: Situation) -> None:
    """Raise when artefact, card or policy is not what was assessed."""
    assessed = now.review.last(Step.ASSESS)
    for what in ("artefact", "card", "policy"):
        was = None if assessed is None else getattr(assessed.binding, what)
        if was != getattr(now.asked.binding, what):
            raise GateError(
                f"the {what} of {now.review.what} changed after it was assessed; restore it, or return the version "
                f"and have it assessed again: apualy review return {now.review.name}"
            )

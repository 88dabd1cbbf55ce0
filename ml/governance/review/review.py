"""The review of one model version: who may take which step, and what it binds to.

    draft ─submit→ submitted ─approve→ approved ─revoke→ revoked
                             └reject→ rejected

Whoever submits is the author; the author does not approve. An approval binds artefact, card and policy by their
digests, and ends at a date.
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from ml.errors import GateError, UsageError

from ..files import write_whole

TRANSITIONS = {
    ("draft", "submit"): "submitted",
    ("submitted", "approve"): "approved",
    ("submitted", "reject"): "rejected",
    ("approved", "revoke"): "revoked",
}


@dataclass(frozen=True)
class Binding:
    """What an approval is about, to the byte."""

    artefact: str
    card: str
    policy: str


@dataclass(frozen=True)
class Event:
    """One step of a review."""

    step: str
    by: str
    at: str  # ISO 8601, UTC
    reason: str
    binding: Binding | None = None  # of an approval
    expires: str | None = None  # of an approval
    accepted: tuple[str, ...] = ()  # deviations from the policy that the approver accepts, with `reason`


@dataclass(frozen=True)
class Approval:
    """An approval that holds: whose, of what, and until when."""

    by: str
    binding: Binding
    expires: datetime


@dataclass(frozen=True)
class Review:
    """The steps of one version, in their order."""

    name: str
    version: int
    events: tuple[Event, ...] = ()

    @property
    def state(self) -> str:
        """Return the state that the steps lead to."""
        state = "draft"
        for event in self.events:
            state = TRANSITIONS[state, event.step]
        return state

    @property
    def author(self) -> str | None:
        """Return who submitted."""
        return next((event.by for event in self.events if event.step == "submit"), None)

    @property
    def approval(self) -> Event | None:
        """Return the approval, if the version is approved now (expired or not)."""
        return self.events[-1] if self.state == "approved" else None

    def require_open(self, step: str, by: str) -> None:
        """Raise when the step is not open in this state or to this person: UsageError nobody named, else GateError."""
        if not _plain(by):
            raise UsageError("a review step needs a named person: --as NAME")
        if (self.state, step) not in TRANSITIONS:
            open_steps = [each for state, each in TRANSITIONS if state == self.state]
            raise GateError(
                f"{self.name} version {self.version} is {self.state}: cannot {step} it; "
                f"open steps: {', '.join(open_steps) or 'none'}"
            )
        if step == "approve" and self.author is not None and same_person(by, self.author):
            raise GateError(f"{by} submitted {self.name} version {self.version}; somebody else must approve it")

    def taken(self, event: Event) -> Review:
        """Return the review after one more step. Raises as `require_open` does."""
        self.require_open(event.step, event.by)
        return replace(self, events=(*self.events, event))


def require_in_force(review: Review, now: datetime) -> Approval:
    """Return the approval that holds now. Raises GateError that says what is missing."""
    what = f"{review.name} version {review.version}"
    event = review.approval
    if event is None or event.expires is None or event.binding is None:
        raise GateError(f"{what} is {review.state}, not approved; run `apualy review status {review.name}`")
    approval = Approval(event.by, event.binding, datetime.fromisoformat(event.expires))
    if now >= approval.expires:
        raise GateError(
            f"the approval of {what} by {approval.by} expired on {event.expires}; "
            "train it again and have the new version reviewed"
        )
    return approval


def same_person(one: str, other: str) -> bool:
    """Return whether two spellings name one person.

    Case, accents' encoding, spaces and characters that nobody sees do not make another.
    """
    return _plain(one) == _plain(other)


def read_review(path: Path, name: str, version: int) -> Review:
    """Return the review in a file; a draft when there is no file. Raises GateError when it cannot be read."""
    if not path.is_file():
        return Review(name, version)
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        review = Review(content["name"], content["version"])
        for each in content["events"]:
            review = review.taken(_event(each))  # a step that was not open then is no step now
    except (ValueError, KeyError, TypeError, OSError, UsageError, GateError) as problem:
        raise GateError(f"{path}: the review cannot be read ({problem!r}); restore it") from problem
    if (review.name, review.version) != (name, version):
        raise GateError(
            f"{path}: this is the review of {review.name} version {review.version} ({review.state}), "
            f"not of {name} version {version}"
        )
    return review


def write_review(path: Path, review: Review) -> None:
    """Write the review, whole or not at all."""
    write_whole(path, json.dumps(asdict(review), indent=1, ensure_ascii=False) + "\n")


def _event(content: Mapping[str, Any]) -> Event:
    """Return the step as written. Raises ValueError, KeyError or TypeError when a field is missing, odd or wrong."""
    binding = None if content["binding"] is None else Binding(**content["binding"])
    event = Event(**{**content, "binding": binding, "accepted": tuple(content["accepted"])})
    if not all(isinstance(text, str) for text in (event.step, event.by, event.at, event.reason, *event.accepted)):
        raise TypeError("a step holds something else than text")
    if event.step == "approve" and (event.binding is None or event.expires is None):
        raise ValueError("an approval says what it binds to and when it ends")
    for moment in (event.at, event.expires):
        if moment is not None and datetime.fromisoformat(moment).tzinfo is None:
            raise ValueError(f"{moment} does not say in which time zone")
    return event


def _plain(name: str) -> str:
    seen = "".join(each for each in name if unicodedata.category(each) != "Cf")  # no joiners, no zero-width spaces
    return " ".join(unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", seen).casefold()).split())

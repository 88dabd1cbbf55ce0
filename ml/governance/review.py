"""The review of one model version: who may take which step, and what it binds to.

    draft ─submit→ submitted ─approve→ approved ─revoke→ revoked
                             └reject→ rejected

Whoever submits is the author; the author does not approve. An approval binds artefact, card and policy by their
digests, and ends at a date.
"""

from __future__ import annotations

import json
import unicodedata
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path

from ml.errors import GateError, UsageError

from .files import write_whole

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
        if not by.strip():
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
    """Return whether two spellings name one person: case, accents' encoding and spaces do not make another."""
    return _plain(one) == _plain(other)


def read_review(path: Path, name: str, version: int) -> Review:
    """Return the review in a file; a draft when there is no file. Raises GateError when it cannot be read."""
    if not path.is_file():
        return Review(name, version)
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        events = tuple(_event(each) for each in content["events"])
        review = Review(content["name"], content["version"], events)
        state = review.state
    except (ValueError, KeyError, TypeError) as problem:
        raise GateError(f"{path}: the review cannot be read ({problem!r}); restore it") from problem
    if (review.name, review.version) != (name, version):
        raise GateError(
            f"{path}: this is the review of {review.name} version {review.version} ({state}), not of {name} {version}"
        )
    return review


def write_review(path: Path, review: Review) -> None:
    """Write the review, whole or not at all."""
    write_whole(path, json.dumps(asdict(review), indent=1, ensure_ascii=False) + "\n")


def _event(content: dict[str, object]) -> Event:
    binding = content.get("binding")
    fields = {
        **content,
        "binding": Binding(**binding) if isinstance(binding, dict) else None,
        "accepted": tuple(content.get("accepted", ())),  # type: ignore[arg-type]
    }
    return Event(**fields)  # type: ignore[arg-type]  # a wrong field is a TypeError, told as such


def _plain(name: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())

"""What a client is given of themselves, on the wire."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from .advice import NeedsPart, RiskPart
from .clients import RightsInForce
from .wire import Wire


class Explained(Wire):
    """Something that the client should know, in plain sentences."""

    about: str
    title: str
    lines: list[str]


class CohortPseudonym(Wire):
    """By what the client is known in the data that the hints of a task are computed from."""

    task: Literal["risk", "needs"]
    pseudonym: str
    words: str


class ExportedAssignment(Wire):
    """Whether a caseworker is responsible for the client, in which office, and since when."""

    assigned: bool
    office: str | None
    since: str | None


class ExportedRight(Wire):
    """What was recorded of a right; the role is null once the log no longer says."""

    right: str
    in_force: bool
    since: str
    recorded_at: str
    role: str | None
    words: str


class ExportedJudgement(Wire):
    """How a caseworker saw the client before any hint; `why` in their own words."""

    judgement: str
    at: str
    service_need: str
    chance_of_work: str
    why: str
    words: str


class ExportedHint(Wire):
    """A hint that was shown, with its reasons, worded from what was kept of it."""

    advice: str
    judgement: str
    at: str
    source: str
    needs: NeedsPart | None
    risk: RiskPart | None


class ReadyHint(Wire):
    """A hint that lies ready, and that nobody was shown yet; `ready` false: its batch is not complete."""

    ready: bool
    needs: NeedsPart | None
    risk: RiskPart | None


class ExportedFeedback(Wire):
    """What a caseworker said of a hint, and what was done."""

    advice: str
    at: str
    agrees: str
    done: list[str]
    why: str | None
    words: str


class ExportedAccess(Wire):
    """Somebody who is not the client's caseworker looked, until then, for a reason."""

    at: str
    until: str
    ground: str
    why: str
    words: str


class ExportedEvent(Wire):
    """Something that was done with the client's data, and in which role."""

    at: str
    action: str
    role: str
    words: str


class KeptAnswer(Wire):
    """A copy of what the service answered about the client, kept by an Idempotency-Key for a day; or of what it did."""

    at: str
    words: str


class PublicDescription(Wire):
    """A model that said something of the client, and where its public description is."""

    name: str
    version: int
    address: str


class ExportAnswer(Wire):
    """All that is held of a client, in a language; who of the staff it was is left out, in which role is said."""

    client: str
    made_at: str
    pseudonyms: list[CohortPseudonym]
    explained: list[Explained]
    assignment: ExportedAssignment
    rights: RightsInForce
    rights_recorded: list[ExportedRight]
    judgements: list[ExportedJudgement]
    hints_shown: list[ExportedHint]
    feedback: list[ExportedFeedback]
    hints_ready: list[ReadyHint]
    accesses: list[ExportedAccess]
    events: list[ExportedEvent] = Field(description="oldest first; that this was made comes after")
    answers_kept: list[KeptAnswer]
    models: list[PublicDescription]
    language: Literal["fi", "sv", "en"]

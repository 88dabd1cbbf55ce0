"""Why no hint may be given about a client now: each reason has a name for programs and words for people."""

from __future__ import annotations

from datetime import timedelta

from ml.errors import ConflictError, ForbiddenError, GateError, NotFoundError

from .store.clients import Client
from .store.standing import Standing

JUDGEMENT_DAYS = 14  # so long a caseworker's own view stands beside a hint; then they look anew
JUDGEMENT_STANDS = timedelta(days=JUDGEMENT_DAYS)


class RefusedError(ForbiddenError):
    """Somebody asked about a client and was refused: the log tells of it. `client`: pseudonym."""

    def __init__(self, kind: str, client: str, message: str) -> None:
        """Keep what kind of refusal it is, about whom, and the words."""
        super().__init__(message)
        self.kind: str = kind
        self.client = client


class RightInTheWayError(RefusedError):
    """A right of the client stands in the way; `kind` says which."""


class NotYoursError(RefusedError):
    """The client is not the caseworker's, or nobody knows them: the two read the same, so that nobody can try out."""

    def __init__(self, client: str) -> None:
        """Say what can be done."""
        words = "this is no client of yours; where you must see them all the same, POST /v1/accesses with why"
        super().__init__("not-your-client", client, words)


class JudgeFirstError(NotFoundError):
    """There is no judgement of the caseworker's to stand beside the hint."""

    kind = "judgement-first"

    def __init__(self) -> None:
        """Say what comes first."""
        super().__init__("there is no such judgement of yours: record your own view first (POST /v1/judgements)")


class JudgementOldError(ConflictError):
    """The judgement is too old."""

    kind = "judgement-old"

    def __init__(self) -> None:
        """Say what comes first."""
        super().__init__(f"this judgement is older than {JUDGEMENT_DAYS} days: record how you see the client now")


class NoHintError(NotFoundError):
    """No hint lies ready."""

    kind = "no-hint"


class StoppedError(GateError):
    """Somebody stopped advice."""

    kind = "stopped"


def right_in_the_way(standing: Standing | Client, *, needs_consent: bool) -> RightInTheWayError | None:
    """Return which right of a client stands in the way of a hint; None: none does.

    needs_consent  whether profiling rests on consent here, and not on another basis in law
    """
    if standing.erased is not None:
        return RightInTheWayError(
            "erased",
            standing.client,
            f"the client's data was erased on {standing.erased} at their request: "
            "no hint may be given unless they consent anew",
        )
    if standing.objection is not None:
        since = f"the client has objected since {standing.objection}"
        return RightInTheWayError("objection", standing.client, f"{since}: no hint may be given")
    if standing.restriction is not None:
        since = f"the client has had processing restricted since {standing.restriction}"
        return RightInTheWayError("restriction", standing.client, f"{since}: no hint may be given")
    if needs_consent and standing.consent is None:
        return RightInTheWayError(
            "consent-missing",
            standing.client,
            "the client has not consented to profiling: no hint may be given before they do",
        )
    return None

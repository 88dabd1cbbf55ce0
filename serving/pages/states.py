"""Where a version of a model stands, in words."""

from __future__ import annotations

from collections.abc import Mapping

from ml.governance.review.states import State
from serving.language import marked

STATES: Mapping[str, str] = {
    State.DRAFT: marked("draft"),
    State.SUBMITTED: marked("submitted"),
    State.ASSESSED: marked("assessed"),
    State.APPROVED: marked("approved"),
    State.CONDITIONAL: marked("approved with conditions"),
    State.REJECTED: marked("rejected"),
    State.EXPIRED: marked("expired"),
    State.SUSPENDED: marked("suspended"),
    State.REVOKED: marked("approval withdrawn"),
    State.SUPERSEDED: marked("replaced by a newer version"),
}

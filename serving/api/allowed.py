"""Whether somebody may be shown a hint about a client now: judged first, theirs, and no right in the way."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Connection

from serving.advising import require_going
from serving.http.endpoint import Asked
from serving.refusals import JUDGEMENT_STANDS, JudgeFirstError, JudgementOldError, NotYoursError, right_in_the_way
from serving.store.database import Entry
from serving.store.log import read_time
from serving.store.standing import Standing, standing
from serving.store.stops import Stop, stops_on


def allowed(
    asked: Asked, connection: Connection, judgement: str, caseworker: str, now: datetime
) -> tuple[Standing, tuple[Stop, ...]]:
    """Return how a judgement's client stands, and the stops that are on.

    Raises JudgeFirstError, JudgementOldError, NotYoursError or RightInTheWayError where no hint may be shown.
    """
    stands = standing(connection, judgement, now)
    if stands is None or stands.caseworker != caseworker:
        raise JudgeFirstError
    if stands.assigned != caseworker and not stands.broke_glass:
        raise NotYoursError(stands.client)
    if now - read_time(stands.judged_at) > JUDGEMENT_STANDS:
        raise JudgementOldError
    refusal = right_in_the_way(stands, needs_consent=asked.service.needs_consent)
    if refusal is not None:
        raise refusal
    return stands, stops_on(connection) if stands.stops else ()


def require_still(asked: Asked, entry: Entry, stands: Standing, models: Iterable[str], now: datetime) -> None:
    """Raise what stands in the way by now: a right that was used meanwhile, a stop of one of the models that was made.

    entry   the transaction that shows the hint: nobody else writes before it ends
    stands  as `allowed` returned it: where no entry came after it, nothing is otherwise
    """
    if stands.newest == entry.seq - 1:
        return
    _, stops = allowed(asked, entry.connection, stands.judgement, stands.caseworker, now)
    for model in models:
        require_going(stops, model)

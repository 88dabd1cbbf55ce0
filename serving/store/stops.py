"""The stop switch: while it is on, nobody is given advice, by any worker."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, insert, select, update

from .database import Entry
from .log import written
from .tables import stops


@dataclass(frozen=True)
class Stop:
    """Why advice is stopped; `model` None: of every model."""

    id: str
    model: str | None
    why: str
    by: str
    at: str


def stops_on(connection: Connection) -> tuple[Stop, ...]:
    """Return the stops that nobody has lifted, oldest first."""
    columns = (stops.c.id, stops.c.model, stops.c.why, stops.c.by, stops.c.at)
    rows = connection.execute(select(*columns).where(stops.c.lifted_at.is_(None)).order_by(stops.c.seq))
    return tuple(Stop(*row) for row in rows)


def stopping(stops: Sequence[Stop], model: str) -> Stop | None:
    """Return the stop that stands in the way of a model; None: none does."""
    return next((each for each in stops if each.model is None or each.model == model), None)


def add_stop(entry: Entry, id: str, model: str | None, why: str, by: str) -> Stop:
    """Stop a model, or all of them."""
    stop = Stop(id, model, why, by, written(entry.at))
    entry.connection.execute(insert(stops), {**vars(stop), "seq": entry.seq})
    return stop


def lift_stop(entry: Entry, id: str, why: str, by: str) -> bool:
    """Lift a stop; return whether there was one to lift."""
    lifted = entry.connection.execute(
        update(stops)
        .where(stops.c.id == id, stops.c.lifted_at.is_(None))
        .values(lifted_by=by, lifted_at=written(entry.at), lifted_why=why)
    )
    return lifted.rowcount == 1

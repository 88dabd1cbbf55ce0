"""A night's cohort → hints that lie ready in the morning. Killed anywhere, the next run goes on where this one stopped.

    begin     one entry; an unfinished batch of the same cohort, version and day is gone on with instead, others dropped
    chunk     one entry each: hints of those known here whose rights allow one, asked inside the transaction
    complete  one entry: the gate, the stop switch and everybody's rights once more; from then on the hints are shown
    clear     one entry each: hints in whose place there is a newer one

What no right allows is not even computed. An objection made meanwhile removes the hint at once (store.clients), also
that of a batch under way.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from ml.contracts import CurrentChunk, CurrentCohort
from ml.progress import Say, silent
from serving.advising import require_going
from serving.edge import Edge
from serving.models.held import Loaded
from serving.models.loading import task_of
from serving.refusals import right_in_the_way
from serving.store import batches
from serving.store.batches import Batch
from serving.store.clients import Client
from serving.store.database import Database
from serving.store.ids import new_id
from serving.store.log import Event, written
from serving.store.stops import stops_on

from .matching import require_fitting, require_key
from .saying import said_of

CHUNK = 2000  # so that writers beside us wait for a tenth of a second
CLEARED = 5000  # hints removed together
VALID_DAYS = 7


@dataclass(frozen=True)
class Night:
    """What scoring needs besides a cohort.

    load           name of a model → the version that may be used now; raises GateError
    edge           knows whose pseudonyms a key makes: a cohort of another key is refused
    needs_consent  whether profiling rests on consent here
    who            runs it, for the log
    chunk          rows scored and written together
    """

    database: Database
    load: Callable[[str], Loaded]
    edge: Edge
    needs_consent: bool
    who: str
    valid: timedelta = timedelta(days=VALID_DAYS)
    chunk: int = CHUNK
    say: Say = silent


@dataclass(frozen=True)
class Scored:
    """What became of a cohort: its people, and of how many a hint lies ready now.

    went_on  rows that an earlier run had looked at already
    """

    batch: str
    task: str
    model: str
    version: int
    people: int
    hints: int
    went_on: int
    valid_until: str


def score(night: Night, cohort: CurrentCohort) -> Scored:
    """Score those of a cohort who are known here and may be given a hint, and let the hints be shown.

    Raises GateError where the model may not be used or was stopped, DataError where the cohort is not for it or of
    another key, ConflictError when another run works on the same, UnavailableError of the database. Nothing is shown
    then, and the next run goes on.
    """
    require_key(cohort, night.edge)
    used = night.load(cohort.purpose)
    require_fitting(cohort, used)
    _require_usable(night, used)
    batch = _begun(night, used, cohort)
    went_on, looked_at = batch.done_rows, 0
    for chunk in cohort.chunks(night.chunk):
        looked_at += len(chunk)
        if looked_at > batch.done_rows:
            batch = _score_chunk(night, used, batch, chunk, cohort.as_of)
            night.say(f"{batch.model}: {batch.done_rows:,} of {len(cohort):,} people")
    _require_usable(night, used)
    batch = _complete(night, batch)
    _clear(night, batch.task)
    return Scored(
        batch=batch.id,
        task=batch.task,
        model=batch.model,
        version=batch.version,
        people=len(cohort),
        hints=batch.hints,
        went_on=went_on,
        valid_until=batch.valid_until,
    )


def _require_usable(night: Night, used: Loaded) -> None:
    """Raise GateError where the version may not be used any more, or somebody stopped it."""
    used.still_approved()
    with night.database.reading() as connection:
        require_going(stops_on(connection), used.approved.name)


def _begun(night: Night, used: Loaded, cohort: CurrentCohort) -> Batch:
    """Return the batch to go on with; those that cannot be gone on with are dropped."""
    now, approved = night.database.clock(), used.approved
    fresh = Batch(
        id=new_id(now),
        task=task_of(approved.name).value,
        model=approved.name,
        version=approved.version,
        digest=approved.digest,
        cohort=cohort.digest,
        as_of=cohort.as_of.isoformat(),
        valid_until=written(min(now + night.valid, approved.expires)),
    )
    with night.database.reading() as connection:
        found = batches.unfinished(connection, fresh.task)
    same = [each for each in found if _goes_on(each, fresh, night.chunk, len(cohort), written(now))]
    for each in found:
        if each not in same[:1]:
            _drop(night, each)
    if same:
        return same[0]
    with night.database.recording(_event(night, "batch.begin", fresh, cohort=fresh.cohort)) as entry:
        batches.begin(entry, fresh)
    return fresh


def _goes_on(found: Batch, fresh: Batch, chunk: int, rows: int, now: str) -> bool:
    """Return whether an unfinished batch says what a fresh one would, and stopped between two chunks of ours."""
    of_both = ("model", "version", "digest", "cohort", "as_of")
    whole = found.done_rows % chunk == 0 or found.done_rows == rows
    return whole and found.valid_until > now and all(getattr(found, n) == getattr(fresh, n) for n in of_both)


def _score_chunk(night: Night, used: Loaded, batch: Batch, chunk: CurrentChunk, day: date) -> Batch:
    with night.database.reading() as connection:
        known = batches.matched(connection, batch.task, chunk.pseudonyms)
    places = [place for place, name in enumerate(chunk.pseudonyms) if _allowed(night, known.get(name))]
    hints = said_of(used, chunk, places, day)
    names = [chunk.pseudonyms[place] for place in places]
    with night.database.recording(_event(night, "batch.chunk", batch, rows=len(chunk))) as entry:
        now = batches.matched(entry.connection, batch.task, names)  # a right used while we computed holds, too
        contents = {
            client.client: hint
            for name, hint in zip(names, hints, strict=True)
            if (client := now.get(name)) is not None and _allowed(night, client)
        }
        return batches.add_hints(entry, batch, len(chunk), contents)


def _allowed(night: Night, client: Client | None) -> bool:
    return client is not None and right_in_the_way(client, needs_consent=night.needs_consent) is None


def _complete(night: Night, batch: Batch) -> Batch:
    with night.database.recording(_event(night, "batch.complete", batch, hints=batch.hints)) as entry:
        standing = batches.clients_in(entry.connection, batch.id)
        gone = [name for name, client in standing.items() if not _allowed(night, client)]
        return batches.complete(entry, batch, gone)


def _drop(night: Night, batch: Batch) -> None:
    went = CLEARED
    while went == CLEARED:
        with night.database.recording(_event(night, "batch.drop", batch)) as entry:
            went = batches.drop_some(entry, batch.id, CLEARED)


def _clear(night: Night, task: str) -> None:
    """Remove the hints in whose place there are newer ones: nobody is shown them any more."""
    while True:
        with night.database.reading() as connection:
            those = batches.superseded(connection, task, CLEARED)
        if not those:
            return
        event = Event("batch.clear", night.who, "operator", content={"task": task, "hints": len(those)})
        with night.database.recording(event) as entry:
            batches.remove(entry, those)


def _event(night: Night, action: str, batch: Batch, **content: object) -> Event:
    facts = {"batch": batch.id, "model": batch.model, "version": batch.version}
    return Event(action, night.who, "operator", content={**facts, **content})

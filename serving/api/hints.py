"""Inputs that another system hands in: hints are made of them, and lie ready."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from fastapi.exceptions import RequestValidationError

from ml.errors import DataError
from ml.models.needs.model import NeedModel
from ml.models.needs.rule import IntegrationPlan
from serving.advising import LIVE_STANDS, require_going
from serving.batch.saying import as_text
from serving.hints.needs import compute_needs
from serving.hints.risk import compute_risk
from serving.http.endpoint import Asked, Endpoint
from serving.http.problems import faults_of
from serving.models.held import Loaded
from serving.models.loading import Task
from serving.permissions import Action
from serving.refusals import right_in_the_way
from serving.store import batches
from serving.store.batches import Batch
from serving.store.clients import Client
from serving.store.database import Entry
from serving.store.ids import new_id
from serving.store.log import written
from serving.store.stops import stops_on
from serving.wire.hints import HandedIn, HandedInAnswer, HandInAnswer, HandInQuestion
from serving.wire.inputs import checked

LARGEST_HAND_IN = 4 * 1024 * 1024
HANDED_IN = "handed-in"  # in the place of a cohort's digest
STORED = HandedInAnswer(stored=True, reason=None, detail=None, errors=None)


@dataclass(frozen=True)
class Made:
    """A hint as it is kept, about a client."""

    client: str
    hint: str


def hand_in(asked: Asked) -> bytes:
    """Make hints of the inputs of many clients and let them lie ready for 14 days, in the place of older ones.

    The rule for integrations: who hands inputs in is not told here what a hint says. It is shown after a judgement
    alone (POST /v1/judgements, then POST /v1/advice): to the caseworker, or to a system that hands on what that
    caseworker said of their own client first, and is named in the log with them. Of each client the answer says
    whether a hint lies ready, which right stood in the way, or what is wrong with the inputs; nothing is computed
    about a client whose rights do not allow it.
    """
    question: HandInQuestion = asked.body
    models = asked.service.models
    used: Loaded = models.risk() if question.task.value == Task.RISK else models.needs()
    now = asked.service.now()
    named = _named(asked, question.clients)
    with asked.service.database.reading() as connection:
        require_going(stops_on(connection), used.approved.name)
        known = batches.clients_named(connection, [each for each in named if isinstance(each, str)])
    answers = [
        each if isinstance(each, HandedInAnswer) else _made(asked, used, each, known.get(each), posted, now)
        for each, posted in zip(named, question.clients, strict=True)
    ]
    return _stored(asked, used, _batch(used, question.task.value, now), answers)


def _named(asked: Asked, posted: Sequence[HandedIn]) -> list[str | HandedInAnswer]:
    """Return the pseudonym of each client, or what is wrong with how they are named."""
    found: list[str | HandedInAnswer] = []
    there: set[str] = set()
    for each in posted:
        try:
            pseudonym = asked.service.edge.client(each.client)
        except DataError as odd:
            found.append(_refused("client", str(odd)))
            continue
        again = pseudonym in there
        there.add(pseudonym)
        found.append(_refused("twice", "this client stands here twice; the first was taken") if again else pseudonym)
    return found


def _made(
    asked: Asked, used: Loaded, pseudonym: str, client: Client | None, posted: HandedIn, now: datetime
) -> Made | HandedInAnswer:
    """Return the hint about one client, or why there is none."""
    refusal = _standing_in_the_way(asked, client)
    if refusal is not None:
        return refusal
    try:
        row = checked(used.inputs, posted.inputs, "inputs")
    except RequestValidationError as odd:
        return HandedInAnswer(stored=False, reason="inputs", detail=None, errors=faults_of(odd))
    if not isinstance(used.model, NeedModel):
        return Made(pseudonym, as_text(compute_risk(used.model, row, weak=used.weak)))
    try:
        plan = None if posted.plan is None else IntegrationPlan(posted.plan.start, posted.plan.end)
    except DataError as odd:
        return _refused("plan", str(odd))
    return Made(pseudonym, as_text(compute_needs(used.model, row, plan, now.date(), weak=used.weak)))


def _standing_in_the_way(asked: Asked, client: Client | None) -> HandedInAnswer | None:
    if client is None:
        return _refused("not-known", "nobody here knows this client; POST /v1/assignments says whose they are")
    right = right_in_the_way(client, needs_consent=asked.service.needs_consent)
    return None if right is None else _refused(str(right.kind), str(right))


def _refused(reason: str, detail: str) -> HandedInAnswer:
    return HandedInAnswer.model_validate({"stored": False, "reason": reason, "detail": detail, "errors": None})


def _batch(used: Loaded, task: str, now: datetime) -> Batch:
    approved = used.approved
    return Batch(
        id=new_id(now),
        task=task,
        model=approved.name,
        version=approved.version,
        digest=approved.digest,
        cohort=HANDED_IN,
        as_of=now.date().isoformat(),
        valid_until=written(min(now + LIVE_STANDS, approved.expires)),
    )


def _stored(asked: Asked, used: Loaded, batch: Batch, made: Sequence[Made | HandedInAnswer]) -> bytes:
    """Keep the hints, but of clients whose right stands in the way by now, and return what became of each."""
    with asked.recording(
        "hints.hand-in", batch=batch.id, model=batch.model, version=batch.version, clients=len(made)
    ) as entry:
        require_going(stops_on(entry.connection), batch.model)
        names = [each.client for each in made if isinstance(each, Made)]
        now = batches.clients_named(entry.connection, names)
        answers = [
            each if isinstance(each, HandedInAnswer) else _standing_in_the_way(asked, now.get(each.client)) or STORED
            for each in made
        ]
        contents = {
            each.client: each.hint
            for each, answer in zip(made, answers, strict=True)
            if isinstance(each, Made) and answer.stored
        }
        if contents:
            _keep(entry, batch, contents)
        told = HandInAnswer(
            model=batch.model,
            version=batch.version,
            valid_until=batch.valid_until,
            stored=len(contents),
            clients=answers,
        )
        return asked.answer(entry, told, 200)


def _keep(entry: Entry, batch: Batch, contents: dict[str, str]) -> None:
    batches.begin(entry, batch)
    batches.complete(entry, batches.add_hints(entry, batch, len(contents), contents), ())
    batches.replace_older(entry, batch, list(contents))


ENDPOINTS = (
    Endpoint(
        "POST",
        "/v1/hints",
        Action.HAND_IN,
        hand_in,
        "advice",
        body=HandInQuestion,
        answer=HandInAnswer,
        writes=True,
        largest=LARGEST_HAND_IN,
        example={
            "task": "risk",
            "clients": [{"client": {"pseudonym": "00112233445566778899aabbccddeeff"}, "inputs": {"age": 44}}],
        },
    ),
)

"""One client: how the caseworker sees them, which comes before any hint; and why there may be none."""

from __future__ import annotations

from dataclasses import dataclass, replace

from ml.errors import ApualyError
from serving.advising import Question, advise
from serving.api.accesses import break_glass
from serving.api.advice import give_advice
from serving.api.judgements import record_judgement
from serving.api.seeing import visible
from serving.permissions import Action
from serving.refusals import JUDGEMENT_STANDS, NotYoursError, right_in_the_way
from serving.store.advices import stored_hints
from serving.store.caseload import Step, last_step
from serving.store.clients import Client
from serving.store.log import read_time
from serving.store.stops import stops_on
from serving.wire.advice import (
    AdviceAnswer,
    AdviceQuestion,
    ChanceOfWork,
    JudgementAnswer,
    JudgementQuestion,
    ServiceNeed,
)
from serving.wire.clients import AccessQuestion, ClientName, Ground
from serving.wire.wire import Line, Posted, Text

from .clients import SHORT
from .handles import pseudonym_of
from .page import Away, Page, View, Visit
from .refused import Refusal, refusal_of
from .words import CHANCES, GROUNDS, NEEDS, Choice, choices, word_of


@dataclass(frozen=True)
class LastView:
    """How the caseworker saw the client last."""

    need: str
    chance: str
    why: str
    at: str
    fresh: bool
    hint: str | None
    said: bool


@dataclass(frozen=True)
class ClientPage:
    """One client.

    refusal  why there can be no hint now; None: one lies ready
    right    whether it is a right of the client's that stands in the way
    last     how the caseworker saw them last; None: they never said
    """

    handle: str
    short: str
    found: Client | None
    refusal: Refusal | None
    last: LastView | None
    needs: tuple[Choice, ...]
    chances: tuple[Choice, ...]


@dataclass(frozen=True)
class NotYours:
    """A client who is not the caseworker's, and the form in which they say why they must see them."""

    handle: str
    refusal: Refusal
    grounds: tuple[Choice, ...]


class JudgementForm(Posted):
    """How a caseworker sees a client."""

    service_need: ServiceNeed
    chance_of_work: ChanceOfWork
    why: Line


class AccessForm(Posted):
    """Why a caseworker must see a client who is not theirs."""

    ground: Ground
    why: Text


def show_client(visit: Visit) -> View:
    """Show a client: their rights, how the caseworker saw them, and the form that asks it anew. It is logged."""
    pseudonym = pseudonym_of(visit, visit.path["handle"])
    try:
        with visit.showing("client.look", pseudonym) as entry:
            found = visible(entry.connection, visit, pseudonym)
            last = last_step(entry.connection, pseudonym, visit.who.subject)
    except NotYoursError as refusal:
        visit.refuse(refusal, "/clients/{handle}")
        return _not_yours(visit, refusal)
    return View(
        "client.html.jinja",
        ClientPage(
            visit.path["handle"],
            pseudonym[:SHORT],
            found,
            _why_no_hint(visit, pseudonym, found),
            None if last is None else _seen(visit, last),
            choices(NEEDS, visit.language),
            choices(CHANCES, visit.language),
        ),
    )


def judge(visit: Visit) -> Away:
    """Record how the caseworker sees the client; then show the hint, where there is one."""
    form: JudgementForm = visit.body
    pseudonym = pseudonym_of(visit, visit.path["handle"])
    question = JudgementQuestion(
        client=ClientName(pseudonym=pseudonym),
        service_need=form.service_need,
        chance_of_work=form.chance_of_work,
        why=form.why,
    )
    return judged(visit, record_judgement(replace(visit, body=question)))


def judged(visit: Visit, answer: bytes) -> Away:
    """Show the hint beside a view that was recorded."""
    pseudonym = pseudonym_of(visit, visit.path["handle"])
    return _reveal(visit, pseudonym, JudgementAnswer.model_validate_json(answer).judgement)


def reveal(visit: Visit) -> Away:
    """Show the hint beside the view that the caseworker recorded last."""
    pseudonym = pseudonym_of(visit, visit.path["handle"])
    with visit.service.database.reading() as connection:
        last = last_step(connection, pseudonym, visit.who.subject)
    return _client(visit) if last is None else _reveal(visit, pseudonym, last.judgement)


def ask_access(visit: Visit) -> Away:
    """Let a caseworker see a client who is not theirs, for a reason that is logged and reported."""
    form: AccessForm = visit.body
    client = ClientName(pseudonym=pseudonym_of(visit, visit.path["handle"]))
    break_glass(replace(visit, body=AccessQuestion(client=client, ground=form.ground, why=form.why)))
    return _client(visit)


def _client(visit: Visit) -> Away:
    return Away(f"/clients/{visit.path['handle']}")


def _reveal(visit: Visit, pseudonym: str, judgement: str) -> Away:
    """Show a hint; where there is none the client's page says why, and that the view was recorded."""
    with visit.service.database.reading() as connection:
        last = last_step(connection, pseudonym, visit.who.subject)
    if last is not None and last.judgement == judgement and last.advice is not None:
        return Away(f"/hints/{last.advice}")  # it was asked twice: one view, one hint
    question = replace(visit, body=AdviceQuestion(judgement=judgement), once=None)
    try:
        shown = AdviceAnswer.model_validate_json(give_advice(question))
    except ApualyError as refusal:
        visit.refuse(refusal, "/clients/{handle}/judgement")
        return Away(f"/clients/{visit.path['handle']}#hint")
    return Away(f"/hints/{shown.advice}")


def _not_yours(visit: Visit, refusal: NotYoursError) -> View:
    told, status = refusal_of(refusal, visit.language)
    return View("not_yours.html.jinja", NotYours(visit.path["handle"], told, choices(GROUNDS, visit.language)), status)


def _why_no_hint(visit: Visit, pseudonym: str, found: Client | None) -> Refusal | None:
    """Return why no hint could be shown now, as the API would refuse it; None: one could."""
    service = visit.service
    refusal: ApualyError | None = None
    if found is not None:
        refusal = right_in_the_way(found, needs_consent=service.needs_consent)
    if refusal is None:
        with service.database.reading() as connection:
            ready, stops = stored_hints(connection, pseudonym), stops_on(connection)
        try:
            advise(service.models, Question(None, None, None), ready, tuple(stops), service.now()).require_any()
        except ApualyError as none:
            refusal = none
    return None if refusal is None else refusal_of(refusal, visit.language)[0]


def _seen(visit: Visit, last: Step) -> LastView:
    language = visit.language
    fresh = visit.service.now() - read_time(last.at) <= JUDGEMENT_STANDS
    return LastView(
        word_of(NEEDS, last.service_need, language),
        word_of(CHANCES, last.chance_of_work, language),
        last.why,
        last.at,
        fresh,
        last.advice if fresh else None,
        last.said,
    )


PAGES = (
    Page("GET", "/clients/{handle}", Action.SEE_CLIENT, show_client),
    Page(
        "POST", "/clients/{handle}/judgement", Action.JUDGE, judge, form=JudgementForm, again=show_client,
        sent_before=judged,
    ),
    Page("POST", "/clients/{handle}/hint", Action.ASK_ADVICE, reveal, again=show_client),
    Page(
        "POST", "/clients/{handle}/access", Action.BREAK_GLASS, ask_access, form=AccessForm, again=show_client,
        sent_before=lambda visit, _: _client(visit),
    ),
)  # fmt: skip

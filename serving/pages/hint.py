"""A hint as it was shown: needs first, then the risk in words and as a curve; and what became of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

from starlette.responses import Response

from ml.errors import ApualyError, ConflictError, GateError, NotFoundError
from serving.advising import NO_HINT, OTHER_VERSION, Given, require_going
from serving.api.allowed import allowed
from serving.api.feedback import give_feedback
from serving.language import Language, marked
from serving.models.held import Models
from serving.models.loading import Task
from serving.permissions import Action
from serving.refusals import JudgementOldError, NoHintError, RightInTheWayError
from serving.store.caseload import Feedback, ShownAdvice, shown_advice
from serving.store.standing import Standing
from serving.wire.advice import Agreement, Done, FeedbackQuestion, NeedsPart, RiskPart, WordedReason
from serving.wire.wire import Posted, Text
from serving.worded import worded_parts

from .clients import SHORT
from .drawings.curve import Curve, risk_curve
from .drawings.shares import Shares, need_shares
from .form import FormError
from .handles import handle_of
from .page import FORM_OF_THE_WHOLE, Away, Page, View, Visit
from .refused import GONE, Refusal, refusal_of
from .words import AGREEMENTS, DONE, KINDS, NEEDS, Choice, choices, word_of

LONGER, SHORTER = marked("goes together with a longer spell"), marked("goes together with a shorter spell")
OFTENER = marked("goes together with this service being chosen more often")
SELDOMER = marked("goes together with this service being chosen less often")
GOES_WITH = {"longer": LONGER, "shorter": SHORTER, "oftener": OFTENER, "seldomer": SELDOMER}
STANDS = marked("You said already what became of this hint. That stands as it is; nothing else was recorded.")
OVER = (RightInTheWayError, GateError, NoHintError, JudgementOldError)  # it was shown, and may not be shown now
BOTH: Literal["both"] = "both"  # parts of a hint
LOOK_SECONDS = 20  # so often a page that is open asks whether its hint may still be shown


@dataclass(frozen=True)
class Shown:
    """A hint that was shown, and may still be shown, in words.

    gone    the part that may not be shown any more, and why; the other stands all the same
    client  pseudonym
    """

    advice: ShownAdvice
    standing: Standing
    needs: NeedsPart | None
    risk: RiskPart | None
    gone: Mapping[Task, ApualyError]

    @property
    def client(self) -> str:
        """Return whom it is about."""
        return self.advice.client

    def require_whole(self) -> None:
        """Raise why a part of it is gone."""
        for refusal in self.gone.values():
            raise refusal


@dataclass(frozen=True)
class Reasons:
    """Reasons of one kind: what it is, and what it goes together with."""

    kind: str
    reasons: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Said:
    """What the caseworker said of the hint."""

    agrees: str
    why: str | None
    done: tuple[str, ...]
    at: str


@dataclass(frozen=True)
class HintPage:
    """A hint on a page.

    need, chance, why  how the caseworker saw the client, before
    drivers, reasons   those that a service can change first
    likely             interval of the chance that `risk.words` tells, in words
    absent             task → why there is no part of it now
    shows              which parts there are, for the question whether they may still be shown
    whole              none of what was shown is gone
    said               what the caseworker said of it; None: nothing yet
    """

    id: str
    handle: str
    short: str
    at: str
    need: str
    needs: NeedsPart | None
    shares: Shares | None
    drivers: tuple[Reasons, ...]
    risk: RiskPart | None
    curve: Curve | None
    likely: str | None
    reasons: tuple[Reasons, ...]
    absent: Mapping[str, Refusal]
    cards: tuple[str, ...]
    shows: str
    whole: bool
    valid_until: str
    look_seconds: int
    said: Said | None
    agreements: tuple[Choice, ...]
    done: tuple[Choice, ...]


@dataclass(frozen=True)
class OverPage:
    """A hint that may not be shown any more: why, and what became of it, which can still be said."""

    id: str
    handle: str
    short: str
    refusal: Refusal
    said: Said | None
    agreements: tuple[Choice, ...]
    done: tuple[Choice, ...]


class StillQuery(Posted):
    """Which parts the page shows."""

    shows: Literal["both", "needs", "risk"] = BOTH


class FeedbackForm(Posted):
    """What a caseworker says of a hint, and what was done."""

    agrees: Agreement
    done: list[Done]
    why: Text | None = None


def shown_hint(visit: Visit, advice: str) -> Shown:
    """Return a hint as it was shown, in the reader's language.

    Raises NotFoundError where it was not shown to who asks, and whatever stands in the way of showing any of it now: a
    right, a stop, an approval that ended, a version that is no longer in use.
    """
    now = visit.service.now()
    with visit.service.database.reading() as connection:
        kept = shown_advice(connection, advice)
        if kept is None or kept.caseworker != visit.who.subject:
            raise NotFoundError("no such hint was shown to you")
        standing, stops = allowed(visit, connection, kept.judgement, kept.caseworker, now)
    stands: list[Given] = []
    gone: dict[Task, ApualyError] = {}
    for each in map(Given.from_json, kept.content.values()):
        try:
            require_going(stops, each.name)
            _require_in_use(visit.service.models, each)
        except (GateError, NoHintError) as refusal:
            gone[each.task] = refusal
        else:
            stands.append(each)
    if not stands:
        raise next(iter(gone.values()))
    return Shown(kept, standing, *worded_parts(stands, visit.language), gone)


def _require_in_use(models: Models, given: Given) -> None:
    """Raise GateError where a model may not be used, NoHintError where another version took its place."""
    used = models.risk() if given.task is Task.RISK else models.needs()
    if (used.approved.version, used.approved.digest) != (given.version, given.digest):
        raise NoHintError(OTHER_VERSION)


def show_hint(visit: Visit) -> View:
    """Show a hint again, as long as it may be shown; that somebody looked is logged."""
    try:
        shown = shown_hint(visit, visit.path["advice"])
    except OVER as refusal:
        visit.refuse(refusal, "/hints/{advice}")
        return _over(visit, refusal)
    with visit.showing("client.look", shown.client):
        pass  # the entry is all that there is to write
    return View("hint.html.jinja", _page(visit, shown))


def _over(visit: Visit, refusal: ApualyError) -> View:
    """Show why a hint may not be shown any more, and let the caseworker say all the same what became of it."""
    told, status = refusal_of(refusal, visit.language)
    with visit.service.database.reading() as connection:
        kept = shown_advice(connection, visit.path["advice"])
    if kept is None:  # erased meanwhile
        raise refusal
    page = OverPage(
        id=kept.id,
        handle=handle_of(visit, kept.client),
        short=kept.client[:SHORT],
        refusal=told,
        said=None if kept.feedback is None else _said(visit, kept.feedback),
        agreements=choices(AGREEMENTS, visit.language),
        done=choices(DONE, visit.language),
    )
    return View("hint_over.html.jinja", page, status)


def still_shown(visit: Visit) -> Response | View:
    """Say whether what a page that is open shows may still be shown; if not, what stands in its place."""
    query: StillQuery = visit.query
    try:
        gone = shown_hint(visit, visit.path["advice"]).gone
    except ApualyError as refusal:
        return View(GONE, refusal_of(refusal, visit.language)[0])
    of_page = [refusal for task, refusal in gone.items() if query.shows in (BOTH, task)]
    if not of_page:
        return Response(status_code=204)
    told = refusal_of(of_page[0], visit.language)[0]
    return View(GONE, replace(told, rest=f"/hints/{visit.path['advice']}"))


def say(visit: Visit) -> Away:
    """Record what became of a hint."""
    form: FeedbackForm = visit.body
    advice = visit.path["advice"]
    question = FeedbackQuestion(advice=advice, agrees=form.agrees, why=form.why, done=form.done)
    try:
        give_feedback(replace(visit, body=question))
    except ConflictError:
        raise FormError({FORM_OF_THE_WHOLE: visit.language.gettext(STANDS)}) from None
    return said(visit)


def said(visit: Visit, _: bytes = b"") -> Away:
    """Go to where it is told what was said."""
    return Away(f"/hints/{visit.path['advice']}#said")


def _page(visit: Visit, shown: Shown) -> HintPage:
    language, needs, risk = visit.language, shown.needs, shown.risk
    models, parts = visit.service.models, [each for each in (needs, risk) if each is not None]
    drawn = None if risk is None else risk_curve(risk.horizons, _reached(models, risk), language)
    return HintPage(
        id=shown.advice.id,
        handle=handle_of(visit, shown.client),
        short=shown.client[:SHORT],
        at=shown.advice.at,
        need=word_of(NEEDS, shown.standing.service_need, language),
        needs=needs,
        shares=None if needs is None else need_shares(needs.chances, language),
        drivers=() if needs is None else _by_kind(needs.drivers, language),
        risk=risk,
        curve=drawn,
        likely=None if drawn is None or risk is None else drawn.rows[_spoken_of(models, risk)].interval,
        reasons=() if risk is None else _by_kind(risk.reasons, language),
        absent={
            **{task.value: _absent(visit, task) for task in models.names if task.value not in shown.advice.content},
            **{task.value: refusal_of(refusal, language)[0] for task, refusal in shown.gone.items()},
        },
        whole=not shown.gone,
        shows=BOTH if needs is not None and risk is not None else "risk" if needs is None else "needs",
        cards=tuple(f"/models/{each.model.name}/cards/{each.model.version}" for each in parts),
        valid_until=min(each.valid_until for each in parts),
        look_seconds=LOOK_SECONDS,
        said=None if shown.advice.feedback is None else _said(visit, shown.advice.feedback),
        agreements=choices(AGREEMENTS, language),
        done=choices(DONE, language),
    )


def _absent(visit: Visit, task: Task) -> Refusal:
    """Return why there is no part of a hint now: its model may not be used, or nothing lies ready."""
    models = visit.service.models
    refusal: ApualyError = NoHintError(NO_HINT)
    try:
        models.risk() if task is Task.RISK else models.needs()
    except GateError as closed:
        refusal = closed
    return refusal_of(refusal, visit.language)[0]


def _reached(models: Models, risk: RiskPart) -> float:
    """Return the longest horizon that the spell had reached when the hint was made, in the contract's unit; 0: none."""
    horizons = models.risk().model.outcome.horizons
    reached = len(horizons) - len(risk.horizons)
    return horizons[reached - 1] if reached else 0.0


def _spoken_of(models: Models, risk: RiskPart) -> int:
    """Return which of the horizons left the words are of: the main one, or the first that is left."""
    model = models.risk().model
    return max(0, model.place - (len(model.outcome.horizons) - len(risk.horizons)))


def _by_kind(reasons: list[WordedReason], language: Language) -> tuple[Reasons, ...]:
    """Return reasons by their kind, those that a service can change first."""
    found = []
    for kind, words in KINDS.items():
        each = tuple((one.what, language.gettext(GOES_WITH[one.goes_with])) for one in reasons if one.kind == kind)
        if each:
            found.append(Reasons(language.gettext(words), each))
    return tuple(found)


def _said(visit: Visit, said: Feedback) -> Said:
    language = visit.language
    done = tuple(word_of(DONE, each, language) for each in said.done)
    return Said(word_of(AGREEMENTS, said.agrees, language), said.why, done, said.at)


PAGES = (
    Page("GET", "/hints/{advice}", Action.ASK_ADVICE, show_hint),
    Page("GET", "/hints/{advice}/still", Action.ASK_ADVICE, still_shown, query=StillQuery, by_itself=True),
    Page(
        "POST",
        "/hints/{advice}/feedback",
        Action.GIVE_FEEDBACK,
        say,
        form=FeedbackForm,
        again=show_hint,
        sent_before=said,
    ),
)

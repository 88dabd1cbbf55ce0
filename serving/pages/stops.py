"""The stop switch: which stops are on, for everybody; for operators and reviewers a button to stop, one to go on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from ml.errors import NotFoundError
from serving.api.stops import lift, see_stops, stop_advice
from serving.permissions import Action
from serving.wire.stops import LiftQuestion, StopAnswer, StopQuestion
from serving.wire.wire import Line, Posted

from .model_words import about
from .page import Away, Page, View, Visit

PATH = "/stops"


class LiftForm(Posted):
    """Why advice goes on; which stop is lifted stands in the address."""

    why: Line


@dataclass(frozen=True)
class StopLine:
    """A stop that is on; `title` None: of all hints."""

    stop: StopAnswer
    title: str | None


@dataclass(frozen=True)
class StopsPage:
    """The stops that are on, oldest first; the models that can be stopped, by name and title.

    all      whether no hints are given at all
    lifting  the stop whose form was sent and must be looked at again; None: none was
    """

    stops: Sequence[StopLine]
    all: bool
    models: Sequence[tuple[str, str]]
    lifting: str | None = None


def stops(visit: Visit) -> View:
    """Show which stops are on."""
    lines = tuple(
        StopLine(each, None if each.model is None else about(each.model, visit.language).title)
        for each in see_stops(visit).stops
    )
    served = visit.service.models.names.values()
    stopped = {each.stop.model for each in lines}
    titles = [(name, about(name, visit.language).title) for name in served]
    return View("stops.html.jinja", StopsPage(lines, None in stopped or stopped >= set(served), titles))


def stop(visit: Visit) -> Away:
    """Stop all hints, or those of one model, everywhere and at once."""
    stop_advice(visit)
    return _stops()


def lift_stop(visit: Visit) -> Away:
    """Let hints go on that a stop stood in the way of."""
    form: LiftForm = visit.body
    on = {each.id for each in see_stops(visit).stops}
    if visit.path["id"] not in on:
        raise NotFoundError("no such stop is on; somebody may have lifted it already")
    lift(replace(visit, body=LiftQuestion(stop=visit.path["id"], why=form.why)))
    return _stops()


def _stops(*_: object) -> Away:
    return Away(PATH)


def lifting(visit: Visit) -> View:
    """Show the form of one stop again."""
    view = stops(visit)
    return replace(view, page=replace(view.page, lifting=visit.path["id"]))


PAGES = (
    Page("GET", PATH, Action.SEE_STOPS, stops),
    Page("POST", PATH, Action.STOP, stop, form=StopQuestion, again=stops, sent_before=_stops),
    Page("POST", "/stops/{id}/lift", Action.STOP, lift_stop, form=LiftForm, again=lifting, sent_before=_stops),
)

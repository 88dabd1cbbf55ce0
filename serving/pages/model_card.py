"""A model's card in one click: what it does, for whom it is weak, how well it does, who answers for it; then all of it.

The short part is in the reader's language, in the words that jobseekers are told; the card itself is in English.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ml.errors import GateError, NotFoundError
from ml.governance.public.equal import Difference, differences, verdict
from ml.governance.public.good import how_good
from ml.governance.public.inputs import direct_use
from ml.governance.public.words import Words
from ml.governance.registry import Registry
from serving.api.models import card_file, list_models
from serving.api.stops import see_stops
from serving.models.versions import Approval, Version, version
from serving.permissions import Action
from serving.wire.stops import StopAnswer

from .card import CardBody, card_body
from .model_words import About, about, last_day, state_words
from .models import AUDIT, EVIDENCE, files_of
from .page import Page, View, Visit

NUMBER = re.compile(r"[1-9][0-9]{0,5}")


@dataclass(frozen=True)
class DemandLine:
    """A condition: what is asked, and the day by which; None: it is met."""

    id: str
    what: str
    due: str | None
    breaks: bool


@dataclass(frozen=True)
class Links:
    """Where more is: all under the address of the model's card files; None: there is none of that kind."""

    public: str
    record: str
    markdown: str
    data: str
    audit: str | None
    evidence: str | None


@dataclass(frozen=True)
class ModelCardPage:
    """A card.

    used      whether hints are made with this version
    stop      the stop that stands in its way; None: none does
    unequal   what the audit found, one sentence each; `differences` the clearest, by group
    good      how well it does, one sentence each with its interval; empty: not known
    until     the day on which the approval ends, ISO; None: none is in force
    """

    name: str
    version: int
    about: About
    state: str
    used: bool
    closed: str | None
    stop: StopAnswer | None
    unequal: Sequence[str]
    differences: Sequence[Difference]
    good: Sequence[str]
    approval: Approval | None
    until: str | None
    demands: Sequence[DemandLine]
    links: Links
    body: CardBody


def card(visit: Visit) -> View:
    """Show the card of a version."""
    found = _version(visit)
    if found.card is None:
        raise GateError(found.closed or "the card cannot be read")
    name, number, language = found.name, found.version, visit.language
    text = card_file(visit, name, f"{number}.md").decode()
    words = Words(language.code)
    return View(
        "card.html.jinja",
        ModelCardPage(
            name=name,
            version=number,
            about=about(name, language),
            state=state_words(found.state, language),
            used=found.usable and _held(visit, name) == number,
            closed=found.closed,
            stop=_stop(visit, name),
            unequal=(*verdict(found.card, words), *_direct(found.card, words)),
            differences=differences(found.card, words),
            good=how_good(found.card, words),
            approval=found.approval,
            until=last_day(found.approval.expires) if found.approval is not None and found.in_force else None,
            demands=_demands(found.approval),
            links=_links(found.card, name, number, language.code),
            body=card_body(text, files_of(name)),
        ),
    )


def _version(visit: Visit) -> Version:
    """Return the version that the address names. Raises NotFoundError where there is none."""
    name, number = visit.path["name"], visit.path["version"]
    registry: Registry | None = visit.service.registry
    none = NotFoundError("there is no such card here; the page of models lists all")
    if registry is None or name not in registry.cards.names() or not NUMBER.fullmatch(number):
        raise none
    if int(number) not in registry.cards.versions(name):
        raise none
    return version(registry, visit.service.models, name, int(number), visit.service.now())


def _held(visit: Visit, name: str) -> int | None:
    return next((each.version for each in list_models(visit).models if each.name == name), None)


def _stop(visit: Visit, name: str) -> StopAnswer | None:
    return next((each for each in see_stops(visit).stops if each.model in {None, name}), None)


def _direct(card: Mapping[str, Any], words: Words) -> Sequence[str]:
    said = direct_use(card, words)
    return (said,) if said else ()


def _demands(approval: Approval | None) -> Sequence[DemandLine]:
    return () if approval is None else tuple(
        DemandLine(each.id, each.what, None if each.due is None else each.due.isoformat(), each.breaks)
        for each in approval.demands
    )  # fmt: skip


def _links(card: Mapping[str, Any], name: str, number: int, language: str) -> Links:
    folder, audit = f"{files_of(name)}/{number}", AUDIT.format(language=language)
    return Links(
        public=f"{folder}.public.{language}.html",
        record=f"{folder}.review.html",
        markdown=f"{folder}.md",
        data=f"{folder}.json",
        audit=f"{folder}/{audit}" if audit in card["evidence"] else None,
        evidence=f"{folder}/{EVIDENCE}" if EVIDENCE in card["evidence"] else None,
    )


PAGES = (Page("GET", "/models/{name}/cards/{version}", Action.SEE_CARDS, card),)

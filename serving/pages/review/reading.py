"""What a reviewer reads: the card, its verdict first; what changed since the version before; the files of both."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from pathlib import Path

from starlette.responses import Response

from ml.errors import NotFoundError
from ml.governance.card.changes import changes
from ml.governance.card.compared import Change
from ml.governance.card.markdown import render
from serving.api.models import FILE, MEDIA_TYPES, PAGE_POLICY
from serving.permissions import Action

from ..card import CardBody, card_body
from ..page import Page, View, Visit
from .model import Version, registry_of, version_of
from .standing import state_words
from .words import VERDICTS, word_of


@dataclass(frozen=True)
class CardPage:
    """A card; `verdict` of its audit in words; `headlines`: what must not be missed, worst first, in English."""

    version: Version
    state: str
    verdict: str
    weak: bool
    headlines: tuple[str, ...]
    body: CardBody


@dataclass(frozen=True)
class ChangesPage:
    """What changed between two versions."""

    version: Version
    previous: int | None
    others: tuple[int, ...]
    changes: tuple[Change, ...]


def card(visit: Visit) -> View:
    """Show a model's card, its verdict first."""
    version = version_of(visit)
    found = version.card()
    now: datetime = visit.service.now()
    return View(
        "review_card.html.jinja",
        CardPage(
            version=version,
            state=state_words(version.review().state(now), visit.language),
            verdict=word_of(VERDICTS, found["audit"]["verdict"], visit.language),
            weak=found["weak"],
            headlines=tuple(str(each["text"]) for each in found["headlines"]),
            body=card_body(render(found), version.card_files),
        ),
    )


def what_changed(visit: Visit) -> View:
    """Show what changed since the version before."""
    version = version_of(visit)
    found = version.card()
    previous = found["previous"]
    earlier = tuple(each for each in version.registry.cards.versions(version.name) if each < version.number)
    told = () if previous is None else changes(version.registry.cards.read(version.name, previous), found)
    return View("review_changes.html.jinja", ChangesPage(version, previous, earlier, told))


def card_file(visit: Visit) -> Response:
    """Return a file of a model's cards, whether the version is in use or not."""
    registry, name, file = registry_of(visit), visit.path["name"], visit.path["file"]
    if name not in registry.cards.names() or not FILE.fullmatch(file):
        raise NotFoundError("no such file is among this model's cards")
    try:
        content = (registry.cards.folder / name / file).read_bytes()
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
        raise NotFoundError("no such file is among this model's cards") from None
    headers = {"Content-Security-Policy": PAGE_POLICY}
    media_type = MEDIA_TYPES.get(Path(file).suffix, "application/octet-stream")
    return Response(content, HTTPStatus.OK, headers, media_type)


PAGES: tuple[Page, ...] = (
    Page("GET", "/review/{name}/cards/{version:int}", Action.SEE_CARDS, card),
    Page("GET", "/review/{name}/cards/{file:path}", Action.SEE_CARDS, card_file),
    Page("GET", "/review/{name}/{version:int}/changes", Action.SEE_CARDS, what_changed),
)

"""The public description of each model, for anybody: what it does, what it looks at, how good it is, whom to ask."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from markupsafe import Markup

from ml.errors import ApualyError, NotFoundError
from serving.api.models import card_file, list_models
from serving.wire.models import ModelLine
from serving.wire.wire import Posted

from .page import Away, Page, View, Visit

# The page of a model is a whole document, made of its card when it was published; here it stands in our layout.
DOCUMENT = re.compile(r"<h1>(?P<title>[^<]+)</h1>.*<main>(?P<body>.*)</main>", re.DOTALL)


class AboutQuery(Posted):
    """In which language, as on the jobseeker's sheet; left out: in the reader's."""

    language: Literal["fi", "sv", "en"] | None = None


@dataclass(frozen=True)
class Described:
    """The description of a model; `stopped`: it gives no hints now."""

    title: str
    body: Markup
    stopped: bool


@dataclass(frozen=True)
class Line:
    """One model in the list.

    path  of its description; None: none was published in the reader's language, and the title is the model's name
    """

    path: str | None
    title: str
    stopped: bool


@dataclass(frozen=True)
class About:
    """The models in use."""

    models: tuple[Line, ...]


def about(visit: Visit) -> View:
    """Show which models are in use, each with its description; service needs first."""
    return View("public.html.jinja", About(tuple(_line(visit, each) for each in list_models(visit).models)))


def about_model(visit: Visit) -> View | Away:
    """Show the description of a model in use, in the language that the address names, or else in the reader's."""
    query: AboutQuery = visit.query
    name = visit.path["model"]
    found = next((each for each in list_models(visit).models if each.name == name), None)
    if found is None:
        raise NotFoundError("no such model is in use here")
    if query.language not in {None, visit.language.code}:
        return Away(f"/language/{query.language}?back=/about/{name}")  # the whole page turns, as by the switch
    return View("public_model.html.jinja", _described(visit, found))


def _line(visit: Visit, model: ModelLine) -> Line:
    stopped = model.stopped is not None
    try:
        return Line(f"/about/{model.name}", _described(visit, model).title, stopped)
    except NotFoundError:
        return Line(None, model.name, stopped)


def _described(visit: Visit, model: ModelLine) -> Described:
    """Return the description that was published with a version. Raises NotFoundError where there is none."""
    file = f"{model.version}.public.{visit.language.code}.html"
    found = DOCUMENT.search(card_file(visit, model.name, file).decode())
    if found is None:
        raise ApualyError(f"{file}: this is no public description; publish the card of {model.name} anew")
    # Our own file, made by ml.governance.public with everything escaped that people wrote.
    title, body = Markup(found["title"]), Markup(found["body"])  # noqa: S704
    return Described(title.unescape(), body, model.stopped is not None)


PAGES = (
    Page("GET", "/about", None, about, open_to_all=True),
    Page("GET", "/about/{model}", None, about_model, query=AboutQuery, open_to_all=True),
)

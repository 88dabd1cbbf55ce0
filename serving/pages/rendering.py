"""A view → HTML: templates with texts in the reader's language, escaped, and the headers that keep a page to itself."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from importlib.resources import files
from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from starlette.responses import Response

from serving.identity.identity import Identity
from serving.language import CODES, Language
from serving.permissions import Action, can

from .assets import Assets, read_assets
from .form import CSRF, ONCE, OURS
from .nav import places_of
from .page import Typed, View

HERE = ZoneInfo("Europe/Helsinki")
NAMES = {"fi": "Suomi", "sv": "Svenska", "en": "English"}  # each in its own language
MEDIA_TYPE = "text/html"
ONCE_BYTES = 16
_OWN_WORDS, _UNSENT = Markup(" data-own-words"), Markup(' data-own-words="unsent"')
_OURS = Markup('<input type="hidden" name="{}" value="{}">')
# What a page shows and runs is ours, in files of their own; its forms lead nowhere else.
CONTENT_POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


@dataclass(frozen=True)
class Scene:
    """Who looks at a page, in which language, and where.

    who   None: nobody is signed in
    """

    language: Language
    here: str
    who: Identity | None = None
    csrf: str = field(default="", repr=False)
    typed: Typed = field(default_factory=Typed, repr=False)


def rendered(view: View, scene: Scene, headers: Mapping[str, str] | None = None) -> Response:
    """Return a page as an answer."""
    body = _environment().get_template(view.template).render(page=view.page, **_context(scene))
    said = {
        "Content-Language": scene.language.code,
        "Content-Security-Policy": CONTENT_POLICY,
        # Without any referrer a browser would not say either where a form of ours was sent from (Origin: null).
        "Referrer-Policy": "same-origin",
        "Vary": "Accept-Language, Cookie",
        **(headers or {}),
    }
    return Response(body, view.status, said, media_type=MEDIA_TYPE)


def _context(scene: Scene) -> dict[str, Any]:
    language, who = scene.language, scene.who
    return {
        "_": language.gettext,
        "ngettext": language.ngettext,
        "language": language,
        "languages": [(code, NAMES[code]) for code in CODES],
        "me": who,
        "places": () if who is None else places_of(who),
        "can": lambda action: who is not None and can(who, Action[action]),
        "csrf_field": lambda once=None, token=scene.csrf: _our_fields(token, once),
        "own_words": lambda shown_again=True: _own_words(scene.typed.values if shown_again else ()),
        "here": scene.here,
        "typed": scene.typed,
        "day": lambda text: day(text, language),
        "time": lambda text: time(text, language),
    }


def _our_fields(csrf: str, once: str | None) -> Markup:
    """Return the fields of a form that nobody types; who is not signed in has but an empty one."""
    known = _OURS.format(ONCE, once or secrets.token_urlsafe(ONCE_BYTES)) if csrf else Markup("")
    return _OURS.format(CSRF, csrf) + known


def _own_words(typed: Iterable[str]) -> Markup:
    """Return the mark of a form for people's own words, which are not left without asking (static/unsent.js)."""
    return _OWN_WORDS if OURS.issuperset(typed) else _UNSENT


def day(text: str, language: Language) -> str:
    """Return the day of an ISO day or time, as it is written in a language; of a time, the day in Helsinki."""
    return str(format_date(_moment(text), "d.M.yyyy" if language.code != "en" else "d MMM yyyy", _locale(language)))


def time(text: str, language: Language) -> str:
    """Return an ISO time of UTC as day and time of day in Helsinki, as it is written in a language."""
    form = {"fi": "d.M.yyyy 'klo' H.mm", "sv": "d.M.yyyy 'kl.' H.mm", "en": "d MMM yyyy, HH:mm"}[language.code]
    return str(format_datetime(_moment(text), form, locale=_locale(language)))


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo is None else moment.astimezone(HERE).replace(tzinfo=None)


def _locale(language: Language) -> str:
    return {"fi": "fi_FI", "sv": "sv_FI", "en": "en_GB"}[language.code]


@cache
def page_assets() -> Assets:
    """Return the files that all pages need, read once. Raises UsageError where they were not fetched."""
    return read_assets()


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(str(files("serving.pages").joinpath("templates"))),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    shared: Mapping[str, Callable[..., Any]] = {"asset": lambda name: page_assets().address(name)}
    environment.globals.update(shared)
    return environment

"""What a client is given as one page that needs nothing else: no script, no other file; to be read or printed."""

from __future__ import annotations

import base64
from functools import cache
from hashlib import sha256
from importlib.resources import files

from jinja2 import Environment, StrictUndefined, Template
from markupsafe import Markup

from serving.wire.export import ExportAnswer

from .words import Words

TEMPLATE, STYLE = "export.html.jinja", "export.css"


def page(given: ExportAnswer) -> str:
    """Return the page; it says what the JSON says, in the same words."""
    words = Words(given.language)
    return _template().render(
        given=given,
        explained={each.about: each for each in given.explained},
        t=words.text,
        words=words,
        style=Markup(_style()),  # noqa: S704 - our own file
    )


@cache
def content_policy() -> str:
    """Return the Content-Security-Policy of the page: its own style, and nothing else."""
    digest = base64.b64encode(sha256(_style().encode()).digest()).decode()
    return (
        f"default-src 'none'; style-src 'sha256-{digest}'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
    )


def _style() -> str:
    return _file(STYLE)


@cache
def _template() -> Template:
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    return environment.from_string(_file(TEMPLATE))


@cache
def _file(name: str) -> str:
    return files("serving.export").joinpath(name).read_text(encoding="utf-8")

"""The public description of a model as one page that needs nothing else: no script, no other file, no address."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from functools import cache
from importlib.resources import files
from typing import Any

from jinja2 import Environment, StrictUndefined, Template
from markupsafe import Markup

from ml.errors import UsageError

from ..people.dialogue import NORMS, Dialogue
from ..people.people import People, people_of
from .equal import differences, verdict
from .good import how_good, time
from .inputs import direct_use, looked_at, not_looked_at, of_the_times
from .words import LANGUAGES, Words

TEMPLATE, STYLE = "public.html.jinja", "public.css"
ENTITIES = ("skills", "rehabilitation", "integration")


def public_page(card: Mapping[str, Any], language: str, status: str = "") -> str:
    """Return the page in "fi", "sv" or "en"; the same card gives the same bytes.

    status  where the version stands ("approved with conditions"); empty: the page does not say

    Raises UsageError for another language or status.
    """
    if language not in LANGUAGES:
        raise UsageError(
            f"public page, language {language!r}: it is written in {', '.join(LANGUAGES)}; name one of them"
        )
    words, people, needs = Words(language), people_of(card), "threshold" in card
    return _template().render(
        t=words.text,
        at=words.at,
        language=language,
        style=Markup(_file(STYLE)),  # noqa: S704 - our own file
        title=words.text("page.needs" if needs else "page.risk"),
        status=_status(status, words),
        what=_what(card, words, needs=needs),
        looked_at=looked_at(card, words),
        times=of_the_times(card, words),
        not_looked_at=not_looked_at(card, words),
        direct=direct_use(card, words),
        data=_data(card, people, words),
        good=how_good(card, words) or [words.text("page.unknown")],
        equal=list(verdict(card, words)),
        differences=differences(card, words),
        heard=list(_heard(people.dialogue, words)),
        contact=people.made_by.contact,
        answers=_answers(card, people, words),
    )


def _status(status: str, words: Words) -> str:
    told = words.at("status")
    if status and status.replace(" ", "_") not in told:
        raise UsageError(f"public page, status {status!r}: it is one of {', '.join(told)}")
    return str(told[status.replace(" ", "_")]) if status else ""


def _what(card: Mapping[str, Any], words: Words, *, needs: bool) -> list[str]:
    if needs:
        entities = words.listed(words.text(f"entity.{name}") for name in ENTITIES)
        first = [words.text("what.needs", entities=entities), words.text("what.rule")]
    else:
        first = [words.text("what.risk", time=time(card, words))]
    return [*first, *(words.text(f"what.{each}") for each in ("order", "who", "not"))]


def _data(card: Mapping[str, Any], people: People, words: Words) -> list[tuple[str, str]]:
    data, unknown = people.data, words.text("page.unknown")
    said = {
        "source": data.source.told().get(words.language),
        "purpose": data.purpose.told().get(words.language),
        "legal_basis": data.legal_basis.told().get(words.language),
        "controller": data.controller,
        "learnt": _learnt(card, words),
    }
    return [(words.text(f"data.{name}"), answer or unknown) for name, answer in said.items()]


def _learnt(card: Mapping[str, Any], words: Words) -> str:
    """Return of whom the model has learnt, and of which time where it is known."""
    told = words.text("data.people", count=words.number(card["cohort"]["persons"]))
    start, end = card["split"]["train"]["from"], card["split"]["test"]["to"]
    if not start or not end:
        return told
    days = {"start": words.day(date.fromisoformat(start)), "end": words.day(date.fromisoformat(end))}
    return f"{told}, {words.text('data.period', **days)}"


def _heard(dialogue: Dialogue, words: Words) -> Iterator[str]:
    groups = dict.fromkeys(each.who for each in dialogue.heard if each.who)
    if not groups:
        yield words.text("heard.none")
        return
    yield words.text("heard.some", groups=words.listed(words.text(f"who.{each}") for each in groups))
    for found, key in (("breaks", "heard.broken"), ("strains", "heard.strained")):
        norms = {each.norm for each in dialogue.weighing if each.verdict == found}
        told = [norm.words(words.language) for norm in NORMS if norm.key in norms]
        if told:
            yield words.text(key, norms="; ".join(told))


def _answers(card: Mapping[str, Any], people: People, words: Words) -> list[tuple[str, str]]:
    made, model, unknown = people.made_by, card["model"], words.text("page.unknown")
    trained = datetime.fromisoformat(card["provenance"]["trained_at"])
    said = {
        "organisation": ", ".join(each for each in (made.organisation, made.unit) if each),
        "owner": made.owner,
        "contact": made.contact,
        "model": words.text("answers.version", name=model["name"], version=str(model["version"])),
        "made": words.day(trained.date()),
    }
    return [(words.text(f"answers.{name}"), answer or unknown) for name, answer in said.items()]


@cache
def _template() -> Template:
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    return environment.from_string(_file(TEMPLATE))


def _file(name: str) -> str:
    return files("ml.governance.public").joinpath(name).read_text(encoding="utf-8")

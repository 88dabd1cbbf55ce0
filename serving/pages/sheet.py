"""The jobseeker's sheet: what a hint said of them, on what it rests and what they can do, in plain words, to print."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from serving.export.told import about
from serving.export.words import Words
from serving.hints.words import STATISTICAL, uncapitalised
from serving.language import Language
from serving.permissions import Action
from serving.wire.advice import Chance, EntityChance, NeedsPart, RiskPart
from serving.wire.wire import Posted

from .drawings.tenths import FEW, MANY, nearest, outwards
from .hint import shown_hint
from .page import Page, View, Visit
from .rendering import NAMES

OF = 10  # people: a share is told as so many of them


class SheetQuery(Posted):
    """In which language the client reads; left out: in the caseworker's."""

    language: Literal["fi", "sv", "en"] | None = None


@dataclass(frozen=True)
class Share:
    """A share of ten people: what of, a sentence with its interval, and how each of ten figures is drawn."""

    of: str
    words: str
    figures: tuple[str, ...]


@dataclass(frozen=True)
class SheetPart:
    """What one model said.

    words     its answer; none where it said only what stands in `unsure`
    shares    of people in a like situation
    reasons   what goes together with it
    unsure    what it does not know
    labels    of the inputs that it spoke of; `used`: where they come from
    model     name, version and day in words; `address`: where everybody can read of it
    """

    title: str
    words: tuple[str, ...]
    shares: tuple[Share, ...]
    reasons: tuple[str, ...]
    unsure: tuple[str, ...]
    labels: tuple[str, ...]
    used: str
    model: str
    path: str
    address: str


@dataclass(frozen=True)
class Sheet:
    """The sheet; its texts are in the client's language, the page around it in the caseworker's.

    words      of the client's language
    languages  path, code and name of each language it can be had in
    back       path of the hint
    """

    words: Words
    languages: tuple[tuple[str, str, str], ...]
    back: str
    at: str
    parts: tuple[SheetPart, ...]


def show_sheet(visit: Visit) -> View:
    """Show the sheet of a hint that may still be shown, in the client's language; that somebody looked is logged.

    Whole or not at all: half of what was said would read as all of it.
    """
    query: SheetQuery = visit.query
    language = visit.service.languages[query.language or visit.language.code]
    advice = visit.path["advice"]
    shown = shown_hint(replace(visit, language=language), advice)
    shown.require_whole()
    with visit.showing("client.look", shown.client):
        pass  # the entry is all that there is to write
    here = f"/hints/{advice}"
    words = Words(language.code)
    return View(
        "sheet.html.jinja",
        Sheet(
            words,
            tuple((f"{here}/sheet?language={code}", code, name) for code, name in NAMES.items()),
            here,
            shown.advice.at,
            parts(shown.needs, shown.risk, language, origin(visit)),
        ),
    )


def origin(visit: Visit) -> str:
    """Return where browsers find the pages: what stands on paper before the path."""
    entrance = visit.service.entrance
    public = None if entrance is None else entrance.identified.public_url
    return public or f"http://{visit.headers.get('host', '')}"


def parts(needs: NeedsPart | None, risk: RiskPart | None, language: Language, origin: str) -> tuple[SheetPart, ...]:
    """Return what was said, service needs first; both are in the language already."""
    words = Words(language.code)
    found = []
    if needs is not None:
        chosen = tuple(_chosen(each, words) for each in needs.chances)
        found.append(_part(needs, "needs", (needs.words,), chosen, language, origin))
    if risk is not None:
        said = () if risk.band_words is None else (risk.band_words,)
        shares = tuple(
            _share("share", words.text("sheet.horizon", time=words.horizon(each.days)), each.still_unemployed, words)
            for each in risk.horizons
        )
        found.append(_part(risk, "risk", said, shares, language, origin))
    return tuple(found)


def _part(
    part: NeedsPart | RiskPart,
    task: str,
    said: tuple[str, ...],
    shares: tuple[Share, ...],
    language: Language,
    origin: str,
) -> SheetPart:
    words, model = Words(language.code), part.model
    reasons = part.drivers if isinstance(part, NeedsPart) else part.reasons
    path = about(model.name, language.code)
    # "It does not know you" stands on every sheet, in words to the person.
    unsure = tuple(each for each in part.caveats if each != language.gettext(STATISTICAL))
    return SheetPart(
        title=words.text(f"sheet.{task}"),
        words=said,
        shares=shares,
        reasons=tuple(each.text for each in reasons),
        unsure=unsure,
        labels=tuple(dict.fromkeys(uncapitalised(each.label) for each in reasons)),
        used=words.text("sheet.used_from", day=words.day(part.as_of)),
        model=words.text("told.model", name=model.name, version=str(model.version), day=words.day(part.as_of)),
        path=path,
        address=origin + path,
    )


def _chosen(chance: EntityChance, words: Words) -> Share:
    return _share("chosen", chance.label[:1].upper() + chance.label[1:], chance, words)


def _share(key: str, of: str, chance: Chance | EntityChance, words: Words) -> Share:
    """Return a share as people of ten; its interval in whole people outwards, so that it never reads narrower."""
    own, (low, high) = nearest(chance.probability, OF), outwards(chance.low, chance.high, OF)
    end = "_few" if chance.probability < FEW else "_most" if chance.probability >= MANY else ""
    told = words.text(f"sheet.{key}{end}", own=str(own), low=str(low), high=str(high))
    return Share(of, told, ("counted",) * low + ("perhaps",) * (high - low) + ("not",) * (OF - high))


PAGES = (Page("GET", "/hints/{advice}/sheet", Action.ASK_ADVICE, show_sheet, query=SheetQuery),)

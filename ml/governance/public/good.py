"""How good a hint is, as numbers of 100 people."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from .words import Words

QUARTER = 0.25
MONTHS = {91: 3, 182: 6, 365: 12}  # days of a horizon that people call months


def how_good(card: Mapping[str, Any], words: Words) -> list[str]:
    """Return sentences; none where nothing is known."""
    said = [*(_needs(card["metrics"], words) if "threshold" in card else _risk(card, words))]
    return [words.text("good.weak"), *said] if card["weak"] and said else said


def time(card: Mapping[str, Any], words: Words) -> str:
    """Return the horizon in words: "12 months"."""
    count, unit = card["outcome"]["horizon"], card["outcome"]["unit"]
    many, _, word = unit.rpartition(" ")  # "2 weeks"
    if many:
        count, unit = count * float(many), word.removesuffix("s")
    if unit == "day" and count in MONTHS:
        count, unit = MONTHS[count], "month"
    return words.counted(f"time.{unit}", count)


def _risk(card: Mapping[str, Any], words: Words) -> Iterator[str]:
    found = _at_registration(card)
    point = _at_quarter(found)
    if found is None or point is None:
        return
    yield words.text("good.flagged")
    yield _told("good.right", point["precision"], words, time=time(card, words))
    yield words.text("good.everybody", own=words.of_hundred(found["figures"]["observed"]["value"]))
    yield _told("good.found", point["recall"], words)
    for each in card["stability"]["bands"]:
        if each["landmark"] == found["landmark"]:
            yield words.text("good.uncertain", own=words.of_hundred(each["uncertain"]["value"]))
    yield from _tested(found["persons"], words)


def _at_registration(card: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """Return what was measured at registration and the card's horizon, else of all together."""
    asked = card["outcome"]["horizon"]
    whole = [each for each in card["evaluation"]["slices"]
             if each["quarter"] is None and each["horizon"] == asked and each["figures"]]  # fmt: skip
    return next((each for landmark in (0, None) for each in whole if each["landmark"] == landmark), None)


def _at_quarter(found: Mapping[str, Any] | None) -> Mapping[str, Any] | None:
    if found is None:
        return None
    points = (each for each in found["figures"]["capacity"] if each["capacity"] == QUARTER)
    return next((each for each in points if None not in (each["precision"]["value"], each["recall"]["value"])), None)


def _needs(metrics: Mapping[str, Any], words: Words) -> Iterator[str]:
    if metrics["answered"]["value"] is None:
        return
    yield _told("good.answered", metrics["answered"], words)
    if metrics["agreement"]["value"] is not None:
        yield _told("good.agreed", metrics["agreement"], words)
    yield from _tested(metrics["persons"], words)


def _tested(persons: int | None, words: Words) -> Iterator[str]:
    if persons is not None:
        yield words.text("good.tested", count=words.number(persons))


def _told(key: str, each: Mapping[str, float], words: Words, **more: str) -> str:
    """Return a sentence on a share, its interval, and on the rest of the 100."""
    own = words.of_hundred(each["value"])
    rest = words.number(100 - round(100 * each["value"]))
    return words.text(key, own=own, rest=rest, interval=words.between(each["low"], each["high"]), **more)

"""What a reviewer must know between two versions of a model: what went in, what came out, and what was accepted."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict
from typing import Any

from ml.contracts.audit import TIMES

from .compared import NOTHING, Change, figures, text_of
from .failing import failing

Card = Mapping[str, Any]
Pairs = Mapping[str, Any]
COUNTED = re.compile(r"\d+ of \d+ findings")


def with_changes(card: Card, previous: Card | None) -> dict[str, Any]:
    """Return the card with what changed since the version before.

    previous  its card; None: there is none
    """
    found = [] if previous is None else [asdict(each) for each in changes(previous, card)]
    version = None if previous is None else previous["model"]["version"]
    return {**card, "previous": version, "changes": found}


def changes(before: Card, after: Card) -> tuple[Change, ...]:
    """Return what changed, what weighs most first; main figures are always among it."""
    if before["format"] != after["format"]:
        note = "cards of two forms cannot be held against each other by figures: read both"
        return (Change("the form of the card", str(before["format"]), str(after["format"]), note),)
    parts = (figures, _findings, _policy, _data, _inputs, _method, _made, _people)
    return tuple(each for part in parts for each in part(before, after))


def _other(before: Pairs, after: Pairs) -> Iterator[Change]:
    """Yield what differs between two sets of named facts."""
    for what in {**before, **after}:
        was, now = text_of(before.get(what)), text_of(after.get(what))
        if was != now:
            yield Change(what, was, now)


def _data(before: Card, after: Card) -> Iterator[Change]:
    def facts(card: Card) -> dict[str, Any]:
        cohort, split = card["cohort"], card["split"]
        parts = [split[name] for name in ("train", "calibration", "test")]
        days = {"from": [part["from"] for part in parts if part["from"]],
                "to": [part["to"] for part in parts if part["to"]]}  # fmt: skip
        return {
            "data": cohort["digest"],
            "rows": cohort["rows"],
            "persons": cohort["persons"],
            "first day of the data": min(days["from"], default=None),
            "last day of the data": max(days["to"], default=None),
            "split": split["kind"],
            "outcome": card.get("outcome", {}).get("words"),
        }

    yield from _other(facts(before), facts(after))


def _inputs(before: Card, after: Card) -> Iterator[Change]:
    was = {each["name"]: each for each in before["inputs"]}
    now = {each["name"]: each for each in after["inputs"]}
    for name in {**was, **now}:
        label = (now.get(name) or was[name])["label"]["en"]
        old, new = (each[name]["kind"].replace("_", " ") if name in each else NOTHING for each in (was, now))
        if old != new:
            note = "added" if name not in was else "removed" if name not in now else "another kind"
            yield Change(f"input “{label}”", old, new, note)
    used = "direct use of a protected attribute"
    yield from _moved(used, before.get("direct_use", ()), after.get("direct_use", ()))


def _method(before: Card, after: Card) -> Iterator[Change]:
    def facts(card: Card) -> dict[str, Any]:
        method = card["method"]
        settings = {f"setting {name}": value for name, value in method.get("settings", {}).items()}
        threshold = {"answers from": card["threshold"]["value"]} if "threshold" in card else {}
        return {"model kept": method["kept"], "seed": method["seed"], **settings, **threshold}

    yield from _other(facts(before), facts(after))


def _findings(before: Card, after: Card) -> Iterator[Change]:
    yield from _other({"verdict of the audit": before["audit"]["verdict"]},
                      {"verdict of the audit": after["audit"]["verdict"]})  # fmt: skip
    was, now = ({_finding(card, each): each for each in failing(card)} for card in (before, after))
    for name in (each for each in now if each not in was):
        yield Change(name, _verdict(before, name), _shown(now[name]), "newly failing")
    for name in (each for each in was if each not in now):
        yield Change(name, _shown(was[name]), _verdict(after, name), "no longer failing")


def _verdict(card: Card, name: str) -> str:
    """Return what a card says of a finding that it does not fail; of those beyond single attributes it says no more."""
    known = {_finding(card, each): each["verdict"] for each in card["audit"]["findings"]}
    return str(known.get(name, "does not fail"))


def _finding(card: Card, each: Card) -> str:
    """Return of whom and of what a finding is: the same words in two versions, the same finding."""
    places = ", ".join(place for place in (each["cut"], each["within"]) if place)
    metric, words = each["metric"].replace("_", " "), card["audit"]["words"]
    attribute = TIMES.join(words[name]["label"]["en"] if name in words else name
                           for name in each["attribute"].split(TIMES))  # fmt: skip
    against = f" against {each['reference']}" if each["reference"] else ""
    group = f": {each['group']}" if each["group"] else ""
    where = f" ({places})" if places else ""
    return f"{metric} of “{attribute}{group}”{against}{where}"


def _shown(each: Card) -> str:
    for name, word in (("ratio", "ratio"), ("difference", "difference")):
        if each[name] is not None:
            return f"{word} " + text_of({"value": each[name], "low": each[f"{name}_low"], "high": each[f"{name}_high"]})
    return "fails"


def _policy(before: Card, after: Card) -> Iterator[Change]:
    yield from _other({"policy": before["limits"]["policy"]}, {"policy": after["limits"]["policy"]})
    yield from _moved("deviation from the policy", before["deviations"], after["deviations"])


def _moved(what: str, before: Iterable[str], after: Iterable[str]) -> Iterator[Change]:
    """Yield what is of one list only, or says other numbers in the other."""
    was, now = ({COUNTED.sub("", each): each for each in lines} for lines in (before, after))
    for line in {**was, **now}:
        if was.get(line) != now.get(line):
            note = "new" if line not in was else "no longer" if line not in now else "other numbers"
            yield Change(what, was.get(line, NOTHING), now.get(line, NOTHING), note)


def _made(before: Card, after: Card) -> Iterator[Change]:
    def facts(card: Card) -> dict[str, str]:
        names = {"code": "code of apualy", "lock": "locked libraries"}
        environment = card["provenance"]["environment"]
        return {names.get(name, f"version of {name}"): value for name, value in environment.items()}

    yield from _other(facts(before), facts(after))


def _people(before: Card, after: Card) -> Iterator[Change]:
    """Yield which sections that people fill in differ; not what they say, for that is to be read."""
    was, now = before["people"], after["people"]
    for section in {**was, **now}:
        if section != "filled" and was.get(section) != now.get(section):
            old, new = ("filled in" if section in each else "not filled in" for each in (was, now))
            yield Change(f"what people say: {section.replace('_', ' ')}", old, new, "read it again")

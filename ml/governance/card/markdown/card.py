"""A card of a model of risk as Markdown, with front matter that model hubs read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..mitigation import render_mitigation
from .audit import render_audit
from .data import render_data
from .frame import changed, explained, first_section, front_matter, provenance, still_open, use
from .links import Link, links
from .people import render_people
from .performance import render_performance
from .pieces import interval, labels, plain, table

Card = Mapping[str, Any]

COIN = 0.55  # an AUC whose whole interval is below this is hardly more than a coin's


def render_card(card: Card) -> str:
    """Return the Markdown of a card; the same card gives the same bytes."""
    link, metrics = links(card), card["metrics"]
    shown = [("auc", "AUC, censoring-weighted", metrics["auc"]["value"]),
             ("brier", "Brier, censoring-weighted", metrics["brier"]["value"])]  # fmt: skip
    sections = (
        front_matter(card, ("unemployment",), "spells", shown), first_section(card), *changed(card), use(card),
        render_data(card, link), _method(card, link), _tried(card, link), explained(card), _quality(card, link),
        _uncertainty(card, link), render_audit(card, link), render_mitigation(card, link), render_people(card),
        still_open(card), provenance(card),
    )  # fmt: skip
    return "\n\n".join(sections) + "\n"


def _method(card: Card, link: Link) -> str:
    inputs = [
        [each["label"]["en"], each["kind"].replace("_", " "), plain(each["why"]["en"]) if each["why"] else "—",
         f"{each['importance']:.3f}", link(each["source"])]
        for each in card["inputs"]
    ]  # fmt: skip
    direct = "\n".join(f"* **Direct use of {name}**: {plain(why)}" for name, why in card["direct_use"].items())
    left = ", ".join(each["en"] for each in card["not_inputs"]) or "none declared"
    return (
        f"## Method\n\nKept: **{card['method']['kept']}**. {card['method']['why']} "
        f"({link(card['method']['source'])})\n\n"
        "Spells censored before the horizon are weighted by the inverse probability of censoring, never dropped. "
        "Probabilities are calibrated on a later part, apart for people who have waited for different times.\n\n"
        + table(["input", "kind", "why it is needed", "mean strength (log-odds)", "evidence"], inputs)
        + f"\n\nDeliberately not inputs: {left}."
        + (f"\n\n{direct}" if direct else "")
    )


def _tried(card: Card, link: Link) -> str:
    """Return what else was tried, and what the settings rest on."""
    method, others = card["method"], [name.replace("_", " ") for name in card["challengers"]]
    settings = ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in method["settings"].items())
    tuned = f"{method['tuning']} ({link('tuning.json#/why')})" if method["tuning"] else (
        "the defaults, found on the synthetic register."
    )  # fmt: skip
    return (
        f"## What was tried\n\nBeside the kept model, on the same people: {', '.join(others) or 'nothing'}. The kept "
        "one was chosen on the calibration part; the figures below are of the test part, which was looked at once.\n\n"
        f"Settings of the trees: {tuned}"
        + (f"\n\nAs trained: {settings} ({link(method['source'])})." if settings else "")
    )


def _quality(card: Card, link: Link) -> str:
    kept = card["method"]["kept"]
    models = {f"**{kept}** (kept)": card["metrics"], **card["challengers"]}
    rows = [
        [
            name.replace("_", " "),
            interval(each["auc"]),
            interval(each["brier"]),
            *_calibration(each["calibration"]),
            link(each["source"]),
        ]
        for name, each in models.items()
    ]
    curve = [[each["words"], interval(each["observed"]), f"{each['predicted']:.3f}", link(each["source"])]
             for each in card["curve"]]  # fmt: skip
    looks = card["outcome"]["entry"] is not None
    return (
        "## How good it is\n\nOn the test part, with 95 % intervals, censoring-weighted.\n\n"
        + table(["model", "AUC", "Brier", "intercept", "slope", "ICI", "evidence"], rows)
        + _of_the_rule(card["challengers"].get("rule"), link)
        + "\n\nShare still unemployed:\n\n"
        + table(["at", "observed" if looks else "observed (Kaplan–Meier)", "predicted", "evidence"], curve)
        + "\n\n"
        + render_performance(card["evaluation"], labels(card), link)
    )


def _of_the_rule(rule: Mapping[str, Any] | None, link: Link) -> str:
    """Return what lift over the rule means, where the rule is hardly more than a coin."""
    if rule is None or rule["auc"]["high"] is None or rule["auc"]["high"] >= COIN:
        return ""
    return (
        f"\n\nThe rule ranks people hardly better than a coin does (AUC {interval(rule['auc'])}, 0.5 is a coin): lift "
        f"over it, below, is lift over chance ({link(rule['source'])})."
    )


def _uncertainty(card: Card, link: Link) -> str:
    rows = [
        [
            each["at"],
            *(interval(each[name], 2) for name in ("flipped", "disagreeing", "uncertain")),
            *(f"{each[name]:.2f}" for name in ("wide", "unlike", "unstable")),
            link(each["source"]),
        ]
        for each in card["stability"]["bands"]
    ]
    head = ["looked at", "flipped", "refits that disagree", "uncertain", "too wide", "unlike", "unstable", "evidence"]
    return (
        "## When it does not know\n\nThe model was trained again on other people, drawn from those it learnt from. "
        "Flipped: share of people whom at least one refit puts into another band. The answer is “uncertain” where the "
        "interval is too wide, the case is unlike the training data, or refits do not agree on the band.\n\n"
        + table(head, rows)
    )


def _calibration(each: Mapping[str, Any]) -> list[str]:
    return ["—" if each[name] is None else f"{each[name]:.3f}" for name in ("intercept", "slope", "ici")]

"""A card as Markdown, with front matter that model hubs read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import yaml

from ..mitigation import render_mitigation
from .audit import render_audit
from .performance import render_performance
from .pieces import interval, provenance, still_open, table

Card = Mapping[str, Any]

COIN = 0.55  # an AUC whose whole interval is below this is hardly more than a coin's


def render_card(card: Card) -> str:
    """Return the Markdown of a card; the same card gives the same bytes."""
    sections = (
        _front_matter(card), _first_section(card), _use(card), _data(card), _method(card),
        _quality(card), _uncertainty(card), render_audit(card), render_mitigation(card),
        still_open(card), provenance(card),
    )  # fmt: skip
    return "\n\n".join(sections) + "\n"


def _front_matter(card: Card) -> str:
    metrics = card["metrics"]
    content = {
        "model_name": card["model"]["name"],
        "tags": ["tabular-classification", "unemployment", "advisory", card["method"]["kept"]],
        "model-index": [
            {
                "name": card["model"]["name"],
                "results": [
                    {
                        "task": {"type": "tabular-classification"},
                        "dataset": {"name": card["cohort"]["name"], "type": "spells"},
                        "metrics": [
                            {"type": kind, "name": name, "value": round(metrics[kind]["value"], 4)}
                            for kind, name in (
                                ("auc", "AUC, censoring-weighted"),
                                ("brier", "Brier, censoring-weighted"),
                            )
                        ],
                    }
                ],
            }
        ],
    }
    return "---\n" + yaml.safe_dump(content, sort_keys=False, allow_unicode=True) + "---"


def _first_section(card: Card) -> str:
    model = card["model"]
    lines = "\n".join(f"> **{line}**\n>" for line in card["headlines"]).rstrip(">").rstrip()
    return f"# {model['name']}, version {model['version']}\n\n{lines}"


def _use(card: Card) -> str:
    prohibited = "\n".join(f"* {line}" for line in card["not_for"])
    return f"## What it is for\n\n{card['purpose']}\n\nNot for:\n\n{prohibited}"


def _data(card: Card) -> str:
    cohort, split = card["cohort"], card["split"]
    parts = [[name, split[name]["rows"], split[name]["from"] or "—", split[name]["to"] or "—"]
             for name in ("train", "calibration", "test")]  # fmt: skip
    return (
        f"## Data\n\n{cohort['description']}\n\n"
        f"{cohort['rows']} {_rows(card)} of {cohort['persons']} persons: {cohort['exits']} exits seen, "
        f"{cohort['censored']} censored. Licence: {cohort['licence']}. Digest: `{cohort['digest']}`.\n\n"
        f"Outcome: still unemployed at {card['outcome']['words']}. Split: {split['kind']}.\n\n"
        + _looks(card)
        + table(["part", _rows(card), "from", "to"], parts)
        + _left_out(card)
    )


def _has_looks(card: Card) -> bool:
    """Return whether one spell may have several rows; cards of before could not say so."""
    return bool(card["outcome"].get("entry"))


def _rows(card: Card) -> str:
    return "looks at spells" if _has_looks(card) else "spells"


def _looks(card: Card) -> str:
    """Return what a row is where one spell may have several, else nothing."""
    if not _has_looks(card):
        return ""
    return (
        f"A look is a spell as it was when it had lasted as long as “{card['outcome']['entry']}” says; one spell may "
        "have several. Times are counted from registration, and each chance is of a spell that has lasted to its "
        "look. A horizon that had been reached then is no question any more, and the look is left out there. Intervals "
        "are of persons, not of looks.\n\n"
    )


def _left_out(card: Card) -> str:
    split = card["split"]
    told = []
    if split["left_out"]:
        looks = "looks at " if _has_looks(card) else ""
        if split.get("dealt"):
            told.append(f"{split['left_out']} {looks}spells of people in another part (many come back, so people are "
                        "dealt to the parts at random, and each part has newcomers and returners alike)")  # fmt: skip
        else:
            told.append(f"{split['left_out']} {looks}later spells of people in an earlier part")
    if split.get("unripe"):
        told.append(f"{split['unripe']} that began less than a horizon before the end of their part")
    if split.get("not_yet"):
        told.append(f"{split['not_yet']} looks that came after their part was closed")
    return f"\n\nLeft out: {'; '.join(told)}." if told else ""


def _method(card: Card) -> str:
    inputs = [[each["label"], each["kind"].replace("_", " "), f"{each['importance']:.3f}"] for each in card["inputs"]]
    direct = "\n".join(f"* **Direct use of {name}**: {why}" for name, why in card["direct_use"].items())
    return (
        f"## Method\n\nKept: **{card['method']['kept']}**. {card['method']['why']}\n\n"
        "Spells censored before the horizon are weighted by the inverse probability of censoring, never dropped. "
        "Probabilities are calibrated on a later part, apart for people who have waited for different times.\n\n"
        f"Settings of the trees: {card['method']['tuning'] or 'the defaults, found on the synthetic register.'}\n\n"
        + table(["input", "kind", "mean strength (log-odds)"], inputs)
        + f"\n\nDeliberately not inputs: {', '.join(card['not_inputs']) or 'none declared'}."
        + (f"\n\n{direct}" if direct else "")
    )


def _quality(card: Card) -> str:
    kept = card["method"]["kept"]
    models = {f"**{kept}** (kept)": card["metrics"], **card["challengers"]}
    rows = [
        [
            name.replace("_", " "),
            interval(each["auc"]),
            interval(each["brier"]),
            *_calibration(each["calibration"]),
        ]
        for name, each in models.items()
    ]
    curve = [[each["words"], interval(each["observed"]), f"{each['predicted']:.3f}"] for each in card["curve"]]
    return (
        "## How good it is\n\nOn the test part, with 95 % intervals, censoring-weighted.\n\n"
        + table(["model", "AUC", "Brier", "intercept", "slope", "ICI"], rows)
        + _of_the_rule(card["challengers"].get("rule"))
        + "\n\nShare still unemployed:\n\n"
        + table(["at", "observed" if _has_looks(card) else "observed (Kaplan–Meier)", "predicted"], curve)
        + "\n\n"
        + render_performance(card["evaluation"], card["audit"]["labels"])
    )


def _of_the_rule(rule: Mapping[str, Any] | None) -> str:
    """Return what lift over the rule means, where the rule is hardly more than a coin."""
    if rule is None or rule["auc"]["high"] is None or rule["auc"]["high"] >= COIN:
        return ""
    return (
        f"\n\nThe rule ranks people hardly better than a coin does (AUC {interval(rule['auc'])}, 0.5 is a coin): lift "
        "over it, below, is lift over chance."
    )


def _uncertainty(card: Card) -> str:
    rows = [
        [
            each["at"],
            *(interval(each[name], 2) for name in ("flipped", "disagreeing", "uncertain")),
            *(f"{each[name]:.2f}" for name in ("wide", "unlike", "unstable")),
        ]
        for each in card["stability"]["bands"]
    ]
    return (
        "## When it does not know\n\nThe model was trained again on other people, drawn from those it learnt from. "
        "Flipped: share of people whom at least one refit puts into another band. The answer is “uncertain” where the "
        "interval is too wide, the case is unlike the training data, or refits do not agree on the band.\n\n"
        + table(["looked at", "flipped", "refits that disagree", "uncertain", "too wide", "unlike", "unstable"], rows)
        + f"\n\nReasons: {card['stability']['reasons']}."
    )


def _calibration(each: Mapping[str, Any]) -> list[str]:
    return ["—" if each[name] is None else f"{each[name]:.3f}" for name in ("intercept", "slope", "ici")]

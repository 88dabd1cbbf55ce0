"""The card of a service-need model as Markdown, with front matter that model hubs read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import yaml

from .pieces import count, interval, listed, provenance, ratio, still_open, table

Card = Mapping[str, Any]


def render_needs_card(card: Card) -> str:
    """Return the Markdown of a card; the same card gives the same bytes."""
    sections = (
        _front_matter(card), _first_section(card), _use(card), _rule(card), _data(card), _method(card),
        _quality(card), _caseworkers(card), _audit(card), still_open(card), provenance(card),
    )  # fmt: skip
    return "\n\n".join(sections) + "\n"


def _front_matter(card: Card) -> str:
    metrics = card["metrics"]
    shown = [("accuracy", "Agreement with caseworkers, of all cases", metrics["accuracy"]["value"]),
             ("agreement", "Agreement with caseworkers, of the answered", metrics["agreement"]["value"])]  # fmt: skip
    results = {
        "task": {"type": "tabular-classification"},
        "dataset": {"name": card["cohort"]["name"], "type": "placements"},
        "metrics": [{"type": kind, "name": name, "value": round(value, 4)}
                    for kind, name, value in shown if value is not None],
    }  # fmt: skip
    content = {
        "model_name": card["model"]["name"],
        "tags": ["tabular-classification", "employment-services", "advisory", card["method"]["kept"]],
        "model-index": [{"name": card["model"]["name"], "results": [results]}],
    }
    return "---\n" + yaml.safe_dump(content, sort_keys=False, allow_unicode=True) + "---"


def _first_section(card: Card) -> str:
    model = card["model"]
    lines = "\n".join(f"> **{line}**\n>" for line in card["headlines"]).rstrip(">").rstrip()
    return f"# {model['name']}, version {model['version']}\n\n{lines}"


def _use(card: Card) -> str:
    return f"## What it is for\n\n{card['purpose']}\n\nNot for:\n\n{listed(card['not_for'])}"


def _rule(card: Card) -> str:
    rule = card["rule"]
    rows = [
        ["on days when the rule holds: recorded as made by rule", count(rule["holds"]),
         interval(rule["placed_where_holds"])],
        ["recorded as made by rule: on a day when the rule holds", count(rule["by_rule"]),
         interval(rule["holds_where_placed"])],
    ]  # fmt: skip
    return (
        f"## The integration rule\n\n{rule['words']}\n\n"
        + table(["placements", "of", "share"], rows)
        + "\n\nThe rule knows of a plan what had been entered in the register by the day before; a plan entered later "
        "makes the two differ."
    )


def _data(card: Card) -> str:
    cohort, split = card["cohort"], card["split"]
    parts = [[name, count(split[name]["rows"]), count(split[name]["interview_first"]), split[name]["from"],
              split[name]["to"]] for name in ("train", "calibration", "test")]  # fmt: skip
    placed = ", ".join(
        f"{answer.replace('_', ' ')} {count(number)}" for answer, number in cohort["by_caseworkers"].items()
    )
    how = (
        "people are dealt to the parts at random, as many come back"
        if split["dealt"]
        else "people stand in the part of their earliest placement"
    )
    return (
        f"## Data\n\n{cohort['rows']} placements of {cohort['persons']} persons. By caseworkers, where the rule says "
        f"nothing: {placed}. Only these divide into the parts, by the day of placement; the model learns from those in "
        f"an entity. No person stands in two parts ({how}); left out for it: {count(split['left_out'])} placements. "
        f"Digest: `{cohort['digest']}`.\n\n"
        + table(["part", "placed in an entity", "interview first", "from", "to"], parts)
    )


def _method(card: Card) -> str:
    entities = list(card["metrics"]["entities"])
    inputs = [[each["label"], each["kind"].replace("_", " "), *(f"{each['importance'][name]:.3f}" for name in entities)]
              for each in card["inputs"]]  # fmt: skip
    return (
        f"## Method\n\nKept: **{card['method']['kept']}**, because {card['method']['why']}.\n\n"
        "Probabilities are calibrated on a later part than the model learnt from (vector scaling: one temperature, a "
        f"bias an entity). When it answers: {card['threshold']['why']}. A case with a value unlike the training data "
        "always gets “interview first”.\n\nMean strength of each input for or against an entity, in log-odds:\n\n"
        + table(["input", "kind", *entities], inputs)
        + f"\n\nDeliberately not inputs: {', '.join(card['not_inputs']) or 'none declared'}."
    )


def _quality(card: Card) -> str:
    metrics, kept = card["metrics"], card["method"]["kept"]
    candidates = [
        [
            f"**{name}** (kept)" if name == kept else name.replace("_", " "),
            interval(each["accuracy"]),
            interval(each["log_loss"]),
            interval(each["gain"]),
        ]
        for name, each in metrics["candidates"].items()
    ]
    entities = [
        [name, count(each["placed"]), interval(each["precision"]), interval(each["recall"]), interval(each["auc"])]
        for name, each in metrics["entities"].items()
    ]
    kept_word = [
        [name, interval(each["observed"]), f"{each['predicted']:.3f}",
         *(interval(each["calibration"][key]) for key in ("intercept", "slope", "ici", "ici_if_perfect"))]
        for name, each in metrics["entities"].items()
    ]  # fmt: skip
    answers = list(next(iter(metrics["confusion"].values())))
    confusion = [[name, *(count(row[answer]) for answer in answers)] for name, row in metrics["confusion"].items()]
    return (
        f"## How good it is\n\nOn the test part ({count(metrics['rows'])} placements of {count(metrics['persons'])} "
        "persons), with 95 % intervals of persons. Right is what a caseworker chose.\n\n"
        f"Of all cases the most likely entity is the caseworker's in {interval(metrics['accuracy'])}. Answered: "
        f"{interval(metrics['answered'])}; of these {interval(metrics['agreement'])} agree. Unlike the training "
        f"data: {interval(metrics['unlike'])}.\n\n"
        + table(["candidate", "accuracy", "log loss", "log loss lower than base rate"], candidates)
        + "\n\nEach entity against the rest (“interview first” misses):\n\n"
        + table(["entity", "placed", "precision", "recall", "AUC"], entities)
        + "\n\nDo the probabilities keep their word? Intercept 0 and slope 1 are perfect; noise alone gives the "
        "calibration index (ICI) of perfect probabilities the value of the last column.\n\n"
        + table(["entity", "observed share", "predicted", "intercept", "slope", "ICI", "ICI if perfect"], kept_word)
        + "\n\nWhat the model answers (columns) where caseworkers chose (rows):\n\n"
        + table(["", *(answer.replace("_", " ") for answer in answers)], confusion)
    )  # fmt: skip


def _caseworkers(card: Card) -> str:
    found, first = card["metrics"]["disagreement"], card["metrics"]["interview_first"]
    names = {
        "four_answers": "two caseworkers, with “interview first” as an answer",
        "entities": "two caseworkers, where both named an entity",
        "model": "the model's most likely entity and the second caseworker, same clients",
        "model_answered": "the model's answer and the second caseworker, where it answers",
        "entities_answered": "two caseworkers, on these",
    }
    rows = [[words, count(found[key]["pairs"]), interval(found[key]["share"]), interval(found[key]["kappa"])]
            for key, words in names.items()]  # fmt: skip
    shares = [[answer.replace("_", " "), interval(share), interval(first["answers_elsewhere"][answer])]
              for answer, share in first["answers_there"].items()]  # fmt: skip
    return (
        "## Beside caseworkers' own disagreement\n\nClients whom two caseworkers placed within 45 days:\n\n"
        + table(["who", "clients", "agree", "Cohen's kappa"], rows)
        + f"\n\nThe model agrees with the second caseworker oftener than the first does by {interval(found['gap'])}, "
        f"and by {interval(found['gap_answered'])} where it answers; below 0, a colleague is the better stand-in."
        f"\n\nWhere caseworkers said “interview first” ({count(first['rows'])} placements of the test part) the "
        f"most likely entity has a mean probability of {interval(first['top_there'])}, elsewhere "
        f"{interval(first['top_elsewhere'])}. The model answers:\n\n"
        + table(["answer", "where caseworkers said “interview first”", "elsewhere"], shares)
    )


def _audit(card: Card) -> str:
    audit, limits = card["audit"], card["limits"]
    rows = [
        [audit["labels"].get(each["attribute"], each["attribute"]), each["group"], each["reference"],
         count(each["n"]), each["metric"].replace("_", " "), interval(each, 2), ratio(each), each["verdict"]]
        for each in audit["findings"]
    ]  # fmt: skip
    return (
        f"## Answers by protected group: {audit['verdict']}\n\nShare of each answer, and agreement with caseworkers, "
        "each group's divided by the reference group's. Groups may differ in need: a ratio outside the limits is to be "
        f"explained by people. Pass: the whole 95 % interval of the ratio lies within {limits['answers']['low']:g}–"
        f"{limits['answers']['high']:g}; fail: the whole interval lies outside; else, or where a rate is of fewer than "
        f"{limits['smallest_denominator']} people, the evidence is insufficient. Counts are rounded to 5; fewer than 5 "
        "are not shown.\n\n" + table(["attribute", "group", "against", "n", "metric", "rate", "ratio", "verdict"], rows)
    )

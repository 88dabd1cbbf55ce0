"""The card of a service-need model as Markdown, with front matter that model hubs read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..sources import below
from .data import period, quality_report
from .frame import changed, explained, first_section, front_matter, provenance, still_open, use
from .links import Link, links
from .people import render_people
from .pieces import NONE, count, interval, labels, plain, ratio, table

Card = Mapping[str, Any]


def render_needs_card(card: Card) -> str:
    """Return the Markdown of a card; the same card gives the same bytes."""
    link, metrics = links(card), card["metrics"]
    shown = [("accuracy", "Agreement with caseworkers, of all cases", metrics["accuracy"]["value"]),
             ("agreement", "Agreement with caseworkers, of the answered", metrics["agreement"]["value"])]  # fmt: skip
    sections = (
        front_matter(card, ("employment-services",), "placements", shown), first_section(card), *changed(card),
        use(card), _rule(card, link), _data(card, link), _method(card, link), explained(card), _quality(card, link),
        _caseworkers(card, link), _audit(card, link), render_people(card), still_open(card), provenance(card),
    )  # fmt: skip
    return "\n\n".join(sections) + "\n"


def _rule(card: Card, link: Link) -> str:
    rule = card["rule"]
    rows = [
        ["on days when the rule holds: recorded as made by rule", count(rule["holds"]),
         interval(rule["placed_where_holds"]), link(rule["source"])],
        ["recorded as made by rule: on a day when the rule holds", count(rule["by_rule"]),
         interval(rule["holds_where_placed"]), link(rule["source"])],
    ]  # fmt: skip
    return (
        f"## The integration rule\n\n{rule['words']}\n\n"
        + table(["placements", "of", "share", "evidence"], rows)
        + "\n\nThe rule knows of a plan what had been entered in the register by the day before; a plan entered later "
        "makes the two differ."
    )


def _data(card: Card, link: Link) -> str:
    cohort, split = card["cohort"], card["split"]
    parts = [[name, count(split[name]["rows"]), count(split[name]["interview_first"]), split[name]["from"],
              split[name]["to"], link(split[name]["source"])] for name in ("train", "calibration", "test")]  # fmt: skip
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
        f"an entity. No person stands in two parts ({how}); left out for it: {count(split['left_out'])} placements "
        f"({link(cohort['source'])}, {link(split['source'])}). {period(split, 'Placements in the parts were made')}"
        f"{quality_report(cohort, link)}\n\n"
        + table(["part", "placed in an entity", "interview first", "from", "to", "evidence"], parts)
    )


def _method(card: Card, link: Link) -> str:
    entities = list(card["metrics"]["entities"])
    inputs = [
        [each["label"]["en"], each["kind"].replace("_", " "), plain(each["why"]["en"]) if each["why"] else "—",
         *(f"{each['importance'][name]:.3f}" for name in entities), link(each["source"])]
        for each in card["inputs"]
    ]  # fmt: skip
    left = ", ".join(each["en"] for each in card["not_inputs"]) or "none declared"
    return (
        f"## Method\n\nKept: **{card['method']['kept']}**, because {card['method']['why']} "
        f"({link(card['method']['source'])}).\n\n"
        "Probabilities are calibrated on a later part than the model learnt from (vector scaling: one temperature, a "
        f"bias an entity). When it answers: {card['threshold']['why']} "
        f"({link(card['threshold']['source'])}). A case with a value unlike the training data "
        "always gets “interview first”.\n\nMean strength of each input for or against an entity, in log-odds:\n\n"
        + table(["input", "kind", "why it is needed", *entities, "evidence"], inputs)
        + f"\n\nDeliberately not inputs: {left}."
    )


def _quality(card: Card, link: Link) -> str:
    metrics, kept = card["metrics"], card["method"]["kept"]
    candidates = [
        [
            f"**{name}** (kept)" if name == kept else name.replace("_", " "),
            interval(each["accuracy"]),
            interval(each["log_loss"]),
            interval(each["gain"]),
            link(each["source"]),
        ]
        for name, each in metrics["candidates"].items()
    ]
    entities = [
        [name, count(each["placed"]), interval(each["precision"]), interval(each["recall"]), interval(each["auc"]),
         link(each["source"])]
        for name, each in metrics["entities"].items()
    ]  # fmt: skip
    kept_word = [
        [name, interval(each["observed"]), f"{each['predicted']:.3f}",
         *(interval(each["calibration"][key]) for key in ("intercept", "slope", "ici", "ici_if_perfect")),
         link(each["source"])]
        for name, each in metrics["entities"].items()
    ]  # fmt: skip
    answers = list(next(iter(metrics["confusion"].values())))
    confusion = [
        [name, *(count(row[answer]) for answer in answers), link(below(metrics["source"], "confusion", name))]
        for name, row in metrics["confusion"].items()
    ]
    return (
        f"## How good it is\n\nOn the test part ({count(metrics['rows'])} placements of {count(metrics['persons'])} "
        "persons), with 95 % intervals of persons. Right is what a caseworker chose.\n\n"
        f"Of all cases the most likely entity is the caseworker's in {interval(metrics['accuracy'])}. Answered: "
        f"{interval(metrics['answered'])}; of these {interval(metrics['agreement'])} agree. Unlike the training "
        f"data: {interval(metrics['unlike'])} ({link(metrics['source'])}).\n\n"
        + table(["candidate", "accuracy", "log loss", "log loss lower than base rate", "evidence"], candidates)
        + "\n\nEach entity against the rest (“interview first” misses):\n\n"
        + table(["entity", "placed", "precision", "recall", "AUC", "evidence"], entities)
        + "\n\nDo the probabilities keep their word? Intercept 0 and slope 1 are perfect; noise alone gives the "
        "calibration index (ICI) of perfect probabilities the value of the last column.\n\n"
        + table(["entity", "observed share", "predicted", "intercept", "slope", "ICI", "ICI if perfect", "evidence"],
                kept_word)
        + "\n\nWhat the model answers (columns) where caseworkers chose (rows):\n\n"
        + table(["", *(answer.replace("_", " ") for answer in answers), "evidence"], confusion)
    )  # fmt: skip


def _caseworkers(card: Card, link: Link) -> str:
    found, first = card["metrics"]["disagreement"], card["metrics"]["interview_first"]
    names = {
        "four_answers": "two caseworkers, with “interview first” as an answer",
        "entities": "two caseworkers, where both named an entity",
        "model": "the model's most likely entity and the second caseworker, same clients",
        "model_answered": "the model's answer and the second caseworker, where it answers",
        "entities_answered": "two caseworkers, on these",
    }
    rows = [[words, count(found[key]["pairs"]), interval(found[key]["share"]), interval(found[key]["kappa"]),
             link(found[key]["source"])]
            for key, words in names.items()]  # fmt: skip
    shares = [[answer.replace("_", " "), interval(share), interval(first["answers_elsewhere"][answer]),
               link(first["source"])]
              for answer, share in first["answers_there"].items()]  # fmt: skip
    return (
        "## Beside caseworkers' own disagreement\n\nClients whom two caseworkers placed within 45 days:\n\n"
        + table(["who", "clients", "agree", "Cohen's kappa", "evidence"], rows)
        + f"\n\nThe model agrees with the second caseworker oftener than the first does by {interval(found['gap'])}, "
        f"and by {interval(found['gap_answered'])} where it answers; below 0, a colleague is the better stand-in "
        f"({link(found['source'])}).\n\nWhere caseworkers said “interview first” ({count(first['rows'])} "
        "placements of the test part) the most likely entity has a mean probability of "
        f"{interval(first['top_there'])}, elsewhere {interval(first['top_elsewhere'])} "
        f"({link(first['source'])}). The model answers:\n\n"
        + table(["answer", "where caseworkers said “interview first”", "elsewhere", "evidence"], shares)
    )


def _audit(card: Card, link: Link) -> str:
    audit, limits, words = card["audit"], card["limits"], labels(card)
    rows = [
        [each.get("id", NONE), each["verdict"], words.get(each["attribute"], each["attribute"]), each["group"],
         each["reference"], count(each["n"]), each["metric"].replace("_", " "), interval(each, 2), ratio(each),
         link(each["source"])]
        for each in audit["findings"]
    ]  # fmt: skip
    return (
        f"## Answers by protected group: {audit['verdict']}\n\nShare of each answer, and agreement with caseworkers, "
        "each group's divided by the reference group's. Groups may differ in need: a ratio outside the limits is to be "
        f"explained by people. Pass: the whole 95 % interval of the ratio lies within {limits['answers']['low']:g}–"
        f"{limits['answers']['high']:g}; fail: the whole interval lies outside; else, or where a rate is of fewer than "
        f"{limits['smallest_denominator']} people, the evidence is insufficient. Counts are rounded to 5; fewer than 5 "
        f"are not shown ({link(limits['source'])}).\n\n"
        + table(["no.", "verdict", "attribute", "group", "against", "n", "metric", "rate", "ratio", "evidence"], rows)
    )

"""The card of a service-need model as Markdown, with front matter that model hubs read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import yaml

Card = Mapping[str, Any]


def render_needs_card(card: Card) -> str:
    """Return the Markdown of a card; the same card gives the same bytes."""
    sections = (
        _front_matter(card), _first_section(card), _use(card), _rule(card), _data(card), _method(card),
        _quality(card), _caseworkers(card), _audit(card), _open(card), _provenance(card),
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
    return f"## What it is for\n\n{card['purpose']}\n\nNot for:\n\n{_list(card['not_for'])}"


def _rule(card: Card) -> str:
    rule = card["rule"]
    rows = [
        ["on days when the rule holds: recorded as made by rule", _count(rule["holds"]),
         _interval(rule["placed_where_holds"])],
        ["recorded as made by rule: on a day when the rule holds", _count(rule["by_rule"]),
         _interval(rule["holds_where_placed"])],
    ]  # fmt: skip
    return (
        f"## The integration rule\n\n{rule['words']}\n\n"
        + _table(["placements", "of", "share"], rows)
        + "\n\nThe rule knows of a plan what had been entered in the register by the day before; a plan entered later "
        "makes the two differ."
    )


def _data(card: Card) -> str:
    cohort, split = card["cohort"], card["split"]
    parts = [[name, _count(split[name]["rows"]), _count(split[name]["interview_first"]), split[name]["from"],
              split[name]["to"]] for name in ("train", "calibration", "test")]  # fmt: skip
    placed = ", ".join(
        f"{answer.replace('_', ' ')} {_count(count)}" for answer, count in cohort["by_caseworkers"].items()
    )
    how = (
        "people are dealt to the parts at random, as many come back"
        if split["dealt"]
        else "people stand in the part of their earliest placement"
    )
    return (
        f"## Data\n\n{cohort['rows']} placements of {cohort['persons']} persons. By caseworkers, where the rule says "
        f"nothing: {placed}. Only these divide into the parts, by the day of placement; the model learns from those in "
        f"an entity. No person stands in two parts ({how}); left out for it: {_count(split['left_out'])} placements. "
        f"Digest: `{cohort['digest']}`.\n\n"
        + _table(["part", "placed in an entity", "interview first", "from", "to"], parts)
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
        + _table(["input", "kind", *entities], inputs)
        + f"\n\nDeliberately not inputs: {', '.join(card['not_inputs']) or 'none declared'}."
    )


def _quality(card: Card) -> str:
    metrics, kept = card["metrics"], card["method"]["kept"]
    candidates = [
        [
            f"**{name}** (kept)" if name == kept else name.replace("_", " "),
            _interval(each["accuracy"]),
            _interval(each["log_loss"]),
            _interval(each["gain"]),
        ]
        for name, each in metrics["candidates"].items()
    ]
    entities = [
        [name, _count(each["placed"]), _interval(each["precision"]), _interval(each["recall"]), _interval(each["auc"])]
        for name, each in metrics["entities"].items()
    ]
    kept_word = [
        [name, _interval(each["observed"]), f"{each['predicted']:.3f}",
         *(_interval(each["calibration"][key]) for key in ("intercept", "slope", "ici", "ici_if_perfect"))]
        for name, each in metrics["entities"].items()
    ]  # fmt: skip
    answers = list(next(iter(metrics["confusion"].values())))
    confusion = [[name, *(_count(row[answer]) for answer in answers)] for name, row in metrics["confusion"].items()]
    return (
        f"## How good it is\n\nOn the test part ({_count(metrics['rows'])} placements of {_count(metrics['persons'])} "
        "persons), with 95 % intervals of persons. Right is what a caseworker chose.\n\n"
        f"Of all cases the most likely entity is the caseworker's in {_interval(metrics['accuracy'])}. Answered: "
        f"{_interval(metrics['answered'])}; of these {_interval(metrics['agreement'])} agree. Unlike the training "
        f"data: {_interval(metrics['unlike'])}.\n\n"
        + _table(["candidate", "accuracy", "log loss", "log loss lower than base rate"], candidates)
        + "\n\nEach entity against the rest (“interview first” misses):\n\n"
        + _table(["entity", "placed", "precision", "recall", "AUC"], entities)
        + "\n\nDo the probabilities keep their word? Intercept 0 and slope 1 are perfect; noise alone gives the "
        "calibration index (ICI) of perfect probabilities the value of the last column.\n\n"
        + _table(["entity", "observed share", "predicted", "intercept", "slope", "ICI", "ICI if perfect"], kept_word)
        + "\n\nWhat the model answers (columns) where caseworkers chose (rows):\n\n"
        + _table(["", *(answer.replace("_", " ") for answer in answers)], confusion)
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
    rows = [[words, _count(found[key]["pairs"]), _interval(found[key]["share"]), _interval(found[key]["kappa"])]
            for key, words in names.items()]  # fmt: skip
    shares = [[answer.replace("_", " "), _interval(share), _interval(first["answers_elsewhere"][answer])]
              for answer, share in first["answers_there"].items()]  # fmt: skip
    return (
        "## Beside caseworkers' own disagreement\n\nClients whom two caseworkers placed within 45 days:\n\n"
        + _table(["who", "clients", "agree", "Cohen's kappa"], rows)
        + f"\n\nThe model agrees with the second caseworker oftener than the first does by {_interval(found['gap'])}, "
        f"and by {_interval(found['gap_answered'])} where it answers; below 0, a colleague is the better stand-in."
        f"\n\nWhere caseworkers said “interview first” ({_count(first['rows'])} placements of the test part) the "
        f"most likely entity has a mean probability of {_interval(first['top_there'])}, elsewhere "
        f"{_interval(first['top_elsewhere'])}. The model answers:\n\n"
        + _table(["answer", "where caseworkers said “interview first”", "elsewhere"], shares)
    )


def _audit(card: Card) -> str:
    audit, limits = card["audit"], card["limits"]
    rows = [
        [audit["labels"].get(each["attribute"], each["attribute"]), each["group"], each["reference"],
         _count(each["n"]), each["metric"].replace("_", " "), _interval(each, 2), _ratio(each), each["verdict"]]
        for each in audit["findings"]
    ]  # fmt: skip
    return (
        f"## Answers by protected group: {audit['verdict']}\n\nShare of each answer, and agreement with caseworkers, "
        "each group's divided by the reference group's. Groups may differ in need: a ratio outside the limits is to be "
        f"explained by people. Pass: the whole 95 % interval of the ratio lies within {limits['ratio_low']:g}–"
        f"{limits['ratio_high']:g}; fail: the whole interval lies outside; else, or where a rate is of fewer than "
        f"{limits['smallest_denominator']} people, the evidence is insufficient. Counts are rounded to 5; fewer than 5 "
        "are not shown.\n\n"
        + _table(["attribute", "group", "against", "n", "metric", "rate", "ratio", "verdict"], rows)
    )


def _open(card: Card) -> str:
    return (
        f"## What is open\n\nWarnings:\n\n{_list(card['warnings'])}"
        "\n\nDeviations from the policy, each to be accepted in writing before an approval:\n\n"
        f"{_list(card['deviations'])}"
        f"\n\nGaps that only people can fill:\n\n{_list([f'**Gap:** {gap}' for gap in card['gaps']])}"
    )


def _provenance(card: Card) -> str:
    provenance = card["provenance"]
    versions = ", ".join(f"{name} {version}" for name, version in provenance["environment"].items())
    return (
        f"## Provenance\n\nTrained by {provenance['trained_by']} at {provenance['trained_at']}, MLflow run "
        f"`{provenance['run']}`, seed {card['method']['seed']}.\n\nArtefact `{card['model']['digest']}`.\n\n"
        f"Policy `{card['limits']['policy']}`.\n\nEnvironment: {versions}."
    )


def _table(head: list[str], rows: list[list[Any]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(_cell(cell) for cell in line) + " |" for line in lines)


def _cell(value: Any) -> str:
    return str(value).replace("|", "\\|").replace("\n", " ")


def _list(lines: list[str]) -> str:
    return "\n".join(f"* {line}" for line in lines) or "* none"


def _interval(each: Mapping[str, Any], digits: int = 3) -> str:
    if each["value"] is None:
        return "—"
    ends = ("—" if end is None else f"{end:.{digits}f}" for end in (each["low"], each["high"]))
    return f"{each['value']:.{digits}f} ({'–'.join(ends)})"


def _ratio(each: Mapping[str, Any]) -> str:
    if each["ratio"] is None:
        return "—"
    high = "∞" if each["ratio_high"] is None else f"{each['ratio_high']:.2f}"  # a reference rate that may be 0
    return f"{each['ratio']:.2f} ({each['ratio_low']:.2f}–{high})"


def _count(number: int | None) -> str:
    return "<5" if number is None else str(number)

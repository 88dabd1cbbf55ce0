"""The section of a card that says how good the model is: by landmark, capacity, quarter and group.

It is made from the JSON of the card (ml/governance/figures/evaluation.py); what cannot be said is listed as such.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..sources import below
from .links import Link
from .pieces import NONE, count, interval, table

Evaluation = Mapping[str, Any]
Row = Mapping[str, Any]
INSUFFICIENT = "insufficient evidence"
EVIDENCE = "evidence"
TURNS = (
    "One test part is a fifth of the people, and which model does better on it is often its luck. The file has no "
    "times, so each fifth can be the test part in turn: here everybody was judged once, by models of the same kinds "
    "that other people had taught. AUC is the mean over five turns, Brier is over all; paired over the same people. "
    "Intervals are of who was judged, not of who taught; the model of this card is the one of the first turn."
)


def render_performance(evaluation: Evaluation, labels: Mapping[str, str], link: Link) -> str:
    """Return the Markdown of the section, without its heading; each row ends with its evidence.

    labels  protected attribute → its words
    """
    sections = (
        _by_landmark(evaluation, link),
        _calibration(evaluation, link),
        _at_capacity(evaluation, link),
        _rivals(evaluation, link),
        _in_turns(evaluation, link),
        _quarters(evaluation, link),
        _groups(evaluation, labels, link),
    )
    return "\n\n".join(section for section in sections if section)


def _by_landmark(evaluation: Evaluation, link: Link) -> str:
    head = ["looked at", "share at", "n", "observed", "predicted", "AUC", "Brier", EVIDENCE]
    rows = [
        [
            each["at"],
            each["horizon_words"],
            count(each["n"]),
            *_figures(each, ("observed", "predicted", "auc", "brier")),
            link(each["source"]),
        ]
        for each in _whole(evaluation)
    ]
    text = "### By landmark and horizon\n\nOn the test part, censoring-weighted, with 95 % intervals of persons.\n\n"
    return text + table(head, rows) + _pooled_note(evaluation)


def _pooled_note(evaluation: Evaluation) -> str:
    if all(each["landmark"] is not None for each in _whole(evaluation)):
        return ""
    return (
        "\n\nThe lines of all landmarks together flatter: they count as skill that those who have waited long are told "
        "from newcomers, which everybody can see."
    )


def _calibration(evaluation: Evaluation, link: Link) -> str:
    head = ["looked at", "share at", "predicted − observed", "intercept", "slope", "ICI", "ICI if perfect", "coverage",
            EVIDENCE]  # fmt: skip
    rows = [
        [each["at"], each["horizon_words"], *_calibrated(each["figures"]), link(each["source"])]
        for each in _whole(evaluation)
        if each["landmark"] is not None
    ]
    return (
        "### Whether its chances keep their word\n\nIntercept 0, slope 1 and an integrated calibration index (ICI) of "
        "0 are perfect. Noise alone makes the ICI larger than 0: beside it stands what it would be of perfect chances "
        "on as many people, and the range that holds 95 % of it.\n\nCoverage: in how many of 100 bins of people in a "
        "like situation the share that came true lies where the interval of the hint, and the bin's own noise, let it "
        "lie; 95 is what the intervals promise. In brackets: without an allowance for noise. It speaks of shares among "
        "people, not of one person's fate.\n\n" + table(head, rows)
    )


def _calibrated(figures: Row | None) -> list[str]:
    if figures is None:
        return [INSUFFICIENT] + [NONE] * 5
    calibration, held = figures["calibration"], figures["coverage"]
    told = [_interval(calibration[name], 2) for name in ("intercept", "slope")]
    told += [_interval(calibration[name]) for name in ("ici", "ici_if_perfect")]
    return [_interval(figures["gap"]), *told, NONE if held is None else _coverage(held)]


def _coverage(held: Row) -> str:
    return f"{100 * held['covered']:.0f} ({100 * held['plain']:.0f}); {held['bins']} bins"


def _at_capacity(evaluation: Evaluation, link: Link) -> str:
    slices = [each for each in _whole(evaluation) if each["horizon"] == evaluation["horizon"] and each["figures"]]
    rows = [
        [each["at"], f"{100 * point['capacity']:g} %", *_capacity(point),
         link(below(each["source"], "figures", "capacity", number))]
        for each in slices
        if each["landmark"] is not None
        for number, point in enumerate(each["figures"]["capacity"])
    ]  # fmt: skip
    if not rows:
        return ""
    head = ["looked at", "capacity", "precision", "recall", "missed of 1,000", "rule's precision", "lift over the rule",
            EVIDENCE]  # fmt: skip
    return (
        f"### What a capacity finds (still unemployed at {evaluation['horizon_words']})\n\nPeople with the highest "
        "chances first; who ties at the cut is looked at in part. Missed: of 1,000 people, those still unemployed at "
        "the horizon who were not looked at. Risk is not benefit: this says whom the model finds, not whom a service "
        "helps.\n\n" + table(head, rows)
    )


def _capacity(point: Row) -> list[str]:
    return [
        _interval(point["precision"], 2),
        _interval(point["recall"], 2),
        _interval(point["missed_per_1000"], 0),
        _interval(point["rule_precision"], 2),
        _interval(point["lift"], 2),
    ]


def _rivals(evaluation: Evaluation, link: Link) -> str:
    if not evaluation["rivals"]:
        return ""
    head = ["looked at", "rival", "AUC", "kept model's AUC is higher by", "kept model's Brier is lower by", EVIDENCE]
    rows = [
        [
            each["at"],
            each["name"].replace("_", " "),
            *(_interval(each[name]) for name in ("auc", "auc_gain", "brier_gain")),
            link(each["source"]),
        ]
        for each in evaluation["rivals"]
    ]
    return "### Beside its rivals\n\nPaired, over the same people.\n\n" + table(head, rows)


def _in_turns(evaluation: Evaluation, link: Link) -> str:
    if "in_turns" not in evaluation:
        return ""
    head = ["model", "AUC", "kept model's AUC is higher by", "Brier", "kept model's Brier is lower by", EVIDENCE]
    names = ("auc", "auc_gain", "brier", "brier_gain")
    rows = [
        [_kind(each), *(_interval(each[name]) for name in names), link(each["source"])]
        for each in evaluation["in_turns"]
    ]
    return "### Every fifth of the people in turn\n\n" + TURNS + "\n\n" + table(head, rows)


def _kind(each: Row) -> str:
    name = str(each["name"]).replace("_", " ")
    return f"**{name}** (kept)" if each["auc_gain"] is None else name


def _quarters(evaluation: Evaluation, link: Link) -> str:
    slices = [each for each in evaluation["slices"] if each["quarter"] and each["horizon"] == evaluation["horizon"]]
    if not slices:
        return ""
    rows = [
        [
            each["at"],
            each["quarter"],
            count(each["n"]),
            *_figures(each, ("observed", "predicted", "gap", "auc")),
            link(each["source"]),
        ]
        for each in slices
    ]
    head = ["looked at", "quarter", "n", "observed", "predicted", "predicted − observed", "AUC", EVIDENCE]
    return f"### Over time (still unemployed at {evaluation['horizon_words']})\n\n" + table(head, rows)


def _groups(evaluation: Evaluation, labels: Mapping[str, str], link: Link) -> str:
    groups = evaluation["groups"]
    if not groups:
        return ""
    silent = sum(each["figures"] is None for each in groups)
    head = ["attribute", "group", "looked at", "n", "observed", "predicted", "AUC", "slope", "ICI", "if perfect",
            EVIDENCE]  # fmt: skip
    rows = [[labels.get(each["attribute"], each["attribute"]), each["group"], each["at"], count(each["n"]),
             *_of_group(each), link(each["source"])] for each in groups]  # fmt: skip
    return (
        f"### By protected group (still unemployed at {evaluation['horizon_words']})\n\n"
        f"Of {len(groups)} groups at a landmark, {silent} have insufficient evidence: they are listed without figures, "
        "and nothing is known of how the model does for them. Counts are rounded to 5; fewer than 5 are not shown.\n\n"
        + table(head, rows)
    )


def _of_group(each: Row) -> list[str]:
    figures = each["figures"]
    if figures is None:
        return [f"{INSUFFICIENT}: {each['why']}"] + [NONE] * 5
    calibration = figures["calibration"]
    return [
        *(_interval(figures[name], 2) for name in ("observed", "predicted", "auc")),
        _interval(calibration["slope"], 2),
        *(_interval(calibration[name]) for name in ("ici", "ici_if_perfect")),
    ]


def _whole(evaluation: Evaluation) -> list[Row]:
    """Return the slices of the whole test part."""
    return [each for each in evaluation["slices"] if each["quarter"] is None]


def _figures(each: Row, names: tuple[str, ...]) -> list[str]:
    """Return figures of a slice; in place of the first the reason why there are none."""
    if each["figures"] is None:
        return [f"{INSUFFICIENT}: {each['why']}"] + [NONE] * (len(names) - 1)
    return [_interval(each["figures"][name]) for name in names]


def _interval(each: Row | None, digits: int = 3) -> str:
    return interval(each, digits, to=" to ")  # differences among them: their ends may be below 0

"""The section of a card on its non-discrimination audit, as Markdown."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ml.contracts.audit import DIRECT_USE, TIMES

from .pieces import NONE, count, interval, ratio, table

Card = Mapping[str, Any]

SCOPES = {
    "attribute": "each group of one attribute",
    "intersection": "groups of two attributes together",
    "searched": "the worst off of three attributes, sought among half of the people, judged on the others",
    "cut": "each group at other cuts",
    "landmark": "each group by how long people had been unemployed",
    "period": "each group by quarter",
}
MOST_BEYOND = 20


def render_audit(card: Card) -> str:
    """Return the section on the audit."""
    audit, limits = card["audit"], card["limits"]
    rows = [_finding(each, audit["labels"]) for each in audit["findings"] if each["metric"] != DIRECT_USE]
    within = "; ".join(f"{_words(metric)}: {_limits(each)}" for metric, each in limits["metrics"].items())
    scopes = [
        [SCOPES[scope], *(counts[verdict] for verdict in ("fail", "insufficient", "pass"))]
        for scope, counts in audit["scopes"].items()
        if any(counts.values())
    ]
    return (
        f"## Non-discrimination audit: {audit['verdict']}\n\n"
        f"People whose score is in the highest {audit['capacity']:.0%} are flagged (ties make it "
        f"{audit['selected_share']:.1%}). Each group is held against its reference group. Limits: {within}. "
        "Pass: the whole 95 % interval lies within the limits; fail: the whole interval lies outside, and not by the "
        "chance of so many comparisons; else, or where a figure is of fewer than "
        f"{limits['smallest_denominator']} people, the evidence is insufficient. "
        "Counts are rounded to 5, rates are made of rounded counts, and fewer than 5 are not shown.\n\n"
        + table(["attribute", "group", "against", "n", "metric", "figure", "ratio or difference", "verdict"], rows)
        + "\n\nAll that was judged; the whole list is in `audit.json` of the run, the report for people is "
        "`audit.en.html` beside it (also fi, sv).\n\n" + table(["of", "fail", "insufficient", "pass"], scopes)
        + _beyond(audit) + _proxies(audit)
    )  # fmt: skip


def _beyond(audit: Card) -> str:
    """Return what fails beyond single attributes, the first of it."""
    if not audit["beyond"]:
        return ""
    lines = [_finding(each, audit["labels"], each["cut"], each["within"]) for each in audit["beyond"][:MOST_BEYOND]]
    return f"\n\nFails beyond single attributes ({len(audit['beyond'])} findings, the first {len(lines)}):\n\n" + table(
        ["attribute", "group", "against", "n", "metric", "figure", "ratio or difference", "verdict", "cut", "of"], lines
    )


def _proxies(audit: Card) -> str:
    if not audit["proxies"]:
        return ""
    rows = [
        [audit["labels"].get(each["attribute"], each["attribute"]), each["group"],
         interval(each["auc"]) if each["auc"] else each["why"], ", ".join(name for name, _ in each["carriers"]) or "—"]
        for each in audit["proxies"]
    ]  # fmt: skip
    return (
        "\n\nHow well the inputs tell a group from the others (AUC, 0.5: not at all), and which carry it most:\n\n"
        + table(["attribute", "group", "AUC", "inputs"], rows)
    )


def _finding(each: Mapping[str, Any], labels: Mapping[str, str], *more: str) -> list[Any]:
    attribute = TIMES.join(labels.get(name, name) for name in each["attribute"].split(TIMES))
    beside = ratio(each) if each["ratio"] is not None else _difference(each)
    to = " to " if (each["low"] or 0) < 0 else "–"
    verdict = f"{each['verdict']}: {each['why']}" if each["why"] else each["verdict"]
    figures = (count(each["n"]), _words(each["metric"]), interval(each, 2, to), beside, verdict)
    return [attribute, each["group"], each["reference"], *figures, *more]


def _difference(each: Mapping[str, Any]) -> str:
    if each["difference"] is None:
        return NONE
    return f"{each['difference']:+.3f} ({each['difference_low']:+.3f} to {each['difference_high']:+.3f})"


def _limits(each: Mapping[str, Any]) -> str:
    return f"{each['of']} {each['low']:g} to {each['high']:g}"


def _words(metric: str) -> str:
    return metric.replace("_", " ")

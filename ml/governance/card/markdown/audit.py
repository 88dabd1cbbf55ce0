"""The section of a card on its non-discrimination audit, as Markdown."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ml.contracts.audit import DIRECT_USE, TIMES

from ..failing import failing
from ..sources import below
from .links import Link, file_link
from .pieces import NONE, count, interval, labels, ratio, table

Card = Mapping[str, Any]

SCOPES = {
    "attribute": "each group of one attribute",
    "intersection": "groups of two attributes together",
    "searched": "the worst off of three attributes, sought among half of the people, judged on the others",
    "cut": "each group at other cuts",
    "landmark": "each group by how long people had been unemployed",
    "period": "each group by quarter",
}
WHAT = ("attribute", "group", "against", "n", "metric", "figure", "ratio or difference")


def render_audit(card: Card, link: Link) -> str:
    """Return the section on the audit; what fails has the number by which an approval accepts it."""
    audit, limits, words = card["audit"], card["limits"], labels(card)
    rows = [[_verdict(each), *_finding(each, words), each["why"] or NONE, link(each["source"])]
            for each in audit["findings"] if each["metric"] != DIRECT_USE]  # fmt: skip
    within = "; ".join(f"{_words(metric)}: {_limits(each)}" for metric, each in limits["metrics"].items())
    scopes = [
        [SCOPES[scope], *(counts[verdict] for verdict in ("fail", "insufficient", "pass")),
         link(below(audit["source"], "findings"))]
        for scope, counts in audit["scopes"].items()
        if any(counts.values())
    ]  # fmt: skip
    files = [file_link(card, name) for name in ("audit.en.html", "audit.fi.html", "audit.sv.html", "audit.json")]
    return (
        f"## Non-discrimination audit: {audit['verdict']}\n\n"
        f"The report for people: {', '.join(files[:3])}; the whole list: {files[3]}.\n\n"
        f"People whose score is in the highest {audit['capacity']:.0%} are flagged (ties make it "
        f"{audit['selected_share']:.1%}, {link(below(audit['source'], 'selected_share'))}). Each group is held against "
        f"its reference group. Limits: {within} ({link(limits['source'])}). "
        "Pass: the whole 95 % interval lies within the limits; fail: the whole interval lies outside, and not by the "
        "chance of so many comparisons; else, or where a figure is of fewer than "
        f"{limits['smallest_denominator']} people, the evidence is insufficient. "
        "Counts are rounded to 5, rates are made of rounded counts, and fewer than 5 are not shown.\n\n"
        + _direct(card, link) + _failing(card, words, link)
        + "### Each group of one attribute\n\n" + table(["verdict", *WHAT, "why", "evidence"], rows)
        + "\n\n### All that was judged\n\n" + table(["of", "fail", "insufficient", "pass", "evidence"], scopes)
        + _proxies(audit, words, link)
    )  # fmt: skip


def _direct(card: Card, link: Link) -> str:
    """Return that an attribute is an input: a finding that fails and has no figures."""
    used = [each for each in card["audit"]["findings"] if each["metric"] == DIRECT_USE]
    lines = [
        f"* **{each['id']}: “{labels(card)[each['attribute']]}” is an input of the model** ({link(each['source'])})"
        for each in used
    ]
    return "\n".join(lines) + "\n\n" if lines else ""


def _failing(card: Card, words: Mapping[str, str], link: Link) -> str:
    """Return all that fails and has figures, of single attributes and beyond: each is to be accepted."""
    rows = [
        [each["id"], *_finding(each, words), each["cut"] or NONE, each["within"] or NONE, link(each["source"])]
        for each in failing(card)
        if each["metric"] != DIRECT_USE
    ]
    if not rows:
        return ""
    return (
        f"### What fails\n\n{len(failing(card))} findings, each to be accepted in writing by its number before an "
        "approval.\n\n" + table(["no.", *WHAT, "cut", "of", "evidence"], rows) + "\n\n"
    )


def _proxies(audit: Card, words: Mapping[str, str], link: Link) -> str:
    if not audit["proxies"]:
        return ""
    rows = [
        [words.get(each["attribute"], each["attribute"]), each["group"],
         interval(each["auc"]) if each["auc"] else each["why"], ", ".join(name for name, _ in each["carriers"]) or NONE,
         link(each["source"])]
        for each in audit["proxies"]
    ]  # fmt: skip
    return (
        "\n\n### What the inputs tell of the attributes\n\nHow well they tell a group from the others (AUC, 0.5: not "
        "at all), and which carry it most:\n\n" + table(["attribute", "group", "AUC", "inputs", "evidence"], rows)
    )


def _verdict(each: Card) -> str:
    return f"{each['verdict']} ({each['id']})" if "id" in each else str(each["verdict"])


def _finding(each: Card, words: Mapping[str, str]) -> list[str]:
    attribute = TIMES.join(words.get(name, name) for name in each["attribute"].split(TIMES))
    beside = ratio(each) if each["ratio"] is not None else _difference(each)
    to = " to " if (each["low"] or 0) < 0 else "–"
    figures = (count(each["n"]), _words(each["metric"]), interval(each, 2, to), beside)
    return [attribute, each["group"], each["reference"], *figures]


def _difference(each: Mapping[str, Any]) -> str:
    if each["difference"] is None:
        return NONE
    return f"{each['difference']:+.3f} ({each['difference_low']:+.3f} to {each['difference_high']:+.3f})"


def _limits(each: Mapping[str, Any]) -> str:
    return f"{each['of']} {each['low']:g} to {each['high']:g}"


def _words(metric: str) -> str:
    return metric.replace("_", " ")

"""What the cards of both sorts of model have alike: their first and last sections, and what explains a hint."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import yaml

from ...people.gaps import gaps
from ..failing import failing, insufficient
from ..sources import below
from .links import file_link, links
from .pieces import listed, table

Card = Mapping[str, Any]
DIGESTS = {"code": "Code of apualy", "lock": "Locked libraries"}
UNKNOWN = "not known"


def front_matter(card: Card, tags: Sequence[str], rows: str, metrics: Sequence[tuple[str, str, float | None]]) -> str:
    """Return what model hubs read.

    rows     what a row of the data is
    metrics  type, name and value of each; what is not known is left out
    """
    results = {
        "task": {"type": "tabular-classification"},
        "dataset": {"name": card["cohort"]["name"], "type": rows},
        "metrics": [
            {"type": kind, "name": name, "value": round(value, 4)} for kind, name, value in metrics if value is not None
        ],
    }
    content = {
        "model_name": card["model"]["name"],
        "tags": ["tabular-classification", *tags, "advisory", card["method"]["kept"]],
        "model-index": [{"name": card["model"]["name"], "results": [results]}],
    }
    return "---\n" + yaml.safe_dump(content, sort_keys=False, allow_unicode=True) + "---"


def first_section(card: Card) -> str:
    """Return the title, what a reviewer must not miss, and what an approval takes."""
    model, link = card["model"], links(card)
    report = f", {file_link(card, 'audit.en.html')}" if "audit.en.html" in card["evidence"] else ""
    lines = "\n>\n".join(
        f"> **{each['text']}** ({link(each['source'])}{report if each['source'].startswith('audit.') else ''})"
        for each in card["headlines"]
    )
    record = f"Where it stands, and who said what: [its review]({model['version']}.review.html)."
    return f"# {model['name']}, version {model['version']}\n\n{lines}\n\n{_asked(card)}\n\n{record}"


def _asked(card: Card) -> str:
    """Return what stands between the card and an approval, in numbers."""
    failing_ones, lacking, deviations = failing(card), len(gaps(card)), len(card["deviations"])
    named = f" ({failing_ones[0]['id']} to {failing_ones[-1]['id']})" if failing_ones else ""
    return (
        f"Before an approval: {lacking} gaps to be filled by people; {len(failing_ones)} failing findings{named} and "
        f"{deviations} deviations from the policy to be accepted in writing. For "
        f"{insufficient(card)} findings the evidence is insufficient, which is no pass "
        f"({links(card)(card['audit']['source'])})."
    )


def use(card: Card) -> str:
    """Return the section on what the model is for, and what not."""
    return f"## What it is for\n\n{card['purpose']}\n\nNot for:\n\n{listed(card['not_for'])}"


def changed(card: Card) -> list[str]:
    """Return the section on what changed since the version before; none where there is none."""
    if card["previous"] is None:
        return []
    rows = [[each["what"], each["before"], each["after"], each["note"]] for each in card["changes"]]
    before, after = card["previous"], card["model"]["version"]
    told = table(["what", f"version {before}", f"version {after}", "note"], rows) if rows else "Nothing is told apart."
    return [
        f"## What changed since version {before}\n\nMain figures are listed also where they are alike; each is of its "
        f"own version's test part, and 95 % intervals that overlap do not tell a change from noise.\n\n{told}"
    ]


def explained(card: Card) -> str:
    """Return the section on how a hint is explained."""
    told, found = card["explanation"], card.get("stability")
    stable = ""
    if found and found["reasons"]:
        place = below(found["source"], "reasons")
        stable = f"\n\nHow far reasons hold: {found['reasons']} ({links(card)(place)})."
    return f"## How a hint is explained\n\n{told['method']}{stable}\n\nLimits:\n\n{listed(told['limits'])}"


def still_open(card: Card) -> str:
    """Return the section on warnings, deviations and gaps."""
    lacking = Counter(gap.section.replace("_", " ") for gap in gaps(card))
    told = [f"**{number}** in: {section}" for section, number in lacking.items()]
    cited = ", ".join(links(card)(card[name]["source"]) for name in ("split", "metrics", "audit"))
    return (
        f"## What is open\n\nWarnings ({cited}):\n\n{listed(card['warnings'])}"
        f"\n\nDeviations from the policy, each to be accepted in writing before an approval ({cited}):\n\n"
        f"{listed(card['deviations'])}\n\nGaps that only people can fill, each told in its section "
        f"({lacking.total()} in all; with a gap, no approval can be asked for):\n\n{listed(told)}"
    )


def provenance(card: Card) -> str:
    """Return the section on where a model comes from."""
    made, digests = card["provenance"], card["evidence"]
    environment = made["environment"]
    versions = ", ".join(f"{name} {version}" for name, version in environment.items() if name not in DIGESTS)
    rows = [
        ["Artefact", f"`{card['model']['digest']}`"],
        ["Data", f"`{card['cohort']['digest']}`"],
        ["Policy", f"`{card['limits']['policy']}`"],
        *([words, f"`{environment[name]}`" if name in environment else UNKNOWN] for name, words in DIGESTS.items()),
        *([file_link(card, name), f"`{digest}`"] for name, digest in digests.items()),
    ]
    return (
        f"## Provenance\n\nTrained by {made['trained_by']} at {made['trained_at']}, MLflow run "
        f"`{made['run']}`, seed {card['method']['seed']}.\n\nEnvironment: {versions}.\n\n"
        + table(["of", "digest"], rows)
    )

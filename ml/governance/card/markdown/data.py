"""What a card says of its data: the section of a model of risk, with sentences that both sorts of card share."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .links import Link
from .pieces import plain, table

Card = Mapping[str, Any]


def render_data(card: Card, link: Link) -> str:
    """Return the section."""
    cohort, split = card["cohort"], card["split"]
    parts = [[name, split[name]["rows"], split[name]["from"] or "—", split[name]["to"] or "—",
              link(split[name]["source"])] for name in ("train", "calibration", "test")]  # fmt: skip
    return (
        f"## Data\n\n{plain(cohort['description'])}\n\n"
        f"{cohort['rows']} {_rows(card)} of {cohort['persons']} persons: {cohort['exits']} exits seen, "
        f"{cohort['censored']} censored ({link(cohort['source'])}). Licence: {plain(cohort['licence'])}.\n\n"
        f"Outcome: still unemployed at {card['outcome']['words']}. Split: {split['kind']}. "
        f"{period(split, 'Spells in the parts began')}{quality_report(cohort, link)}\n\n"
        + _looks(card)
        + table(["part", _rows(card), "from", "to", "evidence"], parts)
        + _left_out(card, link)
    )


def period(split: Mapping[str, Any], what: str) -> str:
    """Return the sentence that says from which day to which day the parts reach.

    what  is of these days: "Spells in the parts began"
    """
    parts = [split[name] for name in ("train", "calibration", "test")]
    first, last = ([each[end] for each in parts if each[end]] for end in ("from", "to"))
    if not first or not last:
        return "The data does not say from which day to which day it is."
    return f"{what} from {min(first)} to {max(last)}."


def quality_report(cohort: Mapping[str, Any], link: Link) -> str:
    """Return the paragraph of the data-quality report; nothing where people must say it, as its digest is unknown."""
    digest = cohort.get("quality_report")
    return f"\n\nData-quality report: `{digest}` ({link(cohort['source'])})." if digest else ""


def _has_looks(card: Card) -> bool:
    """Return whether one spell may have several rows."""
    return card["outcome"]["entry"] is not None


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


def _left_out(card: Card, link: Link) -> str:
    split = card["split"]
    told = []
    if split["left_out"]:
        looks = "looks at " if _has_looks(card) else ""
        if split["dealt"]:
            told.append(f"{split['left_out']} {looks}spells of people in another part (many come back, so people are "
                        "dealt to the parts at random, and each part has newcomers and returners alike)")  # fmt: skip
        else:
            told.append(f"{split['left_out']} {looks}later spells of people in an earlier part")
    if split["unripe"]:
        told.append(f"{split['unripe']} that began less than a horizon before the end of their part")
    if split["not_yet"]:
        told.append(f"{split['not_yet']} looks that came after their part was closed")
    return f"\n\nLeft out: {'; '.join(told)} ({link(split['source'])})." if told else ""

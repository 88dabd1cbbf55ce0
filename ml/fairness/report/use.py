"""Direct and indirect use: protected attributes that are inputs, and inputs that tell protected groups apart."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from ml.contracts.audit import Audit, Flip, Limits, Proxy
from ml.contracts.evidence import Interval

from . import plot
from .comparisons import Block, Line
from .facts import ReportFacts
from .figures import VALUE, Figure, Written
from .names import Names
from .unjudged import Phrase, phrase
from .words import Words

AUC = "auc"
WELL_TOLD = ((0.6, "hardly"), (0.7, "somewhat"), (0.85, "well"))  # AUC under which the words hold
COIN = Limits(VALUE, 0.5, 1.0)  # not a limit of policy: no rule says how well inputs may tell a group


@dataclass(frozen=True)
class DirectUse:
    """One protected attribute that is an input; `told` says what changing it would change."""

    item: str
    told: str


@dataclass(frozen=True)
class Proxies:
    """How well inputs tell each group, drawn, and which carry it."""

    scale: Markup
    blocks: tuple[Block, ...]
    carriers: tuple[tuple[str, str], ...]
    unknown: tuple[tuple[str, Phrase], ...]


def direct_use(audit: Audit, told: ReportFacts, words: Words) -> list[DirectUse]:
    """Return the protected attributes that are inputs, in the audit's order."""
    names, flips = Names(told, words), {flip.attribute: flip for flip in audit.flips}
    return [
        DirectUse(
            words.text("direct.item", attribute=names.attribute(name)),
            _flip(flips[name], words) if _known(flips.get(name)) else words.text("direct.noflip"),
        )
        for name in audit.direct_use
    ]


def proxies(audit: Audit, told: ReportFacts, words: Words) -> Proxies | None:
    """Return how well the inputs tell the groups; None where it was not measured."""
    if not audit.proxies:
        return None
    names = Names(told, words)
    known = [(each, each.auc) for each in audit.proxies if each.auc is not None]
    scale = plot.Axis(min([0.45, *(auc.low for _, auc in known)]), 1.02, False, None, 0.5)
    labels = [words.number(100 * value, 0) for value, _ in scale.labels()]
    title = words.text("proxies.auc")
    return Proxies(
        scale=plot.scale_row(scale, labels, title, words.text("plot.linear")),
        blocks=tuple(_blocks(known, scale, names, words)),
        carriers=tuple((_full(each, names), _carriers(each, names, words)) for each, _ in known if each.carriers),
        unknown=tuple((_full(each, names), phrase(each.why, words)) for each in audit.proxies if each.auc is None),
    )


def _known(flip: Flip | None) -> bool:
    """Return whether what changing the attribute would change is known, and may be shown."""
    return flip is not None and math.isfinite(flip.moved.value) and math.isfinite(flip.flagged.value)


def _flip(flip: Flip, words: Words) -> str:
    written = Written(words)
    moved, flagged = _figure(flip.moved), _figure(flip.flagged)
    points = "calibration_gap"
    return words.text(
        "direct.flip",
        moved=written.value(points, VALUE, moved.value),
        moved_interval=written.interval(points, moved),
        flagged=written.of_hundred(flip.flagged.value),
        flagged_interval=written.interval("selection_rate", flagged),
    )


def _blocks(known: Sequence[tuple[Proxy, Interval]], scale: plot.Axis, names: Names, words: Words) -> list[Block]:
    lines: dict[str, list[Line]] = {}
    for each, auc in known:
        group, shown = names.group(each.attribute, each.group), _figure(auc)
        value, low, high = (words.number(100 * end, 0) for end in (auc.value, auc.low, auc.high))
        told = f"{value} ({words.interval(low, high)})"
        said = words.text(f"proxies.{next((word for most, word in WELL_TOLD if auc.value < most), 'almost')}")
        title = words.text("plot.row", group=group, figure=told, verdict=said)
        lines.setdefault(each.attribute, []).append(Line(group, plot.row(scale, shown, "s", title), told, said, "s"))
    return [Block(names.attribute(attribute), "", tuple(of_attribute)) for attribute, of_attribute in lines.items()]


def _carriers(each: Proxy, names: Names, words: Words) -> str:
    return "; ".join(f"{names.input(name)} (−{words.number(100 * lost, 1)})" for name, lost in each.carriers)


def _full(each: Proxy, names: Names) -> str:
    return f"{names.attribute(each.attribute)}: {names.group(each.attribute, each.group)}"


def _figure(interval: Interval) -> Figure:
    return Figure(VALUE, interval.value, interval.low, interval.high)

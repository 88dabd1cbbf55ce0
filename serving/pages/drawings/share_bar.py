"""A share and its interval as a small bar for a cell of a table: the words beside it say the same."""

from __future__ import annotations

from dataclasses import dataclass

from markupsafe import Markup

from serving.language import Language
from serving.wire.counts import ShareRow

WIDTH, HEIGHT = 200, 16
EDGE = 2  # room at both ends
NBSP = "\N{NO-BREAK SPACE}"
_BAR = Markup(
    '<svg class="share-bar" viewBox="0 0 {width} {height}" width="{width}" height="{height}" aria-hidden="true">'
    '<line class="share-bar__axis" x1="{left}" y1="8" x2="{right}" y2="8"/>'
    '<rect class="share-bar__interval" x="{low:.1f}" y="4" width="{wide:.1f}" height="8"/>{value}</svg>'
)
_VALUE = Markup('<line class="share-bar__value" x1="{at:.1f}" y1="1" x2="{at:.1f}" y2="15"/>')


@dataclass(frozen=True)
class ShareCell:
    """A share in words, "12 %" and "(8–17 %)" or "between 0 and 6 %" alone, and its bar.

    No share: hidden counts leave it open; nothing at all: all counts are hidden.
    """

    share: str | None
    interval: str | None
    bar: Markup | None


def share_cell(row: ShareRow, language: Language) -> ShareCell:
    """Return a share with its interval in words and drawn."""
    if row.low is None or row.high is None:
        return ShareCell(None, None, None)
    low, high = _percent(row.low, language), _percent(row.high, language)
    bar = _bar(row.low, row.high, row.value)
    if row.value is None:
        return ShareCell(None, language.gettext("between {low} and {high} %", low=low, high=high), bar)
    return ShareCell(f"{_percent(row.value, language)}{NBSP}%", f"({low}–{high}{NBSP}%)", bar)


def _percent(share: float, language: Language) -> str:
    return language.number(round(100 * share))


def _bar(low: float, high: float, value: float | None) -> Markup:
    left, right = _along(low), _along(high)
    mark = Markup("") if value is None else _VALUE.format(at=_along(value))
    return _BAR.format(
        width=WIDTH, height=HEIGHT, left=EDGE, right=WIDTH - EDGE, low=left, wide=max(right - left, 1.0), value=mark
    )


def _along(share: float) -> float:
    return EDGE + (WIDTH - 2 * EDGE) * share

"""Dots with intervals on a common scale: a small SVG a row, as wide as the page lets it be.

Positions are per cent of the width, so that rows stretch with the page while dots and text keep their size; the
labels of rows stay text of the page.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from ml.contracts.audit import Limits

from .figures import RATIO, Figure

EDGE = 3.0  # per cent of the width that stay free on either side
HEIGHT = 28  # pixels at least: a row is as high as its text
MIDDLE, TOP, BOTTOM = "50%", "0", "100%"
WIDEST_RATIO = 8.0  # ratios beyond are drawn at the edge, with an arrow
MOST_BANDS = 3.0  # of a difference, how many times what is allowed the scale reaches to either side of it
APART = 9.0  # per cent between two labels of the scale
STEPS = 5  # labels of a linear scale, about

Label = tuple[float, bool]  # a number of the scale, and whether it is a limit


@dataclass(frozen=True)
class Axis:
    """A scale from `low` to `high`; `limits` None: there is no band; `neutral` is where nothing differs."""

    low: float
    high: float
    log: bool
    limits: tuple[float, float] | None
    neutral: float | None

    def at(self, value: float) -> float:
        """Return where a value lies, in per cent of the width; what lies beyond the scale, at its edge."""
        low, high, here = self.low, self.high, min(max(value, self.low), self.high)
        if self.log:
            low, high, here = math.log(low), math.log(high), math.log(here)
        return round(EDGE + (100 - 2 * EDGE) * (here - low) / (high - low), 2)

    def labels(self) -> list[Label]:
        """Return the limits, and those numbers of the scale that do not come too near to another."""
        kept: list[Label] = [(value, True) for value in self.limits or () if math.isfinite(value)]
        for value in ([] if self.neutral is None else [self.neutral]) + self._numbers():
            if all(abs(self.at(value) - self.at(other)) >= APART for other, _ in kept):
                kept.append((value, False))
        return sorted(kept)

    def _numbers(self) -> list[float]:
        if self.log:
            return [value for power in (0, -1, 1, -2, 2, -3, 3) if self.low <= (value := 2.0**power) <= self.high]
        step = _step((self.high - self.low) / STEPS)
        first, last = math.ceil(self.low / step - 1e-9), math.floor(self.high / step + 1e-9)
        return sorted((step * place for place in range(first, last + 1)), key=abs)


def axis(figures: Iterable[Figure], limits: Limits) -> Axis:
    """Return a scale on which the limits find room, and all figures that are not very far from them."""
    band = (limits.low, limits.high) if math.isfinite(limits.low) or math.isfinite(limits.high) else None
    ends = [end for each in figures for end in (each.value, each.low, each.high) if end is not None]
    ends += [end for end in band or () if math.isfinite(end)]
    if limits.of == RATIO:
        low = max(min([*ends, 0.5]), 1 / WIDEST_RATIO)
        high = min(max([*ends, 2.0]), WIDEST_RATIO)
        return Axis(low / 1.05, high * 1.05, True, band, 1.0)
    low, high = min(ends, default=0.0), max(ends, default=1.0)
    if band and math.isfinite(sum(band)):
        room = MOST_BANDS * (limits.high - limits.low)
        low, high = max(low, limits.low - room), min(high, limits.high + room)
    room = 0.08 * (high - low) or 0.5
    neutral = 0.0 if low - room <= 0 <= high + room else None
    return Axis(low - room, high + room, False, band, neutral)


def row(scale: Axis, each: Figure, sign: str, title: str) -> Markup:
    """Return one line of the plot: band, interval, and the sign of its verdict; title says it in words."""
    parts = [Markup("<title>{}</title>").format(title), _band(scale)]
    if each.value is not None:
        open_above = each.low is not None and each.high is None
        low = each.value if each.low is None else each.low
        high = scale.high * 2 if open_above else (each.value if each.high is None else each.high)
        parts.append(_line("w", scale.at(low), scale.at(high), MIDDLE, MIDDLE))
        parts.append(_use(sign, scale.at(each.value)))
        parts += [_use("l", 1.0)] * (low < scale.low) + [_use("r", 99.0)] * (high > scale.high)
    return _svg("i", HEIGHT, parts)


def scale_row(scale: Axis, labels: Sequence[str], title: str, described: str) -> Markup:
    """Return the scale's own line, its numbers written as `labels` (one each of `scale.labels()`)."""
    parts = [Markup("<title>{}</title><desc>{}</desc>").format(title, described)]
    for (value, is_limit), label in zip(scale.labels(), labels, strict=True):
        at, weight = scale.at(value), Markup(' class="k"') if is_limit else ""
        parts.append(Markup('<text x="{}%" y="13"{}>{}</text>').format(at, weight, label))
        parts.append(_line("t", at, at, "17", "22"))
    return _svg("i", 22, parts)


def _band(scale: Axis) -> Markup:
    parts = []
    if scale.limits:
        left, right = (scale.at(value) for value in scale.limits)
        parts.append(Markup('<rect class="b" x="{}%" width="{}%" height="100%"/>').format(left, round(right - left, 2)))
    if scale.neutral is not None:
        parts.append(_line("n", scale.at(scale.neutral), scale.at(scale.neutral), TOP, BOTTOM))
    return Markup("").join(parts)


def _line(kind: str, left: float, right: float, top: str, bottom: str) -> Markup:
    return Markup('<line class="{}" x1="{}%" x2="{}%" y1="{}" y2="{}"/>').format(kind, left, right, top, bottom)


def _use(sign: str, at: float) -> Markup:
    return Markup('<use href="#{}" x="{}%" y="{}"/>').format(sign, at, MIDDLE)


def _svg(kind: str, height: int, parts: Sequence[Markup]) -> Markup:
    return Markup('<svg class="{}" role="img" height="{}">{}</svg>').format(kind, height, Markup("").join(parts))


def _step(rough: float) -> float:
    """Return 1, 2 or 5 times a power of ten, not under `rough`."""
    power = 10.0 ** math.floor(math.log10(rough)) if rough > 0 else 1.0
    return next(power * each for each in (1, 2, 5, 10) if power * each >= rough * (1 - 1e-9))

"""Figures as plain numbers, for JSON and for people."""

from __future__ import annotations

import math
from collections.abc import Mapping

from ml.contracts import Interval

Plain = dict[str, float | None]


def plain(interval: Interval) -> Plain:
    """Return a figure and its interval in plain numbers, None for what is none: JSON knows neither NaN nor infinity."""
    return {name: number(getattr(interval, name)) for name in ("value", "low", "high")}


def number(value: float) -> float | None:
    """Return a number, None if it is none."""
    return float(value) if math.isfinite(value) else None


def told(figures: Mapping[str, float | None], digits: int = 4) -> str:
    """Return a figure with its interval as it is read: "0.724 (0.710 to 0.738)"."""
    value, low, high = (figures[name] for name in ("value", "low", "high"))
    if value is None:
        return "–"
    if low is None or high is None:
        return f"{value:.{digits}f}"
    return f"{value:.{digits}f} ({low:.{digits}f} to {high:.{digits}f})"

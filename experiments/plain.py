"""Figures as plain numbers, for JSON and for people."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

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


def together(figures: Sequence[Mapping[str, float | None]]) -> Plain:
    """Return the mean of a figure over registers of other people, whose errors are independent.

    None in all places where a register does not have the figure.
    """
    whole = [(each["value"], each["low"], each["high"]) for each in figures]
    if not whole or any(end is None for each in whole for end in each):
        return {"value": None, "low": None, "high": None}
    value, low, high = np.array(whole, dtype=np.float64).T
    half = float(np.sqrt(np.sum(((high - low) / 2) ** 2)) / len(whole))
    return plain(Interval(float(value.mean()), float(value.mean()) - half, float(value.mean()) + half))


def taken_together(registers: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return nested figures with the mean of each over registers; what one of them lacks is left out."""
    first = registers[0]
    if {"value", "low", "high"} == first.keys():
        return dict(together(registers))
    return {
        key: taken_together([each[key] for each in registers])
        for key in first
        if all(key in each for each in registers)
    }

"""Moved counts → what is shown of them, and within which bounds the truth then lies."""

from __future__ import annotations

from ml.disclosure import ROUNDING, THRESHOLD, redact

from .noise import FURTHEST

FEWEST = THRESHOLD + FURTHEST  # a moved count from here on is of THRESHOLD people at least
MOST_HIDDEN = FEWEST - 1 + FURTHEST  # so many people, at most, are in a cell that is not shown
OFF = FURTHEST + ROUNDING // 2  # so far, at most, a shown count is from the truth


def shown(moved: int) -> int | None:
    """Return a moved count as it is shown; None: not shown, because it may be of fewer than THRESHOLD people."""
    return None if moved < FEWEST else redact(moved)


def bounds(count: int | None) -> tuple[int, int]:
    """Return how few and how many people a cell can be of, as anybody knows who reads what is shown of it."""
    return (0, MOST_HIDDEN) if count is None else (max(count - OFF, THRESHOLD), count + OFF)

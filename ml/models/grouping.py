"""Which inputs are told of together: reasons, and what their inputs add."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from ml.contracts import Column, Floats, Reason, Rows


@dataclass(frozen=True)
class Grouping:
    """Which reason each input belongs to: `of` (inputs,) holds places among `reasons`."""

    reasons: tuple[Reason, ...]
    of: Rows

    def sums(self, parts: Floats) -> Floats:
        """Return what each reason adds, (n, reasons), from what each input adds, (n, inputs): Shapley values add up."""
        order, starts = self._runs
        return np.asarray(np.add.reduceat(parts[:, order], starts, axis=1))

    @cached_property
    def members(self) -> list[list[int]]:
        """Return the inputs of each reason."""
        found: list[list[int]] = [[] for _ in self.reasons]
        for each, reason in enumerate(self.of.tolist()):
            found[reason].append(each)
        return found

    @cached_property
    def _runs(self) -> tuple[Rows, Rows]:
        """Return the inputs by reason, and where each reason begins among them."""
        order = np.argsort(self.of, kind="stable")
        return order, np.searchsorted(self.of[order], np.arange(len(self.reasons)))


def group(columns: Sequence[Column]) -> Grouping:
    """Return the reasons of the inputs, in the order of their first members; an input without one is its own."""
    reasons = [each.reason or each.alone for each in columns]
    names = list(dict.fromkeys(reason.name for reason in reasons))
    by_name = {reason.name: reason for reason in reasons}
    of = np.array([names.index(reason.name) for reason in reasons], dtype=np.int64)
    return Grouping(tuple(by_name[name] for name in names), of)

"""The kept scorer and its refits, asked at once about the same rows: what they share is worked out once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from ml.contracts import Floats

from .additive import AdditiveScorer, RuleScorer, joined_steps
from .forest import margins_of_row
from .grove import Grove, grove
from .scorers import LinearScorer, Scorer, TreeScorer, joined


@dataclass(frozen=True)
class RowSaid:
    """What all scorers say of one row.

    margins        (scorers, horizons)
    contributions  of the kept scorer at a horizon: what each input adds, and the base, (inputs + 1,)
    """

    margins: Floats
    contributions: Callable[[int], Floats]


@dataclass(frozen=True)
class Panel:
    """The kept scorer, first, and its refits.

    together  margins of all, (scorers, n, horizons)
    trees     of all scorers, where they are small: asked about a single row
    """

    scorers: tuple[Scorer, ...]
    together: Callable[[Floats], Floats]
    trees: Grove | None = None

    def margins(self, codes: Floats) -> Floats:
        """Return what each scorer says, (scorers, n, horizons); codes (n, inputs)."""
        return self.together(codes) if len(codes) != 1 else self.row(codes).margins[:, None, :]

    def row(self, codes: Floats) -> RowSaid:
        """Return what they say of one row, codes (1, inputs)."""
        if self.trees is None:
            kept = self.scorers[0]
            return RowSaid(self.together(codes)[:, 0, :], lambda place: kept.contributions(codes, place)[0])
        trees, answered = self.trees, self.trees.ask(codes)
        margins = answered.margins.reshape(len(self.scorers), -1)
        return RowSaid(margins, lambda place: trees.contributions(answered, place))


def panel(scorers: Sequence[Scorer]) -> Panel:
    """Return what asks all scorers at once; it says what each alone would."""
    kinds = {type(each) for each in scorers}  # exactly: a kind derived from one of ours may score in its own way
    lines = [each for each in scorers if isinstance(each, LinearScorer)]
    if kinds == {LinearScorer} and all(each.encoder is lines[0].encoder for each in lines):
        return Panel(tuple(scorers), _joined(joined(lines), len(lines)))
    if kinds in ({AdditiveScorer}, {RuleScorer}):
        steps = [each for each in scorers if isinstance(each, AdditiveScorer)]
        return Panel(tuple(scorers), _joined(joined_steps(steps), len(steps)))
    if kinds == {TreeScorer}:
        return _trees([each for each in scorers if isinstance(each, TreeScorer)])
    return Panel(tuple(scorers), lambda codes: np.array([each.margins(codes) for each in scorers]))


def _joined(scorer: Scorer, scorers: int) -> Callable[[Floats], Floats]:
    def ask(codes: Floats) -> Floats:
        margins = scorer.margins(codes)  # (n, scorers × horizons)
        return margins.reshape(len(codes), scorers, margins.shape[1] // scorers).transpose(1, 0, 2)

    return ask


def _trees(scorers: Sequence[TreeScorer]) -> Panel:
    forests = [forest for one in scorers for forest in one.forests]

    def ask(codes: Floats) -> Floats:
        if len(codes) == 1:
            return margins_of_row(forests, codes).reshape(len(scorers), 1, -1)
        return np.array([one.margins(codes) for one in scorers])

    return Panel(tuple(scorers), ask, grove(forests, len(scorers[0].forests)))

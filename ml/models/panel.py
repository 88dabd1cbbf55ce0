"""The kept scorer and its refits, asked at once about the same rows: what they share is worked out once."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from ml.contracts import Floats

from .additive import AdditiveScorer, RuleScorer, joined_steps
from .forest import margins_of_row
from .grove import grove
from .scorers import LinearScorer, Scorer, TreeScorer, joined

Panel = Callable[[Floats], Floats]  # codes (n, inputs) → margins (scorers, n, horizons)


def panel(scorers: Sequence[Scorer]) -> Panel:
    """Return what asks all scorers at once; it says what each alone would."""
    kinds = {type(each) for each in scorers}  # exactly: a kind derived from one of ours may score in its own way
    lines = [each for each in scorers if isinstance(each, LinearScorer)]
    if kinds == {LinearScorer} and all(each.encoder is lines[0].encoder for each in lines):
        return _together(joined(lines), len(lines))
    if kinds in ({AdditiveScorer}, {RuleScorer}):
        steps = [each for each in scorers if isinstance(each, AdditiveScorer)]
        return _together(joined_steps(steps), len(steps))
    if kinds == {TreeScorer}:
        return _trees([each for each in scorers if isinstance(each, TreeScorer)])
    return lambda codes: np.array([each.margins(codes) for each in scorers])


def _together(scorer: Scorer, scorers: int) -> Panel:
    def ask(codes: Floats) -> Floats:
        margins = scorer.margins(codes)  # (n, scorers × horizons)
        return margins.reshape(len(codes), scorers, margins.shape[1] // scorers).transpose(1, 0, 2)

    return ask


def _trees(scorers: Sequence[TreeScorer]) -> Panel:
    forests = [forest for one in scorers for forest in one.forests]
    together = grove(forests)

    def ask(codes: Floats) -> Floats:
        if len(codes) == 1:
            margins = margins_of_row(forests, codes) if together is None else together.margins(codes)
            return margins.reshape(len(scorers), 1, -1)
        return np.array([one.margins(codes) for one in scorers])

    return ask

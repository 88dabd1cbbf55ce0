"""The kinds of model that may be kept, simplest first: each is fitted in one way, on all rows or on a bootstrap."""

from __future__ import annotations

from dataclasses import dataclass

from ml.contracts import Floats, Outcome, Rows, Spells
from ml.models.encode import Encoder
from ml.models.scorers import Scorer

from .additive import fit_additive
from .line import fit_line
from .rule import fit_rule
from .trees import TreeSettings, fit_trees

SIMPLEST_FIRST = ("rule", "logistic", "additive", "lightgbm")
HAZARD = "hazard"  # a challenger that is never kept: nothing exact can be said of why it says what it says
COMPETING = (*SIMPLEST_FIRST, HAZARD)
WORDS = {
    "rule": "the rule",
    "logistic": "logistic regression",
    "additive": "the explainable boosting machine",
    "lightgbm": "LightGBM",
}


@dataclass(frozen=True)
class Lesson:
    """What all candidates learn from: codes (n, inputs) and follow-up (n,) of the training part.

    inverse_ridge  of logistic regression;  settings  of the trees;  competing  which of COMPETING are fitted
    """

    encoder: Encoder
    codes: Floats
    spells: Spells
    outcome: Outcome
    seed: int
    settings: TreeSettings
    inverse_ridge: float
    competing: tuple[str, ...] = COMPETING

    @property
    def kinds(self) -> tuple[str, ...]:
        """Return the kinds that may be kept, simplest first: the rule only where the contract names one."""
        named = SIMPLEST_FIRST if self.outcome.rule is not None else SIMPLEST_FIRST[1:]
        return tuple(kind for kind in named if kind in self.competing)

    def fit(self, kind: str, times: Rows | None = None) -> Scorer:
        """Return a model of one kind, a margin a horizon.

        times  (n,) how often a bootstrap drew each row; None: once each
        """
        horizons = self.outcome.horizons
        if kind == "rule" and self.outcome.rule is not None:
            return fit_rule(
                self.encoder, self.codes, self.spells, horizons, self.outcome.rule, self.outcome.entry, times
            )
        if kind == "logistic":
            return fit_line(self.encoder, self.codes, self.spells, horizons, times, self.inverse_ridge)
        if kind == "additive":
            return fit_additive(self.encoder, self.codes, self.spells, horizons, self.seed, times)
        if kind == "lightgbm":
            return fit_trees(self.codes, self.spells, horizons, self.seed, self.settings, times)
        raise ValueError(f"no candidate is called {kind!r}")

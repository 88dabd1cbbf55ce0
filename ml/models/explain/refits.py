"""Whether people would be told the same reasons by a model fitted again: stability over bootstrap refits."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from ml.contracts import Floats, Interval, Rows
from ml.measures.clusters import by_person
from ml.measures.shares import student95
from ml.models.trained import TrainedModel

from .inputs import some
from .people import WORTH_WORDS, contributions, told

MOST_PEOPLE = 2000  # whose share is known to about two points; each of them is explained once a refit
FEWEST_REFITS = 2  # fewer show nothing of how refits differ


@dataclass(frozen=True)
class ExplanationStability:
    """How the explanations of a model and those of its refits agree at the main horizon; None: too little to say.

    Intervals are of another refit and other people: both were drawn.

    same_top          share of people whose strongest reason, and its direction, a refit gives, too
    still_told        share of people whose strongest reason is among those that a refit would tell
    rank_correlation  Spearman's, of the importance of reasons (mean absolute contribution)
    """

    rows: int
    refits: int
    same_top: Interval | None
    still_told: Interval | None
    rank_correlation: Interval | None

    @property
    def words(self) -> str:
        """Return what was found, in English, in one line."""
        if self.same_top is None or self.still_told is None:
            return (
                f"insufficient evidence of how stable reasons are: {self.rows} looks and {self.refits} refits, "
                f"at least {FEWEST_REFITS} of each are needed"
            )
        found = (
            f"a refit gives the same strongest reason to {_share(self.same_top)} of people and tells it among others "
            f"to {_share(self.still_told)}"
        )
        if self.rank_correlation is None:
            return f"{found}; the importance of reasons cannot be ranked"
        rank = self.rank_correlation
        return f"{found}; the importance of reasons ranks alike ({rank.value:.2f}, {rank.low:.2f} to {rank.high:.2f})"


def stability(model: TrainedModel, codes: Floats, person: Rows | None = None) -> ExplanationStability:
    """Return how often refits of the model give people the same reasons, and rank reasons alike.

    codes   (n, inputs), of people whom the model has not learnt from; at most 2,000 rows for which the horizon is
            still a question are explained
    person  (n,) rows of one person share a number; None: each row is a person

    Raises GateError when contributions do not sum to the margin.
    """
    asked = np.flatnonzero(~model.reached(codes)[:, model.place])  # of the others no reasons are told
    rows = asked[some(len(asked), MOST_PEOPLE)]
    chosen, refits = codes[rows], model.refits
    person = rows if person is None else person[rows]
    if min(len(refits), len(rows)) < FEWEST_REFITS:
        return ExplanationStability(len(rows), len(refits), None, None, None)
    own = _sums(model, chosen)
    again = [_sums(replace(model, scorer=each.scorer, calibrators=each.calibrators), chosen) for each in refits]
    return ExplanationStability(
        rows=len(rows),
        refits=len(refits),
        same_top=_share_of(again, lambda sums: top(own) == top(sums), person),
        still_told=_share_of(again, lambda sums: _top_is_told(own, sums), person),
        rank_correlation=_mean([_spearman(own, sums) for sums in again]),
    )


def top(sums: Floats) -> Rows:
    """Return the strongest reason of each row with its direction: 1 + its place, negative where it lowers; 0: none."""
    place = np.abs(sums).argmax(axis=1)
    strongest = np.take_along_axis(sums, place[:, None], axis=1)[:, 0]
    return np.where(np.abs(strongest) >= WORTH_WORDS, np.sign(strongest) * (1 + place), 0).astype(np.int64)


def _sums(model: TrainedModel, codes: Floats) -> Floats:
    """Return what each reason adds, calibrated log-odds; (n, reasons)."""
    return model.encoder.grouping.sums(contributions(model, codes)) * model.slopes(codes, model.place)[:, None]


def _top_is_told(own: Floats, again: Floats) -> np.ndarray:
    """Return where the strongest reason of `own` is told the same way by `again`; (n,) both told none: the same."""
    best = top(own)
    place = np.maximum(np.abs(best) - 1, 0)[:, None]
    ways = {way: np.take_along_axis(told(again, way), place, axis=1)[:, 0] for way in (1, -1)}
    return np.where(best == 0, top(again) == 0, np.where(best > 0, ways[1], ways[-1]))


def _share_of(again: list[Floats], agrees: Callable[[Floats], np.ndarray], person: Rows) -> Interval:
    """Return the share of rows on which refits agree, over all refits.

    Refits and people are both drawn: the variances of either are added, which is a little too wide, and with so few
    refits Student's quantile is right.
    """
    agreement = np.column_stack([agrees(sums) for sums in again]).astype(np.float64)
    share = float(agreement.mean())
    of_refits = agreement.mean(axis=0).var(ddof=1) / agreement.shape[1]
    influence = by_person((agreement.mean(axis=1) - share) / len(agreement), person)
    error = float(np.sqrt(of_refits + np.square(influence).sum()))
    half = student95(agreement.shape[1] - 1) * error
    return Interval(share, max(share - half, 0.0), min(share + half, 1.0))


def _spearman(own: Floats, again: Floats) -> float:
    """Return the rank correlation of the mean absolute sums; nan where either ranks nothing."""
    from scipy.stats import rankdata  # a second, and a server ranks nothing

    ranks = [rankdata(np.abs(sums).mean(axis=0)) for sums in (own, again)]
    if any(each.std() == 0 for each in ranks):
        return float("nan")
    return float(np.corrcoef(*ranks)[0, 1])


def _mean(figures: list[float]) -> Interval | None:
    """Return the mean of a figure over refits; None where a refit has none."""
    if not np.isfinite(figures).all():
        return None
    mean, error = float(np.mean(figures)), float(np.std(figures, ddof=1)) / np.sqrt(len(figures))
    half = student95(len(figures) - 1) * error
    return Interval(mean, max(mean - half, -1.0), min(mean + half, 1.0))


def _share(share: Interval) -> str:
    return f"{100 * share.value:.1f} % ({100 * share.low:.1f} to {100 * share.high:.1f} %)"

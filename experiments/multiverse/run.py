"""How much of who is flagged hangs on decisions of the data scientist, though all models are about as good.

    python -m experiments.multiverse.run [--cohort DIR] [--models NAME ...] [--seed N] [--home DIR] [--picture PNG]
                                        [--json]

Judged on people of the test part at registration. No model is kept.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from experiments.command import COHORT, answer, cohort_of, parser
from experiments.fits import Choices, coded, fit, predictions
from experiments.multiverse.alarms import ratios
from experiments.multiverse.disagreement import agreement, variance_shares
from experiments.multiverse.level import above_by_level
from experiments.multiverse.picture import draw
from experiments.multiverse.universes import DECISIONS, SIZES, universes
from experiments.plain import plain, told
from ml.contracts import Bools, Cohort, Floats, Predictions
from ml.fairness.cut import cut
from ml.measures.brier import brier
from ml.measures.capacity import CAPACITIES
from ml.measures.ranking import auc, auc_gain
from ml.models.split import split
from ml.progress import Say, progress, silent

EXPERIMENT = "multiverse"
NEAR = 0.01  # in AUC: universes as good as the best
WATCHED = 0.25  # the capacity at which false alarms are counted, as in the audit


def main(argv: Sequence[str] | None = None) -> None:
    """Print how far the universes agree."""
    options = parser(__doc__)
    options.add_argument("--cohort", type=Path, default=COHORT, metavar="DIR")
    options.add_argument("--models", nargs="+", choices=DECISIONS["model"], default=DECISIONS["model"])
    asked = options.parse_args(argv)
    cohort = cohort_of(asked.cohort)
    with progress() as say:
        figures = measure(cohort, asked.models, asked.seed, say)
    parameters = {"data_digest": cohort.digest}
    answer(asked, EXPERIMENT, parameters, figures, figures, draw(figures), lambda: _print(figures))


def measure(cohort: Cohort, models: Sequence[str], seed: int, say: Say = silent) -> dict[str, Any]:
    """Return how good the universes are, whom they flag, and what moves that."""
    parts, outcome = split(cohort, seed), cohort.contract.outcome
    inputs = coded(cohort.features, cohort.contract.inputs, parts)
    every = list(universes(cohort, inputs, parts, models, seed, say))
    say("judging")
    judged = [predictions(each.test, parts.test, outcome, 0) for each in every]
    ripe = parts.calibration[parts.calibration.judging]
    earlier = [predictions(each.calibration[parts.calibration.judging], ripe, outcome, 0) for each in every]
    near = near_equal(earlier)
    decisions = [each.decisions for each in every]
    flags = {capacity: np.array([flagged(said, capacity) for said in judged]) for capacity in CAPACITIES}
    found = ratios(cohort, parts.test, judged, flags[WATCHED])
    margins = fit("logistic", inputs, parts.train, outcome, seed, Choices(*SIZES["small"]))
    aucs = np.array([auc(said).value for said in judged])
    return {
        "universes": len(every),
        "near_equal": int(near.sum()),
        "rows": len(judged[0].score),
        "first": {"auc": plain(auc(judged[0])), "brier": plain(brier(judged[0])), "decisions": dict(decisions[0])},
        "auc": _spread(aucs, near),
        "brier": _spread(np.array([brier(said).value for said in judged]), near),
        "level": {name: plain(each) for name, each in above_by_level(margins, inputs, parts, outcome).items()},
        "auc_moved_by": variance_shares(aucs[:, None], decisions),
        "capacities": {
            f"{capacity:g}": {
                "agreement": {name: plain(each) for name, each in agreement(of[near], judged[0].person).items()},
                "moved_by": variance_shares(of.astype(np.float64), decisions),
            }
            for capacity, of in flags.items()
        },
        "false_positive_ratios": {
            name: {
                "first": plain(each.first),
                "spread": _spread(each.ratio, near),
                "moved_by": variance_shares(np.log(each.ratio)[:, None], decisions),
            }
            for name, each in found.items()
        },
    }


def near_equal(earlier: Sequence[Predictions]) -> Bools:
    """Return which universes are about as good as the best, by the calibration part: the test part decides nothing.

    Within 0.01 in AUC, or not worse beyond noise.
    """
    best = max(earlier, key=lambda said: auc(said).value)
    gains = [auc_gain(best, said) for said in earlier]
    return np.array([gain.value <= NEAR or gain.low <= 0 for gain in gains])


def flagged(said: Predictions, capacity: float) -> Bools:
    """Return who is among the highest-scored share."""
    return np.asarray(said.score >= cut(said.score, capacity))


def _spread(values: Floats, near: Bools) -> dict[str, float]:
    """Return the range of a figure over the universes that are about as good, and over all."""
    of = values[near]
    return {
        "lowest": float(of.min()),
        "median": float(np.median(of)),
        "highest": float(of.max()),
        "lowest_of_all": float(values.min()),
        "highest_of_all": float(values.max()),
    }


def _print(figures: Mapping[str, Any]) -> None:
    print(f"{figures['near_equal']} of {figures['universes']} universes are about as good as the best on the "
          f"calibration part; judged on {figures['rows']} people at registration")  # fmt: skip
    for name in ("auc", "brier"):
        spread = figures[name]
        print(f"  {name:<5} of these {spread['lowest']:.4f} to {spread['highest']:.4f}, of all "
              f"{spread['lowest_of_all']:.4f} to {spread['highest_of_all']:.4f}; of the first "
              f"{told(figures['first'][name])}")  # fmt: skip
    for capacity, each in figures["capacities"].items():
        shares = "; ".join(f"{name.replace('_', ' ')} {told(share, 3)}" for name, share in each["agreement"].items())
        print(f"  flagged at {capacity}: {shares}")
        print(f"    moved by {_moved(each['moved_by'])}")
    level = figures["level"]
    print(f"  above the line of the calibration part's highest quarter: {told(level['newest_level'], 3)} with the "
          f"level of the newest spells, {told(level['known_level'], 3)} with that of known outcomes; "
          f"{told(level['moved'], 3)} change sides")  # fmt: skip
    print(f"  AUC moved by {_moved(figures['auc_moved_by'])}")
    for name, each in figures["false_positive_ratios"].items():
        spread = each["spread"]
        print(f"  false-positive ratio, {name}: first {told(each['first'], 2)}; over universes {spread['lowest']:.2f}, "
              f"{spread['median']:.2f}, {spread['highest']:.2f}; moved by {_moved(each['moved_by'])}")  # fmt: skip


def _moved(shares: Mapping[str, float]) -> str:
    return ", ".join(f"{name} {share:.0%}" for name, share in sorted(shares.items(), key=lambda each: -each[1]))


if __name__ == "__main__":
    main()

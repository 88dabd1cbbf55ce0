"""What an audit costs, and what fairlearn's bootstrap of the same figures would.

Invented people of six attributes, with two to six groups each, and all pairs of these: 21 groupings. Six metrics, of
which three are judged; intervals from bootstrap draws. The audit is timed as a whole; what it does beyond fairlearn,
the search for groups of three attributes, is timed alone and taken off beside it. fairlearn's MetricFrame draws rows:
one replicate is timed on all rows, of the cheapest attribute and of the cheapest pair, and multiplied.

The bounds of the project: at most 3 s on two idle cores, and at least 10,000 times as fast as fairlearn.

    python -m experiments.benchmarks.audit [--rows N] [--runs N] [--replicates N] [--json]
"""

from __future__ import annotations

import argparse
import json
import os
import time
from collections.abc import Callable
from functools import partial
from itertools import combinations
from statistics import median
from typing import Any

import numpy as np
import pandas as pd
from fairlearn.metrics import (
    MetricFrame,
    false_negative_rate,
    false_positive_rate,
    mean_prediction,
    selection_rate,
)
from scipy.special import expit
from sklearn.metrics import precision_score, roc_auc_score

from ml.contracts import AuditPolicy, Bools, Limits, Predictions
from ml.fairness.audit import audit
from ml.fairness.cut import cut
from ml.fairness.groups import grouping
from ml.fairness.search import worst_off

SEED = 1
GROUPS = (2, 3, 4, 5, 6, 6)
ALLOWED_SECONDS, WANTED_RATIO = 3.0, 10_000
RATIO = Limits("ratio", 0.8, 1.25)
OF_FLAGS = {
    "false_positive_rate": false_positive_rate,
    "false_negative_rate": false_negative_rate,
    "selection_rate": selection_rate,
    "precision": precision_score,
}
OF_SCORES = {"auc": roc_auc_score, "mean_score": mean_prediction}  # with it fairlearn, too, tells six metrics


def main() -> None:
    """Print the medians and the ratio."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--replicates", type=int, default=1000)
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    figures = measure(asked.rows, asked.runs, asked.replicates)
    if asked.json:
        print(json.dumps(figures))
        return
    print(
        f"audit of {figures['rows']} rows, {figures['groupings']} groupings, {figures['replicates']} replicates, "
        f"{figures['findings']} findings and figures, medians of {figures['runs']} runs (load {figures['load']:.1f})\n"
        f"  whole              {figures['whole_seconds']:.2f} s, {figures['whole_cpu_seconds']:.2f} s of work\n"
        f"  without search     {figures['unsearched_seconds']:.2f} s\n"
        f"  fairlearn          {figures['fairlearn_seconds_a_replicate']:.1f} s a replicate "
        f"(one was timed), {figures['fairlearn_seconds']:.0f} s for all\n"
        f"  fairlearn / whole  {figures['ratio']:.0f}  (wanted: {WANTED_RATIO})\n"
        f"  whole / allowed    {figures['share_of_allowed']:.2f}  (allowed: {ALLOWED_SECONDS:.0f} s)"
    )


def measure(rows: int, runs: int, replicates: int) -> dict[str, Any]:
    """Return the figures."""
    predictions, protected = people(rows, np.random.default_rng(SEED))
    policy = AuditPolicy(
        limits={
            "false_positive_rate": RATIO,
            "false_negative_rate": RATIO,
            "calibration_gap": Limits("difference", -0.03, 0.03),
        },
        answers=RATIO,
        shown=("selection_rate", "precision", "auc"),
        smallest_denominator=30,
        capacity=0.25,
        capacities=(),
        required=(),
        replicates=replicates,
    )
    told: list[int] = []

    def whole() -> None:
        found = audit(predictions, protected, {}, policy, np.random.default_rng(SEED))
        told.append(len(found.findings) + len(found.figures))

    timed = [_seconds(whole) for _ in range(runs)]
    seconds = median(wall for wall, _ in timed)
    flagged = predictions.score >= cut(predictions.score, policy.capacity)
    search = median(_seconds(_searching(predictions, protected, flagged, policy))[0] for _ in range(runs))
    a_replicate = fairlearn_seconds(predictions, protected, flagged)
    return {
        "rows": rows,
        "runs": runs,
        "replicates": replicates,
        "groupings": len(GROUPS) + len(list(combinations(GROUPS, 2))),
        "findings": told[0],
        "load": os.getloadavg()[0],
        "whole_seconds": seconds,
        "whole_cpu_seconds": median(work for _, work in timed),
        "unsearched_seconds": seconds - search,
        "fairlearn_seconds_a_replicate": a_replicate,
        "fairlearn_seconds": a_replicate * replicates,
        "ratio": a_replicate * replicates / seconds,
        "share_of_allowed": seconds / ALLOWED_SECONDS,
    }


def people(rows: int, rng: np.random.Generator) -> tuple[Predictions, pd.DataFrame]:
    """Return scores and outcomes of people who do not exist, and their six attributes; about 30 % are positive."""
    margin = rng.normal(-1, 1, rows)
    score, outcome = expit(margin + rng.normal(0, 0.5, rows)), rng.random(rows) < expit(margin)
    protected = {
        f"attribute {number}": rng.choice([f"group {group}" for group in range(groups)], rows, p=_falling(groups))
        for number, groups in enumerate(GROUPS)
    }
    return Predictions(12.0, score, outcome, np.ones(rows)), pd.DataFrame(protected)


def _falling(groups: int) -> list[float]:
    """Return shares of groups, the first the largest."""
    return [(groups - place) / (groups * (groups + 1) / 2) for place in range(groups)]


def _searching(
    predictions: Predictions, protected: pd.DataFrame, flagged: Bools, policy: AuditPolicy
) -> Callable[[], object]:
    """Return the search among three attributes, as the audit does it, by itself."""
    groupings = tuple(grouping(protected[name]) for name in protected.columns)
    sought = np.random.default_rng(SEED).random(len(flagged)) < 0.5
    return lambda: worst_off(predictions, groupings, flagged, sought, policy.smallest_denominator)


def fairlearn_seconds(predictions: Predictions, protected: pd.DataFrame, flagged: Bools) -> float:
    """Return what one of fairlearn's replicates of all groupings takes, at least.

    Timed on all rows, with it less without: of the attribute of fewest groups, and of the pair of fewest. Others have
    more groups and take longer, but for as many as there are of each this is what is reckoned.
    """
    names = list(protected.columns)
    alone, pair = (_a_replicate(predictions, protected[names[:several]], flagged) for several in (1, 2))
    return len(names) * alone + len(list(combinations(names, 2))) * pair


def _a_replicate(predictions: Predictions, groups: pd.DataFrame, flagged: Bools) -> float:
    seconds = 0.0
    for said, metrics in ((flagged, OF_FLAGS), (predictions.score, OF_SCORES)):
        asked: dict[str, Any] = {
            "metrics": metrics,
            "y_true": predictions.outcome,
            "y_pred": said,
            "sensitive_features": groups,
        }
        drawn = {"n_boot": 1, "ci_quantiles": [0.025, 0.975], "random_state": SEED}
        without, _ = _seconds(partial(MetricFrame, **asked))
        with_it, _ = _seconds(partial(MetricFrame, **asked, **drawn))
        seconds += with_it - without
    return seconds


def _seconds(work: Callable[[], object]) -> tuple[float, float]:
    """Return how long work took, and how much of it all cores did."""
    began, worked = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - began, time.process_time() - worked


if __name__ == "__main__":
    main()

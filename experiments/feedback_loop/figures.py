"""What all worlds say together: each figure with the interval of its mean over worlds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from scipy.stats import t

from experiments.feedback_loop.grid import (
    BY_INPUTS,
    BY_TRAINING,
    HIGHEST,
    JUDGED,
    MAIN,
    NOBODY,
    Lived,
    Run,
)
from experiments.feedback_loop.hints import Training
from experiments.feedback_loop.life import Course
from experiments.feedback_loop.policies import Policy
from experiments.plain import Plain, plain
from ml.contracts import Floats, Interval

RATIOS = {
    "helped_ratio": ("helped_of_group", "helped_of_others"),
    "false_positive_ratio": ("false_positive_group", "false_positive_others"),
    "false_positive_ratio_alone": ("false_positive_group_alone", "false_positive_others_alone"),
}
AGAINST = ("before", "no_services", "caseworkers")  # what each gap is held against
LAST = 3  # rounds that stand for the end
ALPHA = 0.05


def over_worlds(value: Floats, alpha: float = ALPHA) -> Interval:
    """Return the mean over worlds, (worlds,), with its interval by Student's t; worlds are independent."""
    mean = float(value.mean())
    if len(value) < 2:
        return Interval(mean, np.nan, np.nan)
    half = float(t.ppf(1 - alpha / 2, len(value) - 1) * value.std(ddof=1) / np.sqrt(len(value)))
    return Interval(mean, mean - half, mean + half)


def ratio_over_worlds(above: Floats, below: Floats) -> Interval:
    """Return the ratio of two means over worlds, (worlds,) each, by linearisation; nothing where one is of nothing."""
    if not below.mean() > 0:
        return Interval(np.nan, np.nan, np.nan)
    ratio = float(above.mean() / below.mean())
    return over_worlds(ratio + (above - ratio * below) / below.mean())


def at_end(value: Floats) -> Floats:
    """Return each world's mean over the last rounds, (worlds,); value (worlds, rounds)."""
    return np.asarray(value[:, -LAST:].mean(axis=1))


def compared(value: Floats, other: Floats, comparisons: int) -> dict[str, Any]:
    """Return by how much a gap is larger than another, world by world, and what may be said of it.

    "grows" and "shrinks" are said where the interval leaves out 0 after a correction (Bonferroni) for so many
    comparisons; the interval itself is of 95 %.
    """
    more = value - other
    sure = over_worlds(more, ALPHA / comparisons)
    said = "grows" if sure.low > 0 else "shrinks" if sure.high < 0 else "no change shown"
    if not more.any():
        said = "the same in every world"
    return {**plain(over_worlds(more)), "reading": said}


def summarise(lived: Lived) -> dict[str, Any]:
    """Return plain figures: by world and policy, by inputs, by training."""
    many = len(AGAINST) * sum(len(runs) for runs in MAIN.values())
    return {
        "worlds": {
            name: {
                "before": plain(over_worlds(lived.before[name])),
                "policies": {run.course.policy.words: _line(lived, run, many) for run in runs},
            }
            for name, runs in MAIN.items()
        },
        "inputs": [_variant(lived, run, len(BY_INPUTS)) for run in BY_INPUTS],
        "training": [_training(lived, run) for run in BY_TRAINING],
    }


def _line(lived: Lived, run: Run, comparisons: int) -> dict[str, Any]:
    """Return one policy in one world: at the end, against others, and by round."""
    own = lived.figures[run]
    gap = at_end(own["gap"])
    against = {
        "before": lived.before[run.world],
        "no_services": _gap(lived, run.world, NOBODY),
        "caseworkers": _gap(lived, run.world, JUDGED),
    }
    return {
        "end": _end(own),
        **{f"against_{name}": compared(gap, against[name], comparisons) for name in AGAINST},
        "rounds": _rounds(own),
    }


def _variant(lived: Lived, run: Run, comparisons: int) -> dict[str, Any]:
    own = lived.figures[run]
    return {
        "policy": run.course.policy.words,
        "inputs": run.course.inputs.value,
        "end": _end(own),
        "against_caseworkers": compared(at_end(own["gap"]), _gap(lived, run.world, JUDGED), comparisons),
    }


def _training(lived: Lived, run: Run) -> dict[str, Any]:
    """Return one way of training; "against_first_model" is what the loop itself adds: the first model never learns."""
    own = lived.figures[run]
    first = lived.figures[Run(run.world, Course(HIGHEST, training=Training.FROZEN))]
    return {
        "training": run.course.training.value,
        "end": _end(own),
        "against_first_model": compared(at_end(own["gap"]), at_end(first["gap"]), len(BY_TRAINING)),
        "rounds": _rounds(own),
    }


def _gap(lived: Lived, world: str, policy: Policy) -> Floats:
    return at_end(lived.figures[Run(world, Course(policy))]["gap"])


def _end(own: Mapping[str, Floats]) -> dict[str, Plain]:
    """Return the figures of the last rounds."""
    last = {name: at_end(value) for name, value in own.items()}
    told = {name: plain(over_worlds(value)) for name, value in last.items()}
    return told | {name: plain(ratio_over_worlds(last[above], last[below])) for name, (above, below) in RATIOS.items()}


def _rounds(own: Mapping[str, Floats]) -> dict[str, list[Plain]]:
    """Return the figures of each round."""
    told = {name: [plain(over_worlds(each)) for each in value.T] for name, value in own.items()}
    return told | {
        name: [plain(ratio_over_worlds(*each)) for each in zip(own[above].T, own[below].T, strict=True)]
        for name, (above, below) in RATIOS.items()
    }

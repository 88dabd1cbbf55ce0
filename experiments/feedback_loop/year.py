"""What a reviewer could look at in a year, and what only the simulation knows."""

from __future__ import annotations

import numpy as np

from ml.contracts import Bools, Floats


def figures_of(
    group: Bools, risk: Floats, flags: Bools, helped: Bools, alone: Floats, found: Bools, found_alone: Bools
) -> dict[str, float]:
    """Return the figures of those out of work in a year; all (n,).

    group, risk, flags  membership, predicted chance of staying out of work, whom the hint calls of highest risk
    helped, found       who had a service, who found work: these a register sees
    alone, found_alone  chance of staying without a service, and who would have found work without: nobody sees these

    Flagged in vain ("false_positive_…"): flagged among those who found work; "…_alone": among those who would have
    found work without a service. "off_…": predicted less what came (observed) or would have come without services
    (alone); "…_flagged" among those flagged.
    """
    return {
        "helped_of_others": _mean(helped, ~group),
        "helped_of_group": _mean(helped, group),
        "false_positive_others": _mean(flags, found & ~group),
        "false_positive_group": _mean(flags, found & group),
        "false_positive_others_alone": _mean(flags, found_alone & ~group),
        "false_positive_group_alone": _mean(flags, found_alone & group),
        "off_observed": float(np.mean(risk - ~found)),
        "off_alone": float(np.mean(risk - alone)),
        "off_observed_flagged": _mean(risk - ~found, flags),
        "off_alone_flagged": _mean(risk - alone, flags),
        "off_observed_others": _mean(risk - ~found, ~group),
        "off_observed_group": _mean(risk - ~found, group),
        "off_alone_others": _mean(risk - alone, ~group),
        "off_alone_group": _mean(risk - alone, group),
        "flagged_of_highest": _mean(flags, alone >= np.quantile(alone, 1 - flags.mean())),
        "auc": _auc(risk, ~found),
        "auc_alone": _auc(risk, ~found_alone),
    }


def _mean(value: Floats | Bools, of: Bools) -> float:
    return float(value[of].mean()) if of.any() else float("nan")


def _auc(risk: Floats, stayed: Bools) -> float:
    """Return the chance that someone who stayed was said to be of higher risk than someone who did not."""
    place = np.empty(len(risk))
    place[np.argsort(risk, kind="stable")] = np.arange(1, len(risk) + 1)
    many, others = int(stayed.sum()), int((~stayed).sum())
    return float((place[stayed].sum() - many * (many + 1) / 2) / (many * others)) if many and others else float("nan")

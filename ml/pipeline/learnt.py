"""What a cohort taught, on its way from training to its report."""

from __future__ import annotations

from dataclasses import dataclass

from ml.contracts import Cohort, Split
from ml.models.ltu.trees import TreeSettings
from ml.models.ltu.tune import Tuned
from ml.models.train import Trained


@dataclass(frozen=True)
class Learnt:
    """What was learnt from a cohort, before anything is written; turns: in which it is judged, too."""

    cohort: Cohort
    parts: Split
    turns: tuple[Split, ...]
    settings: TreeSettings
    tuned: Tuned | None
    trained: Trained

"""The policy that a model must meet, and all that training found out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ml.contracts.audit import Audit, AuditPolicy
from ml.contracts.cohort import Split
from ml.contracts.declaration import CohortContract
from ml.contracts.evaluation import Evaluation, GroupPerformance
from ml.contracts.evidence import Interval, Scores, Stability


@dataclass(frozen=True)
class Policy:
    """`model_cards/policy.toml`: what a model must show. Owned by the reviewers."""

    audit: AuditPolicy
    weak_auc: float  # a model whose AUC is below this is called weak
    leak_auc: float
    leak_column_auc: float
    approval_months: int
    temporal_validation: bool
    digest: str


@dataclass(frozen=True)
class ModelReport:
    """All that training found out, for the card, the run and `--json`."""

    contract: CohortContract
    split: Split
    data_digest: str
    rows: int
    persons: int
    exits: int
    kept: str  # kind of the model: "rule", "logistic", "additive" or "lightgbm"
    why_kept: str
    observed_share: Interval  # of the test part's rows for which the horizon is still a question
    predicted_share: float
    scores: Mapping[str, Scores]  # model name → quality; "base_rate" among them
    importance: Mapping[str, float]  # input → mean |contribution| on the margin
    audit: Audit
    seed: int
    warnings: tuple[str, ...]
    further: Mapping[float, tuple[Interval, float]] = field(default_factory=dict)  # horizon → observed, predicted
    evaluation: Evaluation = field(default_factory=lambda: Evaluation((), ()))
    groups: tuple[GroupPerformance, ...] = ()
    stability: tuple[Stability, ...] = ()
    explanations: str = ""  # how stable they are over refits, in English
    settings: Mapping[str, Any] = field(default_factory=dict)  # of the trees, as trained
    tuning: Mapping[str, Any] | None = None  # the study that chose them; None: the defaults

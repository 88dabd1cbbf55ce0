"""A report as training hands it over, made by hand, and the policy of this repository."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import numpy as np
import pytest

from ml.contracts import (
    Audit,
    Calibration,
    CohortContract,
    Column,
    ColumnType,
    Finding,
    Interval,
    Kind,
    ModelReport,
    Outcome,
    Part,
    Policy,
    Role,
    Scores,
    Spells,
    Split,
    Verdict,
)
from ml.governance.card import Provenance
from ml.governance.policy import POLICY, read_policy

COLUMNS = (
    Column("trade", ColumnType.CATEGORY, Role.FEATURE, Kind.CAN_CHANGE, {"en": "Trade | craft", "fi": "Ammatti"}),
    Column("years", ColumnType.NUMBER, Role.FEATURE, Kind.IMMUTABLE),
    Column("gender", ColumnType.CATEGORY, Role.PROTECTED, label={"en": "Gender"}, reference="men"),
)


@pytest.fixture(scope="session")
def policy() -> Policy:
    """Return the policy of this repository, which asks for the attributes that the small contract below has."""
    policy = read_policy(POLICY)
    return replace(policy, audit=replace(policy.audit, required=("gender",)))


@pytest.fixture
def provenance() -> Provenance:
    at = datetime(2026, 11, 24, 12, 0, 5, tzinfo=UTC)
    return Provenance("ltu-small", 3, "sha256:abc", "run1", "ada", at, {"apualy": "0.1.0", "numpy": "2.4.6"})


def _part(rows: int, first: date | None, last: date | None) -> Part:
    return Part(np.arange(rows), Spells(np.ones(rows), np.ones(rows, dtype=bool)), first, last)


def _scores(auc: float) -> Scores:
    return Scores(Interval(auc, auc - 0.02, auc + 0.02), Interval(0.2, 0.19, 0.21), Calibration(0.01, 0.98, 0.015))


FINDING = Finding("gender", "women", 120, "false_positive_rate", 0.3, 0.28, 0.32, "men", 1.0, 0.95, 1.05, Verdict.PASS)


@pytest.fixture
def finding() -> Callable[..., Finding]:
    """Return a maker of findings: a passing one on women's false positive rate, with changes."""
    return lambda **changed: replace(FINDING, **changed)


@pytest.fixture
def audited() -> Callable[..., Audit]:
    """Return a maker of audits of the given findings; the verdict is the worst."""

    def make(*findings: Finding, **changed: Any) -> Audit:
        worst = max((finding.verdict for finding in findings), key=list(Verdict).index, default=Verdict.INSUFFICIENT)
        return replace(Audit(worst, findings, 0.25, 0.251, ()), **changed)

    return make


@pytest.fixture
def report(audited: Callable[..., Audit]) -> ModelReport:
    """Return the report of a good model: dated, not weak, audit passed."""
    contract = CohortContract(
        "small", "Made up", "none", Outcome("weeks", "week", 7, 26, (13, 26)), "start",
        {column.name: column for column in COLUMNS}, "[cohort]",
    )  # fmt: skip
    parts = Split(
        "temporal",
        _part(600, date(2019, 1, 1), date(2020, 1, 1)),
        _part(200, date(2020, 1, 2), date(2021, 1, 1)),
        _part(200, date(2021, 1, 2), date(2022, 1, 1)),
    )
    return ModelReport(
        contract=contract, split=parts, data_digest="sha256:data", rows=1000, persons=900, exits=700,
        kept="lightgbm", why_kept="it is better", observed_share=Interval(0.35, 0.3, 0.4), predicted_share=0.36,
        scores={"base_rate": _scores(0.5), "logistic": _scores(0.7), "lightgbm": _scores(0.72)},
        importance={"trade": 0.4, "years": 0.1}, audit=audited(FINDING), seed=1, warnings=("a warning",),
        further={13.0: (Interval(0.6, 0.55, 0.65), 0.61), 26.0: (Interval(0.35, 0.3, 0.4), 0.36)},
    )  # fmt: skip

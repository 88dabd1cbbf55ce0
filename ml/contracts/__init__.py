"""What the rooms of `ml` hand to each other: frozen, without behaviour beyond looking things up."""

from ml.contracts.arrays import Bools, Dates, Floats, Rows
from ml.contracts.audit import Audit, AuditPolicy, Conditional, Finding, Flip, Limits, Proxy, Scope
from ml.contracts.cohort import Cohort, Part, Predictions, Spells, Split
from ml.contracts.current import CurrentChunk, CurrentCohort, PlanInForce
from ml.contracts.declaration import TIMES, CohortContract, Column, ColumnType, Kind, Outcome, Reason, Role
from ml.contracts.evaluation import (
    AtCapacity,
    CalibrationIntervals,
    CoreFigures,
    Coverage,
    Evaluation,
    Figures,
    GroupPerformance,
    InTurns,
    NetBenefit,
    Rival,
    Slice,
)
from ml.contracts.evidence import Calibration, Interval, Scores, Stability, Verdict
from ml.contracts.needs import ENTITIES, INTERVIEW_FIRST, Placements, Stock
from ml.contracts.report import ModelReport, Policy

__all__ = [
    "ENTITIES",
    "INTERVIEW_FIRST",
    "TIMES",
    "AtCapacity",
    "Audit",
    "AuditPolicy",
    "Bools",
    "Calibration",
    "CalibrationIntervals",
    "Cohort",
    "CohortContract",
    "Column",
    "ColumnType",
    "Conditional",
    "CoreFigures",
    "Coverage",
    "CurrentChunk",
    "CurrentCohort",
    "Dates",
    "Evaluation",
    "Figures",
    "Finding",
    "Flip",
    "Floats",
    "GroupPerformance",
    "InTurns",
    "Interval",
    "Kind",
    "Limits",
    "ModelReport",
    "NetBenefit",
    "Outcome",
    "Part",
    "Placements",
    "PlanInForce",
    "Policy",
    "Predictions",
    "Proxy",
    "Reason",
    "Rival",
    "Role",
    "Rows",
    "Scope",
    "Scores",
    "Slice",
    "Spells",
    "Split",
    "Stability",
    "Stock",
    "Verdict",
]

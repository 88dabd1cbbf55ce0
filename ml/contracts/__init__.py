"""What the rooms of `ml` hand to each other: frozen, without behaviour beyond looking things up."""

from ml.contracts.arrays import Bools, Dates, Floats, Rows
from ml.contracts.cohort import Cohort, Part, Predictions, Spells, Split
from ml.contracts.declaration import CohortContract, Column, ColumnType, Kind, Outcome, Role
from ml.contracts.evidence import Audit, Calibration, Finding, Interval, Scores, Verdict
from ml.contracts.needs import ENTITIES, INTERVIEW_FIRST, Placements, Stock
from ml.contracts.report import AuditPolicy, ModelReport, Policy

__all__ = [
    "ENTITIES",
    "INTERVIEW_FIRST",
    "Audit",
    "AuditPolicy",
    "Bools",
    "Calibration",
    "Cohort",
    "CohortContract",
    "Column",
    "ColumnType",
    "Dates",
    "Finding",
    "Floats",
    "Interval",
    "Kind",
    "ModelReport",
    "Outcome",
    "Part",
    "Placements",
    "Policy",
    "Predictions",
    "Role",
    "Rows",
    "Scores",
    "Spells",
    "Split",
    "Stock",
    "Verdict",
]

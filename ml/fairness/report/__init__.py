"""An `Audit` → what people read of it: one page in three languages, a CSV of its findings, a JSON twin."""

from ml.fairness.report.facts import Predicted, ReportFacts
from ml.fairness.report.findings_csv import findings_csv
from ml.fairness.report.outcome import any_outcome, unemployment
from ml.fairness.report.page import render
from ml.fairness.report.twin import twin
from ml.fairness.report.words import LANGUAGES

__all__ = ["LANGUAGES", "Predicted", "ReportFacts", "any_outcome", "findings_csv", "render", "twin", "unemployment"]

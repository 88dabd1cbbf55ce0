"""The report of a model's audit, in three languages, and the list of its findings, for its run."""

from __future__ import annotations

from datetime import date

from ml.contracts import Column, ModelReport, Policy, Role
from ml.fairness.report import LANGUAGES, ReportFacts, findings_csv, render, unemployment


def audit_texts(found: ModelReport, model: str, made: date, policy: Policy) -> dict[str, str]:
    """Return the files by name: a page a language, and the findings as CSV."""
    protected = found.contract.with_role(Role.PROTECTED)
    told = ReportFacts(
        model=model,
        version="",
        predicted=unemployment(found.contract.outcome),
        policy=policy.audit,
        made=made,
        data_digest=found.data_digest,
        policy_digest=policy.digest,
        labels={column.name: _labels(column) for column in protected},
        values={column.name: _values(column) for column in protected},
        inputs={column.name: _labels(column) for column in found.contract.inputs},
    )
    pages = {f"audit.{language}.html": render(found.audit, told, language) for language in LANGUAGES}
    return {**pages, "audit.csv": findings_csv(found.audit)}


def _labels(column: Column) -> dict[str, str]:
    return {language: column.words(language) for language in LANGUAGES}


def _values(column: Column) -> dict[str, dict[str, str]]:
    """Return how each group reads; one that the contract does not name reads as it is."""
    groups = () if column.values is None else tuple(column.values.values())
    return {group: {language: column.value_words(group, language) for language in LANGUAGES} for group in groups}

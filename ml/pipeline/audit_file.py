"""The audit of any system's predictions: a file in, a verdict with its evidence out."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from ml.contracts import Audit, Policy, Scope, Verdict
from ml.contracts.audit import DIRECT_USE
from ml.disclosure import THRESHOLD
from ml.errors import UsageError, without_identity_codes
from ml.fairness.audit import audit
from ml.fairness.conditional import of_each_attribute
from ml.fairness.report import ReportFacts, any_outcome, findings_csv, render, twin
from ml.governance.figures.findings import told, worst_findings
from ml.governance.files import write_whole
from ml.progress import Say, silent
from ml.register.predictions import Columns, read_predictions

MOST_TOLD = 12


@dataclass(frozen=True)
class AuditRequest:
    """What to audit, by which policy, and where to write what was found.

    capacity  share of people who are flagged; None: the policy's
    html, csv where the report and the list of findings go; None: nowhere
    """

    data: Path
    columns: Columns
    seed: int
    made: date
    capacity: float | None = None
    direct_use: tuple[str, ...] = ()
    html: Path | None = None
    csv: Path | None = None
    language: str = "en"


@dataclass(frozen=True)
class AuditResult:
    """What was found, and how long it took."""

    audit: Audit
    told: ReportFacts

    def summary(self) -> dict[str, Any]:
        """Return what `--json` prints: verdict, findings and seconds first, then all else that the report tells."""
        whole = twin(self.audit, self.told)
        return {name: whole[name] for name in ("verdict", "findings", "seconds")} | whole

    def lines(self) -> list[str]:
        """Return what is told to people: the verdict, what it rests on, and what could not be judged."""
        found = self.audit.findings
        counts = {verdict: sum(each.verdict is verdict for each in found) for verdict in Verdict}
        lines = [
            f"{self.audit.verdict.value}: {_people(self.audit)}, highest {self.audit.capacity:.0%} flagged "
            f"(really {self.audit.selected_share:.1%}); {counts[Verdict.FAIL]} of {len(found)} findings fail, "
            f"{counts[Verdict.INSUFFICIENT]} have insufficient evidence, {counts[Verdict.PASS]} pass",
            *(f"  direct use  {name} is an input" for name in self.audit.direct_use),
        ]
        single = [each for each in found if each.scope is Scope.ATTRIBUTE and each.metric != DIRECT_USE]
        failing = worst_findings(single, MOST_TOLD)
        lines += [f"  fail        {told(each, {})}" for each in failing]
        lines += [f"  warning     {warning}" for warning in self.audit.warnings]
        spent = ", ".join(f"{part} {seconds:.1f} s" for part, seconds in self.told.seconds.items())
        return [*lines, f"  time        {spent}"]


def _people(audit: Audit) -> str:
    return f"fewer than {THRESHOLD} people" if audit.people is None else f"{audit.people} people"


def audit_file(request: AuditRequest, policy: Policy, say: Say = silent) -> AuditResult:
    """Return the audit of a file of predictions; reports are written whole or not at all.

    Raises DataError for what the file lacks or holds wrongly, UsageError for what cannot be asked.
    """
    if not request.columns.protected:
        raise UsageError("--protected names no column; an audit of nobody's groups finds nothing")
    for name, cuts in (request.columns.bands or {}).items():
        if not np.isfinite(cuts).all():
            raise UsageError(f"--bands {name}: a cut point is not a number")
    started = time.perf_counter()
    say(f"reading {request.data.name}")
    read = read_predictions(request.data, request.columns)
    read_at = time.perf_counter()
    limits = policy.audit if request.capacity is None else replace(policy.audit, capacity=request.capacity)
    say("auditing")
    found = audit(read.predictions, read.protected, {}, limits, np.random.default_rng(request.seed), request.direct_use)
    judged_at = time.perf_counter()
    say("comparing people at equal risk")
    alike = of_each_attribute(read.predictions, read.protected, {}, limits.smallest_denominator)
    found = replace(found, conditional=alike)
    seconds = {
        "read": round(read_at - started, 3),
        "audit": round(judged_at - read_at, 3),
        "equal_risk": round(time.perf_counter() - judged_at, 3),
    }
    facts = ReportFacts(
        model=without_identity_codes(request.data.stem), version="", predicted=any_outcome(), policy=limits,
        made=request.made, data_digest=read.digest, policy_digest=policy.digest, seconds=seconds,
    )  # fmt: skip
    if request.html is not None:
        say("writing the report")
        write_whole(request.html, render(found, facts, request.language))
    if request.csv is not None:
        write_whole(request.csv, findings_csv(found))
    return AuditResult(found, facts)

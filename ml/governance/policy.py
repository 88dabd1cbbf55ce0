"""The reviewers' policy, read and checked."""

from __future__ import annotations

import hashlib
import math
import tomllib
from pathlib import Path
from typing import Any

from ml.contracts import AuditPolicy, Policy
from ml.errors import ContractError

METRICS = ("selection_rate", "false_positive_rate", "false_negative_rate", "precision")
FIELDS: dict[str, dict[str, type]] = {
    "audit": {"metrics": list, "ratio_low": float, "ratio_high": float, "smallest_denominator": int,
              "capacity": float, "replicates": int},
    "performance": {"weak_auc": float, "leak_auc": float, "leak_column_auc": float},
    "approval": {"months": int, "temporal_validation": bool},
}  # fmt: skip


def read_policy(path: Path) -> Policy:
    """Return the policy and its digest.

    Raises ContractError naming the line that is missing, unknown or out of range: no limit has a silent default.
    """
    try:
        content = path.read_bytes()
        tables = tomllib.loads(content.decode("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as problem:
        raise ContractError(f"{path}: the policy cannot be read: {problem}") from problem
    _check_fields(path, tables)
    _check_ranges(path, tables)
    audit, performance, approval = tables["audit"], tables["performance"], tables["approval"]
    return Policy(
        audit=AuditPolicy(**{**audit, "metrics": tuple(audit["metrics"])}),
        **performance,
        approval_months=approval["months"],
        temporal_validation=approval["temporal_validation"],
        digest=f"sha256:{hashlib.sha256(content).hexdigest()}",
    )


def _check_fields(path: Path, tables: dict[str, Any]) -> None:
    for table in tables.keys() | FIELDS.keys():
        wanted, found = FIELDS.get(table, {}), tables.get(table, {})
        if table not in FIELDS or not isinstance(found, dict) or wanted.keys() != found.keys():
            odd = (isinstance(found, dict) and wanted.keys() ^ found.keys()) or {table}
            raise ContractError(
                f"{path}: [{table}] must hold {', '.join(wanted) or 'nothing'}; look at {', '.join(sorted(odd))}"
            )
        for key, kind in wanted.items():
            if type(found[key]) is not kind:
                raise ContractError(f"{path}: [{table}] {key} = {found[key]!r} is not a {kind.__name__}")


def _check_ranges(path: Path, tables: dict[str, Any]) -> None:
    audit, performance = tables["audit"], tables["performance"]
    rules = {
        f"metrics are some of {', '.join(METRICS)}": bool(audit["metrics"])
        and all(metric in METRICS for metric in audit["metrics"]),
        "0 < ratio_low < 1 < ratio_high, a number": 0 < audit["ratio_low"] < 1 < audit["ratio_high"] < math.inf,
        "0 < capacity < 1": 0 < audit["capacity"] < 1,
        "smallest_denominator is at least 5": audit["smallest_denominator"] >= 5,
        "replicates are at least 500": audit["replicates"] >= 500,
        "AUC limits lie between 0.5 and 1": all(0.5 <= value <= 1 for value in performance.values()),
        "months are 1 to 24": 1 <= tables["approval"]["months"] <= 24,
    }
    for rule, holds in rules.items():
        if not holds:
            raise ContractError(f"{path}: the policy breaks its own form: {rule}")

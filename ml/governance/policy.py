"""The reviewers' policy, read and checked."""

from __future__ import annotations

import hashlib
import math
import tomllib
from pathlib import Path
from typing import Any

from ml.contracts import AuditPolicy, Limits, Policy
from ml.contracts.audit import RATES, SCORES
from ml.errors import ContractError
from ml.home import POLICY as POLICY

METRICS = (*RATES, *SCORES)
FIELDS: dict[str, dict[str, type]] = {
    "audit": {"capacity": float, "capacities": list, "smallest_denominator": int, "required": list, "shown": list,
              "replicates": int, "answers": dict, "limits": dict},
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
        audit=AuditPolicy(
            limits={metric: Limits(**limits) for metric, limits in audit["limits"].items()},
            answers=Limits(**audit["answers"]),
            shown=tuple(audit["shown"]),
            smallest_denominator=audit["smallest_denominator"],
            capacity=audit["capacity"],
            capacities=tuple(audit["capacities"]),
            required=tuple(audit["required"]),
            replicates=audit["replicates"],
        ),
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
    limits, shown, required = audit["limits"], audit["shown"], audit["required"]
    rules = {
        f"limits are of some of {', '.join(METRICS)}": bool(limits) and all(metric in METRICS for metric in limits),
        f"limits are of a ratio (0 < low < 1 < high; only of {', '.join(RATES)}) or of a difference "
        "(low < 0 < high)": all(_are_limits(each, metric in RATES) for metric, each in limits.items()),
        "answers are limits of a ratio": _are_limits(audit["answers"], True) and audit["answers"]["of"] == "ratio",
        f"shown are some of {', '.join(METRICS)}": all(metric in METRICS for metric in shown),
        "required are names of attributes": all(isinstance(name, str) for name in required),
        "0 < capacity < 1, and so are capacities": all(
            isinstance(each, float) and 0 < each < 1 for each in (audit["capacity"], *audit["capacities"])
        ),
        "smallest_denominator is at least 5": audit["smallest_denominator"] >= 5,
        "replicates are at least 500": audit["replicates"] >= 500,
        "AUC limits lie between 0.5 and 1": all(0.5 <= value <= 1 for value in performance.values()),
        "months are 1 to 24": 1 <= tables["approval"]["months"] <= 24,
    }
    for rule, holds in rules.items():
        if not holds:
            raise ContractError(f"{path}: the policy breaks its own form: {rule}")


def _are_limits(limits: Any, can_be_ratio: bool) -> bool:
    """Return whether a table is the limits of a metric; only a metric that can be divided has a ratio."""
    if not isinstance(limits, dict) or limits.keys() != {"of", "low", "high"}:
        return False
    middle = {"ratio": 1.0, "difference": 0.0}.get(limits["of"])
    ends = (limits["low"], limits["high"])
    if middle is None or not all(isinstance(end, float) for end in ends) or (middle and not can_be_ratio):
        return False
    return bool(ends[0] < middle < ends[1] < math.inf and ends[0] > (0.0 if middle else -math.inf))

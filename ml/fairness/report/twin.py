"""The report as plain JSON: all that the page tells from, and nothing that it may not."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, fields, is_dataclass
from enum import Enum
from typing import Any

from ml.contracts.audit import Audit, Finding
from ml.disclosure import redact

from .facts import ReportFacts


def twin(audit: Audit, told: ReportFacts) -> dict[str, Any]:
    """Return the audit and its facts as JSON knows them: no NaN, no infinity (null), counts as they may be shown.

    Keys of a finding are those of the cohort contract's page, then the further fields of `Finding`.
    """
    made: dict[str, Any] = _plain(
        {
            "model": {"name": told.model, "version": told.version},
            "verdict": audit.verdict,
            "findings": [_finding(each) for each in audit.findings],
            "figures": [_finding(each) for each in audit.figures],
            "direct_use": audit.direct_use,
            "flips": audit.flips,
            "proxies": [_proxy(asdict(each)) for each in audit.proxies],
            "conditional": audit.conditional,
            "people": _shown(audit.people),
            "rows": _shown(audit.rows),
            "capacity": audit.capacity,
            "selected_share": audit.selected_share,
            "warnings": audit.warnings,
            "predicted": told.predicted,
            "policy": told.policy,
            "digests": {"data": told.data_digest, "policy": told.policy_digest},
            "made": told.made.isoformat(),
            "card": told.card,
            "run": told.run,
            "seconds": told.seconds,
        }
    )
    return made


def _finding(each: Finding) -> dict[str, Any]:
    return {**asdict(each), "n": _shown(each.n)}


def _proxy(each: dict[str, Any]) -> dict[str, Any]:
    return {**each, "carriers": [{"input": name, "lost": lost} for name, lost in each["carriers"]]}


def _shown(count: int | None) -> int | None:
    return None if count is None else redact(count)


def _plain(value: Any) -> Any:
    if isinstance(value, Enum):
        return value.value
    if is_dataclass(value) and not isinstance(value, type):
        return {each.name: _plain(getattr(value, each.name)) for each in fields(value)}
    if isinstance(value, Mapping):
        return {key: _plain(each) for key, each in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_plain(each) for each in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value

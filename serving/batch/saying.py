"""People of a cohort → what the model in use says of each, as it is kept."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date

from ml.contracts import CurrentChunk, PlanInForce
from ml.models.needs.model import NeedModel
from ml.models.needs.rule import IntegrationPlan
from serving.hints.needs import NeedHint, compute_many_needs
from serving.hints.risk import RiskHint, compute_risks
from serving.models.held import Loaded


def said_of(used: Loaded, chunk: CurrentChunk, places: Sequence[int], day: date) -> list[str]:
    """Return the hints about the people in those places of a chunk, as text, in the order of the places.

    day  of the cohort, on which the integration rule is asked
    Raises GateError when an explanation does not add up to the model's output.
    """
    if not places:
        return []
    features = chunk.features.iloc[list(places)]
    hints: Sequence[RiskHint | NeedHint]
    if isinstance(used.model, NeedModel):
        plans = [_plan(chunk.plans[place]) for place in places]
        hints = compute_many_needs(used.model, features, plans, day, weak=used.weak)
    else:
        hints = compute_risks(used.model, features, weak=used.weak)
    return [as_text(hint) for hint in hints]


def as_text(hint: RiskHint | NeedHint) -> str:
    """Return a hint as it is kept."""
    return json.dumps(hint.as_json(), ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def _plan(plan: PlanInForce | None) -> IntegrationPlan | None:
    return None if plan is None else IntegrationPlan(plan.start, plan.end)

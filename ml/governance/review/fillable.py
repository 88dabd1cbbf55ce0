"""When people may still fill in a card: what was assessed stays as it is."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from ml.errors import GateError

from .history import Review
from .states import State


def require_fillable(review: Review, before: Mapping[str, Any], after: Mapping[str, Any], now: datetime) -> None:
    """Raise GateError when the card may not change any more, or not in this."""
    state = review.state(now)
    if state not in (State.DRAFT, State.SUBMITTED):
        raise GateError(
            f"{review.what} is {state.value}: what was assessed stays as it is; return the version first, or train anew"
        )
    kept = ("dialogue", "filled")
    changed = [each for each in before["people"].keys() | after["people"].keys()
               if each not in kept and before["people"].get(each) != after["people"].get(each)]  # fmt: skip
    if state is State.SUBMITTED and changed:
        raise GateError(
            f"{review.what} is submitted: only its dialogue can be filled in, not {', '.join(sorted(changed))}; "
            "return the version first"
        )

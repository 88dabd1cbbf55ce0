"""How a model's answers are explained to people, and what an explanation cannot say. Words for both sorts of card."""

from __future__ import annotations

from typing import Any

_EXACT = (
    "The log-odds of the kept model are split exactly into what each input contributes: the contributions sum to what "
    "the model says, or no advice is given. Contributions of inputs that tell of the same thing are added up into one "
    "reason. "
)
RISK = _EXACT + (
    "At most three reasons that go together with a longer spell are told of a person, and at most three that go "
    "together with a shorter one; what moves the chance by less than about a point is not told."
)
NEEDS = _EXACT + (
    "Contributions are to the log-odds of one service entity against the mean of the others. At most three reasons for "
    "an entity are told of a person, and at most three against it."
)
LIMITS = (
    "A reason goes together with the outcome. It is not shown to cause it: changing it need not change the outcome.",
    "Inputs that tell the same stand in for each other: which of them gets the credit can be chance.",
    "An explanation speaks of the model, not of the person: where the model is wrong, its reasons are wrong, too.",
    "A model trained on other people may give other reasons.",
)


def explanation(method: str) -> dict[str, Any]:
    """Return the method of explanation and its limits, for a card."""
    return {"method": method, "limits": list(LIMITS)}

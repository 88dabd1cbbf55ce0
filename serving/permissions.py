"""Who may do what: one table of role and action. `can_x` answers; `check_x` raises with words fit for a tooltip."""

from __future__ import annotations

from enum import StrEnum

from ml.errors import ForbiddenError

from .auth import Identity, Role


class Action(StrEnum):
    """What can be asked of the service, as it reads after "can"."""

    ASK_ADVICE = "ask for a hint about a jobseeker"
    SEE_MODEL = "see which model is in use"
    SEE_CARD = "read the model card"


ALLOWED: dict[Action, frozenset[Role]] = {
    Action.ASK_ADVICE: frozenset({Role.CASEWORKER}),
    Action.SEE_MODEL: frozenset(Role),
    Action.SEE_CARD: frozenset(Role),  # whoever is shown a hint may read what stands behind it
}

AS_WRITTEN = {
    Role.CASEWORKER: "a caseworker",
    Role.ETHICS_REVIEWER: "an ethics reviewer",
    Role.DATA_SCIENTIST: "a data scientist",
}


def can_ask_advice(who: Identity) -> bool:
    """Return whether somebody may ask for advice about a jobseeker."""
    return who.role in ALLOWED[Action.ASK_ADVICE]


def check_ask_advice(who: Identity) -> None:
    """Raise ForbiddenError unless somebody may ask for advice about a jobseeker."""
    _check(who, Action.ASK_ADVICE)


def can_see_model(who: Identity) -> bool:
    """Return whether somebody may see which model is in use."""
    return who.role in ALLOWED[Action.SEE_MODEL]


def check_see_model(who: Identity) -> None:
    """Raise ForbiddenError unless somebody may see which model is in use."""
    _check(who, Action.SEE_MODEL)


def can_see_card(who: Identity) -> bool:
    """Return whether somebody may read the model card."""
    return who.role in ALLOWED[Action.SEE_CARD]


def check_see_card(who: Identity) -> None:
    """Raise ForbiddenError unless somebody may read the model card."""
    _check(who, Action.SEE_CARD)


def _check(who: Identity, action: Action) -> None:
    if who.role not in ALLOWED[action]:
        roles = " or ".join(AS_WRITTEN[role] for role in Role if role in ALLOWED[action])
        raise ForbiddenError(f"only {roles} can {action}; you are signed in as {AS_WRITTEN[who.role]}")

"""Who may do what: one table of role and action. `can` answers; `check` raises with words fit for a tooltip."""

from __future__ import annotations

from enum import StrEnum
from functools import lru_cache

from ml.errors import ForbiddenError

from .identity.identity import Identity
from .identity.roles import Role


class Action(StrEnum):
    """What can be asked of the service, as it reads after "can"."""

    JUDGE = "record a judgement about a client"
    ASK_ADVICE = "ask for a hint about a client"
    TRY_CHANGES = "try what would change a hint"
    GIVE_FEEDBACK = "say what became of a hint"
    SEE_CLIENT = "see what is held of a client"
    BREAK_GLASS = "see a client who is not theirs, for a reason that is logged"
    RECORD_RIGHTS = "record what a client says of their rights"
    EXPORT = "give a client what is held of them"
    ERASE = "erase what is held of a client"
    ASSIGN = "say whose client somebody is"
    HAND_IN = "hand in inputs of many clients"
    SEE_COUNTS = "see counts of clients, hints and judgements"
    SEE_ACCESS_COUNTS = "see how often somebody looked at clients who were not theirs"
    SEE_ACCESSES = "see who looked at whom, and why"
    READ_LOG = "read the log"
    SEE_MODELS = "see which models are in use"
    SEE_CARDS = "read model cards and reports"
    SEE_REVIEWS = "see where models stand in their review, and who said what"
    FILL_CARD = "fill in what only people know of a model"
    SUBMIT_VERSION = "hand a version of a model to review"
    RETURN_VERSION = "send a version of a model back for correction"
    REVIEW_VERSION = "assess, approve or reject a version of a model, or show that a condition was met"
    REVOKE_VERSION = "take an approved version of a model out of use"
    STOP = "stop all advice, and let it go on"
    SEE_STOPS = "see whether advice is stopped"


_CASE = frozenset({Role.CASEWORKER, Role.INTEGRATION})
_OFFICER = frozenset({Role.DATA_PROTECTION_OFFICER})
_MANAGER = frozenset({Role.SERVICE_MANAGER})
_REVIEWER = frozenset({Role.ETHICS_REVIEWER})
_AUTHOR = frozenset({Role.DATA_SCIENTIST})
_STOPS = frozenset({Role.OPERATOR, Role.ETHICS_REVIEWER})

ALLOWED: dict[Action, frozenset[Role]] = {
    Action.JUDGE: _CASE,
    Action.ASK_ADVICE: _CASE,
    Action.TRY_CHANGES: frozenset({Role.CASEWORKER}),
    Action.GIVE_FEEDBACK: _CASE,
    Action.SEE_CLIENT: frozenset({Role.CASEWORKER}) | _OFFICER,
    Action.BREAK_GLASS: frozenset({Role.CASEWORKER}),
    Action.RECORD_RIGHTS: _CASE | _OFFICER,
    Action.EXPORT: frozenset({Role.CASEWORKER}) | _OFFICER,
    Action.ERASE: _OFFICER,
    Action.ASSIGN: frozenset({Role.INTEGRATION}),
    Action.HAND_IN: frozenset({Role.INTEGRATION}),
    Action.SEE_COUNTS: _MANAGER,
    Action.SEE_ACCESS_COUNTS: _MANAGER | _OFFICER,
    Action.SEE_ACCESSES: _OFFICER,
    Action.READ_LOG: _OFFICER,
    Action.SEE_MODELS: frozenset(Role),
    Action.SEE_CARDS: frozenset(Role),  # whoever is shown a hint may read what stands behind it
    Action.SEE_REVIEWS: _REVIEWER | _AUTHOR | _OFFICER | _MANAGER | frozenset({Role.OPERATOR}),
    # What somebody signs, the trust file must allow as well (ml/governance/signing/trust.py).
    Action.FILL_CARD: _REVIEWER | _AUTHOR,
    Action.SUBMIT_VERSION: _AUTHOR,
    Action.RETURN_VERSION: _REVIEWER | _AUTHOR,
    Action.REVIEW_VERSION: _REVIEWER,
    Action.REVOKE_VERSION: _REVIEWER | _AUTHOR,
    Action.STOP: _STOPS,
    Action.SEE_STOPS: frozenset(Role),
}

AS_WRITTEN = {
    Role.CASEWORKER: "a caseworker",
    Role.ETHICS_REVIEWER: "an ethics reviewer",
    Role.DATA_SCIENTIST: "a data scientist",
    Role.SERVICE_MANAGER: "a service manager",
    Role.DATA_PROTECTION_OFFICER: "a data-protection officer",
    Role.OPERATOR: "an operator",
    Role.INTEGRATION: "an integration",
}


def can(who: Identity, action: Action) -> bool:
    """Return whether somebody may do something, in any of their roles."""
    return not who.roles.isdisjoint(ALLOWED[action])


def acting(who: Identity, action: Action) -> Role:
    """Return the role in which somebody does something: the first of theirs that may.

    Raises ForbiddenError when none of their roles may.
    """
    role = _first(who.roles, action)
    if role is not None:
        return role
    roles = " or ".join(AS_WRITTEN[role] for role in Role if role in ALLOWED[action])
    theirs = " and ".join(AS_WRITTEN[role] for role in Role if role in who.roles)
    raise ForbiddenError(f"only {roles} can {action}; you are signed in as {theirs}")


@lru_cache(1024)
def _first(roles: frozenset[Role], action: Action) -> Role | None:
    return next((role for role in Role if role in roles and role in ALLOWED[action]), None)

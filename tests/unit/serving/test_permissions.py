"""Role × action, as a table; who acts in which of their roles; a refusal that can be a tooltip."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from ml.errors import ForbiddenError
from serving.identity.identity import Identity
from serving.identity.roles import Role
from serving.permissions import ALLOWED, AS_WRITTEN, Action, acting, can

COLUMNS = {
    "caseworker": Role.CASEWORKER,
    "integration": Role.INTEGRATION,
    "officer": Role.DATA_PROTECTION_OFFICER,
    "manager": Role.SERVICE_MANAGER,
    "reviewer": Role.ETHICS_REVIEWER,
    "scientist": Role.DATA_SCIENTIST,
    "operator": Role.OPERATOR,
}
TABLE = """
action              caseworker integration officer manager reviewer scientist operator
JUDGE                   x          x          -       -       -        -         -
ASK_ADVICE              x          x          -       -       -        -         -
TRY_CHANGES             x          -          -       -       -        -         -
GIVE_FEEDBACK           x          x          -       -       -        -         -
SEE_CLIENT              x          -          x       -       -        -         -
BREAK_GLASS             x          -          -       -       -        -         -
RECORD_RIGHTS           x          x          x       -       -        -         -
EXPORT                  x          -          x       -       -        -         -
ERASE                   -          -          x       -       -        -         -
ASSIGN                  -          x          -       -       -        -         -
HAND_IN                 -          x          -       -       -        -         -
SEE_COUNTS              -          -          -       x       -        -         -
SEE_ACCESS_COUNTS       -          -          x       x       -        -         -
SEE_ACCESSES            -          -          x       -       -        -         -
READ_LOG                -          -          x       -       -        -         -
SEE_MODELS              x          x          x       x       x        x         x
SEE_CARDS               x          x          x       x       x        x         x
SEE_REVIEWS             -          -          x       x       x        x         x
FILL_CARD               -          -          -       -       x        x         -
SUBMIT_VERSION          -          -          -       -       -        x         -
RETURN_VERSION          -          -          -       -       x        x         -
REVIEW_VERSION          -          -          -       -       x        -         -
REVOKE_VERSION          -          -          -       -       x        x         -
STOP                    -          -          -       -       x        -         x
SEE_STOPS               x          x          x       x       x        x         x
"""
ROWS = [line.split() for line in TABLE.strip().splitlines()]
CELLS = [
    (Action[action], COLUMNS[column], mark == "x")
    for action, *marks in ROWS[1:]
    for column, mark in zip(ROWS[0][1:], marks, strict=True)
]


def somebody(*roles: Role) -> Identity:
    return Identity("somebody", "Some Body", frozenset(roles), None, datetime(2030, 1, 1, tzinfo=UTC))


@pytest.mark.parametrize(("action", "role", "allowed"), CELLS)
def test_who_may_do_what(action: Action, role: Role, allowed: bool) -> None:
    assert can(somebody(role), action) is allowed
    if allowed:
        assert acting(somebody(role), action) is role
    else:
        with pytest.raises(ForbiddenError):
            acting(somebody(role), action)


def test_the_table_is_whole() -> None:
    assert {action for action, _, _ in CELLS} == set(Action) == set(ALLOWED)
    assert set(COLUMNS.values()) == set(Role) == set(AS_WRITTEN)


def test_a_reviewer_a_scientist_and_an_operator_see_no_person() -> None:
    of_models = {each for each in Action if each.name.endswith("_VERSION")} | {Action.SEE_REVIEWS, Action.FILL_CARD}
    of_persons = set(Action) - {Action.SEE_MODELS, Action.SEE_CARDS, Action.STOP, Action.SEE_STOPS} - of_models
    for role in (Role.ETHICS_REVIEWER, Role.DATA_SCIENTIST, Role.OPERATOR):
        assert not any(can(somebody(role), action) for action in of_persons)


def test_who_has_two_roles_acts_in_the_one_that_may() -> None:
    both = somebody(Role.SERVICE_MANAGER, Role.DATA_PROTECTION_OFFICER)
    assert acting(both, Action.SEE_COUNTS) is Role.SERVICE_MANAGER
    assert acting(both, Action.ERASE) is Role.DATA_PROTECTION_OFFICER
    assert not can(both, Action.ASK_ADVICE)


def test_a_refusal_can_be_a_tooltip() -> None:
    with pytest.raises(ForbiddenError) as refusal:
        acting(somebody(Role.DATA_SCIENTIST), Action.ASK_ADVICE)
    assert str(refusal.value) == (
        "only a caseworker or an integration can ask for a hint about a client; you are signed in as a data scientist"
    )
    assert "\n" not in str(refusal.value)

"""Role × action, as a table."""

from __future__ import annotations

import pytest

from ml.errors import ForbiddenError
from serving import permissions
from serving.auth import Identity, Role

TABLE = [
    # role                   ask_advice  see_model  see_card
    (Role.CASEWORKER, True, True, True),
    (Role.ETHICS_REVIEWER, False, True, True),
    (Role.DATA_SCIENTIST, False, True, True),
]
CELLS = [
    (role, action, allowed)
    for role, *row in TABLE
    for action, allowed in zip(("ask_advice", "see_model", "see_card"), row, strict=True)
]


@pytest.mark.parametrize(("role", "action", "allowed"), CELLS)
def test_who_may_do_what(role: Role, action: str, allowed: bool) -> None:
    who = Identity("somebody", role)
    assert getattr(permissions, f"can_{action}")(who) is allowed
    check = getattr(permissions, f"check_{action}")
    if allowed:
        check(who)
    else:
        with pytest.raises(ForbiddenError):
            check(who)


def test_the_table_is_whole() -> None:
    assert {role for role, *_ in TABLE} == set(Role)
    assert set(permissions.ALLOWED) == set(permissions.Action)
    assert len(permissions.Action) == len(TABLE[0]) - 1


def test_a_refusal_can_be_a_tooltip() -> None:
    with pytest.raises(ForbiddenError) as refusal:
        permissions.check_ask_advice(Identity("ben", Role.DATA_SCIENTIST))
    assert str(refusal.value) == (
        "only a caseworker can ask for a hint about a jobseeker; you are signed in as a data scientist"
    )

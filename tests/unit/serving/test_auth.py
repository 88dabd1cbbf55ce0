"""Who holds a token, and how the demo tokens are kept."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest

from ml.errors import AccessError, UsageError
from serving.auth import Identity, Role, User, demo_users, identify

ANNA = User(Identity("anna", Role.CASEWORKER), "a" * 40)
BEN = User(Identity("ben", Role.DATA_SCIENTIST), "b" * 40)


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
def test_a_token_shows_who_holds_it(scheme: str) -> None:
    assert identify(f"{scheme} {BEN.token}", (ANNA, BEN)) == BEN.identity


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "Bearer",
        "Bearer ",
        ANNA.token,
        f"Basic {ANNA.token}",
        f"Bearer {ANNA.token[:-1]}",
        f"Bearer {ANNA.token}x",
        f"Bearer {ANNA.token.upper()}",
        f"Bearer {ANNA.token} {ANNA.token}",
        f"Bearer,{ANNA.token}",
        "Bearer äöå\x00\xff",
    ],
)
def test_anything_else_shows_nobody(header: str | None) -> None:
    with pytest.raises(AccessError):
        identify(header, (ANNA, BEN))


def test_a_token_stays_out_of_repr() -> None:
    assert ANNA.token not in repr(ANNA)


def test_demo_tokens_are_random_private_and_made_once(tmp_path: Path) -> None:
    users = demo_users(tmp_path / "new" / "home")
    path = tmp_path / "new" / "home" / "demo_tokens.json"
    assert [(user.identity.name, user.identity.role) for user in users] == [
        ("demo-caseworker", Role.CASEWORKER),
        ("demo-reviewer", Role.ETHICS_REVIEWER),
        ("demo-scientist", Role.DATA_SCIENTIST),
    ]
    assert len({user.token for user in users}) == 3
    assert min(len(user.token) for user in users) >= 40
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert demo_users(path.parent) == users
    assert demo_users(tmp_path / "other") != users
    assert [each.name for each in path.parent.iterdir()] == ["demo_tokens.json"]


def test_two_servers_that_start_at_once_agree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = demo_users(tmp_path)
    answers = iter([False])  # the second looked before the first had written
    monkeypatch.setattr(Path, "exists", lambda _: next(answers))
    assert demo_users(tmp_path) == first


def test_tokens_that_others_can_read_are_refused(tmp_path: Path) -> None:
    demo_users(tmp_path)
    (tmp_path / "demo_tokens.json").chmod(0o640)
    with pytest.raises(UsageError, match="others can read"):
        demo_users(tmp_path)


@pytest.mark.parametrize("change", ["nothing", "list", "no user", "short token", "other role", "number"])
def test_a_damaged_file_is_refused(change: str, tmp_path: Path) -> None:
    demo_users(tmp_path)
    path = tmp_path / "demo_tokens.json"
    held = json.loads(path.read_text())
    damaged = {
        "nothing": "",
        "list": "[]",
        "no user": json.dumps({"demo-caseworker": held["demo-caseworker"]}),
        "short token": json.dumps(held | {"demo-scientist": {"token": "x", "role": "data_scientist"}}),
        "other role": json.dumps(held | {"demo-scientist": held["demo-scientist"] | {"role": "caseworker"}}),
        "number": json.dumps(held | {"demo-scientist": 7}),
    }
    path.write_text(damaged[change])
    with pytest.raises(UsageError, match="remove it"):
        demo_users(tmp_path)

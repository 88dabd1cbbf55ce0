"""People of a demonstration: one of each role, on this machine, in a demonstration, and nowhere else."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from ml.errors import AccessError, UsageError
from ml.governance.signing.demo import PEOPLE as SIGNERS
from serving.identity.demo import DemoUsers, demo_users
from serving.identity.roles import Role

LOOPBACK = "127.0.0.1"
OLD = {
    name: {"token": "t" * 43, "role": role}
    for name, role in (
        ("demo-caseworker", "caseworker"), ("demo-reviewer", "ethics_reviewer"), ("demo-scientist", "data_scientist"),
    )
}  # fmt: skip


def made(home: Path) -> DemoUsers:
    return demo_users(home, "demo", LOOPBACK)


def write(home: Path, held: Any, mode: int = 0o600) -> Path:
    home.mkdir(exist_ok=True)
    path = home / "demo_tokens.json"
    path.touch()
    path.chmod(mode)
    path.write_text(held if isinstance(held, str) else json.dumps(held), encoding="utf-8")
    return path


def test_one_of_each_role_a_second_caseworker_and_who_approves(tmp_path: Path) -> None:
    people = {user.identity.subject: user.identity for user in made(tmp_path).users}
    assert {name: set(who.roles) for name, who in people.items()} == {
        "demo-caseworker": {Role.CASEWORKER},
        "demo-caseworker-2": {Role.CASEWORKER},
        "demo-reviewer": {Role.ETHICS_REVIEWER},
        "demo-owner": {Role.ETHICS_REVIEWER},
        "demo-scientist": {Role.DATA_SCIENTIST},
        "demo-manager": {Role.SERVICE_MANAGER},
        "demo-officer": {Role.DATA_PROTECTION_OFFICER},
        "demo-operator": {Role.OPERATOR},
        "demo-integration": {Role.INTEGRATION},
    }
    assert {name for name, who in people.items() if who.office} == {
        "demo-caseworker", "demo-caseworker-2", "demo-manager",
    }  # fmt: skip


def test_who_holds_which_token(tmp_path: Path) -> None:
    users = made(tmp_path)
    for user in users.users:
        assert users.identify(f"Bearer {user.token}") == user.identity
        assert users.identify(f"bearer  {user.token} ") == user.identity
        assert users.remembered(f"Bearer {user.token}") == user.identity
        assert user.token not in repr(user)
        for wrong in (user.token[:-1], user.token + "x", user.token.upper() + "x", "\udc80"):
            with pytest.raises(AccessError, match="of nobody in this demonstration"):
                users.identify(f"Bearer {wrong}")
    for header in (None, "", "Bearer", f"Basic {users.users[0].token}"):
        with pytest.raises(AccessError, match="Authorization: Bearer"):
            users.identify(header)


def test_tokens_last_and_are_private(tmp_path: Path) -> None:
    first = [user.token for user in made(tmp_path).users]
    assert [user.token for user in made(tmp_path).users] == first
    assert len(set(first)) == 9
    assert (tmp_path / "demo_tokens.json").stat().st_mode & 0o777 == 0o600
    assert [file.name for file in tmp_path.iterdir()] == ["demo_tokens.json"]


def test_a_file_of_three_people_is_made_anew(tmp_path: Path) -> None:
    path = write(tmp_path, OLD)
    users = made(tmp_path)
    assert len(users.users) == 9
    assert "t" * 43 not in path.read_text(encoding="utf-8")
    assert path.stat().st_mode & 0o777 == 0o600


def test_who_came_later_is_added_to_an_older_file(tmp_path: Path) -> None:
    first = {user.identity.subject: user.token for user in made(tmp_path).users}
    path = tmp_path / "demo_tokens.json"
    held = json.loads(path.read_text(encoding="utf-8"))
    older = {name: each for name, each in held.items() if name != "demo-owner"}
    path.write_text(json.dumps(older), encoding="utf-8")
    then = {user.identity.subject: user.token for user in made(tmp_path).users}
    assert {name: token for name, token in then.items() if name != "demo-owner"} == {
        name: token for name, token in first.items() if name != "demo-owner"
    }
    assert then["demo-owner"] not in first.values()
    assert path.stat().st_mode & 0o777 == 0o600
    assert [user.token for user in made(tmp_path).users] == list(then.values())


def test_who_signs_reviews_is_called_as_the_trust_file_has_it(tmp_path: Path) -> None:
    called = {user.identity.subject: user.identity.name for user in made(tmp_path).users}
    assert {called[name] for name in ("demo-scientist", "demo-reviewer", "demo-owner")} == set(SIGNERS)
    assert len(set(called.values())) == len(called)


def test_machines_do_not_sign_in_with_a_browser(tmp_path: Path) -> None:
    users = made(tmp_path)
    subjects = {each.subject for each in users.people}
    assert subjects == {user.identity.subject for user in users.users} - {"demo-integration"}
    assert users.person("demo-integration") is None
    assert users.person("") is None
    found = users.person("demo-owner")
    assert found is not None
    assert found.name == "Demo Service Owner"


@pytest.mark.parametrize("old", [True, False])
def test_servers_that_start_at_once_agree(old: bool, tmp_path: Path) -> None:
    if old:
        write(tmp_path, OLD)
    with ThreadPoolExecutor(8) as threads:
        tokens = set(threads.map(lambda _: tuple(user.token for user in made(tmp_path).users), range(16)))
    assert len(tokens) == 1


@pytest.mark.parametrize("held", ["", "{", "[]", "null", {}, {**OLD, "demo-manager": {}}, {"demo-caseworker": "x"}])
def test_a_file_that_nobody_wrote_so(held: Any, tmp_path: Path) -> None:
    write(tmp_path, held)
    with pytest.raises(UsageError, match="does not hold the demo tokens; remove it"):
        made(tmp_path)


@pytest.mark.parametrize("change", [{"role": "operator"}, {"token": "short"}, {"token": 7}])
def test_a_file_that_was_altered(change: dict[str, Any], tmp_path: Path) -> None:
    made(tmp_path)
    path = tmp_path / "demo_tokens.json"
    held = json.loads(path.read_text(encoding="utf-8"))
    held["demo-caseworker"] |= change
    path.write_text(json.dumps(held), encoding="utf-8")
    with pytest.raises(UsageError, match="does not hold the demo tokens"):
        made(tmp_path)


def test_a_file_that_others_can_read(tmp_path: Path) -> None:
    write(tmp_path, OLD, 0o640)
    with pytest.raises(UsageError, match="others can read it"):
        made(tmp_path)


@pytest.mark.parametrize(
    ("environment", "host", "words"),
    [
        ("production", LOOPBACK, "set APUALY_OIDC_ISSUER, or APUALY_ENV=demo"),
        ("", LOOPBACK, "set APUALY_OIDC_ISSUER"),
        ("demo", "0.0.0.0", "can be reached from others"),
        ("demo", "::", "can be reached from others"),
        ("demo", "apualy.example.fi", "can be reached from others"),
        ("demo", "127.0.0.1.example.fi", "can be reached from others"),
    ],
)
def test_nowhere_else(environment: str, host: str, words: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=words):
        demo_users(tmp_path, environment, host)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("host", ["127.0.0.1", "127.3.4.5", "::1", "localhost"])
def test_on_this_machine(host: str, tmp_path: Path) -> None:
    assert demo_users(tmp_path, "demo", host).users

"""The trust file → who may sign what, with which key, and when. The operator owns the file.

    [[person]]
    name = "Grace Reviewer"
    roles = ["assessor", "approver"]
    demo = false                          # may be left out
    account = "grace@example.org"         # may be left out: who they are to the identity provider, for the pages
    [[person.key]]
    public = "ssh-ed25519 AAAA…"
    from = 2026-11-28                     # may be left out
    until = 2027-11-28                    # may be left out; the last day on which it signs

Days are days of UTC. Whoever has signed stays in the file: a key that is out of use gets an `until`.
"""

from __future__ import annotations

import os
import re
import stat
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import combinations
from pathlib import Path
from typing import Any

from ml.errors import ContractError, GateError

from .names import name_problem, same_person
from .public_key import PublicKey, public_key
from .role import Role as Role

MOST_TOLD = 10
ACCOUNT = re.compile(r"[^\x00-\x20\x7f]{1,255}")  # a subject, as the service takes it


@dataclass(frozen=True)
class PersonKey:
    """A person's key and the days on which it signs; None: without end."""

    public: PublicKey
    first: date | None = None
    last: date | None = None

    def signs_on(self, day: date) -> bool:
        """Return whether the key signs on a day."""
        return (self.first is None or self.first <= day) and (self.last is None or day <= self.last)


@dataclass(frozen=True)
class Person:
    """Somebody whose signature counts. A demo person does not exist.

    account  the identity provider's lasting id of them; None: they sign at the command line alone
    """

    name: str
    roles: frozenset[Role]
    demo: bool
    keys: tuple[PersonKey, ...]
    account: str | None = None


@dataclass(frozen=True)
class Trust:
    """All people whose signatures count."""

    people: tuple[Person, ...]

    def signer(self, keyid: str, at: datetime) -> Person:
        """Return whose key it is at a time. Raises GateError: nobody's, not yet, not any more."""
        person, key = self.holder(keyid)
        day = at.astimezone(UTC).date()
        if key.signs_on(day):
            return person
        if key.first is not None and day < key.first:
            raise GateError(f"this key of {person.name} signs from {key.first} on, not on {day}")
        raise GateError(f"this key of {person.name} signed until {key.last}, not on {day}; use the newer one")

    def of_account(self, account: str) -> Person | None:
        """Return who signs in with an account; None: nobody whose signature counts."""
        return next((person for person in self.people if person.account == account), None)

    def holder(self, keyid: str) -> tuple[Person, PersonKey]:
        """Return whose key it is, and the key, whatever the day. Raises GateError when it is nobody's."""
        for person in self.people:
            for key in person.keys:
                if key.public.keyid == keyid:
                    return person, key
        raise GateError(
            f"key {keyid[:16]}… is nobody's in the trust file; the operator adds people with apualy keys trust, "
            "and ends a key with until instead of taking it out"
        )


def read_trust(path: Path) -> Trust:
    """Return who is trusted. Raises ContractError with everything that is wrong with the file."""
    try:
        with path.open("rb") as file:
            mode = stat.S_IMODE(os.fstat(file.fileno()).st_mode)
            text = file.read().decode()
    except FileNotFoundError:
        raise ContractError(
            f"{path}: there is no trust file; people make a key with apualy keys new, and the operator adds each "
            "with apualy keys trust"
        ) from None
    except (OSError, ValueError) as problem:
        raise ContractError(f"{path}: the trust file cannot be read ({problem})") from None
    if mode & 0o022:
        raise ContractError(f"{path}: has mode {mode:04o}, so others than the operator can change it; chmod go-w it")
    return parse_trust(text, str(path))


def parse_trust(text: str, where: str) -> Trust:
    """Return who is trusted by a text in the trust file's form. Raises ContractError with everything wrong in it."""
    try:
        content = tomllib.loads(text)
    except (ValueError, RecursionError) as problem:
        raise ContractError(f"{where}: is not TOML ({problem})") from None
    problems: list[str] = [f"{key}: is no key of a trust file" for key in content if key != "person"]
    people = tuple(_people(content.get("person", []), problems))
    problems += _clashes(people)
    if problems:
        more = f"; {len(problems)} problems in all" if len(problems) > MOST_TOLD else ""
        raise ContractError(f"{where}: {'; '.join(problems[:MOST_TOLD])}{more}")
    return Trust(people)


def _people(blocks: Any, problems: list[str]) -> Iterator[Person]:
    """Yield the people of the blocks that are right; what is wrong with the others goes to the problems."""
    for number, block in enumerate(_tables(blocks, "person", problems), start=1):
        where = f"person {number}"
        _strays(block, {"name", "roles", "demo", "account", "key"}, where, problems)
        name = block.get("name")
        wrong = name_problem(name) if isinstance(name, str) else "name is missing"
        if wrong:
            problems.append(f"{where}: {wrong}")
            continue
        where = f"{where} ({name})"
        roles, demo = _roles(block.get("roles"), where, problems), block.get("demo", False)
        if not isinstance(demo, bool):
            problems.append(f"{where}: demo is true or false")
        blocks_of_keys = _tables(block.get("key", []), f"{where}: key", problems)
        keys = tuple(_keys(blocks_of_keys, where, problems))
        if not blocks_of_keys:
            problems.append(f"{where}: has no key; put a [[person.key]] with public = under it")
        yield Person(str(name), roles, demo is True, keys, _account(block.get("account"), where, problems))


def _roles(value: Any, where: str, problems: list[str]) -> frozenset[Role]:
    given = value if isinstance(value, list) else []
    wrong = [str(each) for each in given if each not in list(Role)]
    if wrong or not given:
        what = f"unknown role {', '.join(wrong)}" if wrong else "has no role"
        problems.append(f"{where}: {what}; roles are a list of {', '.join(Role)}")
    return frozenset(Role(each) for each in given if each in list(Role))


def _account(value: Any, where: str, problems: list[str]) -> str | None:
    if value is not None and not (isinstance(value, str) and ACCOUNT.fullmatch(value)):
        problems.append(f"{where}: account is the identity provider's id of them, in quotation marks, without blanks")
        return None
    return value


def _keys(blocks: list[Mapping[str, Any]], where: str, problems: list[str]) -> Iterator[PersonKey]:
    for block in blocks:
        _strays(block, {"public", "from", "until"}, f"{where}: key", problems)
        first, last = block.get("from"), block.get("until")
        if not all(day is None or type(day) is date for day in (first, last)):
            problems.append(f"{where}: from and until are dates like 2026-11-28, without quotation marks")
        elif first and last and last < first:
            problems.append(f"{where}: a key signs until {last}, before it signs from {first}")
        try:
            yield PersonKey(public_key(str(block.get("public", ""))), first, last)
        except ContractError as problem:
            problems.append(f"{where}: {problem}")


def _tables(value: Any, what: str, problems: list[str]) -> list[Mapping[str, Any]]:
    if isinstance(value, list) and all(isinstance(each, Mapping) for each in value):
        return value
    problems.append(f"{what}: is written with two brackets: [[…]]")
    return []


def _strays(block: Mapping[str, Any], known: set[str], where: str, problems: list[str]) -> None:
    problems += [f"{where}: unknown key {key}; known are {', '.join(sorted(known))}" for key in block.keys() - known]


def _clashes(people: tuple[Person, ...]) -> Iterator[str]:
    """Yield who is there twice, by name, account or key."""
    for one, other in combinations(people, 2):
        if same_person(one.name, other.name):
            yield (
                f"{one.name!r} and {other.name!r} are one person; put all keys under one, or tell namesakes apart by "
                "a middle name or a number"
            )
        if one.account is not None and one.account == other.account:
            yield f"{one.name!r} and {other.name!r} have one account, {one.account}; an account is one person's"
    seen: dict[str, str] = {}
    for person in people:
        for key in person.keys:
            if key.public.keyid in seen:
                yield f"one public key is there twice, under {seen[key.public.keyid]!r} and {person.name!r}"
            seen[key.public.keyid] = person.name

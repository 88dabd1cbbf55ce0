"""A person → their block of the trust file; and a block → its place in the file, with all comments kept."""

from __future__ import annotations

import json
import re
import stat
from dataclasses import replace
from pathlib import Path

from ml.errors import ContractError

from .names import same_person
from .private_file import rewrite
from .role import Role
from .trust import Person, PersonKey, Trust, parse_trust, read_trust

HEAD = """# Whose signatures count, with which key and for what. The operator owns this file.
# apualy keys trust adds people to it.
# Whoever has signed stays here: end a key with until = YYYY-MM-DD (the last day on which it signs; days of UTC).
"""
MODE = 0o644
_PERSON = re.compile(r"\s*\[\[\s*person\s*\]\]")


def person_block(person: Person) -> str:
    """Return a person as the trust file writes them."""
    roles = ", ".join(json.dumps(role) for role in Role if role in person.roles)
    demo = ["demo = true  # does not exist; signs only where APUALY_ENV=demo"] if person.demo else []
    account = [] if person.account is None else [_account_line(person.account)]
    lines = [
        "[[person]]",
        f"name = {json.dumps(person.name, ensure_ascii=False)}",
        f"roles = [{roles}]",
        *demo,
        *account,
    ]
    return "\n".join([*lines, *(_key_block(key) for key in person.keys)]) + "\n"


def add_person(path: Path, person: Person) -> bool:
    """Add a person to the trust file, or a new key or an account to one who is there. Return whether anything changed.

    Raises ContractError when the person is there with other roles or another account, and when the file would be wrong
    afterwards.
    """
    there = path.exists()
    before = read_trust(path) if there else Trust(())
    text = path.read_bytes().decode() if there else HEAD
    index, after = _with(before, person, path)
    if after == before:
        return False
    if index == len(before.people):
        written = text.rstrip() + "\n\n" + person_block(person)
    else:
        written = _with_new(text, index, before.people[index], after.people[index])
    if parse_trust(written, f"{path} with {person.name}") != after:
        raise ContractError(f"{path}: {person.name} cannot be added to a file written like this; add them by hand")
    target = path.resolve()
    rewrite(target, written.encode(), stat.S_IMODE(target.stat().st_mode) if there else MODE)
    return True


def _with(trust: Trust, person: Person, path: Path) -> tuple[int, Trust]:
    """Return where a person is or will be, and who is trusted with them."""
    people = list(trust.people)
    index = next((at for at, each in enumerate(people) if same_person(each.name, person.name)), len(people))
    if index == len(people):
        return index, Trust((*people, person))
    known = people[index]
    if (known.name, known.roles, known.demo) != (person.name, person.roles, person.demo):
        raise ContractError(
            f"{path}: {known.name} is there already, with roles {', '.join(sorted(known.roles))}"
            f"{' (demo)' if known.demo else ''}; change name and roles by hand, or tell a namesake apart by a number"
        )
    if None not in (known.account, person.account) and known.account != person.account:
        raise ContractError(f"{path}: {known.name} has the account {known.account} already; change it by hand")
    held = {key.public.keyid for key in known.keys}
    new = tuple(key for key in person.keys if key.public.keyid not in held)
    people[index] = replace(known, keys=(*known.keys, *new), account=known.account or person.account)
    return index, Trust(tuple(people))


def _with_new(text: str, index: int, before: Person, after: Person) -> str:
    """Return the text with the new keys of the person at an index, and their account where it is new."""
    new = after.keys[len(before.keys) :]
    if new:
        text = _under(text, index, "\n".join(_key_block(key) for key in new))
    if after.account is None or after.account == before.account:
        return text
    lines = text.split("\n")
    start = [number for number, line in enumerate(lines) if _PERSON.match(line)][index]
    return "\n".join([*lines[: start + 1], _account_line(after.account), *lines[start + 1 :]])


def _under(text: str, index: int, block: str) -> str:
    """Return the text with a block after the last line of the person at an index."""
    lines = text.split("\n")
    starts = [number for number, line in enumerate(lines) if _PERSON.match(line)]
    end = starts[index + 1] if index + 1 < len(starts) else len(lines)
    while lines[end - 1].strip() == "" or lines[end - 1].lstrip().startswith("#"):
        end -= 1
    return "\n".join([*lines[:end], block, *lines[end:]])


def _account_line(account: str) -> str:
    return f"account = {json.dumps(account, ensure_ascii=False)}  # who they are when they sign in"


def _key_block(key: PersonKey) -> str:
    days = [f"{name} = {day}" for name, day in (("from", key.first), ("until", key.last)) if day is not None]
    return "\n".join(["[[person.key]]", f'public = "{key.public.line}"', *days])

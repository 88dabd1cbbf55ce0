"""Three people who do not exist, with keys, so that a demonstration can go the whole way. Never outside a demo."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from pathlib import Path

from .keys import SigningKey, new_key, read_key, write_key
from .private_file import read_private, write_new
from .role import Role
from .trust import Person, PersonKey
from .trust_text import add_person

PEOPLE = {  # name → role, and the account with which the demonstration's pages know them
    "Demo Data Scientist": (Role.AUTHOR, "demo-scientist"),
    "Demo Ethics Reviewer": (Role.ASSESSOR, "demo-reviewer"),
    "Demo Service Owner": (Role.APPROVER, "demo-owner"),
}
PASSPHRASE_FILE = "passphrase"  # of all three, beside the keys  # noqa: S105  # the name of a file


def make_demo(keys: Path, trust: Path) -> Iterator[tuple[Person, Path, bool]]:
    """Make what is not there yet; yield each demo person, their key file, and whether anything was new.

    The keys have one passphrase, in `<keys>/passphrase`. Running it again, also after an interruption, does the rest.
    """
    passphrase = _passphrase(keys / PASSPHRASE_FILE)
    for name, (role, account) in PEOPLE.items():
        file = key_file(keys, name)
        key = _key(file, passphrase)
        person = Person(name, frozenset({role}), True, (PersonKey(key.public_key),), account)
        yield person, file, add_person(trust, person)


def key_file(keys: Path, name: str) -> Path:
    """Return where a person's key is kept unless they say otherwise."""
    words = "".join(each if each.isalnum() else " " for each in name.casefold()).split()
    return keys / f"{'-'.join(words)}.key"


def _passphrase(file: Path) -> bytes:
    if not file.exists():
        write_new(file, f"{secrets.token_hex(16)}\n".encode())
    return read_private(file, "the demo's passphrase").strip()


def _key(file: Path, passphrase: bytes) -> SigningKey:
    if file.exists():
        return read_key(file, passphrase)
    key = new_key()
    write_key(key, file, passphrase)
    return key

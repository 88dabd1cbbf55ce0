"""The commands about keys: each parses, calls one function and prints; `apualy.py` hands them argv and environ."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ml.errors import ContractError, UsageError
from ml.home import home

from .role import Role

if TYPE_CHECKING:
    from .trust import Person, PersonKey

TRUST = "APUALY_TRUST_FILE"


def add_commands(commands: Any) -> None:
    """Add `keys` and its commands to the parser of `apualy`."""
    keys = commands.add_parser("keys", help="signing keys: make one, see and say whose signatures count")
    kinds = keys.add_subparsers(required=True, metavar="COMMAND")
    _new_parser(kinds)
    trust = kinds.add_parser("trust", help="the operator adds a person, or a person's new key, to the trust file")
    trust.add_argument("block", metavar="FILE", help="what apualy keys new printed; - reads it from standard input")
    trust.set_defaults(run=_trust)
    listed = kinds.add_parser("list", help="whose signatures count, for what and how long")
    listed.add_argument("--json", action="store_true")
    listed.set_defaults(run=_list)
    demo = kinds.add_parser("demo", help="make three people who do not exist, for a demonstration")
    demo.set_defaults(run=_demo)


def _new_parser(kinds: Any) -> None:
    new = kinds.add_parser("new", help="make your signing key; prints what the operator needs")
    new.add_argument("--as", dest="name", required=True, metavar="NAME", help="your name, as others write it")
    new.add_argument("--role", action="append", required=True, choices=list(Role), help="may be given again")
    new.add_argument("--demo", action="store_true", help="this person does not exist")
    new.add_argument("--account", metavar="ID", help="who you are to the identity provider, to sign on the pages")
    new.add_argument("--key", type=Path, metavar="FILE", help="where the key is kept (var/keys/your-name.key)")
    new.set_defaults(run=_new)


def keys_folder(environ: Mapping[str, str]) -> Path:
    """Return the folder in which keys are kept unless people say otherwise."""
    return home(environ) / "keys"


def trust_file(environ: Mapping[str, str]) -> Path:
    """Return the trust file."""
    return Path(environ.get(TRUST) or home(environ) / "trust.toml")


def _new(arguments: argparse.Namespace, environ: Mapping[str, str]) -> None:
    from .demo import key_file
    from .keys import new_key, write_key
    from .names import name_problem
    from .passphrase import new_passphrase, terminal
    from .trust import ACCOUNT, Person, PersonKey
    from .trust_text import person_block

    problem = name_problem(arguments.name)
    if problem:
        raise UsageError(f"--as: {problem}")
    if arguments.account is not None and not ACCOUNT.fullmatch(arguments.account):
        raise UsageError("--account: is the identity provider's id of you: 1 to 255 characters, without blanks")
    file = arguments.key or key_file(keys_folder(environ), arguments.name)
    if file.exists():  # before anybody thinks of a passphrase
        raise UsageError(f"{file}: exists; a key is never overwritten, name another file with --key")
    key = new_key()
    write_key(key, file, new_passphrase(environ, terminal()))
    held = PersonKey(key.public_key, datetime.now(UTC).date())
    person = Person(arguments.name, frozenset(map(Role, arguments.role)), arguments.demo, (held,), arguments.account)
    _tell(
        f"# {file} is your key: keep it to yourself, with a copy in a safe place.",
        "# Hand the lines below to the operator, who checks that they are yours and adds them: apualy keys trust FILE",
        f"# Tell them the key's fingerprint in person or by telephone: {key.public_key.fingerprint}",
        person_block(person).rstrip(),
    )


def _trust(arguments: argparse.Namespace, environ: Mapping[str, str]) -> None:
    from .trust import parse_trust
    from .trust_text import add_person

    people = parse_trust(_text(arguments.block), arguments.block).people
    if not people:
        raise ContractError(f"{arguments.block}: there is no [[person]] in it; hand in what apualy keys new printed")
    file = trust_file(environ)
    for person in people:
        changed = add_person(file, person)
        prints = ", ".join(key.public.fingerprint for key in person.keys)
        _tell(f"{person.name} ({_roles(person)}): {'is now' if changed else 'was already'} in {file}; key {prints}")


def _list(arguments: argparse.Namespace, environ: Mapping[str, str]) -> None:
    from .trust import read_trust

    people, today = read_trust(trust_file(environ)).people, datetime.now(UTC).date()
    if arguments.json:
        print(json.dumps([_plain(person, today) for person in people], ensure_ascii=False))
        return
    for person in people:
        account = "" if person.account is None else f"; signs in as {person.account}"
        _tell(f"{person.name}: {_roles(person)}{' (demo: does not exist)' if person.demo else ''}{account}")
        for key in person.keys:
            _tell(f"  {key.public.fingerprint}  {_validity(key, today)}")
    if not people:
        _tell("nobody yet; apualy keys trust adds people")


def _demo(arguments: argparse.Namespace, environ: Mapping[str, str]) -> None:
    from .demo import make_demo

    keys = keys_folder(environ)
    for person, file, changed in make_demo(keys, trust_file(environ)):
        _tell(f"{person.name} ({_roles(person)}): {'made' if changed else 'is there'}; key {file}")
    _tell(f"passphrase of all three: {keys / 'passphrase'}; their signatures count only where APUALY_ENV=demo")


def _text(block: str) -> str:
    try:
        return sys.stdin.read() if block == "-" else Path(block).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as problem:
        raise UsageError(f"{block}: cannot be read ({problem})") from None


def _plain(person: Person, today: date) -> dict[str, Any]:
    keys = [
        {
            "keyid": key.public.keyid,
            "fingerprint": key.public.fingerprint,
            "from": key.first and key.first.isoformat(),
            "until": key.last and key.last.isoformat(),
            "signs": key.signs_on(today),
        }
        for key in person.keys
    ]
    return {"name": person.name, "roles": _roles(person).split(", "), "demo": person.demo, "account": person.account,
            "keys": keys}  # fmt: skip


def _roles(person: Person) -> str:
    return ", ".join(role for role in Role if role in person.roles)


def _validity(key: PersonKey, today: date) -> str:
    days = [f"{word} {day}" for word, day in (("from", key.first), ("until", key.last)) if day]
    return f"{'signs' if key.signs_on(today) else 'does not sign today'}{': ' if days else ''}{' '.join(days)}"


def _tell(*lines: str) -> None:
    print("\n".join(lines))

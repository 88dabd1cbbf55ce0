"""A registry, asked by somebody who has signed in: who they are in the trust file, and what is open to them."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from ml.errors import GateError, UsageError

from .registry import Registry
from .review.openings import Closed, faults, openings
from .review.states import Step
from .review.steps import Ask
from .signing.clock import require_clock
from .signing.demo import PASSPHRASE_FILE, key_file
from .signing.keys import SigningKey, read_key
from .signing.trust import Person

CLOCK = "clock"


def person_of(registry: Registry, account: str) -> Person | None:
    """Return whose account it is; None: nobody's in the trust file. Raises ContractError when that cannot be read."""
    return registry.trust.of_account(account)


def openings_in(registry: Registry, name: str, version: int, person: Person, at: datetime) -> dict[Step, Closed | None]:
    """Return each step, with why a person cannot take it on a version; None: they can, with good answers.

    Raises GateError when the log does not hold.
    """
    chain = registry.chain(name)
    found = openings((name, version), person, at, chain, lambda: registry.material(name, version), registry.policy)
    try:
        require_clock(registry.seen, at, chain.at)
    except GateError as refusal:
        late = Closed(CLOCK, str(refusal))
        return {step: closed or (None if step is Step.REVOKE else late) for step, closed in found.items()}
    return found


def faults_in(registry: Registry, ask: Ask, person: Person) -> dict[str, str]:
    """Return rule → words of each rule that a step with these answers would break."""
    material = lambda: registry.material(ask.name, ask.version)  # noqa: E731  # asked only where a card is needed
    return faults(ask, person, registry.chain(ask.name), material, registry.policy)


def key_of(registry: Registry, person: Person, passphrase: bytes) -> SigningKey:
    """Return a person's key from the home's folder of keys. Raises UsageError; nothing keeps the passphrase."""
    file = key_path(registry, person)
    if not file.is_file():
        raise UsageError(f"{file}: there is no signing key; apualy keys new makes one")
    return read_key(file, passphrase)


def key_path(registry: Registry, person: Person) -> Path:
    """Return where a person's key is kept in the home."""
    return key_file(registry.home / "keys", person.name)


def demo_passphrase_path(registry: Registry) -> Path:
    """Return where the passphrase of a demonstration's people is."""
    return registry.home / "keys" / PASSPHRASE_FILE

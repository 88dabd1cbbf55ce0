"""A registry, asked by somebody who has signed in: who they are in the trust file, and what is open to them."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from ml.errors import GateError, UsageError

from .registry import Registry
from .review.openings import Closed, faults, openings
from .review.states import Step
from .review.steps import Ask
from .signing.chain import Chain
from .signing.clock import require_clock
from .signing.demo import PASSPHRASE_FILE, key_file
from .signing.keys import SigningKey, read_key
from .signing.trust import Person

CLOCK, WITNESS = "clock", "witness"


def person_of(registry: Registry, account: str) -> Person | None:
    """Return whose account it is; None: nobody's in the trust file. Raises ContractError when that cannot be read."""
    return registry.trust.of_account(account)


def seen_chain(registry: Registry, name: str) -> tuple[Chain, str | None]:
    """Return the log, and why it cannot be held against what MLflow remembers of it; None: it was, and holds.

    A model can be taken out of use all the same. Raises GateError when the log is broken in itself.
    """
    try:
        return registry.chain(name), None
    except GateError as problem:
        return registry.chain_alone(), str(problem)


def openings_in(registry: Registry, name: str, version: int, person: Person, at: datetime) -> dict[Step, Closed | None]:
    """Return each step, with why a person cannot take it on a version; None: they can, with good answers.

    Raises GateError when the log is broken.
    """
    chain, odd = seen_chain(registry, name)
    which, policy = (name, version), registry.policy
    found = openings(which, person, at, chain, lambda: registry.material(name, version), policy)
    stops = Closed(WITNESS, odd) if odd else _late(registry, at, chain)
    return {step: closed or (None if step is Step.REVOKE else stops) for step, closed in found.items()}


def _late(registry: Registry, at: datetime, chain: Chain) -> Closed | None:
    try:
        require_clock(registry.seen, at, chain.at)
    except GateError as refusal:
        return Closed(CLOCK, str(refusal))
    return None


def faults_in(registry: Registry, ask: Ask, person: Person) -> dict[str, str]:
    """Return rule → words of each rule that a step with these answers would break.

    Raises GateError when the step is not open, ContractError when a form is odd.
    """
    chain = registry.chain_alone() if ask.step is Step.REVOKE else registry.chain(ask.name)
    return faults(ask, person, chain, lambda: registry.material(ask.name, ask.version), registry.policy)


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

"""How long what the service holds is kept: `model_cards/retention.toml`, which the reviewers own."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

from ml.errors import ContractError

POLICY = Path(__file__).parents[2] / "model_cards" / "retention.toml"
MOST_DAYS = 36_525  # a century: more is a slip of the pen


@dataclass(frozen=True)
class Days:
    """For how many days each is kept; since when, the file says."""

    judgements: int
    advices: int
    feedback: int
    accesses: int
    rights: int
    clients: int
    hints: int
    unfinished_batches: int
    idempotency: int
    sessions: int
    log: int


@dataclass(frozen=True)
class Retention:
    """The policy, and a digest of the file as it stands."""

    days: Days
    digest: str

    def before(self, name: str, today: date) -> str:
        """Return the day before which everything of a name is to go."""
        return (today - timedelta(days=getattr(self.days, name))).isoformat()


def read_retention(path: Path = POLICY) -> Retention:
    """Return the policy. Raises ContractError where the file lacks something, holds more, or is no policy."""
    try:
        content = path.read_bytes()
        read = tomllib.loads(content.decode())
    except (OSError, ValueError) as problem:
        raise ContractError(f"{path}: cannot be read ({problem})") from None
    if set(read) != {"days"} or not isinstance(read["days"], dict):
        raise ContractError(f"{path}: holds one section, [days]")
    return Retention(_days(path, read["days"]), f"sha256:{sha256(content).hexdigest()}")


def _days(path: Path, read: Mapping[str, Any]) -> Days:
    names = [each.name for each in fields(Days)]
    for name in sorted(set(names) ^ set(read)):
        raise ContractError(f"{path}: days.{name} is {'missing' if name in names else 'nothing that is kept'}")
    for name, value in read.items():
        if type(value) is not int or not 1 <= value <= MOST_DAYS:
            raise ContractError(f"{path}: days.{name} must be a whole number from 1 to {MOST_DAYS}")
    return Days(**read)

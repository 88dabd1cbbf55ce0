"""Somebody who has shown who they are."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from .roles import Role


@dataclass(frozen=True)
class Identity:
    """A member of staff, or a system of theirs.

    subject  the provider's lasting id; what the log carries
    name     for the screen; its repr, and so a log, does not hold it
    roles    at least one
    office   where they work, for break-glass and managers' reports; None: the provider does not say
    expires  when they must show again who they are
    """

    subject: str
    name: str = field(repr=False)
    roles: frozenset[Role]
    office: str | None
    expires: datetime

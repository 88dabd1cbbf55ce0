"""Where a model comes from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True)
class Provenance:
    """Where a model comes from; version and digest bind the card to one artefact.

    environment  name → version of each library; "code" and "lock" → digests of the code and of requirements.lock
    """

    name: str
    version: int
    digest: str
    run_id: str
    trained_by: str
    trained_at: datetime
    environment: Mapping[str, str]

    def model(self) -> dict[str, Any]:
        """Return which model it is, for a card."""
        return {"name": self.name, "version": self.version, "digest": self.digest}

    def made(self) -> dict[str, Any]:
        """Return run, person, time and environment, for a card."""
        return {
            "run": self.run_id,
            "trained_by": self.trained_by,
            "trained_at": self.trained_at.isoformat(timespec="seconds"),
            "environment": dict(self.environment),
        }

"""The card of the version before, for what changed since."""

from __future__ import annotations

from typing import Any

from ml.governance.registry import Registry


def previous_card(registry: Registry, name: str) -> dict[str, Any] | None:
    """Return the card of the newest version that has one; None: there is none, as of every first version.

    Raises GateError when it is of another apualy, ApualyError when MLflow is elsewhere and does not answer.
    """
    registry.store.require_elsewhere()
    versions = registry.cards.versions(name)
    return registry.cards.read(name, versions[-1]) if versions else None

"""Which version a page is about, and the registry that holds it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ml.errors import NotFoundError, UnavailableError, UsageError
from ml.governance.desk import seen_chain
from ml.governance.registry import Registry
from ml.governance.review.history import Review, review_of
from ml.governance.review.steps import statements_of

from ..page import Visit

HIGHEST = 1_000_000  # versions are counted from 1
NONE_HERE = "this service was started without a registry of models; its operator can say why"


@dataclass(frozen=True)
class Version:
    """A version of a model, as an address names it."""

    registry: Registry
    name: str
    number: int

    @property
    def address(self) -> str:
        """Return the address of its page."""
        return f"/review/{self.name}/{self.number}"

    @property
    def card_files(self) -> str:
        """Return the address to which links between its card's files are relative."""
        return f"/review/{self.name}/cards"

    def card(self) -> Mapping[str, Any]:
        """Return its card. Raises GateError when it cannot be read."""
        return self.registry.cards.read(self.name, self.number)

    def review(self) -> Review:
        """Return its review, for reading. Raises GateError when the log is broken in itself."""
        chain, _ = seen_chain(self.registry, self.name)
        return review_of(statements_of(chain), self.name, self.number)


def registry_of(visit: Visit) -> Registry:
    """Return the registry. Raises UnavailableError where the service has none."""
    if visit.service.registry is None:
        raise UnavailableError(NONE_HERE)
    return visit.service.registry


def version_of(visit: Visit) -> Version:
    """Return the version that a page is about. Raises NotFoundError when there is no such card."""
    registry, name, number = registry_of(visit), str(visit.path["name"]), int(visit.path["version"])
    # What stands in an address is no part of a path before it is known, and no number of any length.
    known = name in registry.cards.names() and number <= HIGHEST
    try:
        if not known:
            raise UsageError(name)
        registry.cards.require(name, number)
    except UsageError:
        raise NotFoundError("there is no such version of a model") from None
    return Version(registry, name, number)

"""Which pages somebody is offered, and which one first."""

from __future__ import annotations

from dataclasses import dataclass

from serving.identity.identity import Identity
from serving.identity.roles import Role
from serving.language import marked
from serving.permissions import Action, can


@dataclass(frozen=True)
class Place:
    """A page that the navigation names."""

    path: str
    action: Action
    words: str


PLACES = (
    Place("/clients", Action.JUDGE, marked("My clients")),
    Place("/review", Action.SEE_REVIEWS, marked("Reviews")),
    Place("/counts", Action.SEE_COUNTS, marked("Counts")),
    Place("/rights", Action.ERASE, marked("Rights of clients")),
    Place("/accesses", Action.SEE_ACCESS_COUNTS, marked("Looks at others' clients")),
    Place("/log", Action.READ_LOG, marked("Log")),
    Place("/models", Action.SEE_MODELS, marked("Models")),
    Place("/stops", Action.SEE_STOPS, marked("Stop switch")),
)
FIRST = {
    Role.CASEWORKER: "/clients",
    Role.ETHICS_REVIEWER: "/review",
    Role.SERVICE_MANAGER: "/counts",
    Role.DATA_PROTECTION_OFFICER: "/rights",
    Role.OPERATOR: "/stops",
    Role.DATA_SCIENTIST: "/models",
}


def places_of(who: Identity) -> tuple[Place, ...]:
    """Return the pages that somebody may ask, in their order."""
    return tuple(place for place in PLACES if can(who, place.action))


def first_page(who: Identity) -> str:
    """Return where somebody begins."""
    return next((FIRST[role] for role in Role if role in who.roles and role in FIRST), "/models")

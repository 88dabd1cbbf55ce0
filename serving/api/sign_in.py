"""Who one is."""

from __future__ import annotations

from datetime import datetime

from serving.http.endpoint import Asked, Endpoint
from serving.permissions import Action
from serving.wire.wire import Wire


class Me(Wire):
    """Who asks, as the identity provider says."""

    subject: str
    name: str
    roles: list[str]
    office: str | None
    expires: datetime


def see_me(asked: Asked) -> Me:
    """Return who one is here, and in which roles."""
    who = asked.who
    roles = sorted(role.value for role in who.roles)
    return Me(subject=who.subject, name=who.name, roles=roles, office=who.office, expires=who.expires)


ENDPOINTS = (Endpoint("GET", "/v1/me", Action.SEE_MODELS, see_me, "identity", answer=Me),)

"""The stop switch on the wire."""

from __future__ import annotations

from typing import Annotated

from pydantic import StringConstraints

from .wire import Id, Line, Posted, Wire

Name = Annotated[str, StringConstraints(pattern="^[a-z0-9][a-z0-9-]{0,63}$")]


class StopQuestion(Posted):
    """Stop all advice, or that of one model, and why; who is refused a hint is told so."""

    model: Name | None = None
    why: Line


class LiftQuestion(Posted):
    """Which stop is lifted, and why."""

    stop: Id
    why: Line


class StopAnswer(Wire):
    """A stop that is on; `model` null: of every model."""

    id: Id
    model: str | None
    why: str
    by: str
    at: str


class StopsAnswer(Wire):
    """The stops that are on."""

    stops: list[StopAnswer]

"""The log on the wire."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BeforeValidator, Field, StringConstraints

from .clients import ClientName
from .wire import Posted, Wire, whole

LARGEST_NUMBER = 2**63 - 1  # of an entry, as the databases hold it

Action = Annotated[str, StringConstraints(pattern=r"^[a-z.-]{1,40}$"), Field(description="as the entries name it")]
Before = Annotated[int, Field(ge=1, le=LARGEST_NUMBER, description="what `before` of the page before said")]
Limit = Annotated[int, Field(ge=1, le=200)]


class LogQuery(Posted):
    """Which page of the log, newest first; entries of one action only where that is named."""

    action: Action | None = None
    before: Before | None = None
    limit: Limit = 50


class LogQuestion(Posted):
    """Which page of what the log tells of one client."""

    client: ClientName
    action: Action | None = None
    before: Annotated[Before, BeforeValidator(whole)] | None = None
    limit: Annotated[Limit, BeforeValidator(whole)] = 50


class LogEntry(Wire):
    """One entry: when, what; who, about whom and the facts, which are null once their time is over."""

    seq: int
    at: str
    action: str
    who: str | None
    role: str | None
    client: str | None
    content: dict[str, Any] | None
    digest: str


class LogAnswer(Wire):
    """A page of entries, newest first; `before` of the next page, null on the last."""

    entries: list[LogEntry]
    before: int | None

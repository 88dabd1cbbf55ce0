"""The log, for the data-protection officer; reading it is logged, too."""

from __future__ import annotations

from serving.http.endpoint import Asked, Endpoint
from serving.permissions import Action
from serving.store.entries import Told, entries
from serving.wire.log import LogAnswer, LogEntry, LogQuery, LogQuestion

from .rights import EXAMPLE


def read_log(asked: Asked) -> bytes:
    """Return a page of the log, newest entries first; that it was read is logged."""
    query: LogQuery = asked.query
    with asked.recording("log.read", only=query.action, before=query.before) as entry:
        found = entries(entry.connection, query.limit, query.before, query.action)
        return asked.answer(entry, _page(found, query.limit), 200)


def search_log(asked: Asked) -> bytes:
    """Return what the log tells of a client, newest entries first; that it was sought is logged, about that client."""
    question: LogQuestion = asked.body
    client = asked.service.edge.client(question.client)
    with asked.recording("log.search", client, only=question.action, before=question.before) as entry:
        found = entries(entry.connection, question.limit, question.before, question.action, client)
        return asked.answer(entry, _page(found, question.limit), 200)


def _page(found: list[Told], limit: int) -> LogAnswer:
    before = found[-1].seq if len(found) == limit and found[-1].seq > 1 else None
    return LogAnswer(entries=[LogEntry.model_validate(each) for each in found], before=before)


ENDPOINTS = (
    Endpoint("GET", "/v1/log", Action.READ_LOG, read_log, "log", query=LogQuery, answer=LogAnswer),
    Endpoint(
        "POST",
        "/v1/log/search",
        Action.READ_LOG,
        search_log,
        "log",
        body=LogQuestion,
        answer=LogAnswer,
        example={"client": EXAMPLE, "limit": 20},
    ),
)

"""Problems on the wire (RFC 9457), and what each status means here."""

from __future__ import annotations

from pydantic import Field

from .wire import Wire


class Fault(Wire):
    """One thing wrong with what was posted: where, and what; never the value itself."""

    loc: list[str | int]
    msg: str


class Problem(Wire):
    """RFC 9457 problem details."""

    type: str = Field("about:blank", description="urn:apualy:… where a program should tell this problem from others")
    title: str
    status: int
    detail: str
    errors: list[Fault] | None = None


PROBLEMS = {
    304: "It has not changed since",
    400: "The body is no JSON that can be read, says something twice, or the address holds an identity code",
    401: "Nobody showed who they are",
    403: "Their role may not do this, the client is not theirs, or a right of the client stands in the way",
    404: "There is no such thing, or none that who asks may know of",
    409: "It was done already, or things are not any more as who asks saw them",
    413: "The body is too large",
    415: "The body is no application/json",
    422: "What was posted is not what this address takes; `errors` says where",
    429: "Asked too often; Retry-After says when to come back",
    503: "No advice now: the model may not be used, or something that the service needs does not answer",
}

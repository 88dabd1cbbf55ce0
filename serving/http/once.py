"""The same question twice has one effect: answers kept by the caller's Idempotency-Key."""

from __future__ import annotations

import hmac
import re
from dataclasses import dataclass
from http import HTTPStatus

from sqlalchemy import and_, bindparam, insert, select
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from ml.errors import IDENTITY_CODE, ConflictError
from serving.identity.identity import Identity
from serving.store.database import Database, Entry
from serving.store.log import written
from serving.store.tables import idempotency

from .body import MEDIA_TYPE

KEY = re.compile(r"[!-~]{1,100}")


class AnswerGoneError(ConflictError):
    """The question was answered, and has its effect; what was said is no longer kept."""

    kind = "answer-gone"

    def __init__(self) -> None:
        """Say what can be done."""
        super().__init__(
            "this was asked and answered before, and is not done again; the answer is no longer kept, for a right of "
            "the client took it away. Ask with another Idempotency-Key where you mean it anew"
        )


@dataclass(frozen=True)
class Once:
    """A key, whose it is, and a digest of what was asked with it that nobody can try out without our secret."""

    who: str
    key: str
    question: bytes

    def answered(self, database: Database) -> Response | None:
        """Return the answer given before; None: there was none. Raises ConflictError: it was another question."""
        with database.reading() as connection:
            row = connection.execute(_FIND, {"who": self.who, "key": self.key}).first()
        if row is None:
            return None
        if not hmac.compare_digest(bytes(row.question), self.question):
            raise ConflictError("this Idempotency-Key was sent with another question; give each question its own")
        if row.answer is None:
            raise AnswerGoneError
        media_type = MEDIA_TYPE if row.answer else None  # a 204 has no body
        return Response(row.answer, row.status, {"Idempotent-Replay": "true"}, media_type=media_type)

    def keep(self, entry: Entry, answer: bytes, status: int, client: str | None) -> None:
        """Keep an answer in the transaction that it is of."""
        entry.connection.execute(
            _KEEP,
            {
                "who": self.who,
                "key": self.key,
                "question": self.question,
                "status": status,
                "answer": answer.decode(),
                "client": client,
                "at": written(entry.at),
            },
        )


def key_of(request: Request, who: Identity, body: bytes, secret: bytes) -> Once | None:
    """Return the key that a request carries; None: it carries none. Raises HTTPException 422 where it is odd."""
    given = request.headers.get("idempotency-key")
    if given is None:
        return None
    if not KEY.fullmatch(given):
        raise HTTPException(HTTPStatus.UNPROCESSABLE_ENTITY, "an Idempotency-Key has 1 to 100 visible ASCII characters")
    if IDENTITY_CODE.search(given):
        raise HTTPException(HTTPStatus.UNPROCESSABLE_ENTITY, "an Idempotency-Key must hold no identity code")
    question = hmac.digest(secret, f"{request.method} {request.url.path}\n".encode() + body, "sha256")
    return Once(who.subject, given, question)


_FIND = select(idempotency.c.question, idempotency.c.status, idempotency.c.answer).where(
    and_(idempotency.c.who == bindparam("who"), idempotency.c.key == bindparam("key"))
)
_KEEP = insert(idempotency)

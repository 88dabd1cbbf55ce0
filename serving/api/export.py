"""What is held of a client, for the client: everything, in plain language."""

from __future__ import annotations

from starlette.responses import Response

from ml.errors import NotFoundError
from serving.export.accepted import wants_page
from serving.export.page import content_policy, page
from serving.export.told import told
from serving.http.endpoint import Asked, Endpoint
from serving.permissions import Action
from serving.store.export import held
from serving.store.log import written
from serving.store.retention import read_retention
from serving.wire.clients import ClientQuestion
from serving.wire.export import ExportAnswer

from .rights import EXAMPLE
from .seeing import visible

HTML = "text/html"


def export_client(asked: Asked) -> Response:
    """Return all that is held of a client, to be handed to them; that it was made is logged.

    Whose client they are, their rights, judgements, every hint that was shown, with its reasons, what caseworkers said
    of it, hints that lie ready, who looked and why; what hints are not used for, on what they rest, how long all is
    kept and what the client can do. JSON, or a page to print where Accept asks for text/html; in the language of
    Accept-Language.
    """
    question: ClientQuestion = asked.body
    pseudonym, wanted = asked.service.edge.client(question.client), wants_page(asked.headers.get("accept"))
    with asked.service.database.reading() as connection:
        visible(connection, asked, pseudonym)
        found = held(connection, pseudonym)
    if found.nothing:
        raise NotFoundError("nothing is held of this client")
    basis = None if asked.service.needs_consent else asked.service.basis
    given = told(pseudonym, found, written(asked.service.now()), read_retention().days, basis, asked.language)
    content = page(given) if wanted else given.model_dump_json()
    with asked.recording("export", pseudonym, form="page" if wanted else "data") as entry:
        visible(entry.connection, asked, pseudonym)  # the client may have been given to somebody else meanwhile
    headers = {"Content-Language": given.language, "Vary": "Accept, Accept-Language, Authorization, Cookie"}
    if wanted:
        headers["Content-Security-Policy"] = content_policy()
    return Response(content, headers=headers, media_type=HTML if wanted else "application/json")


ENDPOINTS = (
    Endpoint(
        "POST",
        "/v1/clients/export",
        Action.EXPORT,
        export_client,
        "rights",
        body=ClientQuestion,
        answer=ExportAnswer,
        problems=(404,),
        media_types=(HTML,),
        example={"client": EXAMPLE},
    ),
)

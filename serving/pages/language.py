"""The language of the pages: the one that a reader chose here, or else the one that their browser asks for."""

from __future__ import annotations

from http import HTTPStatus

from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import Response

from ml.errors import NotFoundError
from serving.identity.cookie import Cookie
from serving.identity.own_path import own_path
from serving.language import CODES, preferred

from .page import Page, Visit

COOKIE = "apualy-language"
LASTS_SECONDS = 365 * 24 * 3600


class Back(BaseModel):
    """Where a reader was; a path of ours."""

    back: str = "/"


def chosen_language(request: Request) -> str:
    """Return the code of the language that a page is shown in."""
    chosen = request.cookies.get(COOKIE)
    return chosen if chosen in CODES else preferred(request.headers.get("accept-language"))


def choose_language(visit: Visit) -> Response:
    """Keep a reader's choice for a year, and lead back. Raises NotFoundError, or InputError where that is elsewhere."""
    code = visit.path["code"]
    if code not in CODES:
        raise NotFoundError(f"the pages are in {', '.join(CODES)}")
    entrance = visit.service.entrance
    cookie = Cookie(COOKIE, code, LASTS_SECONDS, entrance is not None and entrance.over_tls)
    headers = {"Location": own_path(visit.query.back), "Set-Cookie": cookie.header()}
    return Response(status_code=HTTPStatus.SEE_OTHER, headers=headers)


PAGES = (Page("GET", "/language/{code}", None, choose_language, query=Back, open_to_all=True),)

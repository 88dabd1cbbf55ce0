"""Problems outside any page (no such address, a fault of ours), told to a browser as a page and not as JSON."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from serving.language import Language

from .language import chosen_language
from .page import View
from .refused import GONE, refusal_of, refused
from .rendering import Scene, rendered

API = "/v1/"
HTMX = "hx-request"


def problem_page(
    request: Request, languages: Mapping[str, Language], status: int, headers: Mapping[str, str]
) -> Response | None:
    """Return the page of a problem; None: it is no browser that asks for a page, and it is answered as a program is."""
    path, accepted = request.url.path, request.headers.get("accept", "")
    if path.startswith(API) or "text/html" not in accepted:
        return None
    language = languages[chosen_language(request)]
    problem = HTTPException(status)
    # What a page that is open asks by itself is answered with a part of that page.
    part = View(GONE, refusal_of(problem, language)[0], status) if HTMX in request.headers else None
    # The address is not repeated: nobody knows what stands in one that leads nowhere.
    return rendered(part or refused(problem, language), Scene(language, "/"), headers)

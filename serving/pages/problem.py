"""Problems outside any page (no such address, a fault of ours), told to a browser as a page and not as JSON."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from serving.language import Language

from .language import chosen_language
from .refused import refused
from .rendering import Scene, rendered

API = "/v1/"


def problem_page(
    request: Request, languages: Mapping[str, Language], status: int, headers: Mapping[str, str]
) -> Response | None:
    """Return the page of a problem; None: it is no browser that asks for a page, and it is answered as a program is."""
    path, accepted = request.url.path, request.headers.get("accept", "")
    if path.startswith(API) or "text/html" not in accepted:
        return None
    language = languages[chosen_language(request)]
    # The address is not repeated: nobody knows what stands in one that leads nowhere.
    return rendered(refused(HTTPException(status), language), Scene(language, "/"), headers)

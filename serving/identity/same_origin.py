"""Whether a write comes from our own pages: browsers send cookies along from anywhere."""

from __future__ import annotations

import hmac
from collections.abc import Mapping

from ml.errors import ForbiddenError

from .address import origin
from .sessions import Session

READS = ("GET", "HEAD", "OPTIONS")
CSRF_HEADER = "X-CSRF-Token"
ELSEWHERE = "this was sent from a page of another site, or by a browser that does not say from where; use our pages"
NO_TOKEN = f"the page must send the session's token in the header {CSRF_HEADER}; load it anew and try again"


def check_same_origin(method: str, headers: Mapping[str, str], session: Session, public_url: str) -> None:
    """Raise ForbiddenError unless a request that a cookie speaks for is a read, or a write from our own pages.

    headers     looked up in lower case: `sec-fetch-site`, `origin`, `x-csrf-token`
    public_url  where browsers find our pages
    """
    if method.upper() in READS:
        return
    site, sender = headers.get("sec-fetch-site"), headers.get("origin")
    if site is None and sender is None:
        raise ForbiddenError(ELSEWHERE)
    if site not in {None, "same-origin"} or sender not in {None, origin(public_url)}:
        raise ForbiddenError(ELSEWHERE)
    shown = headers.get(CSRF_HEADER.lower(), "")
    if not hmac.compare_digest(shown.encode("utf-8", "replace"), session.csrf_token.encode()):
        raise ForbiddenError(NO_TOKEN)

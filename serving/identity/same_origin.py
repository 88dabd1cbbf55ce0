"""Whether a write comes from our own pages: browsers send cookies along from anywhere."""

from __future__ import annotations

import hmac
from collections.abc import Mapping

from ml.errors import ForbiddenError

from .address import origin

READS = ("GET", "HEAD", "OPTIONS")
CSRF_HEADER = "X-CSRF-Token"
ELSEWHERE = "this was sent from a page of another site, or by a browser that does not say from where; use our pages"
NO_TOKEN = (
    "this was sent without the token of your session, or with an older one (a page has it in its forms, programs send "
    f"it in the header {CSRF_HEADER}); load the page anew and try again"
)


class ElsewhereError(ForbiddenError):
    """A write that no page of ours sent."""

    kind = "sent-from-elsewhere"


def check_origin(method: str, headers: Mapping[str, str], public_url: str) -> None:
    """Raise ElsewhereError unless a request is a read, or a browser says that a page of ours sent it.

    headers     looked up in lower case: `sec-fetch-site`, `origin`
    public_url  where browsers find our pages
    """
    if method.upper() in READS:
        return
    site, sender = headers.get("sec-fetch-site"), headers.get("origin")
    if site is None and sender is None:
        raise ElsewhereError(ELSEWHERE)
    if site not in {None, "same-origin"} or sender not in {None, origin(public_url)}:
        raise ElsewhereError(ELSEWHERE)


def check_token(shown: str, token: str) -> None:
    """Raise ForbiddenError unless what a write shows is the token of its session."""
    if not hmac.compare_digest(shown.encode("utf-8", "replace"), token.encode()):
        raise ForbiddenError(NO_TOKEN)

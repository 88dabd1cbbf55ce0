"""A form that is sent twice, as by a double click or from a line that broke: it has one effect, and leads to one page.

Each form that is shown carries a text of its own. What is sent with it twice, unchanged, is one and the same, as with
the API's Idempotency-Key (http/once.py); what is changed and sent again is meant anew.
"""

from __future__ import annotations

import hmac

from sqlalchemy.exc import IntegrityError

from ml.errors import ApualyError
from serving.http.once import Once

from .form import CSRF, ONCE, FormError
from .page import Away, Page, Shown, Visit


def once_of(page: Page, visit: Visit, path: str) -> Once | None:
    """Return by what a form is known again; None: the page needs nothing of the kind, or the form says nothing."""
    if page.sent_before is None or not visit.typed.one(ONCE):
        return None
    sent = repr((path, [(name, tuple(given)) for name, given in visit.typed.values.items() if name != CSRF]))
    question = hmac.digest(visit.service.page_secret, sent.encode("utf-8", "replace"), "sha256")
    return Once(visit.who.subject, f"page {question.hex()}", question)


def answered_once(page: Page, visit: Visit) -> Shown:
    """Return what a page says to a form; where the form was answered before, only where that led."""
    where = _led_before(page, visit)
    if where is not None:
        return where
    try:
        return page.handler(visit)
    except (IntegrityError, ApualyError, FormError):
        where = _led_before(page, visit)  # it may have been answered meanwhile, by another worker
        if where is None:
            raise
        return where


def _led_before(page: Page, visit: Visit) -> Away | None:
    if visit.once is None or page.sent_before is None:
        return None
    kept = visit.once.answered(visit.service.database)
    return None if kept is None else page.sent_before(visit, bytes(kept.body))

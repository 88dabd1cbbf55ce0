"""All pages, in the order in which their addresses are looked through."""

from __future__ import annotations

from . import access_counts, client, clients, counts, hint, public, rights, sheet, sign_in
from .page import Page
from .review import PAGES as REVIEW

PAGES: tuple[Page, ...] = (
    *clients.PAGES,
    *rights.PAGES,
    *client.PAGES,
    *sheet.PAGES,
    *hint.PAGES,
    *public.PAGES,
    *REVIEW,
    *counts.PAGES,
    *access_counts.PAGES,
    *sign_in.PAGES,
)

"""All pages, in the order in which their addresses are looked through."""

from __future__ import annotations

from . import (
    access_counts,
    client,
    clients,
    counts,
    hint,
    log,
    model_card,
    models,
    public,
    rights,
    sheet,
    sign_in,
    stops,
)
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
    *models.PAGES,
    *model_card.PAGES,
    *stops.PAGES,
    *counts.PAGES,
    *access_counts.PAGES,
    *log.PAGES,
    *sign_in.PAGES,
)

"""Card → every file that is made of it alone: Markdown, page, and the public description in three languages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .card.markdown import render
from .card.page import card_page
from .public import LANGUAGES, public_page


def renderings(card: Mapping[str, Any]) -> dict[str, str]:
    """Return file name → text, for the folder in which the card's source is; the same card gives the same bytes."""
    version = card["model"]["version"]
    return {
        f"{version}.md": render(card),
        f"{version}.html": card_page(card),
        **{f"{version}.public.{language}.html": public_page(card, language) for language in LANGUAGES},
    }

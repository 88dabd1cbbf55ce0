"""Card → every file that is made of it alone: Markdown, page, and the public description in three languages."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from .card.markdown import render
from .card.page import card_page, page
from .public import LANGUAGES, public_page
from .review.history import Review
from .review.record import render_review

_TAG = re.compile(r"<[^>]*>")


def read_text(made: Mapping[str, str]) -> str:
    """Return all that people read of a card, from its renderings, without the marks of its pages."""
    return "\n".join(_TAG.sub(" ", text) for text in made.values())


def renderings(card: Mapping[str, Any]) -> dict[str, str]:
    """Return file name → text, for the folder in which the card's source is; the same card gives the same bytes."""
    version = card["model"]["version"]
    return {
        f"{version}.md": render(card),
        f"{version}.html": card_page(card),
        **{f"{version}.public.{language}.html": public_page(card, language) for language in LANGUAGES},
    }


def record_of(review: Review) -> dict[str, str]:
    """Return file name → text of the record of a review, as Markdown and as a page."""
    text = render_review(review)
    return {f"{review.version}.review.md": text, f"{review.version}.review.html": page(text)}

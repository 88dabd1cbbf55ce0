"""A card as Markdown: made from its JSON alone, so that the same card gives the same bytes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .card import render_card
from .needs import render_needs_card


def render(card: Mapping[str, Any]) -> str:
    """Return the Markdown of a card of either sort."""
    return render_needs_card(card) if card.get("sort") == "service-need" else render_card(card)

"""The sections of a card as types: what a machine fills in, of both sorts of card."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from ml.errors import ContractError

from .card import NeedsCard, RiskCard
from .refusal import refusal

__all__ = ["NeedsCard", "RiskCard", "sections_of"]


def sections_of(card: Mapping[str, Any]) -> RiskCard | NeedsCard:
    """Return a card's sections. Raises ContractError, with at most three places, where one is not of its type."""
    form = NeedsCard if "sort" in card else RiskCard
    try:
        return form.model_validate(card)
    except ValidationError as problem:
        raise ContractError(refusal(card, problem)) from None

"""Evidence → card: what a model is, how good, how fair, and what is not known. JSON is the source."""

from .build import build_card
from .provenance import Provenance

__all__ = ["Provenance", "build_card"]

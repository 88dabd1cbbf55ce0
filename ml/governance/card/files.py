"""The evidence that stands beside a card: copies of the run's files, and the page that shows the documents."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from .evidence import evidence_page
from .markdown.links import PAGE


def document_text(content: Any) -> str:
    """Return a document as the run and the card keep it: JSON with a line a value, no number that is none."""
    return json.dumps(content, indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def evidence_files(documents: Mapping[str, Any], texts: Mapping[str, str]) -> dict[str, str]:
    """Return file name → text of all that stands beside a card.

    documents  of the run: "audit.json" → what it holds
    texts      further files of the run as they are: "audit.en.html"
    """
    return {
        PAGE: evidence_page(documents),
        **{name: document_text(content) for name, content in documents.items()},
        **texts,
    }


def digests(files: Mapping[str, str]) -> dict[str, str]:
    """Return file name → digest of its bytes, "sha256:…"."""
    return {name: f"sha256:{hashlib.sha256(text.encode()).hexdigest()}" for name, text in files.items()}

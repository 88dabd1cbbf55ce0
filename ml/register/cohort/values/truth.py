"""The words for yes and no."""

from __future__ import annotations

WORDS = {
    "1": True, "true": True, "yes": True, "kyllä": True, "ja": True,
    "0": False, "false": False, "no": False, "ei": False, "nej": False,
}  # fmt: skip


def truth_of(text: str) -> bool | None:
    """Return what a word means in any case, None when it means neither yes nor no."""
    return WORDS.get(text.strip().casefold())

"""Which form of an answer a request would rather have."""

from __future__ import annotations

PAGE, DATA = ("text/html", "text/*"), ("application/json", "application/*")


def wants_page(accept: str | None) -> bool:
    """Return whether an Accept header likes HTML better than JSON, which is given where it does not say."""
    liked = dict(_liked(part) for part in (accept or "*/*").split(","))
    anything = liked.get("*/*", 0.0)
    page, data = (next((liked[each] for each in names if each in liked), anything) for names in (PAGE, DATA))
    return page > data


def _liked(part: str) -> tuple[str, float]:
    """Return a media type and how much it is liked (RFC 9110, 12.5.1); what cannot be read is not liked."""
    media_type, *parameters = (each.strip().lower() for each in part.split(";"))
    weight = next((each[2:] for each in parameters if each.startswith("q=")), "1")
    try:
        return media_type, min(max(float(weight), 0.0), 1.0)
    except ValueError:
        return media_type, 0.0

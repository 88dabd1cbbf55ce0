"""The quality report as one page that needs nothing else: no script, no other file, no address."""

from __future__ import annotations

from importlib.resources import files

from jinja2 import Environment, StrictUndefined

from ml.register.intake.quality import Quality

TEMPLATE = "quality.html.jinja"


def quality_page(quality: Quality) -> str:
    """Return the report as HTML."""
    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True
    )
    environment.filters["count"] = count
    environment.filters["percent"] = percent
    environment.filters["plain"] = lambda name: name.replace("_", " ")
    template = files("ml.register.intake").joinpath(TEMPLATE).read_text(encoding="utf-8")
    return environment.from_string(template).render(
        quality=quality,
        refused=[each for each in quality.broken if each.hard],
        warned=[each for each in quality.broken if not each.hard],
        read=sum(table.read for table in quality.tables),
        kept=sum(table.kept for table in quality.tables),
        set_aside=sum(table.set_aside for table in quality.tables),
    )


def count(number: int) -> str:
    """Return a count with thin spaces between thousands: 37 439."""
    return f"{number:,}".replace(",", "\u202f")


def percent(share: float) -> str:
    """Return a share of 0 to 1 in per cent; what is not nothing never reads as 0 %, nor what is not all as 100 %."""
    if share in (0, 1):
        return f"{100 * share:.0f}\u00a0%"
    if share < 0.001:
        return "under\u00a00.1\u00a0%"
    return f"{100 * share:.1f}\u00a0%" if share <= 0.999 else "over\u00a099.9\u00a0%"

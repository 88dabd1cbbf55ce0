"""Counts as they are told: labels of groups, tables and shares, what is odd, and how figures are to be read."""

from __future__ import annotations

from ml.disclosure import ROUNDING
from serving.language import Language, marked

from .alarms import NEAR_TOTAL, NEAR_ZERO
from .drawn import ALL, FEWEST_OF_OFFICE, Group
from .noise import FURTHEST
from .published import OTHER_VIEW, OVERRIDE, OVERRIDE_BY_BAND, OVERRIDE_BY_NEED
from .shown import FEWEST
from .tables import CROSSED_BY_KEY

SHARES = {
    OVERRIDE: marked("Share of feedback in which the caseworker disagreed with the hint"),
    OVERRIDE_BY_NEED: marked("Share of feedback in which the caseworker disagreed, by the hint's service need"),
    OVERRIDE_BY_BAND: marked("Share of feedback in which the caseworker disagreed, by the hint's risk band"),
    OTHER_VIEW: marked("Share of clients whose service need the caseworker had seen differently"),
}
ALARMS = {
    NEAR_TOTAL: marked(
        "Caseworkers agree with nearly every hint. Ask whether hints are weighed against the caseworker's own view."
    ),
    NEAR_ZERO: marked("Caseworkers agree with hardly any hint. Ask what is wrong with the hints or their use."),
}


def name_of(group: Group, language: Language) -> str:
    """Return what a group is called."""
    if group.office is not None:
        return group.office
    return language.gettext("all offices") if group.kind == ALL else language.gettext("other offices")


def rows_of(crossed: str, language: Language) -> list[tuple[str, str]]:
    """Return of each row of a crossed table what it is of ("needs", "bands"), and what it is called."""
    rows = CROSSED_BY_KEY[crossed].rows
    return [(rows.key, language.gettext(label)) for label in rows.columns.values()]


def notes(language: Language) -> list[str]:
    """Return how the figures are to be read."""
    return [
        language.gettext(
            "Each client is counted once in a table, by the latest hint of the month. Months are those of UTC."
        ),
        language.gettext(
            "So that nobody can be recognised, each figure was moved at random, once, by {most} clients at most, and "
            "rounded to {step}. A figure that would be under {fewest} is not shown. Sums need not agree.",
            most=language.number(FURTHEST),
            step=language.number(ROUNDING),
            fewest=language.number(FEWEST),
        ),
        language.gettext(
            "Offices with fewer than about {fewest} clients are counted together.",
            fewest=language.number(FEWEST_OF_OFFICE + FURTHEST),
        ),
        language.gettext("Intervals (95 %) take in that figures were moved."),
        language.gettext(
            "Days are counted to the day on which the caseworker told of a service or an interview, not to its start."
        ),
    ]

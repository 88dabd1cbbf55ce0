"""The columns that every table carries: whose record it is, and when it was written down."""

from __future__ import annotations

from ml.contracts import Role
from ml.register.schema.column import RegisterColumn, Sensitivity, ValueType, Words

LEARNING = ("ltu-risk", "service-need")
EVERYWHERE = (*LEARNING, "planning")


def uses(role: Role, *purposes: str) -> dict[str, Role]:
    """Return the same role for each of the purposes, learning ones unless others are named."""
    return dict.fromkeys(purposes or LEARNING, role)


def identity_code() -> RegisterColumn:
    """Return the column of the personal identity code."""
    return RegisterColumn(
        "identity_code",
        ValueType.IDENTITY_CODE,
        Words("Personal identity code", "Henkilötunnus", "Personbeteckning"),
        Sensitivity.IDENTIFIER,
        uses(Role.ID, *EVERYWHERE),
    )


def day(name: str, words: Words, *, required: bool = True, purposes: tuple[str, ...] = LEARNING) -> RegisterColumn:
    """Return a column of days on which something happened or was written down."""
    return RegisterColumn(name, ValueType.DATE, words, roles=uses(Role.TIME, *purposes), required=required)


def entered(purposes: tuple[str, ...] = LEARNING) -> RegisterColumn:
    """Return the column of the day on which a record was written down."""
    return day("entered", Words("Entered on", "Kirjattu", "Antecknat"), purposes=purposes)


def end_entered(purposes: tuple[str, ...] = LEARNING) -> RegisterColumn:
    """Return the column of the day on which a record's end was written down."""
    words = Words("End entered on", "Päättyminen kirjattu", "Slutet antecknat")
    return day("end_entered", words, required=False, purposes=purposes)


def start(purposes: tuple[str, ...] = LEARNING) -> RegisterColumn:
    """Return the column of the first day."""
    return day("start", Words("First day", "Alkamispäivä", "Första dag"), purposes=purposes)


def end(purposes: tuple[str, ...] = LEARNING, *, required: bool = False) -> RegisterColumn:
    """Return the column of the last day; missing while the fact lasts."""
    words = Words("Last day", "Päättymispäivä", "Sista dag")
    return day("end", words, required=required, purposes=purposes)

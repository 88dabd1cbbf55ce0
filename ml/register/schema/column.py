"""A column of a register table, declared once: validation, synthetic data, dictionary and purposes follow from it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from ml.contracts import Kind, Role


@dataclass(frozen=True)
class Words:
    """A text for people, in the three languages of the service."""

    en: str
    fi: str
    sv: str

    def as_labels(self) -> dict[str, str]:
        """Return language → text."""
        return {"en": self.en, "fi": self.fi, "sv": self.sv}


class ValueType(StrEnum):
    """How the values of a column read once they are checked."""

    IDENTITY_CODE = "identity code"
    CODE = "code"  # text of a closed or patterned set
    INTEGER = "integer"
    BOOLEAN = "boolean"
    DATE = "date"


class Sensitivity(StrEnum):
    """How closely a value points at a person, or how much it can harm one."""

    IDENTIFIER = "identifier"  # never leaves the raw register
    QUASI_IDENTIFIER = "quasi-identifier"  # generalised until k people share it
    PROTECTED = "protected"  # audited, never an input; generalised like a quasi-identifier
    SPECIAL_CATEGORY = "special category"  # GDPR 9: stays out unless named with a legal basis
    ORDINARY = "ordinary"


@dataclass(frozen=True)
class RegisterColumn:
    """One column of a register table.

    roles     purpose → what the column may be used for there; a purpose that is not named never receives it
    kind      for inputs: who can change what the value says
    codes     the closed set of a code, with how each reads where the tables say so; None when only `pattern` binds
    pattern   a regular expression that the whole raw text of a code matches
    """

    name: str
    type: ValueType
    words: Words
    sensitivity: Sensitivity = Sensitivity.ORDINARY
    roles: Mapping[str, Role] = field(default_factory=dict)
    kind: Kind | None = None
    required: bool = True
    codes: Mapping[str, Words] | frozenset[str] | None = None
    pattern: str | None = None
    minimum: int | None = None
    maximum: int | None = None


@dataclass(frozen=True)
class Table:
    """One table of the register.

    key       columns that together name one record
    happened  the column that says when the record's fact took place
    entered   the column that says when it was written down
    end       the column of the day the fact ended, with `end_entered` saying when that was written down
    alone     whether one person's records may not overlap in time
    """

    name: str
    words: Words
    columns: tuple[RegisterColumn, ...]
    key: tuple[str, ...]
    happened: str
    entered: str
    end: str | None = None
    end_entered: str | None = None
    alone: bool = False

    def __getitem__(self, name: str) -> RegisterColumn:
        """Return the column of that name; KeyError when the table has none."""
        return {column.name: column for column in self.columns}[name]

    @property
    def names(self) -> tuple[str, ...]:
        """The columns' names, in the order of the file."""
        return tuple(column.name for column in self.columns)

    def for_purpose(self, purpose: str) -> tuple[RegisterColumn, ...]:
        """Return the columns that a purpose receives."""
        return tuple(column for column in self.columns if purpose in column.roles)

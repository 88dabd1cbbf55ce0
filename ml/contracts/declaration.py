"""What a flat file of spells declares: its columns, its outcome, the whole contract."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import Final, Literal


class ColumnType(StrEnum):
    """How the values of a column read."""

    NUMBER = "number"
    CATEGORY = "category"
    BOOLEAN = "boolean"
    DATE = "date"


class Role(StrEnum):
    """What a column is for; only `feature` reaches training."""

    FEATURE = "feature"
    PROTECTED = "protected"
    OUTCOME = "outcome"
    TIME = "time"
    ID = "id"
    IGNORE = "ignore"


class Kind(StrEnum):
    """Who, if anyone, can change what a feature says; reasons are shown by kind."""

    CAN_CHANGE = "can_change"
    SERVICE_CAN_CHANGE = "service_can_change"
    CONTEXT = "context"
    IMMUTABLE = "immutable"


TIMES: Final = "times"  # in the place of a kind, of what is the same for everybody on a day


@dataclass(frozen=True)
class Reason:
    """What several inputs tell of together: their contributions are summed, and people are told of the sum."""

    name: str
    label: Mapping[str, str] = field(default_factory=dict)  # language → words

    def words(self, language: str) -> str:
        """Return the label in a language, else in English, else the reason's name."""
        return self.label.get(language) or self.label.get("en") or self.name


@dataclass(frozen=True)
class Column:
    """One column, declared once."""

    name: str
    type: ColumnType
    role: Role
    kind: Kind = Kind.CONTEXT
    label: Mapping[str, str] = field(default_factory=dict)  # language → words
    missing_allowed: bool = False
    minimum: float | None = None
    maximum: float | None = None
    values: Mapping[str, str] | None = None  # code → how it reads; fixes the allowed set
    translations: Mapping[str, Mapping[str, str]] = field(default_factory=dict)  # language → value as it reads → words
    bands: tuple[float, ...] = ()  # cut points of the audit's groups, rising
    reference: str | None = None  # the group that others are compared with
    use_in_model: bool = False
    justification: str | None = None
    why: str | None = None  # why the model needs it, in English
    reason: Reason | None = None  # None: the column is a reason of its own
    pace: bool = False  # it tells what share leaves within a year as times are: the level follows it, nothing learns it

    @property
    def told_as(self) -> Kind | Literal["times"]:
        """The kind as which people are told of it: `TIMES` where it tells of no person."""
        return TIMES if self.pace else self.kind

    @property
    def in_model(self) -> bool:
        """Whether the column is an input of the model."""
        return self.role is Role.FEATURE or self.use_in_model

    @cached_property
    def alone(self) -> Reason:
        """The reason that the column is of its own."""
        return Reason(self.name, self.label)

    def words(self, language: str) -> str:
        """Return the label in a language, else in English, else the column's name."""
        return self.label.get(language) or self.label.get("en") or self.name

    def value_words(self, value: str, language: str) -> str:
        """Return a category's value in a language, else as it reads."""
        return self.translations.get(language, {}).get(value, value)


@dataclass(frozen=True)
class Outcome:
    """How long a spell lasted, and how it ended. Durations are in `unit`."""

    duration: str
    unit: str  # as written: "2 weeks"
    unit_days: float
    horizon: float
    horizons: tuple[float, ...]  # rising, `horizon` among them
    exit: str | None = None  # None: every exit was seen
    exit_when: tuple[str, ...] = ()  # exactly one of the two, when `exit` is named
    censored_when: tuple[str, ...] = ()
    entry: str | None = None  # the input that says how long a spell had lasted when its row was looked at
    rule: str | None = None  # the number input by which people would be picked without a model: longest first

    @property
    def place(self) -> int:
        """Return which of the horizons is the main one."""
        return self.horizons.index(self.horizon)

    def span(self, horizon: float) -> tuple[float, str]:
        """Return a horizon as a number of days, weeks or months: 13 units of "2 weeks" are (26, "week")."""
        *count, word = self.unit.split()
        return horizon * float(count[0] if count else 1), word.rstrip("s")

    def words(self, horizon: float) -> str:
        """Return a horizon in English: "26 weeks"."""
        number, word = self.span(horizon)
        return f"{number:g} {word}{'' if number == 1 else 's'}"


@dataclass(frozen=True)
class CohortContract:
    """The declaration of a flat file of spells (cohort contract)."""

    name: str
    description: str
    licence: str
    outcome: Outcome
    start: str | None
    columns: Mapping[str, Column]  # every column of the file, in the contract's order
    source: str  # the TOML as read
    quality_report: str = ""  # "sha256:…" of the data-quality report (JSON); empty when it is not known

    def with_role(self, role: Role) -> tuple[Column, ...]:
        """Return the columns of one role, in the contract's order."""
        return tuple(column for column in self.columns.values() if column.role is role)

    @property
    def inputs(self) -> tuple[Column, ...]:
        """The columns that a model may see."""
        return tuple(column for column in self.columns.values() if column.in_model)

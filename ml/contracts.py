"""What the rooms of `ml` hand to each other: frozen, without behaviour beyond looking things up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Rows = NDArray[np.int64]
Dates = NDArray[np.datetime64]


def _fill(frozen: object, name: str, given: Floats | Rows, instead: Floats | Rows) -> None:
    """Put `instead` into a field of a frozen type that was left empty; only while it is being made."""
    if not len(given):
        object.__setattr__(frozen, name, instead)


# ---------------------------------------------------------------- the cohort contract


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

    @property
    def in_model(self) -> bool:
        """Whether the column is an input of the model."""
        return self.role is Role.FEATURE or self.use_in_model

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

    def with_role(self, role: Role) -> tuple[Column, ...]:
        """Return the columns of one role, in the contract's order."""
        return tuple(column for column in self.columns.values() if column.role is role)

    @property
    def inputs(self) -> tuple[Column, ...]:
        """The columns that a model may see."""
        return tuple(column for column in self.columns.values() if column.in_model)


@dataclass(frozen=True)
class Cohort:
    """Checked spells, one row each. Inputs and protected attributes are frames apart.

    features   n × inputs; numbers, booleans (0/1) and dates as float64, categories as str; NaN/None missing
    protected  n × attributes; the audit's group names as str, "missing" being a group of its own
    duration   (n,) in the contract's unit, > = 0, from registration
    exited     (n,) True where the exit was seen, False where the spell was censored
    start      (n,) datetime64[D], None when unknown
    person     (n,) a number per person; rows of one person share it
    as_of      the last day the file knows of, None when start is unknown
    entry      (n,) how long the spell had lasted when the row was looked at, 0 where at registration; given empty
               (the contract names no entry): 0 in every row
    """

    contract: CohortContract
    features: pd.DataFrame
    protected: pd.DataFrame
    duration: Floats
    exited: Bools
    start: Dates | None
    person: Rows
    as_of: date | None
    digest: str  # of the file's bytes
    warnings: tuple[str, ...] = ()
    entry: Floats = field(default_factory=lambda: np.zeros(0))

    def __post_init__(self) -> None:
        """Fill in entries that were not given."""
        _fill(self, "entry", self.entry, np.zeros(len(self.duration)))

    def __len__(self) -> int:
        """Return the number of rows: of spells, or of looks at spells."""
        return len(self.duration)


# ---------------------------------------------------------------- split and predictions


@dataclass(frozen=True)
class Spells:
    """Follow-up of spells as known on some day: duration in units, exit seen or censored.

    entry  (n,) each was looked at when it had lasted so long (delayed entry): shorter spells cannot stand here.
           Given empty: 0, all were looked at from their beginning
    """

    duration: Floats
    exited: Bools
    entry: Floats = field(default_factory=lambda: np.zeros(0))

    def __post_init__(self) -> None:
        """Fill in entries that were not given."""
        _fill(self, "entry", self.entry, np.zeros(len(self.duration)))

    def __getitem__(self, rows: Rows | Bools) -> Spells:
        """Return some of the spells."""
        return Spells(self.duration[rows], self.exited[rows], self.entry[rows])

    def asked(self, horizon: float) -> Bools:
        """Return where the horizon is still a question: the others had reached it when they were looked at."""
        return np.asarray((self.entry < horizon) | (self.entry == 0))


@dataclass(frozen=True)
class Part:
    """The rows of one part of a split, and what was known of them when it was used.

    person  (n,) rows of one person share a number; given empty: each row is a person of its own
    """

    rows: Rows
    spells: Spells
    first: date | None = None
    last: date | None = None
    known_until: date | None = None
    person: Rows = field(default_factory=lambda: np.zeros(0, dtype=np.int64))

    def __post_init__(self) -> None:
        """Fill in persons that were not given."""
        _fill(self, "person", self.person, np.arange(len(self.rows)))

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self.rows)

    def asked(self, horizon: float) -> Part:
        """Return the rows for which the horizon is still a question."""
        asked = self.spells.asked(horizon)
        return replace(self, rows=self.rows[asked], spells=self.spells[asked], person=self.person[asked])


@dataclass(frozen=True)
class Split:
    """Training, calibration and test; no person stands on two sides."""

    kind: Literal["temporal", "random"]
    train: Part
    calibration: Part
    test: Part
    left_out: int = 0  # rows of people who stand in another part
    dealt: bool = False  # people were dealt to the parts of time at random, as many of them come back
    unripe: int = 0  # rows that began too late in their part for the outcome to be known at its end
    not_yet: int = 0  # looks at a spell that came after the end of knowledge of the spell's part


@dataclass(frozen=True)
class Predictions:
    """What a model said of the test part, and what came true, at one horizon that was still a question there.

    score    (n,) probability of still being unemployed at the horizon
    outcome  (n,) True: still unemployed at the horizon; means nothing where weight is 0
    weight   (n,) inverse-probability-of-censoring weight, 0 where the outcome is unknown
    person   (n,) rows of one person share a number and are not independent; given empty: each row is a person
    """

    horizon: float
    score: Floats
    outcome: Bools
    weight: Floats
    person: Rows = field(default_factory=lambda: np.zeros(0, dtype=np.int64))

    def __post_init__(self) -> None:
        """Fill in persons that were not given."""
        _fill(self, "person", self.person, np.arange(len(self.score)))

    def __getitem__(self, rows: Rows | Bools) -> Predictions:
        """Return some of the rows."""
        columns = (self.score, self.outcome, self.weight, self.person)
        return Predictions(self.horizon, *(column[rows] for column in columns))  # type: ignore[arg-type]


# ---------------------------------------------------------------- evidence


@dataclass(frozen=True)
class Interval:
    """A figure with its 95 % interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Calibration:
    """Logistic recalibration (0 and 1 when perfect) and the integrated calibration index."""

    intercept: float
    slope: float
    ici: float


@dataclass(frozen=True)
class Scores:
    """Censoring-weighted quality of one model on the test part."""

    auc: Interval
    brier: Interval
    calibration: Calibration


class Verdict(StrEnum):
    """What the evidence says of a ratio; `insufficient` is neither pass nor fail."""

    PASS = "pass"  # noqa: S105 - a verdict, not a password
    INSUFFICIENT = "insufficient"
    FAIL = "fail"


@dataclass(frozen=True)
class Finding:
    """One group against its reference in one metric; None where there is too little to say."""

    attribute: str
    group: str
    n: int | None
    metric: str
    value: float | None
    low: float | None
    high: float | None
    reference: str
    ratio: float | None
    ratio_low: float | None
    ratio_high: float | None
    verdict: Verdict


@dataclass(frozen=True)
class Audit:
    """The findings on every protected attribute, at a cut of the given capacity."""

    verdict: Verdict
    findings: tuple[Finding, ...]
    capacity: float
    selected_share: float  # what the cut really selects: ties cannot be divided
    direct_use: tuple[str, ...]  # protected attributes that are inputs
    warnings: tuple[str, ...] = ()


# ---------------------------------------------------------------- policy and model


@dataclass(frozen=True)
class AuditPolicy:
    """What the audit judges, and its limits."""

    metrics: tuple[str, ...]
    ratio_low: float
    ratio_high: float
    smallest_denominator: int
    capacity: float
    replicates: int


@dataclass(frozen=True)
class Policy:
    """`model_cards/policy.toml`: what a model must show. Owned by the reviewers."""

    audit: AuditPolicy
    weak_auc: float  # a model whose AUC is below this is called weak
    leak_auc: float
    leak_column_auc: float
    approval_months: int
    temporal_validation: bool
    digest: str


@dataclass(frozen=True)
class ModelReport:
    """All that training found out, for the card, the run and `--json`."""

    contract: CohortContract
    split: Split
    data_digest: str
    rows: int
    persons: int
    exits: int
    kept: str  # "lightgbm" or "logistic"
    why_kept: str
    observed_share: Interval  # of the test part's rows for which the horizon is still a question
    predicted_share: float
    scores: Mapping[str, Scores]  # model name → quality; "base_rate" among them
    importance: Mapping[str, float]  # input → mean |contribution| on the margin
    audit: Audit
    seed: int
    warnings: tuple[str, ...]
    further: Mapping[float, tuple[Interval, float]] = field(default_factory=dict)  # horizon → observed, predicted

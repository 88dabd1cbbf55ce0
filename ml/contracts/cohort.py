"""Checked spells, the parts they are split into, and what a model said of them."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date
from typing import TYPE_CHECKING, Literal

import numpy as np

from ml.contracts.arrays import Bools, Dates, Floats, Rows
from ml.contracts.declaration import CohortContract

if TYPE_CHECKING:
    import pandas as pd


def _fill(frozen: object, name: str, given: Floats | Rows | Bools, instead: Floats | Rows | Bools) -> None:
    """Put `instead` into a field of a frozen type that was left empty; only while it is being made."""
    if not len(given):
        object.__setattr__(frozen, name, instead)


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
    ripe    (n,) the spell began a whole horizon before `known_until`, so that its outcome is known by then; given
            empty: all are taken as they are. Of a calibration part the others serve for the level alone
    lent    (n,) a later spell of somebody who is learnt from: it serves calibrators, and chooses no model
    since   (n,) how long the spell had lasted a horizon before `known_until`, when the newest follow-up begins; given
            empty: 0, all follow-up is the newest
    """

    rows: Rows
    spells: Spells
    first: date | None = None
    last: date | None = None
    known_until: date | None = None
    person: Rows = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    ripe: Bools = field(default_factory=lambda: np.zeros(0, dtype=np.bool_))
    lent: Bools = field(default_factory=lambda: np.zeros(0, dtype=np.bool_))
    since: Floats = field(default_factory=lambda: np.zeros(0))

    def __post_init__(self) -> None:
        """Fill in what was not given."""
        _fill(self, "person", self.person, np.arange(len(self.rows)))
        _fill(self, "ripe", self.ripe, np.ones(len(self.rows), dtype=np.bool_))
        _fill(self, "lent", self.lent, np.zeros(len(self.rows), dtype=np.bool_))
        _fill(self, "since", self.since, np.zeros(len(self.rows)))

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self.rows)

    def __getitem__(self, which: Rows | Bools) -> Part:
        """Return some of the rows."""
        columns = {name: getattr(self, name)[which] for name in ("rows", "spells", "person", "ripe", "lent", "since")}
        return replace(self, **columns)

    @property
    def judging(self) -> Bools:
        """Return which rows may say which model is better, (n,): ripe ones of people from whom no model learnt."""
        return self.ripe & ~self.lent

    def asked(self, horizon: float) -> Part:
        """Return the rows for which the horizon is still a question."""
        return self[self.spells.asked(horizon)]


@dataclass(frozen=True)
class Split:
    """Training, calibration and test; no person of the test part stands elsewhere.

    Nor does one of the training part stand in calibration, but for the rows that are lent, where people were dealt.
    """

    kind: Literal["temporal", "random"]
    train: Part
    calibration: Part
    test: Part
    left_out: int = 0  # rows of people who stand in another part
    dealt: bool = False  # people were dealt to the parts of time at random, as many of them come back
    unripe: int = 0  # rows of the test part that began too late for the outcome to be known at its end
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

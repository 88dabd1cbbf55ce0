"""The data of a model of risk: what was read, how it was divided, what is predicted."""

from __future__ import annotations

from typing import Literal

from .frame import TimeSpan
from .values import Count, Named, PerhapsDigest, Section, Source


class Cohort(Section):
    """Spells of unemployment that were read; a row is a spell, or a look at one.

    exits     rows that end with an exit;  censored  rows whose end was not seen
    digest    of the data;  quality_report  of the data-quality report; "" when it is not known
    """

    name: str
    description: str
    licence: str
    rows: Count
    persons: Count
    exits: Count
    censored: Count
    digest: Named
    quality_report: PerhapsDigest
    source: Source


class Part(TimeSpan):
    """One part of the split."""

    rows: Count
    source: Source


class Split(Section):
    """How the rows were divided, and which were left out.

    left_out  rows of people who stand in another part;  not_yet  rows that came after the part's end
    unripe    rows that began less than a horizon before the end of their part
    dealt     whether people were dealt to the parts at random
    """

    kind: Literal["temporal", "random"]
    train: Part
    calibration: Part
    test: Part
    left_out: Count
    not_yet: Count
    unripe: Count
    dealt: bool
    source: Source


class Outcome(Section):
    """What is predicted: that a spell lasts at least `horizon` units.

    entry  label of the input that says how long a spell had lasted when looked at; None: rows are whole spells
    """

    horizon: float
    unit: str
    words: str
    entry: str | None


class Method(Section):
    """Which candidate was kept, and how it was trained.

    settings  of the trees, as trained;  tuning  why those; None: they are the defaults
    """

    kept: str
    why: str
    seed: int
    settings: dict[str, float]
    tuning: str | None
    source: Source

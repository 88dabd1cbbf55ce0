"""The data and the quality of a service-need model; shares are of cases, 0 to 1."""

from __future__ import annotations

from typing import Generic, Literal, TypeVar

from .frame import TimeSpan
from .quality import CalibrationFigures
from .values import Count, Figure, Many, Named, PerhapsDigest, Section, Share, Shown, Source, Whole

_T = TypeVar("_T")


class ByEntity(Section, Generic[_T]):
    """One of each service entity."""

    skills: _T
    rehabilitation: _T
    integration: _T


class ByAnswer(ByEntity[_T], Generic[_T]):
    """One of each answer."""

    interview_first: _T


class NeedsCohort(Section):
    """Placements that were read; `by_caseworkers`: how many of each answer."""

    name: str
    rows: Count
    persons: Count
    by_caseworkers: ByAnswer[Shown]
    digest: Named
    quality_report: PerhapsDigest
    source: Source


class NeedsPart(TimeSpan):
    """One part of the split: placements in an entity, and answers “interview first”."""

    rows: Shown
    interview_first: Shown
    source: Source


class NeedsSplit(Section):
    """How placements were divided by their day; fields as of a model of risk."""

    kind: Literal["temporal"]
    train: NeedsPart
    calibration: NeedsPart
    test: NeedsPart
    left_out: Shown
    dealt: bool
    source: Source


class Rule(Section):
    """The integration rule in words, and how it agrees with what the register calls "by rule".

    holds    placements on whose day it holds;  by_rule  placements recorded as made by rule
    """

    words: str
    holds: Shown
    by_rule: Shown
    placed_where_holds: Figure
    holds_where_placed: Figure
    source: Source


class NeedsMethod(Section):
    """Which candidate was kept."""

    kept: str
    why: str
    seed: int
    source: Source


class Agreed(Section):
    """How often two judge alike, and Cohen's kappa."""

    pairs: Shown
    share: Figure
    kappa: Figure


class Agreement(Agreed):
    """The same, with the place where it stands."""

    source: Source


class AnsweringPoint(Section):
    """What answering the surest cases only would mean: the share answered, and of them the share that agrees."""

    threshold: Share
    coverage: Share
    agreement: Figure
    source: Source


class Threshold(Section):
    """From which chance on the model answers; None: it never names an entity."""

    value: Share | None
    why: str
    caseworkers: Agreed
    curve: Many[AnsweringPoint]
    source: Source


class Candidate(Section):
    """One candidate on the test part; `gain`: by how much its log loss is lower than the base rate's."""

    log_loss: Figure
    accuracy: Figure
    gain: Figure
    source: Source


class EntityQuality(Section):
    """One entity against the rest: placed in it by caseworkers, answered by the model."""

    placed: Shown
    answered: Shown
    precision: Figure
    recall: Figure
    observed: Figure
    predicted: float
    auc: Figure
    calibration: CalibrationFigures
    source: Source


class Disagreement(Section):
    """Two caseworkers on one client within weeks, and the model beside them (ml/contracts/needs_report.py)."""

    four_answers: Agreement
    entities: Agreement
    model: Agreement
    model_answered: Agreement
    entities_answered: Agreement
    gap: Figure
    gap_answered: Figure
    source: Source


class InterviewFirst(Section):
    """What the model says where caseworkers said “interview first”, and elsewhere: shares of each answer."""

    rows: Shown
    answers_there: ByAnswer[Figure]
    answers_elsewhere: ByAnswer[Figure]
    top_there: Figure
    top_elsewhere: Figure
    source: Source


class NeedsMetrics(Section):
    """Everything measured on the test part; `confusion`: entity that caseworkers chose → answer of the model → rows."""

    rows: Shown
    persons: Shown
    accuracy: Figure
    agreement: Whole
    answered: Whole
    unlike: Figure
    candidates: dict[str, Candidate]
    entities: ByEntity[EntityQuality]
    confusion: ByEntity[ByAnswer[Shown]]
    disagreement: Disagreement
    interview_first: InterviewFirst
    source: Source

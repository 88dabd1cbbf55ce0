"""What training of the service-need model found out, for its card, its run and `--json`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from ml.contracts.audit import Finding
from ml.contracts.declaration import Column
from ml.contracts.evaluation import CalibrationIntervals
from ml.contracts.evidence import Interval, Verdict


@dataclass(frozen=True)
class NeedPartSummary:
    """One part of the split: caseworkers' placements in an entity, and their answers "interview first"."""

    rows: int
    interview_first: int
    first: date
    last: date


@dataclass(frozen=True)
class NeedSplitSummary:
    """How placements were divided by their day, and what was left out."""

    train: NeedPartSummary
    calibration: NeedPartSummary
    test: NeedPartSummary
    dealt: bool  # people were dealt to the parts at random, as many come back; else they stand in their earliest part
    left_out: int  # placements of people who stand in another part


@dataclass(frozen=True)
class RuleQuality:
    """How the integration rule agrees with what the register calls "by rule"; shares are NaN of nobody.

    placed_where_holds   of the placements on whose day the rule holds: the share recorded as made by rule
    holds_where_placed   of the placements recorded as made by rule: the share on whose day the rule holds
    """

    holds: int
    by_rule: int
    placed_where_holds: Interval
    holds_where_placed: Interval


@dataclass(frozen=True)
class CandidateQuality:
    """One candidate on the test part; `gain` is by how much its log loss is lower than the base rate's."""

    log_loss: Interval
    accuracy: Interval
    gain: Interval


@dataclass(frozen=True)
class EntityQuality:
    """One entity against the rest, on the test part.

    answered   rows for which the model answers this entity
    precision  of these: the share that caseworkers placed in it
    recall     of those placed in it: the share answered so; "interview first" counts as a miss
    """

    placed: int
    answered: int
    precision: Interval
    recall: Interval
    observed: Interval
    predicted: float
    auc: Interval
    calibration: CalibrationIntervals


@dataclass(frozen=True)
class Agreement:
    """How often two judge alike, and Cohen's kappa (1960); NaN where there are too few pairs to say."""

    pairs: int
    share: Interval
    kappa: Interval


@dataclass(frozen=True)
class CoveragePoint:
    """What answering the surest cases only would mean, on the calibration part."""

    threshold: float
    coverage: float
    agreement: Interval


@dataclass(frozen=True)
class NeedThreshold:
    """From which probability on the model answers; None: it always answers "interview first".

    caseworkers  agreement of two caseworkers on one client, of the entities alone, from before the test part
    curve        on the calibration part, fewest answers first
    """

    value: float | None
    why: str
    caseworkers: Agreement
    curve: tuple[CoveragePoint, ...]


@dataclass(frozen=True)
class Disagreement:
    """Two caseworkers on one client within weeks, and the model beside them, on the test part.

    four_answers      caseworker and caseworker, "interview first" being an answer of its own
    entities          caseworker and caseworker, of pairs in which both named an entity
    model             what the model holds most likely on the first day, and the second caseworker, on the same pairs
    model_answered    the same, of the pairs in which the model answers
    entities_answered caseworker and caseworker, of these
    gap               by how much oftener the model agrees with the second caseworker than the first does: below 0, a
                      colleague is the better stand-in
    gap_answered      the same, of the pairs in which the model answers
    """

    four_answers: Agreement
    entities: Agreement
    model: Agreement
    model_answered: Agreement
    entities_answered: Agreement
    gap: Interval
    gap_answered: Interval


@dataclass(frozen=True)
class InterviewFirst:
    """What the model says where caseworkers said "interview first", and elsewhere: shares of each answer."""

    rows: int
    answers_there: Mapping[str, Interval]
    answers_elsewhere: Mapping[str, Interval]
    top_there: Interval  # mean probability of the most likely entity
    top_elsewhere: Interval


@dataclass(frozen=True)
class NeedsEvaluation:
    """Everything measured on the test part.

    accuracy   the most likely entity is the caseworker's, of all rows
    agreement  the same, of the rows that are answered
    confusion  entity that caseworkers chose → answer of the model → rows
    """

    rows: int
    persons: int
    accuracy: Interval
    agreement: Interval
    answered: Interval
    unlike: Interval
    candidates: Mapping[str, CandidateQuality]
    entities: Mapping[str, EntityQuality]
    confusion: Mapping[str, Mapping[str, int]]
    disagreement: Disagreement
    interview_first: InterviewFirst


@dataclass(frozen=True)
class AnswerAudit:
    """The model's answers by protected group, each against its reference."""

    verdict: Verdict
    findings: tuple[Finding, ...]
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True)
class NeedsReport:
    """All that training found out."""

    name: str
    columns: tuple[Column, ...]
    protected_columns: tuple[Column, ...]
    data_digest: str
    rows: int
    persons: int
    placed: Mapping[str, int]  # entity or "interview_first" → placements by caseworkers
    split: NeedSplitSummary
    rule: RuleQuality
    kept: str
    why_kept: str
    threshold: NeedThreshold
    evaluation: NeedsEvaluation
    importance: Mapping[str, Mapping[str, float]]  # input → entity → mean |contribution|
    audit: AnswerAudit
    seed: int
    warnings: tuple[str, ...]
    quality_report: str = ""  # "sha256:…" of the data-quality report (JSON); empty when it is not known

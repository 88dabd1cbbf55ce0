"""How good a model of risk is on the test part; shares are of people, 0 to 1."""

from __future__ import annotations

from .values import Count, Figure, Known, Many, Number, Section, Share, Shown, Source, Whole


class Calibration(Section):
    """Logistic recalibration (0 and 1 when perfect) and the integrated calibration index."""

    intercept: Number
    slope: Number
    ici: Number


class CalibrationFigures(Section):
    """The same with intervals; `ici_if_perfect` is what noise alone would make of it."""

    intercept: Figure
    slope: Figure
    ici: Figure
    ici_if_perfect: Figure


class Scores(Section):
    """Quality of one model."""

    auc: Figure
    brier: Figure
    calibration: Calibration


class Challenger(Scores):
    """Quality of what was tried beside the kept model."""

    source: Source


class Baselines(Section):
    """What a model must beat: everybody's share, and logistic regression."""

    base_rate: Scores
    logistic: Scores


class Metrics(Scores):
    """Quality of the kept model; the horizon is in the outcome's unit."""

    horizon: float
    observed_share: Figure
    predicted_share: float
    baselines: Baselines
    source: Source


class CurvePoint(Section):
    """Share still unemployed at one horizon, observed and predicted."""

    horizon: float
    words: str
    observed: Figure
    predicted: float
    source: Source


class Coverage(Section):
    """Whether the intervals of hints hold the shares that came true (ml/contracts/evaluation.py)."""

    covered: float
    plain: float
    bins: Count
    width: float
    noise: float


class CoreFigures(Section):
    """What is told of every set of people that is large enough; coverage None: there were no bins of people."""

    observed: Figure
    predicted: Figure
    gap: Figure
    auc: Figure
    brier: Figure
    calibration: CalibrationFigures
    coverage: Coverage | None


class AtCapacity(Section):
    """What looking at the highest-scored share of people finds; those of the rule are None without a rule."""

    capacity: Share
    precision: Whole
    recall: Whole
    missed_per_1000: Figure
    rule_precision: Figure | None
    rule_recall: Figure | None
    lift: Figure | None


class NetBenefit(Section):
    """Net benefit at a threshold, in true positives a person; the rule's is None without a rule."""

    threshold: Share
    looked_at: Share
    model: Figure
    everybody: Figure
    rule: Figure | None


class SliceFigures(CoreFigures):
    """All that is told of one slice; a quarter has no net benefit."""

    observed: Known
    capacity: Many[AtCapacity]
    net_benefit: Many[NetBenefit]


class Slice(Section):
    """Rows of one landmark, horizon and quarter of the look.

    landmark  how many horizons had been reached, `at` in words; None: all together
    quarter   None: the whole test part
    n         rows;  figures  None: there is too little to say, and `why` says what is missing
    """

    landmark: Count | None
    at: str
    horizon: float
    horizon_words: str
    quarter: str | None
    n: Shown
    persons: Shown
    why: str
    figures: SliceFigures | None
    source: Source


class Rival(Section):
    """A challenger, or the rule, beside the kept model at one landmark; a rule has no Brier score."""

    name: str
    landmark: Count
    at: str
    auc: Figure
    auc_gain: Figure
    brier: Figure | None
    brier_gain: Figure | None
    source: Source


class InTurns(Section):
    """A kind of model where each fifth of the people was the test part in turn; gains of the kept kind over it."""

    name: str
    auc: Figure
    auc_gain: Figure | None
    brier: Figure
    brier_gain: Figure | None
    source: Source


class Group(Section):
    """How good the model is for one group of a protected attribute; figures as of a slice."""

    attribute: str
    group: str
    landmark: Count
    at: str
    n: Shown
    why: str
    figures: CoreFigures | None
    source: Source


class Evaluation(Section):
    """The kept model on the test part, of whom and when; in_turns: empty where time is known."""

    horizon: float
    horizon_words: str
    slices: Many[Slice]
    rivals: Many[Rival]
    groups: Many[Group]
    in_turns: Many[InTurns] = ()
    source: Source


class Band(Section):
    """How bands hold when the model is trained on other people: shares of people (ml/contracts/evidence.py)."""

    at: str
    landmark: Count | None
    rows: Count
    refits: Count
    flipped: Figure
    disagreeing: Figure
    uncertain: Known
    wide: float
    unlike: float
    unstable: float
    source: Source


class Stability(Section):
    """How bands, and in words how reasons, hold when the model is trained on other people."""

    bands: Many[Band]
    reasons: str
    source: Source

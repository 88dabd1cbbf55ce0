"""How good a model is, of whom and when: each figure with its interval, or the reason why there is none."""

from __future__ import annotations

from dataclasses import dataclass

from ml.contracts.evidence import Interval


@dataclass(frozen=True)
class CalibrationIntervals:
    """Logistic recalibration (0 and 1 when perfect) and the integrated calibration index, with intervals.

    ici_if_perfect  what the index of perfectly calibrated chances would be on as many people, from noise alone: its
                    mean and the range that holds 95 % of it. An index within that range is no evidence of a fault
    """

    intercept: Interval
    slope: Interval
    ici: Interval
    ici_if_perfect: Interval


@dataclass(frozen=True)
class Coverage:
    """Whether the intervals of hints hold the shares that came true; they promise 0.95 (ml/measures/coverage.py).

    covered  share of people in bins whose observed share lies where interval and the bin's own noise let it lie
    plain    the same without an allowance for noise: a lower bound
    bins     of people in a like situation
    width    mean width of the intervals
    noise    mean half-width of a bin's own 95 % noise; where it is over half of `width`, the check can say little
    """

    covered: float
    plain: float
    bins: int
    width: float
    noise: float


@dataclass(frozen=True)
class CoreFigures:
    """What is told of every set of people that is large enough.

    observed   share still unemployed at the horizon
    predicted  mean chance
    gap        predicted minus observed, paired
    """

    observed: Interval
    predicted: Interval
    gap: Interval
    auc: Interval
    brier: Interval
    calibration: CalibrationIntervals
    coverage: Coverage | None = None  # None: no intervals were given, or too few people for a bin


@dataclass(frozen=True)
class AtCapacity:
    """What looking at the highest-scored share of people finds; ties are shared, so that it is exactly that share.

    capacity         share of people looked at
    precision        of those looked at, the share still unemployed at the horizon
    recall           of those still unemployed at the horizon, the share looked at
    missed_per_1000  of 1,000 people, how many are still unemployed at the horizon and were not looked at
    rule_precision, rule_recall   by the rule's ranking at the same capacity; None without a rule
    lift             the model's precision divided by the rule's, paired; None also where either finds nobody
    """

    capacity: float
    precision: Interval
    recall: Interval
    missed_per_1000: Interval
    rule_precision: Interval | None = None
    rule_recall: Interval | None = None
    lift: Interval | None = None


@dataclass(frozen=True)
class NetBenefit:
    """Net benefit at a threshold, in true positives a person (Vickers & Elkin 2006); looking at nobody is 0.

    looked_at  share of people whose chance reaches the threshold
    everybody  by looking at everybody
    rule       by the rule, looking at as many people as the model does; None without a rule
    """

    threshold: float
    looked_at: float
    model: Interval
    everybody: Interval
    rule: Interval | None = None


@dataclass(frozen=True)
class Figures:
    """All that is told of one slice."""

    core: CoreFigures
    capacity: tuple[AtCapacity, ...]
    net_benefit: tuple[NetBenefit, ...] = ()  # empty for a quarter


@dataclass(frozen=True)
class Slice:
    """Rows of one landmark, horizon and quarter of the look day.

    landmark  how many horizons had been reached; None: all landmarks together, which flatters: telling those who waited
              long from newcomers is easy, and no help to either
    quarter   such as "2018 Q3"; None: the whole test part
    figures   None: there is too little to say, and `why` says what is missing
    """

    landmark: int | None
    horizon: float
    quarter: str | None
    rows: int
    persons: int
    figures: Figures | None
    why: str = ""


@dataclass(frozen=True)
class Rival:
    """A challenger, or the rule, at one landmark and the main horizon, beside the kept model.

    auc_gain, brier_gain  by how much the kept model is better, paired; above 0 in its whole interval: beyond noise
    brier, brier_gain     None for the rule, which ranks and gives no chances
    """

    name: str
    landmark: int
    auc: Interval
    auc_gain: Interval
    brier: Interval | None
    brier_gain: Interval | None


@dataclass(frozen=True)
class InTurns:
    """How a kind of model did when each fifth of the people was the test part in turn, at the main horizon.

    All people were judged once, by a model that others had taught. A single test part is a fifth of them, and which
    kind does better on it is often its luck.

    auc                   mean over the turns
    brier                 over all people, whose chances mean the same in each turn
    auc_gain, brier_gain  by how much the kept kind is better, paired; None for itself
    """

    name: str
    auc: Interval
    auc_gain: Interval | None
    brier: Interval
    brier_gain: Interval | None


@dataclass(frozen=True)
class Evaluation:
    """How the kept model did on the test part; in_turns: how its kind did where every part was one, the kept first."""

    slices: tuple[Slice, ...]
    rivals: tuple[Rival, ...] = ()
    in_turns: tuple[InTurns, ...] = ()

    def slice(self, landmark: int | None, horizon: float, quarter: str | None = None) -> Slice | None:
        """Return one slice, None where the horizon is no question at that landmark, or nobody was looked at."""
        wanted = (landmark, horizon, quarter)
        return next((each for each in self.slices if (each.landmark, each.horizon, each.quarter) == wanted), None)


@dataclass(frozen=True)
class GroupPerformance:
    """How good the model is for one group of a protected attribute, at one landmark and the main horizon.

    n        rows, as they may be shown (ml/disclosure.py): None for 1 to 4
    figures  None: insufficient evidence, which is never a pass; `why` says what is missing
    """

    attribute: str
    group: str
    landmark: int
    n: int | None
    figures: CoreFigures | None
    why: str = ""

"""What the non-discrimination audit is to judge, and what it found."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from ml.contracts.evidence import Interval, Verdict

# Metrics of an audit. Rates are shares of people and can be divided; figures of scores can only be subtracted.
RATES = ("selection_rate", "false_positive_rate", "false_negative_rate", "precision")
SCORES = ("calibration_gap", "calibration_intercept", "auc")
DIRECT_USE = "direct_use"  # metric of the finding that an attribute is an input; it has no figures

MISSING = "missing"  # the group of those whose value is not known
SUPPRESSED = "suppressed"  # and of those who are not told apart, for privacy
TIMES = " × "  # between the attributes, and the groups, of an intersection


class Scope(StrEnum):
    """Of whom a finding is, and at which cut; those of one scope and metric are one family for multiple testing.

    attribute     each group of each attribute, at the main cut
    intersection  each group of two attributes together, at the main cut
    searched      the worst-off groups of three attributes, sought among half of the people and judged on the others
    cut           each group of each attribute, at every other cut
    landmark      each group of each attribute, at the main cut, by how long the spell had lasted when looked at
    period        the same by calendar quarter
    """

    ATTRIBUTE = "attribute"
    INTERSECTION = "intersection"
    SEARCHED = "searched"
    CUT = "cut"
    LANDMARK = "landmark"
    PERIOD = "period"


@dataclass(frozen=True)
class Limits:
    """Between what a metric of a group may lie, against its reference.

    of  "ratio": the group's figure divided by the reference's; "difference": less the reference's
    """

    of: str
    low: float
    high: float


@dataclass(frozen=True)
class AuditPolicy:
    """What the audit judges, and its limits.

    limits      metric → its limits; each is judged, and the audit's verdict is of these
    answers     limits of the answers of a service-need model: who gets which, and how far caseworkers agree
    shown       metrics that are shown beside them, and not judged
    capacity    share of people who are flagged at the main cut
    capacities  further shares
    required    attributes that a model of the register must be audited for
    """

    limits: Mapping[str, Limits]
    answers: Limits
    shown: tuple[str, ...]
    smallest_denominator: int
    capacity: float
    capacities: tuple[float, ...]
    required: tuple[str, ...]
    replicates: int


@dataclass(frozen=True)
class Finding:
    """One group in one metric beside its reference; None where there is too little to say, or too few to show.

    All is as it may be shown: counts redacted and rounded, rates as rounded counts give them.

    attribute  its name, or names of an intersection joined by " × "; `group` likewise
    n          people in the group
    verdict    None: the metric is shown and not judged
    why        in one short phrase, where the verdict is "insufficient", or not what the shown figures say
    chance     how often a gap beyond the limits this sure would come up by chance alone, corrected for all findings of
               its scope and metric that lie beyond a limit (Benjamini & Hochberg 1995); None where not judged
    cut        what was flagged: "highest 25 %", or "band elevated"
    within     the landmark or quarter; "" everyone
    """

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
    verdict: Verdict | None
    why: str = ""
    difference: float | None = None
    difference_low: float | None = None
    difference_high: float | None = None
    overall_ratio: float | None = None  # to everyone, the group among them
    overall_ratio_low: float | None = None
    overall_ratio_high: float | None = None
    overall_difference: float | None = None
    overall_difference_low: float | None = None
    overall_difference_high: float | None = None
    chance: float | None = None
    scope: Scope = Scope.ATTRIBUTE
    cut: str = ""
    within: str = ""


@dataclass(frozen=True)
class Proxy:
    """How well the inputs of a model tell a group of an attribute from the others.

    auc       of a model of the group from the inputs, on people it was not fitted to; 0.5: they tell nothing
    carriers  inputs that carry it, the strongest first, each with the AUC lost when it is shuffled: more than chance
              would lose it. Inputs that tell the same cover for each other
    why       in one short phrase, where there is no `auc`, where its interval holds 0.5, or where nothing carries it
    """

    attribute: str
    group: str
    auc: Interval | None  # None: too few people to say
    carriers: tuple[tuple[str, float], ...] = ()
    why: str = ""


@dataclass(frozen=True)
class Flip:
    """What changing a protected attribute that is an input would change, all else held.

    moved    mean absolute change of the chance over people and the attribute's other values
    flagged  share of people who are flagged with one value of theirs and not with another
    why      in one short phrase, where a figure is NaN: it says too little, or would tell of too few people
    """

    attribute: str
    moved: Interval
    flagged: Interval
    why: str = ""


@dataclass(frozen=True)
class Conditional:
    """Whether a group differs from its reference where the two should be alike: at equal risk, and at equal outcome.

    Each is the group's figure less the reference's; None where there are too few people to say, or to show it.

    fifths      share still unemployed, among those of the same predicted risk, by fifths of it, the lowest first;
                within a fifth, too, risks are held equal
    pooled      the same over all of them, weighted as Mantel and Haenszel (1959) do. Above 0: the group's risk is
                understated beside the reference's
    unemployed  mean chance, among those who were still unemployed at the horizon (separation)
    exited      the same among those who had found work. Above 0: the group is scored higher at the same outcome
    """

    attribute: str
    group: str
    reference: str
    fifths: tuple[Interval | None, ...]
    pooled: Interval | None
    unemployed: Interval | None
    exited: Interval | None


@dataclass(frozen=True)
class Audit:
    """What was found for every protected attribute.

    findings    judged, of all scopes
    figures     the same groups in metrics that are shown and not judged
    verdict     the worst of the findings
    capacity    share to be flagged at the main cut;  selected_share  what it really flags: ties cannot be divided
    direct_use  protected attributes that are inputs
    left_out    what could not be judged, in words
    """

    verdict: Verdict
    findings: tuple[Finding, ...]
    capacity: float
    selected_share: float
    direct_use: tuple[str, ...]
    warnings: tuple[str, ...] = ()
    figures: tuple[Finding, ...] = ()
    proxies: tuple[Proxy, ...] = ()
    flips: tuple[Flip, ...] = ()
    conditional: tuple[Conditional, ...] = ()
    people: int | None = None
    rows: int | None = None

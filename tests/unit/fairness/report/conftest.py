"""Audits of people who do not exist, as the engine would hand them on, from which the tests of the report build."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from itertools import combinations, product

import numpy as np
import pytest

from ml.contracts import Outcome
from ml.contracts.audit import Audit, AuditPolicy, Conditional, Finding, Flip, Limits, Proxy, Scope
from ml.contracts.evidence import Interval, Verdict
from ml.fairness.report import Predicted, ReportFacts, unemployment

GROUPS: Mapping[str, tuple[str, Sequence[str]]] = {  # attribute → reference, others
    "age": ("30–49", ("25–29", "50 and over", "under 25", "missing")),
    "gender": ("men", ("women", "suppressed")),
    "mother_tongue_group": ("Finnish", ("Swedish", "foreign")),
    "citizenship_group": ("Finnish", ("EU", "other")),
    "origin": ("no arrival recorded", ("arrived in Finland",)),
    "district": ("Kallio", ("Itäkeskus", "Östersundom", "Vuosaari", "Malmi", "Pasila", "Lauttasaari")),
    "work_ability_limited": ("not limited", ("limited",)),
}
LABELS = {
    "age": {"en": "Age at the look", "fi": "Ikä tarkasteluhetkellä", "sv": "Ålder vid tidpunkten"},
    "gender": {"en": "Gender", "fi": "Sukupuoli", "sv": "Kön"},
    "mother_tongue_group": {"en": "Mother tongue", "fi": "Äidinkieli", "sv": "Modersmål"},
    "citizenship_group": {"en": "Citizenship", "fi": "Kansalaisuus", "sv": "Medborgarskap"},
    "origin": {"en": "Origin", "fi": "Alkuperä", "sv": "Ursprung"},
    "district": {"en": "Major district", "fi": "Suurpiiri", "sv": "Stordistrikt"},
    "work_ability_limited": {"en": "Limited work ability", "fi": "Työkyvyn rajoite", "sv": "Nedsatt arbetsförmåga"},
}
VALUES = {
    "gender": {
        "men": {"en": "men", "fi": "miehet", "sv": "män"},
        "women": {"en": "women", "fi": "naiset", "sv": "kvinnor"},
    }
}
POLICY = AuditPolicy(
    limits={
        "false_positive_rate": Limits("ratio", 0.8, 1.25),
        "false_negative_rate": Limits("ratio", 0.8, 1.25),
        "calibration_gap": Limits("difference", -0.03, 0.03),
    },
    answers=Limits("ratio", 0.8, 1.25),
    shown=("selection_rate", "precision", "auc"),
    smallest_denominator=30,
    capacity=0.25,
    capacities=(0.1, 0.4),
    required=tuple(GROUPS),
    replicates=1000,
)
BASE = {"false_positive_rate": 0.2, "false_negative_rate": 0.4, "selection_rate": 0.25, "precision": 0.3}
WORST = {Verdict.PASS: 0, Verdict.INSUFFICIENT: 1, Verdict.FAIL: 2}


def judged(
    ratio: float, width: float, metric: str = "false_positive_rate", n: int | None = 1250, **more: object
) -> Finding:
    """Return a finding whose figure is `ratio` times 20 % or 40 %, its interval `width` to each side in logarithms."""
    own = BASE.get(metric, 0.3) * ratio
    low, high = ratio * np.exp(-width), ratio * np.exp(width)
    verdict = Verdict.INSUFFICIENT
    if low >= 0.8 and high <= 1.25:
        verdict = Verdict.PASS
    elif high < 0.8 or low > 1.25:
        verdict = Verdict.FAIL
    base = BASE.get(metric, 0.3)
    made = Finding(
        attribute="gender", group="women", n=n, metric=metric, value=own, low=own * 0.95, high=min(own * 1.05, 1.0),
        reference="men", ratio=ratio, ratio_low=float(low), ratio_high=float(high), verdict=verdict,
        why="" if verdict is not Verdict.INSUFFICIENT else "the interval reaches across a limit",
        difference=own - base, difference_low=own - base - 0.01, difference_high=own - base + 0.01,
        overall_ratio=ratio * 0.9, overall_ratio_low=float(low) * 0.9, overall_ratio_high=float(high) * 0.9,
        chance=0.0004 if verdict is Verdict.FAIL else 0.41, cut="highest 25 %",
    )  # fmt: skip
    return replace(made, **more)  # type: ignore[arg-type]


def gap(value: float, width: float, **more: object) -> Finding:
    """Return a finding of the calibration gap: its difference to the comparison group, in shares."""
    low, high = value - width, value + width
    verdict = Verdict.PASS if low >= -0.03 and high <= 0.03 else Verdict.INSUFFICIENT
    if high < -0.03 or low > 0.03:
        verdict = Verdict.FAIL
    made = judged(1.0, 0.1, "calibration_gap")
    none = {f"{name}{end}": None for name in ("ratio", "overall_ratio") for end in ("", "_low", "_high")}
    ends = {"difference": value, "difference_low": low, "difference_high": high}
    why = "the interval reaches across a limit" if verdict is Verdict.INSUFFICIENT else ""
    own = {"value": value + 0.01, "low": low + 0.01, "high": high + 0.01}  # the comparison group is 1 point off itself
    return replace(made, **none, **ends, **own, verdict=verdict, why=why, **more)  # type: ignore[arg-type]


def three(
    attribute: str, group: str, reference: str, rng: np.random.Generator, size: float, **more: object
) -> list[Finding]:
    """Return one group's findings in the three judged metrics; about one group of ten fails."""
    where = {"attribute": attribute, "group": group, "reference": reference, **more}
    if size < 40:
        few = judged(1, 0.5, n=None if size < 5 else 20, **where)
        none = replace(
            few, value=None, low=None, high=None, ratio=None, ratio_low=None, ratio_high=None, difference=None,
            difference_low=None, difference_high=None, overall_ratio=None, overall_ratio_low=None,
            overall_ratio_high=None, chance=None, verdict=Verdict.INSUFFICIENT, why="too few people",
        )  # fmt: skip
        return [replace(none, metric=metric) for metric in POLICY.limits]
    bad = "limited" in group.split(" × ") or rng.random() < 0.05
    factor, width = (2.76 if bad else 1.0) * rng.lognormal(0, 0.08), 3.0 / np.sqrt(size)
    n = int(size) // 5 * 5
    return [
        judged(float(factor), float(width), n=n, **where),
        judged(float(factor**-0.4), float(width), "false_negative_rate", n=n, **where),
        gap(float(rng.normal(0, 0.015)), float(width / 8), n=n, **where),
    ]


def sizes(attribute: str, group: str) -> float:
    """Return how many people a group of the sample has."""
    return {"missing": 3, "suppressed": 20, "Östersundom": 55, "Swedish": 700, "limited": 2150}.get(group, 4000)


@pytest.fixture
def finding() -> Callable[..., Finding]:
    return judged


@pytest.fixture
def gap_finding() -> Callable[..., Finding]:
    return gap


@pytest.fixture
def direct() -> Mapping[str, object]:
    """Return what an audit says of a model that uses gender and age as inputs."""
    return DIRECT


@pytest.fixture
def facts() -> Callable[..., ReportFacts]:
    return make_facts


@pytest.fixture
def audit() -> Callable[..., Audit]:
    return make_audit


@pytest.fixture
def register() -> Audit:
    """Return an audit of a register's size: about 2,000 findings of all scopes, proxies and a flip."""
    return make_register()


CONDITIONAL = (
    Conditional("gender", "women", "men", (None,) * 5, Interval(-0.012, -0.03, 0.006), None, Interval(0.01, 0.0, 0.02)),
    Conditional("work_ability_limited", "limited", "not limited", (None,) * 5, Interval(0.151, 0.111, 0.19),
                Interval(0.04, 0.02, 0.06), Interval(-0.03, -0.05, -0.01)),
    Conditional("district", "Malmi", "Kallio", (None,) * 5, None, None, None),
)  # fmt: skip


def make_facts(**changes: object) -> ReportFacts:
    predicted: Mapping[str, Predicted] = unemployment(Outcome("days", "day", 1.0, 365.0, (91.0, 182.0, 365.0)))
    told = ReportFacts(
        model="ltu-risk", version="3", predicted=predicted, policy=POLICY, made=date(2026, 11, 24),
        data_digest="sha256:" + "ab12" * 16, policy_digest="sha256:" + "cd34" * 16, labels=LABELS,
        values=VALUES,
        inputs={"sickness_days": {"en": "Days of sickness benefit", "fi": "Sairauspäivärahapäivät", "sv": "Sjukdagar"}},
        card="model_cards/ltu-risk/3.md", run="6f1c9a", seconds={"audit": 1.9, "proxies": 4.2},
    )  # fmt: skip
    return replace(told, **changes)  # type: ignore[arg-type]


def make_audit(findings: Sequence[Finding] = (), **changes: object) -> Audit:
    verdicts = [each.verdict for each in findings if each.verdict] or [Verdict.INSUFFICIENT]
    made = Audit(
        verdict=max(verdicts, key=WORST.__getitem__), findings=tuple(findings), capacity=0.25, selected_share=0.2513,
        direct_use=(), people=9850, rows=14_320,
    )  # fmt: skip
    return replace(made, **changes)  # type: ignore[arg-type]


def make_register(seed: int = 5) -> Audit:
    rng = np.random.default_rng(seed)
    found: list[Finding] = []
    figures: list[Finding] = []
    for attribute, (reference, others) in GROUPS.items():
        for group in others:
            size = sizes(attribute, group)
            found += three(attribute, group, reference, rng, size)
            for metric in POLICY.shown:
                figures.append(judged(1.1, 0.1, metric, attribute=attribute, group=group, reference=reference))
            for cut in ("highest 10 %", "highest 40 %"):
                found += three(attribute, group, reference, rng, size, scope=Scope.CUT, cut=cut)
            for within in ("at registration", "after 91 days", "after 182 days"):
                found += three(attribute, group, reference, rng, size / 3, scope=Scope.LANDMARK, within=within)
            for within in ("2018 Q1", "2018 Q2", "2018 Q3", "2018 Q4"):
                found += three(attribute, group, reference, rng, size / 4, scope=Scope.PERIOD, within=within)
    for (one, (r1, g1)), (two, (r2, g2)) in combinations(GROUPS.items(), 2):
        for a, b in product((r1, *g1), (r2, *g2)):
            if (a, b) != (r1, r2):
                size = sizes(one, a) * sizes(two, b) / 9850
                found += three(f"{one} × {two}", f"{a} × {b}", f"{r1} × {r2}", rng, size, scope=Scope.INTERSECTION)
    for group in ("women × foreign × limited", "women × EU × limited"):
        name = "gender × mother_tongue_group × work_ability_limited"
        found += three(name, group, "men × Finnish × not limited", rng, 400, scope=Scope.SEARCHED)
    for attribute, (reference, _) in GROUPS.items():
        for metric in (*POLICY.limits, *POLICY.shown):
            own = judged(1, 0.1, metric, attribute=attribute, group=reference, reference=reference)
            figures.append(replace(own, ratio=None, ratio_low=None, ratio_high=None, difference=None))
    figures = [replace(each, verdict=None, chance=None, why="") for each in figures]
    return make_audit(
        found,
        figures=tuple(figures),
        conditional=CONDITIONAL,
        proxies=(
            Proxy(
                "work_ability_limited",
                "limited",
                Interval(0.91, 0.89, 0.93),
                (("sickness_days", 0.121), ("spell", 0.02)),
            ),
            Proxy("gender", "women", Interval(0.63, 0.61, 0.65), (("occupation", 0.09),)),
            Proxy("mother_tongue_group", "foreign", Interval(0.74, 0.71, 0.77), (("integration_plan", 0.2),)),
            Proxy("district", "Östersundom", None, (), "too few people"),
        ),
        warnings=("the audit looks at one row a person, drawn at random: rows of one person are not independent",),
    )


DIRECT = {
    "direct_use": ("gender", "age"),
    "flips": (Flip("gender", Interval(0.034, 0.031, 0.037), Interval(0.081, 0.07, 0.092)),),
}

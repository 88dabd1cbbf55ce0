"""How often the audit fails those it should not, and how often it finds what it should."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from scipy.stats import binomtest

from experiments.audit_honesty.sets import HEADLINE, audited, beyond_uncorrected, of_attributes
from experiments.audit_honesty.truth import planted
from experiments.audit_honesty.worlds import ATTRIBUTES, World
from experiments.plain import plain
from ml.contracts import Finding, Interval, Scope, Verdict

RATIOS = (1.35, 1.5, 1.7, 2.0)
SIZES = (500, 1000, 2000, 4000)
GROUP, SIZE, RATIO = "foreign", 2000, 1.5
DISTRICTS = 1200  # people in each of the groups that stand at the limit


def nothing_planted(sets: int, seed: int) -> dict[str, Any]:
    """Return how often anything fails where nothing is unfair: of sets, and of findings, by scope and in all."""
    found = list(audited(World(), sets, seed))
    judged = [[each for each in one.findings if each.verdict is not None] for one in found]
    return {
        "sets_with_a_failure": share(any(map(_fails, each)) for each in judged),
        "findings": {
            "all": _of_findings([each for one in judged for each in one]),
            **{
                scope.value: _of_findings([each for one in judged for each in one if each.scope is scope])
                for scope in (Scope.ATTRIBUTE, Scope.INTERSECTION, Scope.SEARCHED)
            },
        },
    }


def at_the_limit(sets: int, seed: int, ratio: float) -> dict[str, Any]:
    """Return how often findings fail whose truth is the limit itself: of one group, and of all districts but one."""
    districts = list(ATTRIBUTES["district"])[1:]
    worlds = {
        "one group": World(sizes={GROUP: SIZE}),
        "seven groups": World("district", dict.fromkeys(districts, DISTRICTS)),
    }
    return {
        name: _of_findings(
            [each for one in of_attributes(planted(ratio, world, in_vain_only=True), sets, seed)
             for each in one.findings if _headline(each, world)]
        )
        for name, world in worlds.items()
    }  # fmt: skip


def power(
    sets: int, seed: int, ratio: float = RATIO, size: int = SIZE, *, in_vain_only: bool = False
) -> dict[str, Any]:
    """Return in what share of sets the planted gap fails, with the correction and without."""
    world = planted(ratio, World(sizes={GROUP: size}), in_vain_only=in_vain_only)
    found = list(of_attributes(world, sets, seed))
    planted_findings = [next(each for each in one.findings if _headline(each, world)) for one in found]
    wrong = [
        any(_fails(each) for each in one.findings if each.verdict is not None and each.attribute != world.attribute)
        for one in found
    ]
    return {
        "ratio": ratio,
        "size": size,
        "found": share(map(_fails, planted_findings)),
        "uncorrected": share(map(beyond_uncorrected, planted_findings)),
        "sets_with_another_failure": share(wrong),
    }


def curve(sets: int, seed: int, ratios: Sequence[float] = RATIOS, sizes: Sequence[int] = SIZES) -> list[dict[str, Any]]:
    """Return the power over the size of the gap and of the group."""
    return [power(sets, seed, ratio, size) for size in sizes for ratio in ratios]


def _headline(finding: Finding, world: World) -> bool:
    return finding.metric == HEADLINE and finding.attribute == world.attribute and finding.group in world.sizes


def _fails(finding: Finding) -> bool:
    return finding.verdict is Verdict.FAIL


def _of_findings(findings: Sequence[Finding]) -> dict[str, Any]:
    return {"corrected": share(map(_fails, findings)), "uncorrected": share(map(beyond_uncorrected, findings))}


def share(each: Any) -> dict[str, Any]:
    """Return a share of independent cases with its exact 95 % interval (Clopper & Pearson 1934); and of how many."""
    cases = list(each)
    if not cases:
        return {"value": None, "low": None, "high": None, "of": 0}
    found = binomtest(sum(cases), len(cases))
    ends = found.proportion_ci(method="exact")
    return {**plain(Interval(sum(cases) / len(cases), float(ends.low), float(ends.high))), "of": len(cases)}

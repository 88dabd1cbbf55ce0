"""Whether the audit finds what is there, and nothing that is not: false alarms, power and coverage with known truth.

    python -m experiments.audit_honesty.run [--sets 200] [--seed N] [--home DIR] [--picture PNG] [--json]

Everybody in it is made up; no register is read.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from experiments.audit_honesty.alarms import GROUP, RATIO, SIZE, at_the_limit, curve, nothing_planted, power
from experiments.audit_honesty.coverage import coverage
from experiments.audit_honesty.picture import draw
from experiments.audit_honesty.sets import LIMIT, METRICS, of_attributes
from experiments.audit_honesty.truth import planted, truths
from experiments.audit_honesty.worlds import LOOKS, Look, World
from experiments.command import answer, parser
from experiments.plain import told
from ml.progress import Say, progress, silent

EXPERIMENT = "audit_honesty"
OF_A_POINT = 4  # sets for each point of the curve: a fourth of the others
WAYS = {
    "one look": Look(),
    "some lost from sight": Look(censored=True),
    "three looks a person": Look(LOOKS),
}


def main(argv: Sequence[str] | None = None) -> None:
    """Print what was found; keep it where it is asked for."""
    options = parser(__doc__)
    options.add_argument("--sets", type=int, default=200, help="of people, of each kind")
    asked = options.parse_args(argv)
    if asked.sets < OF_A_POINT:
        options.error(f"--sets must be at least {OF_A_POINT}: the curve takes a fourth of them")
    with progress() as say:
        found = measure(asked.seed, asked.sets, say)
    metrics = {"power": found["planted"]["of all"]["found"], "false_alarms": found["nothing"]["sets_with_a_failure"]}
    answer(asked, EXPERIMENT, {"sets": asked.sets}, metrics, found, draw(found), lambda: _print(found))


def measure(seed: int, sets: int, say: Say = silent) -> dict[str, Any]:
    """Return all figures in plain numbers; each kind of people has a seed of its own."""
    say("nothing planted")
    found: dict[str, Any] = {"seed": seed, "sets": sets, "nothing": nothing_planted(sets, seed * 100)}
    say("at the limit")
    found["limit"] = at_the_limit(sets, seed * 100 + 1, LIMIT)
    say("planted")
    found["planted"] = {
        "of all": power(sets, seed * 100 + 2),
        "in vain alone": power(sets, seed * 100 + 3, in_vain_only=True),
    }
    say("coverage")
    found["coverage"] = {words: of_way(sets, seed * 100 + 4, look) for words, look in WAYS.items()}
    say("power")
    found["curve"] = curve(sets // OF_A_POINT, seed * 100 + 5)
    return found


def of_way(sets: int, seed: int, look: Look) -> dict[str, Any]:
    """Return the coverage where people are looked at in one way, and one group is treated unfairly."""
    world = planted(RATIO, World(sizes={GROUP: SIZE}))
    return coverage(of_attributes(world, sets, seed, look, METRICS), truths(world, look.months))


def _print(found: Mapping[str, Any]) -> None:
    nothing = found["nothing"]
    print(f"{found['sets']} sets of each kind, 95 % intervals\n")
    print("nothing unfair: shares that fail")
    print(f"  {'sets with a failing finding':<34}{told(nothing['sets_with_a_failure'], 3)}")
    for scope, each in nothing["findings"].items():
        print(f"  {'findings, ' + scope:<34}{told(each['corrected'], 5):<32}before correction "
              f"{told(each['uncorrected'], 5)}")  # fmt: skip
    print(f"\nin truth just at the limit of {LIMIT}: findings that fail")
    for words, each in found["limit"].items():
        print(f"  {words:<34}{told(each['corrected'], 3):<32}before correction {told(each['uncorrected'], 3)}")
    print(f"\na false-positive ratio of {RATIO} in a group of {SIZE}: found")
    for words, each in found["planted"].items():
        print(f"  {words:<34}{told(each['found'], 3):<32}before correction {told(each['uncorrected'], 3)}")
    print("\nfound, by ratio and size of the group")
    for each in found["curve"]:
        print(f"  {each['ratio']:<6}{each['size']:<8}{told(each['found'], 2)}")
    print("\nintervals that hold the truth")
    for words, metrics in found["coverage"].items():
        print(f"  {words}")
        for metric, figures in metrics.items():
            print(f"    {metric:<24}" + ", ".join(f"{name} {each['value']:.3f}" for name, each in figures.items()))


if __name__ == "__main__":
    main()

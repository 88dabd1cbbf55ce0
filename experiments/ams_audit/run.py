"""The Austrian AMS formula (2018) before the audit: a model that is known to discriminate must fail.

    python -m experiments.ams_audit.run [--cohort DIR] [--seed N] [--json]

The formula is never trained and advises nobody. Direct use comes first, then what the audit finds.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from experiments.challengers import ams
from experiments.command import COHORT, cohort_of
from experiments.fits import at_landmark, predictions
from experiments.plain import number, plain, told
from ml.contracts import Audit, AuditPolicy, Cohort, Finding, Flip, Floats, Role, Scope, Verdict
from ml.contracts.audit import DIRECT_USE
from ml.errors import DataError
from ml.fairness.audit import audit
from ml.fairness.compare import worst
from ml.fairness.cut import cut
from ml.fairness.flips import flips
from ml.governance.policy import POLICY, read_policy
from ml.measures.ranking import auc
from ml.models.split import split
from ml.progress import progress

OF_ANOTHER_OUTCOME = ("calibration_gap", "calibration_intercept")
GROUP_A = 0.66  # chance of work from which the labour-market service counted somebody as in group A
NOT_GROUP_A = "not group A"
SHOWN = 12  # failing findings of single attributes


def main(argv: Sequence[str] | None = None) -> None:
    """Print what the audit says of the formula."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    options.add_argument("--cohort", type=Path, default=COHORT, metavar="DIR")
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--json", action="store_true")
    asked = options.parse_args(argv)
    with progress() as say:
        say("auditing")
        found = measure(cohort_of(asked.cohort), read_policy(POLICY).audit, asked.seed)
    if asked.json:
        print(json.dumps(found, allow_nan=False))
        return
    _print(found)


def measure(cohort: Cohort, policy: AuditPolicy, seed: int) -> dict[str, Any]:
    """Return verdict and findings in plain values: direct use first, then the failing, then the others.

    Of the looks at registration in the test part, as the challengers are judged. The chances are of another outcome
    than ours: they rank people, and calibration is not judged.

    Raises DataError where the cohort lacks what the formula asks for.
    """
    if not ams.covers(cohort):
        raise DataError(
            f"{cohort.contract.name}: lacks columns of the AMS formula; name the folder of a register's ltu-risk cohort"
        )
    outcome, test = cohort.contract.outcome, split(cohort, seed).test
    here = predictions(ams.chance_of_staying(cohort, test.rows), test, outcome, 0)
    rows = test.rows[at_landmark(test, outcome, 0)]
    inputs = cohort.features.iloc[rows].reset_index(drop=True)
    protected = cohort.protected.iloc[rows].reset_index(drop=True)
    policy = ranking(policy)

    def stays(attributes: pd.DataFrame) -> Floats:
        return np.asarray(1 - ams.chance_of_work(inputs, attributes))

    line = cut(here.score, policy.capacity)
    found = flips(stays, protected, protected, line, here.person)
    direct = read_by_formula(cohort)
    references = {column.name: column.reference for column in cohort.contract.with_role(Role.PROTECTED)}
    audited = audit(
        here, protected, references, policy, np.random.default_rng(seed), direct,
        bands={NOT_GROUP_A: here.score > 1 - GROUP_A}, flips=tuple(each for each in found if each.attribute in direct),
    )  # fmt: skip
    return _plain(cohort, seed, audited, {each.attribute: each for each in found}) | {"auc": plain(auc(here))}


def ranking(policy: AuditPolicy) -> AuditPolicy:
    """Return the policy without what only chances of the same outcome can be judged by."""
    return replace(
        policy,
        limits={name: limits for name, limits in policy.limits.items() if name not in OF_ANOTHER_OUTCOME},
        shown=tuple(name for name in policy.shown if name not in OF_ANOTHER_OUTCOME),
    )


def read_by_formula(cohort: Cohort) -> tuple[str, ...]:
    """Return the protected attributes that the formula reads, in the order of its terms."""
    terms = ams.terms(cohort.features.iloc[:1], cohort.protected.iloc[:1])
    return tuple(dict.fromkeys(term.stands_for for term in terms if term.stands_for in cohort.protected))


def _plain(cohort: Cohort, seed: int, audited: Audit, flips: Mapping[str, Flip]) -> dict[str, Any]:
    direct = [_direct(flips[name]) for name in audited.direct_use]
    order = {Verdict.FAIL: 0, Verdict.INSUFFICIENT: 1, Verdict.PASS: 2}
    groups = [each for each in audited.findings if each.metric != DIRECT_USE]
    findings = sorted(groups, key=lambda each: order[each.verdict or Verdict.INSUFFICIENT])
    return {
        "cohort": cohort.contract.name,
        "digest": cohort.digest,
        "seed": seed,
        "verdict": audited.verdict.value,
        "verdict_of_groups": worst(each.verdict for each in groups if each.verdict).value,
        "people": audited.people,
        "flagged": audited.selected_share,
        "findings": [*direct, *(_finding(each) for each in findings)],
        "not_read": [name for name, each in flips.items() if each.moved.value == 0],
        "not_judged": list(OF_ANOTHER_OUTCOME),
        "warnings": list(audited.warnings),
    }


def _direct(each: Flip) -> dict[str, Any]:
    return {
        "attribute": each.attribute,
        "metric": DIRECT_USE,
        "verdict": Verdict.FAIL.value,
        "moved": plain(each.moved),
        "flagged": plain(each.flagged),
    }


def _finding(each: Finding) -> dict[str, Any]:
    plainly = {
        name: value.value
        if isinstance(value, Scope | Verdict)
        else number(value)
        if isinstance(value, float)
        else value
        for name, value in asdict(each).items()
    }
    return dict(plainly)


def _print(found: Mapping[str, Any]) -> None:
    print(f"AMS formula 2018 on {found['cohort']}, seed {found['seed']}: {found['verdict'].upper()}")
    print(f"{found['people']} people at registration, {found['flagged']:.1%} flagged; AUC {told(found['auc'], 3)}")
    direct = [each for each in found["findings"] if each["metric"] == DIRECT_USE]
    print(
        "\ndirect use: a protected attribute is an input; were it another, the chance of staying would move by so much,"
    )
    print("and so many people would turn from flagged to not, or the other way round")
    for each in direct:
        print(f"  FAIL {each['attribute']:<22} {told(each['moved'], 3):<24} {told(each['flagged'], 3)}")
    print(f"  moved by nothing: {', '.join(found['not_read'])}")
    judged = [each for each in found["findings"] if each["metric"] != DIRECT_USE]
    failing = [each for each in judged if each["verdict"] == Verdict.FAIL.value]
    print(f"\n{len(failing)} of {len(judged)} findings fail; of single attributes, by how many times their reference:")
    for each in [each for each in failing if each["scope"] == Scope.ATTRIBUTE.value][:SHOWN]:
        ratio = {"value": each["ratio"], "low": each["ratio_low"], "high": each["ratio_high"]}
        print(f"  FAIL {each['metric']:<20} {each['attribute']}: {each['group']}, against {each['reference']}: "
              f"{told(ratio, 2)}")  # fmt: skip
    print("  of others: " + ", ".join(f"{scope.value} {sum(each['scope'] == scope.value for each in failing)}"
          for scope in Scope if scope is not Scope.ATTRIBUTE))  # fmt: skip
    print(f"not judged, for the formula's chances are of another outcome: {', '.join(found['not_judged'])}")


if __name__ == "__main__":
    main()

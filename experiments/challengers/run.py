"""Every model that could be kept, and some that never will be, on one test part.

    python -m experiments.challengers.run [--cohort DIR ... | --contract TOML --data FILE] [--seed N] [--trials N]
                                          [--home DIR] [--picture PNG] [--json]

Of several registers the figures are taken together.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from experiments.challengers import ams
from experiments.challengers.contest import DEFAULT, Contest, hold
from experiments.challengers.picture import draw
from experiments.fits import at_landmark, predictions
from experiments.plain import plain, taken_together, told
from experiments.tracking import track
from ml.contracts import AuditPolicy, Cohort, Floats, Interval, Limits, Scope
from ml.fairness.audit import audit
from ml.measures.brier import better
from ml.measures.landmarks import landmark_words, landmarks
from ml.measures.quality import core_figures
from ml.measures.ranking import auc, auc_gain
from ml.progress import Say, progress, silent
from ml.register.cohort import build_cohort
from ml.register.cohort.declaration import read_contract

EXPERIMENT = "challengers"
WARNED = ("gender", "age", "citizenship_group", "origin")  # whose false-positive ratios are shown
RATIO = Limits("ratio", 0.8, 1.25)
FALSE_POSITIVES = AuditPolicy({"false_positive_rate": RATIO}, RATIO, (), 50, 0.25, (), (), 1000)
AMS = "ams_2018"
MARKS = {"fail": "!", "insufficient": "?", "pass": " "}


def main(argv: Sequence[str] | None = None) -> None:
    """Print the contest; keep it where it is asked for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--cohort", type=Path, nargs="+", default=[Path("var/cohorts/ltu-risk")], metavar="DIR",
                        help="of one register or of several, which are taken together")  # fmt: skip
    parser.add_argument("--contract", type=Path, metavar="TOML")
    parser.add_argument("--data", type=Path, metavar="FILE")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--trials", type=int, default=40, help="of tuning; 0: none")
    parser.add_argument("--home", type=Path, metavar="DIR")
    parser.add_argument("--picture", type=Path, metavar="PNG")
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args(argv)
    if (asked.contract is None) is not (asked.data is None):
        parser.error("--contract and --data go together")
    flat = [] if asked.contract is None else [(asked.contract, asked.data)]
    sources = flat or [(each / "cohort.toml", each) for each in asked.cohort]
    with progress() as say:
        found = [measure(build_cohort(read_contract(contract), data), asked.seed, asked.trials, say)
                 for contract, data in sources]  # fmt: skip
    by_landmark = [each["landmarks"] for each in found]
    together = taken_together(by_landmark) if len(found) > 1 else by_landmark[0]
    whole: dict[str, Any] = {"registers": found, "together": together}
    picture = draw(whole["together"], found[0]["horizon"])
    if asked.picture is not None:
        picture.savefig(asked.picture)
    parameters = {"seed": asked.seed, "trials": asked.trials, "cohorts": len(found), "cohort": found[0]["cohort"]}
    track(asked.home, EXPERIMENT, parameters, whole["together"], whole, {EXPERIMENT: picture})
    if asked.json:
        print(json.dumps(whole, allow_nan=False))
        return
    _print(whole)


def measure(cohort: Cohort, seed: int, trials: int, say: Say = silent) -> dict[str, Any]:
    """Return all figures in plain numbers; None where a figure is not a number."""
    contest = hold(cohort, seed, trials, say)
    outcome, parts = contest.outcome, contest.parts
    said = {entrant.name: entrant.test for entrant in contest.entrants}
    formula = ams.chance_of_staying(cohort, parts.test.rows) if ams.covers(cohort) else None
    stages = np.unique(landmarks(parts.test.spells.entry, outcome)[parts.test.spells.asked(outcome.horizon)]).tolist()
    say("judging")
    return {
        "cohort": cohort.contract.name,
        "digest": cohort.digest,
        "seed": seed,
        "horizon": outcome.words(outcome.horizon),
        "split": parts.kind,
        "rows": {"train": len(parts.train), "calibration": len(parts.calibration), "test": len(parts.test)},
        "seconds": {entrant.name: entrant.seconds for entrant in contest.entrants},
        "landmarks": {landmark_words(each, outcome): _landmark(contest, said, formula, each, seed) for each in stages},
        "unlimited": {name: plain(gain) for name, gain in contest.unlimited.items()},
        "tuned": None if contest.tuned is None else contest.tuned.table(),
        "not_tuned": contest.not_tuned,
        "false_positives": _false_positives(cohort, contest, said, formula, seed),
        "ams_2018": None if formula is None else _formula(cohort),
    }


def _landmark(
    contest: Contest, said: Mapping[str, Floats], formula: Floats | None, landmark: int, seed: int
) -> dict[str, Any]:
    """Return the figures of each challenger at a landmark, and by how much it beats the default trees there."""
    outcome, test = contest.outcome, contest.parts.test
    default = predictions(said[DEFAULT], test, outcome, landmark)
    found: dict[str, Any] = {}
    for name, each in said.items():
        here = predictions(each, test, outcome, landmark)
        figures = core_figures(here, np.random.default_rng(seed))
        found[name] = {
            "auc": plain(figures.auc),
            "brier": plain(figures.brier),
            "ici": plain(figures.calibration.ici),
            "slope": plain(figures.calibration.slope),
            "gap": plain(figures.gap),
            "auc_gain": plain(auc_gain(here, default)),
            "brier_gain": plain(better(here, default)),
        }
    if formula is not None:
        here = predictions(formula, test, outcome, landmark)
        found[AMS] = {"auc": plain(auc(here)), "auc_gain": plain(auc_gain(here, default))}
    return found


def _false_positives(
    cohort: Cohort, contest: Contest, said: Mapping[str, Floats], formula: Floats | None, seed: int
) -> dict[str, Any]:
    """Return how often those who left in time are in the top quarter at registration, beside the reference group."""
    test, outcome = contest.parts.test, contest.outcome
    names = [name for name in WARNED if name in cohort.protected]
    if not names:
        return {}
    rows = test.rows[at_landmark(test, outcome, 0)]
    groups = cohort.protected.iloc[rows][names].reset_index(drop=True)
    references = {name: cohort.contract.columns[name].reference for name in names}
    found: dict[str, Any] = {}
    for name, each in {**said, **({} if formula is None else {AMS: formula})}.items():
        if name == "base_rate":  # all are alike to it
            continue
        here = predictions(each, test, outcome, 0)
        audited = audit(here, groups, references, FALSE_POSITIVES, np.random.default_rng(seed))
        found[name] = {
            f"{finding.attribute}: {finding.group}": {
                "against": finding.reference,
                "ratio": _ratio(finding.ratio, finding.ratio_low, finding.ratio_high),
                "verdict": finding.verdict.value,
            }
            for finding in audited.findings
            if finding.scope is Scope.ATTRIBUTE and finding.verdict is not None
        }
    return found


def _ratio(value: float | None, low: float | None, high: float | None) -> dict[str, float | None] | None:
    return None if value is None or low is None or high is None else plain(Interval(value, low, high))


def _formula(cohort: Cohort) -> dict[str, Any]:
    mapped = ams.terms(cohort.features.iloc[:1], cohort.protected.iloc[:1])
    terms = {term.name: [term.coefficient, term.stands_for] for term in mapped}
    return {"terms": terms, "not_mapped": ams.NOT_MAPPED}


def _print(whole: Mapping[str, Any]) -> None:
    for each in whole["registers"]:
        rows = each["rows"]
        print(f"{each['cohort']}, seed {each['seed']}: trained on {rows['train']} rows, calibrated on "
              f"{rows['calibration']}, judged on {rows['test']}; {each['split']} split")  # fmt: skip
    for words, models in whole["together"].items():
        print(f"\nstill unemployed at {whole['registers'][0]['horizon']}, {words}")
        print(f"  {'':<10} {'AUC':<24} {'Brier':<26} {'ICI':<26} {'slope':<22} Brier lower than lightgbm's by")
        for name, each in models.items():
            if "brier" not in each:
                print(f"  {name:<10} {told(each['auc'], 3)}  ranks only: its chances are of another outcome")
                continue
            print(f"  {name:<10} {told(each['auc'], 3):<24} {told(each['brier']):<26} {told(each['ici']):<26} "
                  f"{told(each['slope'], 2):<22} {told(each['brier_gain'])}")  # fmt: skip
    for each in whole["registers"]:
        _print_register(each)


def _print_register(figures: Mapping[str, Any]) -> None:
    print("\nseconds to fit: " + ", ".join(f"{name} {value:.1f}" for name, value in figures["seconds"].items()))
    for name, gain in figures["unlimited"].items():
        print(f"unlimited, {name}: Brier score on the calibration part lower than lightgbm's by {told(gain)}")
    print(f"tuned: {figures['tuned']['why'] if figures['tuned'] else 'no: ' + figures['not_tuned']}")
    if figures["tuned"]:
        print("       " + ", ".join(f"{name} {value}" for name, value in figures["tuned"]["settings"].items()))
    found = figures["false_positives"]
    if not found:
        return
    print("false-positive rate at registration, top quarter, as a ratio to the reference group; ! fails the rule of")
    print("four fifths, ? there is too little to say (intervals: --json)")
    print("  " + " " * 56 + "".join(f"{name:>11}" for name in found))
    for group, first in next(iter(found.values())).items():
        words = f"{group}, against {first['against']}"
        print(f"  {words:<56}" + "".join(f"{_marked(each[group]):>11}" for each in found.values()))
    for name, why in figures["ams_2018"]["not_mapped"].items() if figures["ams_2018"] else ():
        print(f"  not in the formula here: {name} ({why})")


def _marked(finding: Mapping[str, Any]) -> str:
    ratio = finding["ratio"]
    if ratio is None or ratio["value"] is None:
        return "–"
    return f"{ratio['value']:.2f} {MARKS[finding['verdict']]}"


if __name__ == "__main__":
    main()

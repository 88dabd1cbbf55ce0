"""Every model that could be kept, and some that never will be, on one test part.

    python -m experiments.challengers.run [--cohort DIR | --contract TOML --data FILE] [--seed N] [--trials N]
                                          [--home DIR] [--picture PNG] [--json]

With --home the figures are tracked in MLflow, in the experiment "challengers" of that home; without it nothing is
written but the picture that --picture asks for.
"""

from __future__ import annotations

import argparse
import json
import math
from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from experiments.challengers import ams
from experiments.challengers.contest import Contest, hold, predictions
from experiments.challengers.picture import draw
from ml.contracts import AuditPolicy, Cohort, Floats, Interval, Predictions
from ml.fairness.audit import audit
from ml.governance.policy import read_policy
from ml.governance.registry import Registry
from ml.measures.brier import better
from ml.measures.landmarks import landmark_words, landmarks
from ml.measures.quality import core_figures
from ml.measures.ranking import auc, auc_gain
from ml.models.split import split
from ml.models.tracking import RunRecord, open_run
from ml.progress import Say, progress, silent
from ml.register.cohort import build_cohort
from ml.register.cohort.declaration import read_contract

EXPERIMENT = "challengers"
POLICY = Path(__file__).parents[2] / "model_cards" / "policy.toml"
WARNED = ("gender", "age", "citizenship_group", "origin")  # whose false-positive ratios are shown
FALSE_POSITIVES = AuditPolicy(("false_positive_rate",), 0.8, 1.25, 50, 0.25, 1000)
AMS = "ams_2018"
MARKS = {"fail": "!", "insufficient": "?", "pass": " "}


def main() -> None:
    """Print the contest; keep it where it is asked for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--cohort", type=Path, default=Path("var/cohorts/ltu-risk"), metavar="DIR")
    parser.add_argument("--contract", type=Path, metavar="TOML")
    parser.add_argument("--data", type=Path, metavar="FILE")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--trials", type=int, default=40)
    parser.add_argument("--home", type=Path, metavar="DIR")
    parser.add_argument("--picture", type=Path, metavar="PNG")
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    contract = read_contract(asked.contract or asked.cohort / "cohort.toml")
    cohort = build_cohort(contract, asked.data or asked.cohort)
    with progress() as say:
        figures = measure(cohort, asked.seed, asked.trials, say)
    picture = draw(figures)
    if asked.picture is not None:
        picture.savefig(asked.picture)
    if asked.home is not None:
        registry = Registry(asked.home, read_policy(POLICY))
        name = f"{contract.name} {datetime.now(UTC):%Y-%m-%d %H:%M:%S}"
        with open_run(registry.tracking_uri, registry.experiment(EXPERIMENT), name) as run:
            parameters = {"cohort": contract.name, "data_digest": cohort.digest, "seed": asked.seed,
                          "trials": asked.trials}  # fmt: skip
            run.keep(RunRecord(parameters, _metrics(figures), {}, {"challengers.json": figures}, {EXPERIMENT: picture}))
    if asked.json:
        print(json.dumps(figures))
        return
    _print(figures)


def measure(cohort: Cohort, seed: int, trials: int, say: Say = silent) -> dict[str, Any]:
    """Return all figures in plain numbers; None where a figure is not a number."""
    parts = split(cohort, seed)
    contest = hold(cohort, parts, seed, trials, say)
    outcome, stage = contest.outcome, landmarks(parts.test.spells.entry, contest.outcome)
    chances = {entrant.name: entrant.test for entrant in contest.entrants}
    formula = ams.chance_of_staying(cohort, parts.test.rows) if ams.covers(cohort) else None
    asked = np.unique(stage[parts.test.spells.asked(outcome.horizon)]).tolist()
    say("judging")
    return {
        "cohort": cohort.contract.name,
        "seed": seed,
        "horizon": outcome.words(outcome.horizon),
        "split": parts.kind,
        "rows": {"train": len(parts.train), "calibration": len(parts.calibration), "test": len(parts.test)},
        "seconds": {entrant.name: entrant.seconds for entrant in contest.entrants},
        "landmarks": {
            landmark_words(landmark, outcome): _landmark(contest, chances, formula, landmark, seed)
            for landmark in asked
        },
        "unlimited": {name: _plain(gain) for name, gain in contest.unlimited.items()},
        "tuned": None if contest.tuned is None else contest.tuned.table(),
        "not_tuned": contest.not_tuned,
        "false_positives": _false_positives(cohort, contest, chances, formula, seed),
        "ams_2018": None if formula is None else _formula(cohort),
    }


def _landmark(
    contest: Contest, chances: Mapping[str, Floats], formula: Floats | None, landmark: int, seed: int
) -> dict[str, Any]:
    """Return the figures of each challenger at a landmark, and by how much it beats the default trees there."""
    outcome, test = contest.outcome, contest.parts.test
    default = predictions(chances["lightgbm"], test, outcome, landmark)
    found: dict[str, Any] = {"rows": len(default.score), "models": {}}
    for name, each in chances.items():
        said = predictions(each, test, outcome, landmark)
        figures = core_figures(said, np.random.default_rng(seed))
        calibration = figures.calibration
        found["observed"] = _plain(figures.observed)
        found["models"][name] = {
            "auc": _plain(figures.auc),
            "brier": _plain(figures.brier),
            "ici": _plain(calibration.ici),
            "slope": _plain(calibration.slope),
            "predicted": figures.predicted.value,
            "auc_gain": _plain(auc_gain(said, default)),
            "brier_gain": _plain(better(said, default)),
        }
    if formula is not None:
        said = predictions(formula, test, outcome, landmark)
        found["models"][AMS] = {"auc": _plain(auc(said)), "auc_gain": _plain(auc_gain(said, default))}
    return found


def _false_positives(
    cohort: Cohort, contest: Contest, chances: Mapping[str, Floats], formula: Floats | None, seed: int
) -> dict[str, Any]:
    """Return how often people who found work are among the top quarter at registration, beside the reference group."""
    test, outcome = contest.parts.test, contest.outcome
    names = [name for name in WARNED if name in cohort.protected]
    here = test.spells.asked(outcome.horizon) & (landmarks(test.spells.entry, outcome) == 0)
    groups = cohort.protected.iloc[test.rows[here]][names].reset_index(drop=True)
    references = {name: cohort.contract.columns[name].reference for name in names}
    found: dict[str, Any] = {}
    for name, each in {**chances, **({} if formula is None else {AMS: formula})}.items():
        if name == "base_rate" or not names:
            continue
        said: Predictions = predictions(each, test, outcome, 0)
        audited = audit(said, groups, references, FALSE_POSITIVES, np.random.default_rng(seed))
        found[name] = {
            f"{finding.attribute}: {finding.group}": {
                "against": finding.reference,
                "ratio": _plain_or_none(finding.ratio, finding.ratio_low, finding.ratio_high),
                "verdict": finding.verdict.value,
            }
            for finding in audited.findings
        }
    return found


def _formula(cohort: Cohort) -> dict[str, Any]:
    mapped = ams.terms(cohort.features.iloc[:1], cohort.protected.iloc[:1])
    return {
        "terms": {term.name: [term.coefficient, term.stands_for] for term in mapped},
        "not_mapped": ams.NOT_MAPPED,
    }


def _plain(interval: Interval) -> dict[str, float | None]:
    return {name: value if math.isfinite(value) else None for name, value in asdict(interval).items()}


def _plain_or_none(value: float | None, low: float | None, high: float | None) -> dict[str, float | None] | None:
    if value is None or low is None or high is None:
        return None
    return _plain(Interval(value, low, high))


def _metrics(figures: Mapping[str, Any]) -> dict[str, Any]:
    """Return what MLflow keeps as metrics: the figures of each model by landmark, and the seconds."""
    by_landmark = {words.replace(" ", "_"): each["models"] for words, each in figures["landmarks"].items()}
    return {"seconds": figures["seconds"], **by_landmark}


def _print(figures: Mapping[str, Any]) -> None:
    rows = figures["rows"]
    print(f"{figures['cohort']}, seed {figures['seed']}: trained on {rows['train']} rows, calibrated on "
          f"{rows['calibration']}; {figures['split']} split; still unemployed at {figures['horizon']}")  # fmt: skip
    for words, landmark in figures["landmarks"].items():
        print(f"\n{words}: {landmark['rows']} rows, observed {_told(landmark['observed'], 3)}")
        print(f"  {'':<10} {'AUC':<22} {'Brier':<24} {'ICI':<24} {'slope':<20} Brier gain over lightgbm")
        for name, each in landmark["models"].items():
            if "brier" not in each:
                print(f"  {name:<10} {_told(each['auc'], 3)}  ranks only: its chances are of another outcome")
                continue
            print(f"  {name:<10} {_told(each['auc'], 3):<22} {_told(each['brier'], 4):<24} {_told(each['ici'], 4):<24} "
                  f"{_told(each['slope'], 2):<20} {_told(each['brier_gain'], 4)}")  # fmt: skip
    print("\nseconds to fit: " + ", ".join(f"{name} {value:.1f}" for name, value in figures["seconds"].items()))
    for name, gain in figures["unlimited"].items():
        print(f"unlimited, {name}: Brier score on the calibration part lower than lightgbm's by {_told(gain, 4)}")
    print(f"tuned: {figures['tuned']['why'] if figures['tuned'] else 'no: ' + figures['not_tuned']}")
    if figures["tuned"]:
        print("       " + ", ".join(f"{name} {value}" for name, value in figures["tuned"]["settings"].items()))
    _print_false_positives(figures)


def _print_false_positives(figures: Mapping[str, Any]) -> None:
    found = figures["false_positives"]
    if not found:
        return
    print("\nfalse-positive rate at registration, top quarter, as a ratio to the reference group; with ! it fails the")
    print("rule of four fifths, with ? there is too little to say (intervals: --json)")
    print("  " + " " * 48 + "".join(f"{name:>11}" for name in found))
    for group, first in next(iter(found.values())).items():
        ratios = "".join(f"{_marked(each[group]):>11}" for each in found.values())
        words = f"{group}, against {first['against']}"
        print(f"  {words:<48}{ratios}")
    if figures["ams_2018"]:
        for name, why in figures["ams_2018"]["not_mapped"].items():
            print(f"  not in the formula here: {name} ({why})")


def _marked(finding: Mapping[str, Any]) -> str:
    ratio = finding["ratio"]
    if ratio is None or ratio["value"] is None:
        return "–"
    return f"{ratio['value']:.2f} {MARKS[finding['verdict']]}"


def _told(interval: Mapping[str, float | None], digits: int) -> str:
    value, low, high = (interval[name] for name in ("value", "low", "high"))
    if value is None or low is None or high is None:
        return "–"
    return f"{value:.{digits}f} ({low:.{digits}f}–{high:.{digits}f})"


if __name__ == "__main__":
    main()

"""How near the kept model comes to what can be attained: ten times the persons, and the truth itself.

    python -m experiments.attainable.run --registers DIR [--judged N ...] [--reference N ...] [--target-group N]
                                         [--seed N] [--home DIR] [--picture PNG] [--json]

Registers that are not in DIR are made there, which takes about two minutes each.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from experiments.attainable.fresh import Kept, on_fresh_people
from experiments.attainable.picture import draw
from experiments.attainable.reference import Reference, ask_of_which, reference_of
from experiments.attainable.registers import Registers, ask_where
from experiments.command import answer, parser
from experiments.plain import plain, taken_together, together, told
from ml.contracts import Bools, Cohort, Floats, Interval, Predictions, Split
from ml.measures.clusters import standard_error
from ml.measures.landmarks import landmark_words, landmarks
from ml.measures.quality import core_figures
from ml.measures.ranking import auc, auc_influence
from ml.measures.shares import plain_interval, ratio_interval, weighted_mean
from ml.models.split import split
from ml.models.train import Trained, train
from ml.progress import Say, progress, silent

EXPERIMENT = "attainable"
FRESH = 3  # registers of the reference whose people the kept models are judged on as well
ATTAINED = 0.985  # of the reference's AUC at registration; the bound of the project


def main(argv: Sequence[str] | None = None) -> None:
    """Print what was attained."""
    options = parser(__doc__)
    ask_where(options)
    options.add_argument("--judged", type=int, nargs="+", default=[1, 2, 3], metavar="N", help="seeds of registers")
    ask_of_which(options)
    asked = options.parse_args(argv)
    registers = Registers(asked.registers, asked.target_group)
    with progress() as say:
        figures = measure(registers, asked.judged, asked.reference, asked.seed, say, of_all=asked.of_all)
    parameters = {"judged": asked.judged, "reference": asked.reference, "of_all": asked.of_all}
    answer(asked, EXPERIMENT, parameters, figures, figures, draw(figures), lambda: _print(figures))


def measure(
    registers: Registers, judged: list[int], reference: list[int], seed: int, say: Say = silent, *, of_all: bool = False
) -> dict[str, Any]:
    """Return the figures of each judged register, and of all of them together."""
    model = reference_of(registers, reference, judged[0], seed, say, of_all=of_all)
    lines, kept = {}, {}
    for each in judged:
        cohort, name = registers.cohort(each, say), f"register_{each}"
        parts = split(cohort, seed)
        trained = train(
            "experiment", cohort.features, cohort.contract.inputs, cohort.contract.outcome, parts, seed=seed, say=say
        )
        lines[name] = of_register(cohort, parts, trained, registers.true_risk(each, cohort), model, seed)
        kept[name] = Kept(trained.model, parts.test)
    fresh = on_fresh_people(registers, reference[:FRESH], kept, seed, say)
    for name, figures in fresh.items():
        lines[name]["fresh_people"] = figures
    return {
        "reference": {
            "rows": model.rows,
            "persons": model.persons,
            "registers": model.registers,
            "rounds": model.booster.best_iteration,
        },
        "registers": lines,
        "to_reference": together([line["to_reference"] for line in lines.values()]),
        "to_truth": together([line["to_truth"] for line in lines.values()]),
        "landmarks": taken_together([_calibration(line["landmarks"]) for line in lines.values()]),
        "fresh_people": taken_together(list(fresh.values())),
        "attained": ATTAINED,
    }


def _calibration(landmarks: Mapping[str, Any]) -> dict[str, Any]:
    return {words: {name: figures[name] for name in ("gap", "slope", "ici")} for words, figures in landmarks.items()}


def of_register(
    cohort: Cohort, parts: Split, trained: Trained, risk: Floats, reference: Reference, seed: int
) -> dict[str, Any]:
    """Return what the kept model reaches on its test part, beside the reference and the truth.

    risk  (n,) true risk of each row of the cohort
    """
    outcome = cohort.contract.outcome
    stage, asked = landmarks(trained.asked.spells.entry, outcome), parts.test.spells.asked(outcome.horizon)
    truth = risk[trained.asked.rows]
    scores = {kind: each[asked] for kind, each in trained.rivals.items()} | {"kept": trained.predictions.score}
    scores |= {"reference": reference.margins(cohort, trained.asked), "truth": truth}
    here = (stage == 0) & np.isfinite(truth)
    said = {name: replace(trained.predictions, score=score)[here] for name, score in scores.items()}
    return {
        "kind": trained.model.scorer.kind,
        "why_kept": trained.why_kept,
        "taught": len(np.unique(parts.train.person)),
        "rows": int(here.sum()),
        "risk_known": float(np.isfinite(truth[stage == 0]).mean()),
        "auc": {name: plain(auc(each)) for name, each in said.items()},
        "to_reference": plain(ratio(said["kept"], said["reference"])),
        "to_truth": plain(ratio(said["kept"], said["truth"])),
        "reference_to_truth": plain(ratio(said["reference"], said["truth"])),
        "error_of_risk": plain(_error(said["kept"], truth[here])),
        "mean_risk": {"true": float(truth[here].mean()), "predicted": float(said["kept"].score.mean())},
        "landmarks": {
            landmark_words(each, outcome).replace(" ", "_"): _landmark(trained, stage == each, seed)
            for each in np.unique(stage).tolist()
        },
    }


def _error(said: Predictions, truth: Floats) -> Interval:
    """Return the mean absolute distance to the true risk."""
    away = np.abs(said.score - truth)
    return plain_interval(*weighted_mean(away, np.ones(len(away)), said.person))


def ratio(one: Predictions, other: Predictions) -> Interval:
    """Return the ratio of two AUCs on the same rows, with its interval, paired by row and summed by person."""
    (of_one, by_one), (of_other, by_other) = auc_influence(one), auc_influence(other)
    error = float(standard_error(by_one / of_one - by_other / of_other, one.person))
    return ratio_interval(of_one / of_other, error)


def _landmark(trained: Trained, rows: Bools, seed: int) -> dict[str, Any]:
    figures = core_figures(trained.predictions[rows], np.random.default_rng(seed))
    calibration = figures.calibration
    return {
        "rows": int(rows.sum()),
        "observed": plain(figures.observed),
        "predicted": plain(figures.predicted),
        "gap": plain(figures.gap),
        "auc": plain(figures.auc),
        "slope": plain(calibration.slope),
        "intercept": plain(calibration.intercept),
        "ici": plain(calibration.ici),
        "ici_if_perfect": plain(calibration.ici_if_perfect),
    }


def _print(figures: Mapping[str, Any]) -> None:
    reference = figures["reference"]
    print(f"reference: {reference['rounds']} rounds on {reference['rows']} looks at {reference['persons']} persons of "
          f"{reference['registers']} registers")  # fmt: skip
    for name, line in figures["registers"].items():
        print(f"{name}: kept {line['kind']}, taught by {line['taught']} persons; {line['rows']} looks at registration; "
              f"true risk known of {line['risk_known']:.1%}")  # fmt: skip
        print("  AUC at registration: " + ", ".join(f"{who} {told(each)}" for who, each in line["auc"].items()))
        print(f"  ratio to the reference {told(line['to_reference'])}, to the truth {told(line['to_truth'])} "
              f"(reference to truth {told(line['reference_to_truth'])})")  # fmt: skip
        print(f"  mean absolute error against the true risk {told(line['error_of_risk'])}; "
              f"mean risk {line['mean_risk']['true']:.4f}, predicted {line['mean_risk']['predicted']:.4f}")  # fmt: skip
        for words, each in line["landmarks"].items():
            print(f"  {words.replace('_', ' '):<16} {each['rows']:>6} rows  AUC {told(each['auc'], 3)}  "
                  f"slope {told(each['slope'], 3)}  ICI {told(each['ici'])} (of perfect chances "
                  f"{told(each['ici_if_perfect'])})  predicted {each['predicted']['value']:.3f} observed "
                  f"{told(each['observed'], 3)} gap {told(each['gap'])}")  # fmt: skip
        _print_calibration("on people of other registers", line["fresh_people"])
    _print_calibration("all registers, test part", figures["landmarks"])
    _print_calibration("all registers, people of others", figures["fresh_people"])
    print(f"together: ratio to the reference {told(figures['to_reference'])}, at least {figures['attained']} is asked; "
          f"to the truth {told(figures['to_truth'])}")  # fmt: skip


def _print_calibration(who: str, landmarks: Mapping[str, Any]) -> None:
    for words, each in landmarks.items():
        print(f"  {who}: {words.replace('_', ' '):<16} slope {told(each['slope'], 3)}  ICI {told(each['ici'])}  gap "
              f"{told(each['gap'])}")  # fmt: skip


if __name__ == "__main__":
    main()

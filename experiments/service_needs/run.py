"""How far inputs tell which service entity caseworkers choose, and what other columns would add.

    python -m experiments.service_needs.run [--cohort DIR] [--seed N] [--home DIR] [--json]

All variants are judged on the same placements of the test part. Protected attributes become inputs here, to measure
what leaving them out costs; no model that is kept can receive them. Tracked in MLflow under --home.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from experiments.plain import plain, told
from experiments.tracking import track
from ml.contracts import ENTITIES, Column, Placements, Role
from ml.contracts.needs_report import Agreement, NeedsEvaluation
from ml.measures.ranking import auc
from ml.models.needs.evaluate import answers_on, entity_predictions, evaluate
from ml.models.needs.proportion import mean
from ml.models.needs.rule import rule_quality
from ml.models.needs.split import NeedSplit, split_placements
from ml.models.needs.train import TrainedNeeds, entity_codes, log_loss, train_model
from ml.register.cohort import read_placements

SELF_RATING = ("_rating", "_change")  # how the names of Abilitator's features end


def main() -> None:
    """Print what each variant reaches, and the model beside two caseworkers."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--cohort", type=Path, default=Path("var/cohorts/service-need"), metavar="DIR")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--home", type=Path, metavar="DIR", help="track the run in this home's MLflow store")
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    placements = read_placements(arguments.cohort)
    figures = measure(placements, arguments.seed)
    parameters = {"data": placements.digest, "seed": arguments.seed}
    track(arguments.home, "service_needs", parameters, figures, figures, {})
    if arguments.json:
        print(json.dumps(figures))
        return
    _print(figures)


def measure(placements: Placements, seed: int) -> dict[str, Any]:
    """Return the figures of every variant, of the rule, and of caseworkers beside the model."""
    parts = split_placements(placements, seed)
    rows = parts.test.placed
    person, entity = placements.person[rows], entity_codes(placements, rows)
    lines: dict[str, Any] = {}
    losses = {}
    for name, variant in variants(placements):
        trained = train_model("experiment", variant, parts, seed=seed)
        losses[name] = log_loss(answers_on(trained, variant, rows).probability, entity)
        if name == "inputs":
            evaluation = evaluate(trained, variant, parts.test, np.random.default_rng(seed))
        lines[name] = _line(trained, variant, parts)
        lines[name]["gain"] = plain(mean(losses["inputs"] - losses[name], person))
    rule = rule_quality(placements)
    return {
        "test_rows": len(rows),
        "variants": lines,
        "base_rate": {"log_loss": plain(evaluation.candidates["base_rate"].log_loss),
                      "accuracy": plain(evaluation.candidates["base_rate"].accuracy)},
        "candidates": {name: plain(each.log_loss) for name, each in evaluation.candidates.items()},
        "caseworkers": _beside(evaluation),
        "rule": {"placed_where_holds": plain(rule.placed_where_holds),
                 "holds_where_placed": plain(rule.holds_where_placed)},
    }  # fmt: skip


def variants(placements: Placements) -> Iterator[tuple[str, Placements]]:
    """Yield the placements with the inputs of each variant; "inputs" are those of the model, and come first."""
    yield "inputs", placements
    asked = tuple(column for column in placements.columns if not column.name.endswith(SELF_RATING))
    if len(asked) < len(placements.columns):
        yield "without self-ratings", replace(placements, columns=asked)
    for column in placements.protected_columns:
        yield f"and {column.name}", _with(placements, (column,))
    yield "and all protected", _with(placements, placements.protected_columns)


def _with(placements: Placements, added: tuple[Column, ...]) -> Placements:
    names = [column.name for column in added]
    return replace(
        placements,
        columns=(*placements.columns, *(replace(column, role=Role.FEATURE) for column in added)),
        features=placements.features.assign(**{name: placements.protected[name].astype(object) for name in names}),
    )


def _line(trained: TrainedNeeds, placements: Placements, parts: NeedSplit) -> dict[str, Any]:
    rows = parts.test.placed
    said, chosen = answers_on(trained, placements, rows), placements.entity[rows]
    person = placements.person[rows]
    return {
        "kept": trained.model.scorer.kind,
        "log_loss": plain(mean(log_loss(said.probability, entity_codes(placements, rows)), person)),
        "accuracy": float(np.mean(said.top == chosen)),
        "auc": {entity: plain(auc(entity_predictions(said, chosen, person, entity))) for entity in ENTITIES},
    }


def _beside(evaluation: NeedsEvaluation) -> dict[str, Any]:
    found = evaluation.disagreement
    return {
        "two caseworkers": _agreement(found.entities),
        "model and caseworker": _agreement(found.model),
        "two caseworkers, where the model answers": _agreement(found.entities_answered),
        "model and caseworker, where it answers": _agreement(found.model_answered),
        "gap": plain(found.gap),
        "gap where it answers": plain(found.gap_answered),
        "answered": plain(evaluation.answered),
        "agreement of the answered": plain(evaluation.agreement),
    }


def _agreement(agreement: Agreement) -> dict[str, Any]:
    return {"pairs": agreement.pairs, "share": plain(agreement.share), "kappa": plain(agreement.kappa)}


def _print(figures: Mapping[str, Any]) -> None:
    print(f"judged on {figures['test_rows']} placements of the test part; log loss of the base rate "
          f"{told(figures['base_rate']['log_loss'])}")  # fmt: skip
    for name, line in figures["variants"].items():
        aucs = ", ".join(f"{entity} {each['value']:.3f}" for entity, each in line["auc"].items())
        print(f"  {name:<28} {line['kept']:<9} log loss {line['log_loss']['value']:.4f}, lower than of the inputs by "
              f"{told(line['gain'])}; accuracy {line['accuracy']:.3f}; AUC {aucs}")  # fmt: skip
    for name, each in figures["caseworkers"].items():
        if "share" in each:
            print(f"  {name:<40} {each['pairs']:>5} clients  agree {told(each['share'])}  kappa {told(each['kappa'])}")
        else:
            print(f"  {name:<40} {told(each)}")
    for name, each in figures["rule"].items():
        print(f"  rule, {name:<34} {told(each)}")


if __name__ == "__main__":
    main()

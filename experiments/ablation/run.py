"""What leaving protected attributes out of the model costs, and what it spares whom.

    python -m experiments.ablation.run [--cohort DIR ...] [--seed N] [--home DIR] [--picture PNG] [--json]

Each protected attribute is an input again, alone, and all of them: in memory, for this question. No model that is
made here can be kept.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from experiments.ablation.alarms import false_alarms
from experiments.ablation.picture import draw
from experiments.command import answer, of_registers
from experiments.fits import Choices, Coded, chances, chosen_ridge, coded, fit, predictions
from experiments.plain import plain, told
from ml.contracts import Cohort, Column, ColumnType, Floats, Role, Split
from ml.measures.brier import better
from ml.measures.calibration import calibration_intervals
from ml.measures.ranking import auc, auc_gain
from ml.models.ltu.trees import TreeSettings
from ml.models.split import split
from ml.progress import Say, silent

EXPERIMENT = "ablation"
KINDS = ("logistic", "lightgbm")
LEFT_OUT, ALL = "left out", "all"
LOOKS = {"at registration": 0, "all looks": None}


def main(argv: Sequence[str] | None = None) -> None:
    """Print what each attribute would add."""
    asked, figures = of_registers(__doc__, argv, measure)
    of_all, parameters = figures["together"], {"cohorts": len(asked.cohort)}
    answer(asked, EXPERIMENT, parameters, _headlines(of_all), figures, draw(of_all), lambda: _print(of_all))


def measure(cohort: Cohort, seed: int, say: Say = silent, kinds: Sequence[str] = KINDS) -> dict[str, Any]:
    """Return the figures of each kind of model and each variant, and their differences from leaving all out."""
    parts, contract = split(cohort, seed), cohort.contract
    inputs = coded(cohort.features, contract.inputs, parts)
    protected = coded(cohort.protected.astype(object), protected_inputs(cohort), parts)
    choices = Choices(chosen_ridge(inputs, parts.train, contract.outcome, seed), TreeSettings())
    found: dict[str, Any] = {}
    for kind in kinds:
        said = {}
        for name, variant in variants(inputs, protected):
            say(f"fitting {kind}, {name}")
            margins = fit(kind, variant, parts.train, contract.outcome, seed, choices)
            said[name] = chances(margins, variant, parts, contract.outcome)[1]
        say("judging")
        found[kind] = {name: _line(cohort, parts, said, name, seed) for name in said}
    return found


def protected_inputs(cohort: Cohort) -> tuple[Column, ...]:
    """Return the protected attributes as inputs: the audit's groups as categories."""
    return tuple(
        replace(column, type=ColumnType.CATEGORY, role=Role.FEATURE, values=None)
        for column in cohort.contract.with_role(Role.PROTECTED)
    )


def variants(inputs: Coded, protected: Coded) -> Iterator[tuple[str, Coded]]:
    """Yield the inputs alone, with each protected attribute, and with all."""
    yield LEFT_OUT, inputs
    for name in protected.encoder.names:
        yield name, inputs.beside(protected.only([name]))
    yield ALL, inputs.beside(protected)


def _line(cohort: Cohort, parts: Split, said: Mapping[str, Floats], name: str, seed: int) -> dict[str, Any]:
    """Return the figures of one variant, and by how much it is better than leaving all out."""
    outcome = cohort.contract.outcome
    looks = {}
    for words, landmark in LOOKS.items():
        one, other = (predictions(said[each], parts.test, outcome, landmark) for each in (name, LEFT_OUT))
        calibration = calibration_intervals(one, np.random.default_rng(seed))
        looks[words] = {
            "auc": plain(auc(one)),
            "auc_gain": plain(auc_gain(one, other)),
            "brier_gain": plain(better(one, other)),
            "slope": plain(calibration.slope),
            "ici": plain(calibration.ici),
        }
    alarms = false_alarms(cohort, parts.test, said[name], said[LEFT_OUT])
    return {**looks, "false_positives": alarms}


def _headlines(figures: Mapping[str, Any]) -> dict[str, Any]:
    """Return how good each variant is, by kind of model."""
    return {kind: {name: {look: line[look] for look in LOOKS} for name, line in lines.items()}
            for kind, lines in figures.items()}  # fmt: skip


def _print(figures: Mapping[str, Any]) -> None:
    for kind, lines in figures.items():
        print(f"{kind}: added to the inputs, by how much AUC is higher and the Brier score lower")
        for name, line in lines.items():
            here, everywhere = line["at registration"], line["all looks"]
            print(f"  {name:<22} at registration AUC {told(here['auc_gain'])}  Brier {told(here['brier_gain'], 5)}  "
                  f"slope {told(here['slope'], 3)}  ICI {told(here['ici'])}; all looks AUC "
                  f"{told(everywhere['auc_gain'])}  Brier {told(everywhere['brier_gain'], 5)}")  # fmt: skip
        _print_alarms({name: line["false_positives"] for name, line in lines.items()})


def _print_alarms(alarms: Mapping[str, Any]) -> None:
    print("  of those who left in time, flagged in the highest quarter at registration:")
    for attribute, groups in alarms[LEFT_OUT].items():
        for group, line in groups.items():
            alone, every = (_told_change(alarms[name][attribute][group]["change"]) for name in (attribute, ALL))
            print(f"    {attribute + ': ' + group:<42} {told(line['rate'], 3)}; with this attribute {alone}, "
                  f"with all {every}")  # fmt: skip


def _told_change(change: Mapping[str, float | None]) -> str:
    return "insufficient" if change["value"] is None else told(change, 3)


if __name__ == "__main__":
    main()

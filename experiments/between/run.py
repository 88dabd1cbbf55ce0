"""How far hints are off for those unemployed on one night, by how long they have been.

    python -m experiments.between.run --registers DIR [--judged 1] [--stock 101] [--day 2018-11-02] [--target-group N]
                                      [--seed N] [--home DIR] [--picture PNG] [--json]

The model is trained on one register, those who are looked at are of another. Registers that are not in DIR are made
there, about two minutes each; the night is looked at anew each time, which takes as long.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from itertools import pairwise
from typing import Any

import numpy as np

from experiments.attainable.registers import Registers, ask_where
from experiments.between.picture import draw
from experiments.between.stock import Stock, stock_of
from experiments.command import answer, parser
from experiments.plain import plain, told
from ml.contracts import Bools, Floats, Predictions
from ml.measures.censoring import outcome_at
from ml.measures.quality import core_figures, too_few
from ml.models.bands import BANDS, Band
from ml.models.split import split
from ml.models.train import train
from ml.models.trained import TrainedModel
from ml.progress import progress

EXPERIMENT = "between"
WAYS = {"landmark": "as if looked at at the landmark", "between": "between the landmarks"}
DAYS = (0, 29, 50, 70, 91, 110, 136, 160, 182, 211, 250, 300, 365)  # training looks until 28 days after registration


def main(argv: Sequence[str] | None = None) -> None:
    """Print the figures by how long people have been unemployed."""
    options = parser(__doc__)
    ask_where(options)
    options.add_argument("--judged", type=int, default=1, metavar="N", help="seed of the register that is learnt from")
    options.add_argument("--stock", type=int, default=101, metavar="N", help="seed of the register that is looked at")
    options.add_argument("--day", type=date.fromisoformat, default=date(2018, 11, 2))
    asked = options.parse_args(argv)
    registers = Registers(asked.registers, asked.target_group)
    with progress() as say:
        cohort = registers.cohort(asked.judged, say)
        model = train(EXPERIMENT, cohort.features, cohort.contract.inputs, cohort.contract.outcome,
                      split(cohort, asked.seed), seed=asked.seed, say=say).model  # fmt: skip
        figures = measure(model, stock_of(registers, asked.stock, asked.day, say), asked.seed)
    parameters = {"judged": asked.judged, "stock": asked.stock, "day": asked.day.isoformat()}
    answer(asked, EXPERIMENT, parameters, figures, figures, draw(figures), lambda: _print(figures))


def measure(model: TrainedModel, stock: Stock, seed: int) -> dict[str, Any]:
    """Return days unemployed → people, and for each way how far chances are off, and who is in which band."""
    entry, found = stock.spells.entry, {}
    said = {"landmark": replace(model, between=None), "between": model}
    codes = model.encoder.frame(stock.features)
    hints = {way: each.hints(codes) for way, each in said.items()}
    for first, last in pairwise(DAYS):
        rows = (first <= entry) & (entry < last)
        found[f"{first}_to_{last - 1}"] = {
            "people": int(rows.sum()),
            "ways": {
                way: {
                    "horizons": _horizons(model, stock, curve.probability, rows, seed),
                    "bands": {band.value: float(np.mean(bands.band[rows] == place)) for place, band in enumerate(BANDS)}
                    | {Band.UNCERTAIN.value: float(bands.uncertain[rows].mean())},
                }
                for way, (curve, bands) in hints.items()
            },
        }
    return found


def _horizons(model: TrainedModel, stock: Stock, chances: Floats, rows: Bools, seed: int) -> dict[str, Any]:
    """Return horizon → observed share, gap, slope and ICI, of the horizons that are a question to all of the rows."""
    found = {}
    for place, horizon in enumerate(model.outcome.horizons):
        if stock.spells.entry[rows].max() >= horizon:
            continue
        known = outcome_at(stock.spells[rows], horizon)
        said = Predictions(horizon, chances[rows, place], known.outcome, known.weight, stock.person[rows])
        if not too_few(said):
            core = core_figures(said, np.random.default_rng(seed))
            found[f"{horizon:g}"] = {
                "observed": plain(core.observed),
                "gap": plain(core.gap),
                "slope": plain(core.calibration.slope),
                "ici": plain(core.calibration.ici),
            }
    return found


def _print(figures: Mapping[str, Any]) -> None:
    for days, line in figures.items():
        print(f"{days.replace('_', ' ')} days, {line['people']} people")
        for way, each in line["ways"].items():
            bands = ", ".join(f"{name} {share:.2f}" for name, share in each["bands"].items())
            print(f"  {WAYS[way]}: {bands}")
            for horizon, one in each["horizons"].items():
                print(f"    {horizon:>4} days: observed {told(one['observed'], 3)}  gap {told(one['gap'], 3)}  "
                      f"slope {told(one['slope'], 2)}  ICI {told(one['ici'], 3)}")  # fmt: skip


if __name__ == "__main__":
    main()

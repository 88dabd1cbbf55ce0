"""Chances by landmark for the people of each register, whoever was dealt to the test part; and the AUC at registration.

    python -m experiments.attainable.deals --registers DIR [--judged N ...] [--reference N ...] [--deals N]
                                           [--target-group N] [--seed N] [--home DIR] [--picture PNG] [--json]

Three in ten people are tested, and who they are moves the observed share by more than what is asked of it. Here the
same register is split and trained as ever with other people dealt to the parts each time, and all that models said of
people whom they had not seen is judged together. A minute a deal.

How much of what a single test part shows is luck is told by chances that are perfect: what the first deal's model said
is taken for the truth, outcomes are drawn from it, each look's apart, and it is judged by them as models are.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from math import prod
from typing import Any

import matplotlib as mpl

mpl.use("agg")

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

from experiments.attainable.reference import Reference, ask_of_which, reference_of
from experiments.attainable.registers import Registers, ask_where
from experiments.command import answer, parser
from experiments.plain import plain, together, told
from ml.contracts import Cohort, Floats, Predictions, Rows
from ml.measures.calibration import calibration
from ml.measures.clusters import standard_error
from ml.measures.landmarks import landmark_words, landmarks
from ml.measures.quality import core_figures
from ml.measures.ranking import auc_influence
from ml.measures.shares import ratio_interval
from ml.models.plots.model import BLUE, GREY, STYLE
from ml.models.split import split
from ml.models.train import train
from ml.progress import Say, progress, silent

EXPERIMENT = "attainable_deals"
DRAWS = 200  # of outcomes, by which perfect chances are judged
ASKED = {"gap": (-0.02, 0.02), "slope": (0.9, 1.1), "ici": (0.0, 0.02)}  # of each register at each landmark
NAMES = {"gap": "Predicted less observed share", "slope": "Calibration slope", "ici": "ICI"}


@dataclass(frozen=True)
class Dealt:
    """Of one deal: what the kept model said of its test part, at which landmark, and what the reference says, (n,)."""

    said: Predictions
    stage: Rows
    reference: Floats


def main(argv: Sequence[str] | None = None) -> None:
    """Print how far chances are off by register and landmark, over all deals and in each."""
    options = parser(__doc__)
    ask_where(options)
    options.add_argument("--judged", type=int, nargs="+", default=[1, 2, 3], metavar="N", help="seeds of registers")
    ask_of_which(options)
    options.add_argument("--deals", type=int, default=10, metavar="N", help="of people to the parts, seeds from 1 on")
    asked = options.parse_args(argv)
    registers = Registers(asked.registers, asked.target_group)
    with progress() as say:
        reference = reference_of(registers, asked.reference, asked.judged[0], asked.seed, say, of_all=asked.of_all)
        found = {
            f"register_{each}": of_register(registers.cohort(each, say), asked.deals, asked.seed, reference, say)
            for each in asked.judged
        }
    ratios = together([each["to_reference"] for each in found.values()])
    figures = {"registers": found, "to_reference": ratios, "everywhere": everywhere(found)}
    parameters = {"judged": asked.judged, "reference": asked.reference, "deals": asked.deals,
                  "of_all": asked.of_all}  # fmt: skip
    answer(asked, EXPERIMENT, parameters, figures, figures, draw(found), lambda: _print(figures))


def of_register(
    cohort: Cohort, deals: int, seed: int, reference: Reference, say: Say = silent
) -> dict[str, dict[str, Any]]:
    """Return landmark → figures of all deals together, and the same figures deal by deal; and the ratio of AUCs."""
    dealt = list(_dealt(cohort, deals, reference, say))
    outcome, found = cohort.contract.outcome, {}
    for stage in np.unique(np.concatenate([each.stage for each in dealt])).tolist():
        here = [each.said[each.stage == stage] for each in dealt]
        found[landmark_words(stage, outcome).replace(" ", "_")] = {
            "rows": sum(len(each.score) for each in here),
            **_figures(_together(here), seed),
            "deals": [_figures(each, seed) for each in here],
            "if_perfect": if_perfect(here[0], np.random.default_rng(seed)),
        }
    return {"landmarks": found, "to_reference": to_reference(dealt)}


def to_reference(dealt: Sequence[Dealt]) -> dict[str, Any]:
    """Return the AUC at registration as a ratio to the reference's: its mean over deals, and that of each deal.

    Paired by row; whoever was tested more than once is one person all the same.
    """
    ratios, moved, person = [], [], []
    for each in dealt:
        kept = each.said[each.stage == 0]
        (of_kept, by_kept), (of_other, by_other) = (
            auc_influence(said) for said in (kept, replace(kept, score=each.reference[each.stage == 0]))
        )
        ratios.append(of_kept / of_other)
        moved.append((by_kept / of_kept - by_other / of_other) / len(dealt))
        person.append(kept.person)
    error = float(standard_error(np.concatenate(moved), np.concatenate(person)))
    return {**plain(ratio_interval(float(np.mean(ratios)), error)), "deals": ratios}


def everywhere(found: Mapping[str, Mapping[str, Any]]) -> dict[str, float]:
    """Return how often everything is within what is asked at each landmark of each register: of deals, and of draws.

    Draws at one landmark are taken to tell nothing of those at another; those of one spell do, a little.
    """
    lines = [line for register in found.values() for line in register["landmarks"].values()]
    deals = zip(*(line["deals"] for line in lines), strict=True)
    return {
        "deals": float(np.mean([all(_within(each) for each in deal) for deal in deals])),
        "if_perfect": prod(line["if_perfect"]["all"] for line in lines),
    }


def if_perfect(said: Predictions, rng: np.random.Generator) -> dict[str, float]:
    """Return in what share of draws of the outcomes each figure is within what is asked, and all are."""
    draws = [_perfect(replace(said, outcome=rng.random(len(said.score)) < said.score)) for _ in range(DRAWS)]
    shares = {what: float(np.mean([_within(each, what) for each in draws])) for what in ASKED}
    return {**shares, "all": float(np.mean([_within(each) for each in draws]))}


def _perfect(said: Predictions) -> dict[str, Any]:
    found, gap = calibration(said), np.average(said.score - said.outcome, weights=said.weight)
    return {"gap": {"value": gap}, "slope": {"value": found.slope}, "ici": {"value": found.ici}}


def _within(figures: Mapping[str, Any], *names: str) -> bool:
    """Return whether some figures are within what is asked; none named: all."""
    return all(ASKED[what][0] <= figures[what]["value"] <= ASKED[what][1] for what in names or ASKED)


def _dealt(cohort: Cohort, deals: int, reference: Reference, say: Say) -> Iterator[Dealt]:
    """Yield what was said of the test part of each deal."""
    contract = cohort.contract
    for seed in range(1, deals + 1):
        say(f"deal {seed} of {deals}")
        parts = split(cohort, seed)
        trained = train("experiment", cohort.features, contract.inputs, contract.outcome, parts, seed=seed)
        stage = landmarks(trained.asked.spells.entry, contract.outcome)
        yield Dealt(trained.predictions, stage, reference.margins(cohort, trained.asked))


def _together(deals: Sequence[Predictions]) -> Predictions:
    """Return all rows of all deals; a person who was tested more than once is one person all the same."""
    columns = ("score", "outcome", "weight", "person")
    return Predictions(deals[0].horizon, *(np.concatenate([getattr(each, name) for each in deals]) for name in columns))


def _figures(said: Predictions, seed: int) -> dict[str, Any]:
    core = core_figures(said, np.random.default_rng(seed))
    return {
        "gap": plain(core.gap),
        "slope": plain(core.calibration.slope),
        "ici": plain(core.calibration.ici),
        "observed": plain(core.observed),
    }


def draw(figures: Mapping[str, Any]) -> Figure:
    """Return the picture: each deal as a dot, all together as a line with its interval, what is asked in grey."""
    places = [(name, landmark) for name, register in figures.items() for landmark in register["landmarks"]]
    with mpl.rc_context(STYLE):
        figure, panels = plt.subplots(1, len(ASKED), figsize=(13, 5), layout="constrained")
        for panel, (what, (low, high)) in zip(panels, ASKED.items(), strict=True):
            panel.axhspan(low, high, color="#eeeeee", zorder=0)
            for at, (name, landmark) in enumerate(places):
                line = figures[name]["landmarks"][landmark]
                values = [each[what]["value"] for each in line["deals"]]
                panel.plot([at] * len(values), values, "o", color=GREY, markersize=4, fillstyle="none")
                panel.plot([at, at], [line[what]["low"], line[what]["high"]], color=BLUE, linewidth=2)
                panel.plot(at, line[what]["value"], "o", color=BLUE, markersize=7)
            labels = [f"{name.removeprefix('register_')}, {_words(landmark)}" for name, landmark in places]
            panel.set_xticks(range(len(places)), labels, rotation=60, ha="right")
            panel.set_title(NAMES[what])
        figure.suptitle(
            "Blue: all deals, 95 % interval of people; grey: each deal; shaded: what is asked (by register)"
        )
        plt.close(figure)
    return figure


def _print(figures: Mapping[str, Any]) -> None:
    for name, register in figures["registers"].items():
        ratios = register["to_reference"]
        print(f"{_words(name)}: AUC at registration, ratio to the reference {told(ratios)}; of deals "
              f"{min(ratios['deals']):.4f} to {max(ratios['deals']):.4f}")  # fmt: skip
        for landmark, each in register["landmarks"].items():
            print(f"  {_words(landmark):<16} {each['rows']:>7} looks  gap {told(each['gap'])}  slope "
                  f"{told(each['slope'], 3)}  ICI {told(each['ici'])}")  # fmt: skip
            within = {what: np.mean([_within(deal, what) for deal in each["deals"]]) for what in ASKED}
            print("    within what is asked, of deals (of draws, were chances perfect): " + ", ".join(
                f"{what} {share:.2f} ({each['if_perfect'][what]:.2f})" for what, share in within.items()))  # fmt: skip
    print(f"together: ratio to the reference {told(figures['to_reference'])}")
    of_deals, of_draws = figures["everywhere"]["deals"], figures["everywhere"]["if_perfect"]
    print(f"everything within everywhere: {of_deals:.2f} of deals; of draws, were chances perfect, {of_draws:.2f}")


def _words(name: str) -> str:
    return name.replace("_", " ")


if __name__ == "__main__":
    main()

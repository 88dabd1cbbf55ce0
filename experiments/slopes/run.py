"""Whether later spells of people whom the model learnt from tell the slope of calibrators as those of people apart do.

    python -m experiments.slopes.run --registers DIR [--which N ...] [--target-group N] [--seed N] [--home DIR]
                                     [--picture PNG] [--json]

Registers that are not in DIR are made there, which takes about two minutes each. No model is kept.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from experiments.attainable.registers import Registers, ask_where
from experiments.command import answer, parser
from experiments.fits import Choices, Coded, at_landmark, chosen_ridge, fit
from experiments.plain import plain, told
from experiments.slopes.picture import draw
from ml.contracts import Cohort, Floats, Interval, Outcome, Part, Rows, Split
from ml.errors import DataError
from ml.measures.censoring import outcome_at
from ml.measures.landmarks import landmark_words, landmarks
from ml.measures.logistic import fit_logistic
from ml.measures.shares import student95
from ml.models.encode import fit_encoder
from ml.models.ltu.trees import TreeSettings
from ml.models.split import deal, spells_known_at, split
from ml.progress import Say, progress, silent

EXPERIMENT = "slopes"
KINDS = ("logistic", "additive", "lightgbm")
DEALT = ("lent", "apart", "tested")  # by the part that people are dealt to: training, calibration, test
GROUPS = {
    "apart": "people apart, dealt to calibration",
    "lent": "later spells of people who were learnt from",
    "tested": "people of the test part, in the same days",
    "new": "people apart and of the test part together",
    "calibrating": "people apart, and the later spells",
    "learnt": "the spells that were learnt from",
    "then": "people apart and of the test part, in the days of those",
}
TOGETHER = {"new": ("apart", "tested"), "calibrating": ("apart", "lent")}
DIFFERENCES = {  # of slopes; the last is of people who are all new to the model: it is what chance does
    "lent": "new",
    "learnt": "then",
    "apart": "tested",
}


def main(argv: Sequence[str] | None = None) -> None:
    """Print the slopes by kind of model, landmark and whose spells they are of."""
    options = parser(__doc__)
    ask_where(options)
    options.add_argument("--which", type=int, nargs="+", default=list(range(4, 12)), metavar="N",
                         help="seeds of registers")  # fmt: skip
    asked = options.parse_args(argv)
    registers = Registers(asked.registers, asked.target_group)
    with progress() as say:
        figures = measure(registers, asked.which, asked.seed, say)
    of_all, parameters = figures["together"], {"registers": asked.which}
    answer(asked, EXPERIMENT, parameters, of_all, figures, draw(of_all), lambda: _print(figures))


def measure(registers: Registers, which: Sequence[int], seed: int, say: Say = silent) -> dict[str, Any]:
    """Return the slopes in each register, and over all of them."""
    found = {f"register_{each}": of_register(registers.cohort(each, say), seed, say) for each in which}
    return {"registers": found, "together": over_registers(list(found.values()))}


def of_register(cohort: Cohort, seed: int, say: Say = silent) -> dict[str, Any]:
    """Return kind of model → landmark → group → its looks, and the slope of the known outcome on the margin."""
    parts, outcome = split(cohort, seed), cohort.contract.outcome
    encoder = fit_encoder(cohort.features.iloc[parts.train.rows], cohort.contract.inputs)
    inputs = Coded(encoder, encoder.learnable(encoder.frame(cohort.features)))
    choices = Choices(chosen_ridge(inputs, parts.train, outcome, seed), TreeSettings())
    groups = whose(cohort, parts, seed)
    found = {}
    for kind in KINDS:
        say(f"fitting {kind}")
        margins = fit(kind, inputs, parts.train, outcome, seed, choices)
        said = {name: margins(inputs.codes[part.rows])[:, 0] for name, part in groups.items()}
        found[kind] = _by_landmark(groups, said, outcome)
    return found


def whose(cohort: Cohort, parts: Split, seed: int) -> dict[str, Part]:
    """Return group → its looks: at spells of the calibration part's first year, as known on the day of use.

    On that day those who began last could have lasted the longest horizon. The spells that were learnt from, and those
    of people who are new to the model then, are of the training part's days, and known as training knew them.
    """
    first, day, start = parts.calibration.first, parts.calibration.known_until, cohort.start
    if start is None or first is None or day is None or parts.train.known_until is None or not parts.dealt:
        raise DataError("later spells are lent where people are dealt to parts that have their days: longer registers "
                        "are needed")  # fmt: skip
    outcome, begins, until = cohort.contract.outcome, np.datetime64(first, "D"), np.datetime64(day, "D")
    lasts = np.timedelta64(round(max(outcome.horizons) * outcome.unit_days), "D")
    known, part_of = (start >= begins) & (until - start >= lasts), deal(cohort.person, seed)[cohort.person]

    def group(rows: Rows, until: np.datetime64) -> Part:
        return Part(rows, spells_known_at(cohort, start, rows, until), person=cohort.person[rows])

    dealt = {name: np.flatnonzero(known & (part_of == number)) for number, name in enumerate(DEALT)}
    both = {name: np.concatenate([dealt[each] for each in of]) for name, of in TOGETHER.items()}
    then = group(np.flatnonzero((start < begins) & (part_of > 0)), np.datetime64(parts.train.known_until, "D"))
    groups = {name: group(rows, until) for name, rows in {**dealt, **both}.items()}
    return {**groups, "learnt": parts.train, "then": then}


def _by_landmark(groups: Mapping[str, Part], said: Mapping[str, Floats], outcome: Outcome) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for stage in np.unique(landmarks(groups["new"].asked(outcome.horizon).spells.entry, outcome)).tolist():
        here = {name: at_landmark(part, outcome, stage) for name, part in groups.items()}
        found[landmark_words(stage, outcome).replace(" ", "_")] = {
            name: {"looks": int(rows.sum()), "slope": slope(said[name][rows], groups[name][rows], outcome)}
            for name, rows in here.items()
        }
    return found


def slope(margin: Floats, part: Part, outcome: Outcome) -> float:
    """Return the slope of the known outcome at the main horizon on the margin, (n,): 1 where margins are log-odds."""
    at = outcome_at(part.spells, outcome.horizon)
    margin, target = margin[at.known], at.outcome[at.known].astype(np.float64)
    design = np.column_stack([np.ones(len(margin)), margin - margin.mean()])
    return float(fit_logistic(design, target, at.weight[at.known])[1])


def over_registers(found: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return kind of model → landmark → mean and standard deviation of each group's slope, and differences."""
    return {
        kind: {words: _over([each[kind][words] for each in found]) for words in found[0][kind]} for kind in found[0]
    }


def _over(lines: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    slopes = {name: np.array([line[name]["slope"] for line in lines]) for name in GROUPS}
    several = len(lines) > 1
    return {
        "looks": {name: float(np.mean([line[name]["looks"] for line in lines])) for name in GROUPS},
        "slope": {
            name: {"mean": float(each.mean()), "sd": float(each.std(ddof=1)) if several else None}
            for name, each in slopes.items()
        },
        "less": {
            f"{name}_less_{other}": plain(_mean(slopes[name] - slopes[other])) for name, other in DIFFERENCES.items()
        },
    }


def _mean(differences: Floats) -> Interval:
    """Return the mean over registers, (n,), with Student's 95 % interval."""
    number, mean = len(differences), float(differences.mean())
    spread = float(differences.std(ddof=1)) / number**0.5 * student95(number - 1) if number > 1 else np.inf
    return Interval(mean, mean - spread, mean + spread)


def _print(figures: Mapping[str, Any]) -> None:
    print(f"slopes over {len(figures['registers'])} registers: mean, and standard deviation from one to another")
    for kind, by_landmark in figures["together"].items():
        for words, line in by_landmark.items():
            print(f"{kind}, {words.replace('_', ' ')}")
            for name, each in line["slope"].items():
                spread = "–" if each["sd"] is None else f"{each['sd']:.3f}"
                print(f"  {GROUPS[name]:<44} {each['mean']:.3f}  {spread}  {line['looks'][name]:.0f} looks each")
            for name, other in DIFFERENCES.items():
                print(f"  {GROUPS[name]}, less {GROUPS[other]}: {told(line['less'][f'{name}_less_{other}'], 3)}")


if __name__ == "__main__":
    main()

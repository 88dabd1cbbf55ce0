"""Whether the gap between groups grows when hints change services, and their outcomes train the next model.

    python -m experiments.feedback_loop.run [--rounds 12] [--worlds 24] [--seed N] [--home DIR] [--picture PNG] [--json]

Everybody in it is made up; no register is read.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from experiments.command import answer, parser
from experiments.feedback_loop.figures import LAST, summarise
from experiments.feedback_loop.grid import BOTH, BY_INPUTS, BY_TRAINING, MAIN, live_all
from experiments.feedback_loop.picture import draw
from experiments.plain import told
from ml.progress import Say, progress, silent

EXPERIMENT = "feedback_loop"
FEWEST_ROUNDS, FEWEST_WORLDS, FEWEST_PEOPLE = LAST, 2, 500
MARKS = {"grows": "+", "shrinks": "-", "no change shown": "?"}


def main(argv: Sequence[str] | None = None) -> None:
    """Print what was found; keep it where it is asked for."""
    options = parser(__doc__)
    options.add_argument("--rounds", type=int, default=12, help="years with services")
    options.add_argument("--worlds", type=int, default=24, help="how often each is done again with other people")
    options.add_argument("--people", type=int, default=None, help="in each world")
    asked = options.parse_args(argv)
    if asked.rounds < FEWEST_ROUNDS or asked.worlds < FEWEST_WORLDS:
        options.error(f"--rounds must be at least {FEWEST_ROUNDS} and --worlds at least {FEWEST_WORLDS}: "
                      "the end is a mean over rounds, and an interval needs two worlds")  # fmt: skip
    if asked.people is not None and asked.people < FEWEST_PEOPLE:
        options.error(f"--people must be at least {FEWEST_PEOPLE}: each year's model learns from those out of work")
    with progress() as say:
        found = measure(asked.seed, asked.worlds, asked.rounds, asked.people, say)
    parameters = {"rounds": asked.rounds, "worlds": asked.worlds}
    answer(asked, EXPERIMENT, parameters, _gaps(found), found, draw(found), lambda: _print(found))


def measure(seed: int, worlds: int, rounds: int, people: int | None = None, say: Say = silent) -> dict[str, Any]:
    """Return all figures in plain numbers: shares, and by how much predicted shares are off."""
    runs = [run for of_world in MAIN.values() for run in of_world]
    lived = live_all(seed, worlds, rounds, [*runs, *BY_INPUTS, *BY_TRAINING], people, say)
    return {"seed": seed, "number_of_worlds": worlds, "number_of_rounds": rounds, **summarise(lived)}


def _gaps(found: Mapping[str, Any]) -> dict[str, Any]:
    """Return the gaps at the end, for the list of runs."""
    return {
        name: {words: line["end"]["gap"] for words, line in world["policies"].items()}
        for name, world in found["worlds"].items()
    }


def _print(found: Mapping[str, Any]) -> None:
    print(f"{found['number_of_worlds']} worlds each, {found['number_of_rounds']} years; figures of the last {LAST}, "
          "95 % intervals of the mean over worlds;")  # fmt: skip
    print("+ the gap grows, - it shrinks, after a correction for all comparisons of the table; ? no change shown")
    for name, world in found["worlds"].items():
        print(f"\n{name}: gap before services {told(world['before'], 3)}")
        print(f"  {'':<40}{'out of work':<13}{'gap':<28}{'against no services':<28}{'against caseworkers alone':<28}"
              f"{'helped':<8}false positives")  # fmt: skip
        for words, line in world["policies"].items():
            end = line["end"]
            print(f"  {words:<40}{value(end['out'], 3):<13}{told(end['gap'], 3):<28}"
                  f"{read(line['against_no_services']):<28}{read(line['against_caseworkers']):<28}"
                  f"{value(end['helped_ratio'], 2):<8}{told(end['false_positive_ratio'], 2)}")  # fmt: skip
    _print_variants(found)


def _print_variants(found: Mapping[str, Any]) -> None:
    print(f"\nby what the model sees ({BOTH})")
    print(f"  {'':<42}{'gap':<28}{'against caseworkers alone':<28}{'helped':<8}the group's risk, predicted less real")
    for line in found["inputs"]:
        end, words = line["end"], f"{line['policy']}, {line['inputs']}"
        print(f"  {words:<42}{told(end['gap'], 3):<28}{read(line['against_caseworkers']):<28}"
              f"{value(end['helped_ratio'], 2):<8}{told(end['off_alone_group'], 3)}")  # fmt: skip
    print(f"\nby how the model is trained ({BOTH}, highest risk): predicted less observed share, and less real share "
          "had nobody been helped")  # fmt: skip
    names = {"off_observed": "observed", "off_observed_flagged": "observed, flagged", "off_alone": "real",
             "off_alone_flagged": "real, flagged", "off_alone_group": "real, the group"}  # fmt: skip
    print(f"  {'':<18}" + "".join(f"{words:<26}" for words in names.values()) + "gap against the first model's")
    for line in found["training"]:
        off = "".join(f"{told(line['end'][name], 3):<26}" for name in names)
        print(f"  {line['training']:<18}{off}{read(line['against_first_model'])}")


def value(figure: Mapping[str, float | None], digits: int) -> str:
    """Return a figure without its interval."""
    return "–" if figure["value"] is None else f"{figure['value']:.{digits}f}"


def read(comparison: Mapping[str, Any]) -> str:
    """Return a comparison with the mark of what may be said of it; nothing where it is with itself."""
    return f"{told(comparison, 3)} {MARKS[comparison['reading']]}" if comparison["reading"] in MARKS else "–"


if __name__ == "__main__":
    main()

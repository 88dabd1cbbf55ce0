"""Client groups of the synthetic Helsinki: how stable, by which method, and whether they find what nature hid.

    python -m experiments.fractions.run --planning DIR [--registers DIR] [--seeds N] [--worlds N] [--home DIR]
        [--picture PNG] [--json]

--planning    cohort folder of purpose planning
--registers   folder with s1/cohort, s1/raw.oracle and the key: then the oracle is asked for latent employability
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from experiments.fractions.hidden import employability
from experiments.fractions.methods import compare
from experiments.fractions.worlds import without_groups
from experiments.tracking import track
from ml.models.fractions import figures, fractions, lines, picture
from ml.progress import Say, progress
from ml.register.cohort import read_stock


def main(argv: Sequence[str] | None = None) -> None:
    """Print what was found."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--planning", type=Path, default=Path("var/cohorts/planning"), metavar="DIR")
    parser.add_argument("--registers", type=Path, metavar="DIR")
    parser.add_argument("--seeds", type=int, default=3, help="how many seeds choose a number of groups")
    parser.add_argument("--worlds", type=int, default=40, help="how many worlds without groups are tried")
    parser.add_argument("--home", type=Path, metavar="DIR", help="keep a run in this home")
    parser.add_argument("--picture", type=Path, metavar="PNG")
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args(argv)
    with progress() as say:
        found = measure(arguments.planning, arguments.registers, arguments.seeds, arguments.worlds, say)
    drawn = found.pop("drawn")
    if arguments.picture:
        drawn.savefig(arguments.picture)
    metrics = {f"groups_{each['groups']}": each for each in found["found"]["tried"]}
    track(arguments.home, "experiment-fractions", {"seeds": arguments.seeds}, metrics, found, {"fractions": drawn})
    if arguments.json:
        print(json.dumps(found))
        return
    print("\n".join(found["lines"]))
    for name in ("seeds", "methods", "worlds", "employability"):
        print(f"\n{name}")
        for line in found[name] if isinstance(found[name], list) else [found[name]]:
            print(" ", json.dumps(line, ensure_ascii=False))


def measure(planning: Path, registers: Path | None, seeds: int, worlds: int, say: Say) -> dict[str, Any]:
    """Return the figures, the lines for people, and the picture under "drawn"."""
    stock = read_stock(planning)
    found = []
    for seed in range(1, seeds + 1):
        say(f"finding groups, seed {seed}")
        found.append(fractions(stock, seed))
    say("comparing methods")
    return {
        "found": figures(found[0]),
        "lines": lines(found[0]),
        "drawn": picture(found[0]),
        "seeds": [{"seed": each.seed, "chosen": each.chosen, "people": [group.people for group in each.groups],
                   "jaccard": [group.jaccard for group in each.groups]} for each in found],
        "methods": compare(stock, seed=1, say=say),
        "worlds": without_groups(worlds, say),
        "employability": employability(registers, 1, found[0].columns, found[0].chosen)
        if registers and found[0].chosen else "not asked",
    }  # fmt: skip


if __name__ == "__main__":
    main()

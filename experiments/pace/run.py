"""How the level of chances should follow the times: not, by what changed last, by learning, or by the pace at a look.

    python -m experiments.pace.run --registers DIR [--years N ...] [--target-group N] [--seed N] [--home DIR]
                                   [--picture PNG] [--json]

A register a year, whose extract ends on 31 January, seed: the year less 2000. Those that are not in DIR are made there,
which takes a minute to a minute and a half each. No model is kept.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from experiments.attainable.fresh import in_the_days_of
from experiments.attainable.registers import Registers, ask_where
from experiments.command import answer, parser
from experiments.fits import predictions
from experiments.pace.picture import draw
from experiments.pace.ways import KEPT, SHOCK, WAYS, chances
from experiments.plain import Plain, plain, told
from ml.contracts import Bools, Cohort, Floats, Interval, Predictions
from ml.errors import DataError
from ml.measures.landmarks import landmark_words, landmarks
from ml.measures.period import Leaving, leaving
from ml.measures.shares import plain_interval, student95, weighted_mean
from ml.models.split import deal, spells_known_at, split
from ml.progress import Say, progress, silent

EXPERIMENT = "pace"
YEARS = tuple(range(2015, 2027))
CHANGES = {"before": "into the newest window", "first_year": "into the year after it", "second_year": "and once more"}


def main(argv: Sequence[str] | None = None) -> None:
    """Print how far chances are off, year by year, by how the level is carried."""
    options = parser(__doc__)
    ask_where(options)
    options.add_argument("--years", type=int, nargs="+", default=YEARS, metavar="N", help="in which the extracts end")
    asked = options.parse_args(argv)
    with progress() as say:
        figures = measure(asked.registers, asked.years, asked.target_group, asked.seed, say)
    parameters = {"years": list(asked.years)}
    answer(asked, EXPERIMENT, parameters, figures["off"], figures, draw(figures), lambda: _print(figures))


def measure(folder: Path, years: Sequence[int], target_group: int, seed: int, say: Say = silent) -> dict[str, Any]:
    """Return the figures of each year's register, and how far chances are off over the years by way."""
    found = {}
    for year in years:
        registers = Registers(folder / str(year), target_group, date(year, 1, 31))
        found[str(year)] = of_register(registers.cohort(year - 2000, say), seed, say)
    return {"years": found, "off": off(found), "shock": SHOCK}


def of_register(cohort: Cohort, seed: int, say: Say = silent) -> dict[str, Any]:
    """Return the day of use, how the pace changed before and after it, and the gaps by way and landmark.

    calm             no change beyond SHOCK before the day of use, nor in the two years after it, in which it is judged
    calm_until_then  no such change before the day of use, whatever came
    """
    parts, outcome = split(cohort, seed), cohort.contract.outcome
    day, part_of = parts.calibration.known_until, deal(cohort.person, seed)[cohort.person]
    if day is None or not parts.dealt:
        raise DataError("a pace has its day: registers long enough for a split by time are needed")
    change = changes(cohort, part_of < 2, np.datetime64(day, "D"))
    judged = in_the_days_of(parts.test, cohort)
    parts = replace(parts, test=judged[part_of[judged.rows] > 0])
    say(f"fitting logistic regression, to be used on {day}")
    said = chances(cohort, parts, seed, change["before"].value)
    by_landmark = {}
    for stage in np.unique(landmarks(parts.test.spells.entry, outcome)).tolist():
        found = {way: predictions(each, parts.test, outcome, stage) for way, each in said.items()}
        by_landmark[landmark_words(stage, outcome).replace(" ", "_")] = _landmark(found)
    quiet = {name: abs(each.value) <= SHOCK for name, each in change.items()}
    return {
        "day_of_use": day.isoformat(),
        "calm": all(quiet.values()),
        "calm_until_then": quiet["before"],
        "change": {name: plain(each) for name, each in change.items()},
        "landmarks": by_landmark,
    }


def changes(cohort: Cohort, people: Bools, day: np.datetime64, years_after: int = 2) -> dict[str, Interval]:
    """Return by how much the logarithm of the pace changed from window to window: known on the day, and after it.

    people       (n,) rows of those it is counted in; of each spell the look at registration is taken
    years_after  of the day of use, whose windows are looked at in hindsight

    Windows last the longest horizon. Intervals take exits as independent.
    """
    outcome, start = cohort.contract.outcome, cohort.start
    if start is None:
        raise DataError("a pace has its day: add [time] to the contract")
    lasts = np.timedelta64(round(max(outcome.horizons) * outcome.unit_days), "D")
    here = people & (landmarks(cohort.entry, outcome) == 0)

    def window(until: np.datetime64) -> Leaving:
        elapsed = (until - start) / np.timedelta64(1, "D") / outcome.unit_days
        rows = np.flatnonzero(here & (start < until) & (cohort.entry <= elapsed))
        opened = np.maximum(elapsed[rows] - max(outcome.horizons), 0)
        return leaving(spells_known_at(cohort, start, rows, until), opened, max(outcome.horizons))

    windows = [window(day + number * lasts) for number in range(-1, years_after + 1)]
    return {name: _change(*two) for name, two in zip(CHANGES, pairwise(windows), strict=False)}


def _change(before: Leaving, after: Leaving) -> Interval:
    change = float(np.log(after.hazard.sum() / before.hazard.sum()))
    variance = [np.sum(each.hazard / each.table.at_risk) / each.hazard.sum() ** 2 for each in (before, after)]
    return plain_interval(change, float(np.sqrt(sum(variance))))


def _landmark(said: Mapping[str, Predictions]) -> dict[str, Any]:
    """Return the observed share, and way → predicted less observed share."""
    known = next(iter(said.values()))
    observed = plain_interval(*weighted_mean(known.outcome, known.weight, known.person))
    gaps = {way: _gap(each) for way, each in said.items()}
    return {"rows": len(known.score), "observed": plain(observed), "gap": gaps}


def _gap(said: Predictions) -> Plain:
    return plain(plain_interval(*weighted_mean(said.score - said.outcome, said.weight, said.person)))


def off(years: Mapping[str, Any]) -> dict[str, Any]:
    """Return how far chances are off over sets of years: root mean squares by way, the kept against each other."""
    every = list(years.values())
    sets = {
        "calm": [each for each in every if each["calm"]],
        "not_calm": [each for each in every if not each["calm"]],
        "calm_until_then": [each for each in every if each["calm_until_then"]],
        "all": every,
    }
    return {name: _off(lines) for name, lines in sets.items() if lines}


def _off(lines: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    names = list(lines[0]["landmarks"])
    squared = {
        way: np.array([[line["landmarks"][name]["gap"][way]["value"] for name in names] for line in lines]) ** 2
        for way in WAYS
    }
    means = {
        way: {
            **dict(zip(names, np.sqrt(each.mean(axis=0)).tolist(), strict=True)),
            "together": float(np.sqrt(each.mean())),
        }
        for way, each in squared.items()
    }
    of_year = {way: np.sqrt(each.mean(axis=1)) for way, each in squared.items()}
    against = {way: _against(each - of_year[KEPT]) for way, each in of_year.items() if way != KEPT}
    return {"years": len(lines), "off": means, "kept_against": against}


def _against(nearer: Floats) -> dict[str, Any]:
    """Return by how much the kept way is nearer in the mean over years, (years,), and how often."""
    years, mean = len(nearer), float(nearer.mean())
    spread = float(nearer.std(ddof=1)) / years**0.5 * student95(years - 1) if years > 1 else np.inf
    return {
        "nearer_by": plain(Interval(mean, mean - spread, mean + spread)),
        "years_nearer": int(np.sum(nearer > 0)),
        "years_farther": int(np.sum(nearer < 0)),
    }


def _print(figures: Mapping[str, Any]) -> None:
    for year, line in figures["years"].items():
        print(f"used on {line['day_of_use']} (extract of {year}), {'calm' if line['calm'] else 'not calm'}")
        changes = [f"{words} {told(line['change'][name], 3)}" for name, words in CHANGES.items()]
        print(f"  the pace changed: {'; '.join(changes)}")
        for words, each in line["landmarks"].items():
            print(f"  {_words(words)}: {each['rows']} looks, observed {told(each['observed'], 3)}")
            for way, gap in each["gap"].items():
                print(f"    {WAYS[way]:<52} gap {told(gap)}")
    for name, each in figures["off"].items():
        print(f"{_words(name)}, {each['years']} years: root mean square of the gaps")
        for way, of in each["off"].items():
            means = "  ".join(f"{_words(words)} {value:.4f}" for words, value in of.items())
            print(f"  {WAYS[way]:<52} {means}")
        for way, of in each["kept_against"].items():
            print(f"  {WAYS[KEPT]} is nearer than {WAYS[way]} by {told(of['nearer_by'])}: nearer in "
                  f"{of['years_nearer']} years, farther in {of['years_farther']}")  # fmt: skip


def _words(name: str) -> str:
    return name.replace("_", " ")


if __name__ == "__main__":
    main()

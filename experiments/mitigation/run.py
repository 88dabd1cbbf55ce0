"""What narrowing a gap in false alarms costs, and whom.

    python -m experiments.mitigation.run [--cohort DIR] [--attribute NAME ...] [--seed N] [--home DIR] [--picture PNG]
                                        [--json]

Mitigations are made in memory, for this question. No model is kept.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from scipy.special import expit

from experiments.command import COHORT, answer, cohort_of, parser
from experiments.fits import Choices, at_landmark, chosen_ridge, coded, fit
from experiments.mitigation.methods import CAPACITY, Learnt, candidates, scorers
from experiments.mitigation.people import People, deal, groups_of
from experiments.mitigation.picture import draw
from experiments.mitigation.proxies import strongest
from experiments.mitigation.words import show
from ml.contracts import Cohort
from ml.disclosure import redact
from ml.fairness.mitigation.choice import Rule, choose
from ml.fairness.mitigation.compare import compare, too_few
from ml.fairness.mitigation.point import Mitigation
from ml.fairness.mitigation.rate import Judged
from ml.models.ltu.trees import TreeSettings
from ml.models.split import split
from ml.progress import Say, progress, silent

EXPERIMENT = "mitigation"
ATTRIBUTES = ("work_ability_limited", "gender", "mother_tongue_group", "citizenship_group", "age")
FEWEST = 100  # people with the outcome in question in a group; below, sampling alone spreads the ratios
TOLD_PROXIES = 10


def main(argv: Sequence[str] | None = None) -> None:
    """Print each mitigation of each attribute's gap, and the choice."""
    options = parser(__doc__)
    options.add_argument("--cohort", type=Path, default=COHORT, metavar="DIR")
    options.add_argument("--attribute", nargs="+", default=ATTRIBUTES, metavar="NAME")
    asked = options.parse_args(argv)
    cohort = cohort_of(asked.cohort)
    with progress() as say:
        figures = {name: plainly(each) for name, each in measure(cohort, asked.attribute, asked.seed, say).items()}
    parameters = {"data_digest": cohort.digest, "attributes": ", ".join(asked.attribute)}
    whole = {"data_digest": cohort.digest, "attributes": figures}  # as `apualy train --mitigation` reads it
    answer(asked, EXPERIMENT, parameters, _headlines(figures), whole, draw(figures), lambda: show(figures))


def measure(
    cohort: Cohort, attributes: Sequence[str], seed: int, say: Say = silent, fewest: int = FEWEST
) -> dict[str, dict[str, Any]]:
    """Return attribute → its mitigations, and the inputs that tell it best."""
    outcome, parts = cohort.contract.outcome, split(cohort, seed)
    for name in attributes:
        groups_of(cohort, name, parts.test.rows)  # a name that is none is told before an hour of work
    inputs = coded(cohort.features, cohort.contract.inputs, parts)
    say("fitting the model as it is")
    choices = Choices(chosen_ridge(inputs, parts.train, outcome, seed), TreeSettings())
    margins = fit("logistic", inputs, parts.train, outcome, seed, choices)
    learnt = Learnt(cohort, parts, inputs, choices, seed, lambda codes: np.asarray(expit(margins(codes)[:, 0])))
    sets = deal(parts, outcome, np.random.default_rng(seed))
    return {name: _attribute(learnt, name, sets, say, fewest) for name in attributes}


def _attribute(
    learnt: Learnt, attribute: str, sets: tuple[People, People, People], say: Say, fewest: int
) -> dict[str, Any]:
    learners, choosers, test = sets
    train = learnt.parts.train[at_landmark(learnt.parts.train, learnt.cohort.contract.outcome, 0)]
    of_train, _ = groups_of(learnt.cohort, attribute, train.rows)
    say(f"{attribute}: looking for proxies")
    proxies = strongest(learnt.inputs, train.rows, train.person, of_train, np.random.default_rng(learnt.seed))
    models = scorers(learnt, attribute, proxies, say)
    points = {}
    for name, people in (("choosing", choosers), ("test", test)):
        say(f"{attribute}: judging, {name}")
        judged = Judged(people.known, *groups_of(learnt.cohort, attribute, people.rows), fewest)
        points[name] = compare(list(candidates(learnt, attribute, models, learners, people)), judged)
    found = Mitigation(
        attribute, judged.reference, CAPACITY, redact(len(test.rows)), redact(len(choosers.rows)), points["test"],
        choose(points["choosing"], Rule()), too_few(judged),
    )  # fmt: skip
    return {"mitigation": found, "chosen_by": points["choosing"], "proxies": dict(proxies[:TOLD_PROXIES])}


def plainly(found: Mapping[str, Any]) -> dict[str, Any]:
    """Return one attribute's figures as JSON has them, with the names of points that no other beats."""
    mitigation: Mitigation = found["mitigation"]
    return {
        **_plain(asdict(mitigation)),
        "undominated": list(mitigation.undominated),
        "chosen_by": [_plain(asdict(each) | {"groups": ()}) for each in found["chosen_by"]],
        "proxies": found["proxies"],
    }


def _plain(value: Any) -> Any:
    """Return numbers, texts and lists; no NaN and no infinity."""
    if isinstance(value, Mapping):
        return {str(key): _plain(each) for key, each in value.items()}
    if isinstance(value, tuple | list):
        return [_plain(each) for each in value]
    if isinstance(value, float):
        return float(value) if np.isfinite(value) else None
    return value


def _headlines(figures: Mapping[str, Any]) -> dict[str, Any]:
    """Return share found and gap of each mitigation, by attribute."""
    return {
        attribute: {
            point["name"]: {"found": point["found"]} | ({"gap": point["gap"]["times"]} if point["gap"] else {})
            for point in of["points"]
        }
        for attribute, of in figures.items()
    }


if __name__ == "__main__":
    main()

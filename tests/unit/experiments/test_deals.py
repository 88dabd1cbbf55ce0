"""The same people dealt to the parts in other ways: what models said of people they had not seen, judged together."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from experiments.attainable import deals
from ml.contracts import Predictions
from ml.models.split import split
from ml.register.cohort import build_cohort
from ml.register.cohort.declaration import read_contract


def test_deals_are_judged_together_and_one_by_one(helsinki: Path, tmp_path: Path) -> None:
    cohort = build_cohort(read_contract(helsinki / "cohort.toml"), helsinki)
    found = deals.of_register(cohort, 2, 1)
    assert list(found) == ["at_registration", "after_91_days", "after_182_days"]
    tested = [len(split(cohort, seed).test.asked(365)) for seed in (1, 2)]
    assert sum(line["rows"] for line in found.values()) == sum(tested)
    for line in found.values():
        one, other = (each["gap"]["value"] for each in line["deals"])
        assert min(one, other) <= line["gap"]["value"] <= max(one, other)
    deals.draw({"register_1": found}).savefig(tmp_path / "deals.png")
    assert (tmp_path / "deals.png").stat().st_size > 10_000


def test_a_person_who_is_tested_twice_is_one_person_all_the_same() -> None:
    """Twice the same rows tell no more: the interval is as wide as with one."""
    rng = np.random.default_rng(1)
    score = rng.uniform(0.1, 0.9, 400)
    once = Predictions(365.0, score, rng.random(400) < score, np.ones(400), np.arange(400))
    one, twice = (deals._figures(each, 1)["gap"] for each in (once, deals._together([once, once])))
    assert twice["value"] == pytest.approx(one["value"])
    assert twice["high"] - twice["low"] == pytest.approx(one["high"] - one["low"], rel=1e-6)

"""The pace experiment: what each way makes of the level, how years are taken together, a small register."""

from __future__ import annotations

import json
import shutil
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from experiments.attainable.registers import Registers
from experiments.pace import run
from experiments.pace.picture import draw
from experiments.pace.ways import KEPT, SHOCK, WAYS, carried, carried_pace
from ml.contracts import Cohort
from ml.measures.landmarks import landmarks
from ml.models.calibrated import fit_calibrators
from ml.models.split import split
from ml.register.cohort import build_cohort
from ml.register.cohort.declaration import read_contract


@pytest.fixture(scope="module")
def cohort(helsinki: Path) -> Cohort:
    return build_cohort(read_contract(helsinki / "cohort.toml"), helsinki)


def year(calm: bool, **gap: float) -> dict[str, Any]:
    """Return figures of a year whose gaps are alike at two landmarks."""

    def figure(value: float) -> dict[str, float]:
        return {"value": value, "low": value - 0.01, "high": value + 0.01}

    gaps = {way: figure(gap.get(way, gap[KEPT])) for way in WAYS}
    return {
        "day_of_use": "2014-11-03", "calm": calm, "calm_until_then": True,
        "change": {name: figure(0.02) for name in run.CHANGES},
        "landmarks": {name: {"rows": 9, "observed": figure(0.3), "gap": gaps} for name in ("at_first", "later")},
    }  # fmt: skip


@pytest.mark.parametrize(("change", "pace"), [(0.04, 1.0202), (-0.06, 0.9704), (-0.12, 1.0), (0.09, 1.0)])
def test_half_of_a_change_goes_on_and_nothing_of_a_shock(change: float, pace: float) -> None:
    assert carried_pace(change) == pytest.approx(pace, abs=1e-4)


@pytest.mark.parametrize("pace", [1.0, 1.05, 0.9])
def test_a_level_is_carried_to_the_power_of_the_pace_and_a_slope_is_not(cohort: Cohort, pace: float) -> None:
    part, outcome = split(cohort, 1).calibration, cohort.contract.outcome
    margins = np.random.default_rng(5).normal(size=(len(part), len(outcome.horizons)))
    fitted = fit_calibrators(margins, part, outcome)
    newest = (landmarks(part.spells.entry, outcome) == 0) & (part.since <= part.spells.entry)
    there, now = (each[0][-1] for each in (fitted, carried(fitted, margins, part, outcome, pace)))
    assert there is not None
    assert now is not None
    before, after = (each.probability(margins[newest, -1]).mean() for each in (there, now))
    assert after == pytest.approx(before**pace)
    assert (now.slope, now.center) == (there.slope, there.center)


def test_years_are_taken_together_by_root_mean_squares_and_compared_one_by_one() -> None:
    years = {"a": year(True, follows=0.03, stays=0.01), "b": year(True, follows=-0.01, stays=-0.02),
             "c": year(False, follows=-0.05)}  # fmt: skip
    found = run.off(years)
    assert {name: each["years"] for name, each in found.items()} == {
        "calm": 2, "not_calm": 1, "calm_until_then": 3, "all": 3,
    }  # fmt: skip
    mean = ((0.03**2 + 0.01**2) / 2) ** 0.5
    assert found["calm"]["off"]["follows"] == pytest.approx({"at_first": mean, "later": mean, "together": mean})
    against = found["all"]["kept_against"]["stays"]
    assert (against["years_nearer"], against["years_farther"]) == (1, 1)
    assert against["nearer_by"]["value"] == pytest.approx((-0.02 + 0.01 + 0) / 3)
    assert against["nearer_by"]["low"] < 0 < against["nearer_by"]["high"]
    assert found["not_calm"]["kept_against"]["carried"]["nearer_by"]["low"] is None  # of one year


@pytest.mark.parametrize("calm", [True, False])
def test_a_picture_is_drawn_where_no_year_is_of_a_kind(calm: bool, tmp_path: Path) -> None:
    years = {"2017": year(calm, follows=0.02)}
    draw({"years": years, "off": run.off(years), "shock": SHOCK}).savefig(tmp_path / "pace.png")
    assert (tmp_path / "pace.png").stat().st_size > 10_000


def test_a_year_of_a_small_register_is_judged_in_each_way(
    helsinki: Path, cohort: Cohort, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copytree(helsinki, tmp_path / "2020" / "s20" / "cohort")
    run.main(["--registers", str(tmp_path), "--years", "2020", "--json"])
    line = json.loads(capsys.readouterr().out)["years"]["2020"]
    parts = split(cohort, 1)
    assert line["day_of_use"] == str(parts.calibration.known_until)
    newest = cohort.features["leaving_share"].iloc[parts.calibration.rows[parts.calibration.since == 0]]
    later = cohort.features["leaving_share"].iloc[parts.test.rows]
    for each in line["landmarks"].values():  # more leave at a faster pace
        assert (each["gap"]["follows"]["value"] < each["gap"]["stays"]["value"]) == (later.mean() > newest.mean())
        assert each["gap"].keys() == WAYS.keys()
    tested = sum(each["rows"] for each in line["landmarks"].values())
    assert tested > len(parts.test.asked(365))  # those who calibrate are judged as well


def test_an_extract_ends_when_it_is_told_to(tmp_path: Path) -> None:
    cohort = Registers(tmp_path, 300, date(2017, 1, 31)).cohort(17)
    assert cohort.as_of == date(2016, 11, 2)

"""The slopes experiment: whose looks are held against whose, what a slope is, a small register."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.special import expit

from experiments.slopes import run
from experiments.slopes.picture import draw
from ml.contracts import Cohort, Part, Spells
from ml.models.split import split
from ml.register.cohort import build_cohort
from ml.register.cohort.declaration import read_contract


@pytest.fixture(scope="module")
def cohort(helsinki: Path) -> Cohort:
    return build_cohort(read_contract(helsinki / "cohort.toml"), helsinki)


def line(**slope: float) -> dict[str, Any]:
    """Return slopes of one register, kind and landmark."""
    return {name: {"looks": 100, "slope": slope.get(name, 1.0)} for name in run.GROUPS}


def test_looks_held_against_each_other_differ_in_whose_they_are_alone(cohort: Cohort) -> None:
    parts = split(cohort, 1)
    groups = run.whose(cohort, parts, 1)
    calibration = parts.calibration
    assert set(groups) == set(run.GROUPS)
    assert set(groups["lent"].rows) == set(calibration.rows[calibration.ripe & calibration.lent])
    assert set(groups["apart"].rows) == set(calibration.rows[calibration.judging])
    assert set(groups["lent"].person) & set(parts.train.person)
    assert not set(groups["new"].person) & (set(parts.train.person) | set(groups["lent"].person))
    assert set(parts.test.person) & set(groups["tested"].person)
    assert cohort.start is not None
    days = {name: np.sort(cohort.start[groups[name].rows])[[0, -1]] for name in run.DEALT}
    year = np.timedelta64(365, "D")
    assert all(np.datetime64(calibration.first) <= first for first, _ in days.values())
    assert all(last <= np.datetime64(calibration.known_until) - year for _, last in days.values())
    assert not set(groups["lent"].rows) & set(parts.train.rows)
    then = cohort.start[groups["then"].rows]
    assert then.max() < np.datetime64(calibration.first)
    assert not set(groups["then"].person) & set(parts.train.person)
    assert (groups["then"].spells.duration >= groups["then"].spells.entry).all()


def test_a_slope_is_one_where_margins_are_the_log_odds(cohort: Cohort) -> None:
    rng = np.random.default_rng(3)
    margin = rng.normal(-1, 1.5, size=20_000)
    stays = rng.random(len(margin)) < expit(margin)
    spells = Spells(np.where(stays, 400.0, 100.0), np.ones(len(margin), dtype=np.bool_), np.zeros(len(margin)))
    part = Part(np.arange(len(margin)), spells)
    assert run.slope(margin, part, cohort.contract.outcome) == pytest.approx(1, abs=0.05)
    assert run.slope(2 * margin, part, cohort.contract.outcome) == pytest.approx(0.5, abs=0.025)


def test_registers_are_taken_together_by_paired_differences(tmp_path: Path) -> None:
    found = [
        {"logistic": {"at_registration": line(lent=each + 0.01, new=each, apart=each)}} for each in (0.8, 1.2, 1.3)
    ]
    of_all = run.over_registers(found)["logistic"]["at_registration"]
    assert of_all["slope"]["lent"] == pytest.approx({"mean": 1.11, "sd": np.std([0.8, 1.2, 1.3], ddof=1)})
    assert of_all["less"]["lent_less_new"] == pytest.approx({"value": 0.01, "low": 0.01, "high": 0.01})
    chance = of_all["less"]["apart_less_tested"]
    assert chance["low"] < -0.1 < 0.1 < chance["value"] + 0.01 < chance["high"]
    alone = run.over_registers(found[:1])
    assert alone["logistic"]["at_registration"]["slope"]["lent"]["sd"] is None
    draw(alone).savefig(tmp_path / "slopes.png")
    assert (tmp_path / "slopes.png").stat().st_size > 10_000


def test_slopes_are_printed_for_each_register_and_over_all(
    helsinki: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run, "KINDS", ("logistic",))  # the others take longer
    shutil.copytree(helsinki, tmp_path / "s4" / "cohort")
    asked = ["--registers", str(tmp_path), "--which", "4"]
    run.main([*asked, "--json"])
    figures = json.loads(capsys.readouterr().out)
    found = figures["registers"]["register_4"]["logistic"]
    assert set(found) == {"at_registration", "after_91_days", "after_182_days"}
    for words, each in found.items():
        assert each["calibrating"]["looks"] == each["apart"]["looks"] + each["lent"]["looks"] > 0
        assert figures["together"]["logistic"][words]["slope"]["lent"]["mean"] == each["lent"]["slope"]
    run.main(asked)
    assert "logistic, after 182 days" in capsys.readouterr().out

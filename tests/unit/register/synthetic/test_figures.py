"""The synthetic Helsinki against the city's figures (domain.md 3)."""

from __future__ import annotations

import json
from datetime import date
from math import sqrt
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from ml.register.report import report
from ml.register.synthetic import write_register

COUNTS = {"target_group", "unemployed", "payment_list"}


def figures(folder: Path) -> dict[str, dict[str, Any]]:
    return {figure["name"]: figure for figure in json.loads(report(folder).as_json())["figures"]}


def test_a_small_register_comes_as_near_as_chance_lets_it(small_register: Path) -> None:
    found = figures(small_register)
    assert found["target_group"]["value"] == 2_500
    people = found["unemployed"]["value"]
    for name, figure in found.items():
        share = figure["target"]
        error = sqrt(share) if name in COUNTS else sqrt(share * (1 - share) / people)
        assert figure["low"] - 3 * error <= figure["value"] <= figure["high"] + 3 * error, name


def test_the_spring_of_2020_lays_people_off(tmp_path: Path) -> None:
    laid_off, unemployed = _laid_off(write_register(tmp_path / "may", 1_500, as_of=date(2020, 5, 31)))
    assert laid_off / unemployed == pytest.approx(26_903 / 65_210, abs=0.06)


def test_the_autumn_of_2022_has_few_laid_off_and_many_long_term_unemployed(tmp_path: Path) -> None:
    out = write_register(tmp_path / "october", 1_500, as_of=date(2022, 10, 31))
    laid_off, unemployed = _laid_off(out)
    assert laid_off / unemployed == pytest.approx(974 / 34_417, abs=0.02)
    assert figures(out)["long_term_share"]["value"] == pytest.approx(0.451, abs=0.06)


def _laid_off(folder: Path) -> tuple[int, int]:
    codes = pd.read_csv(folder / "employment_codes.csv", sep=";", encoding="utf-8-sig", dtype=str)
    now = codes[codes["end"].isna()]["code"].value_counts()
    return int(now["03"]), int(now["02"] + now["03"])


@pytest.mark.slow
def test_helsinki_is_within_every_tolerance(full_register: Path) -> None:
    found = figures(full_register)
    assert found["target_group"]["value"] == 37_439
    assert {name: figure["value"] for name, figure in found.items() if not figure["within"]} == {}
    people = pd.read_csv(full_register / "jobseekers.csv", sep=";", encoding="utf-8-sig", usecols=["identity_code"])
    count = people["identity_code"].nunique()
    assert count / 37_439 == pytest.approx(4.3, abs=0.3)  # a target group of 230,000 makes a million people


@pytest.mark.slow
@pytest.mark.parametrize("seed", [2, 3])
def test_so_is_it_whatever_the_seed(tmp_path: Path, seed: int) -> None:
    found = figures(write_register(tmp_path / "raw", seed=seed))
    assert {name: figure["value"] for name, figure in found.items() if not figure["within"]} == {}

"""A model that is known to discriminate must fail, and say first that it reads gender and age."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit

from experiments.ams_audit import run as ams_audit
from experiments.ams_audit.flips import flip
from ml.contracts import Floats
from ml.errors import DataError
from ml.governance.policy import read_policy
from ml.register.cohort import build_cohort
from ml.register.cohort.declaration import read_contract


def test_the_formula_fails_with_direct_use_of_gender_and_age_first(
    helsinki: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ams_audit.main(["--cohort", str(helsinki), "--json"])
    found = json.loads(capsys.readouterr().out)
    first = [(each["metric"], each["attribute"], each["verdict"]) for each in found["findings"][:4]]
    assert found["verdict"] == "fail"
    assert first == [
        ("direct_use", "gender", "fail"),
        ("direct_use", "age", "fail"),
        ("direct_use", "citizenship_group", "fail"),
        ("direct_use", "work_ability_limited", "fail"),
    ]
    assert found["not_read"] == ["mother_tongue_group", "origin", "district"]
    others = found["findings"][4:]
    assert {each["metric"] for each in others} == {"false_positive_rate", "false_negative_rate"}
    verdicts = [each["verdict"] for each in others]
    assert verdicts == sorted(verdicts, key=["fail", "insufficient", "pass"].index)
    assert {each["n"] for each in others}.isdisjoint({1, 2, 3, 4})
    assert {"highest 25%", "not group A"} <= {each["cut"] for each in others}


def test_what_is_printed_names_direct_use_before_any_rate(helsinki: Path, capsys: pytest.CaptureFixture[str]) -> None:
    ams_audit.main(["--cohort", str(helsinki)])
    said = capsys.readouterr().out
    assert said.splitlines()[0].endswith("FAIL")
    places = [said.index(words) for words in ("FAIL gender", "FAIL age", "findings fail", "not judged")]
    assert places == sorted(places)


def test_a_cohort_without_what_the_formula_asks_for_is_refused(small: tuple[Path, Path]) -> None:
    cohort = build_cohort(read_contract(small[0]), small[1])
    with pytest.raises(DataError, match="lacks columns of the AMS formula"):
        ams_audit.measure(cohort, read_policy(ams_audit.POLICY).audit, 1)


def test_direct_use_fails_where_groups_are_too_small_for_any_other_claim(helsinki: Path) -> None:
    cohort = build_cohort(read_contract(helsinki / "cohort.toml"), helsinki)
    demanding = replace(read_policy(ams_audit.POLICY).audit, smallest_denominator=100_000)
    found = ams_audit.measure(cohort, demanding, 1)
    assert found["verdict_of_groups"] == "insufficient"
    assert found["verdict"] == "fail"


# ---------------------------------------------------------------- had it been another


def town(people: int) -> pd.DataFrame:
    return pd.DataFrame({"gender": ["men", "women", "missing", "women"] * (people // 4), "district": "north"})


def stays(protected: pd.DataFrame) -> Floats:
    """Return the formula's chance of staying of people who are else like its reference person."""
    return np.asarray(1 - expit(0.10 - 0.14 * (protected["gender"] == "women").to_numpy()))


def test_who_is_read_as_another_moves_by_what_the_formula_says() -> None:
    """A man's chance of work is 52.5 %, a woman's 49.0 %; whoever is of neither is read as a man."""
    protected = town(400)
    apart = expit(0.10) - expit(-0.04)
    found = flip(stays, protected, "gender", 0.5, np.arange(400))
    # men: to women; women: to men; missing: half of the way on average, for one of two values changes nothing
    assert found.moved.value == pytest.approx(apart * (0.25 + 0.5 + 0.25 / 2))
    assert found.flagged.value == 1  # all are flagged as women, and not as men
    above = flip(stays, protected, "gender", 0.9, np.arange(400))
    assert (above.flagged.value, above.moved.value) == (0, found.moved.value)
    assert above.flagged.high > 0  # none of 400 is not known to be none


def test_what_is_not_read_moves_nobody() -> None:
    found = flip(stays, town(400), "district", 0.5, np.arange(400))
    assert (found.moved.value, found.flagged.value) == (0, 0)


@pytest.mark.parametrize(("turning", "shown"), [(0, 0.0), (1, None), (4, None), (5, 0.05), (7, 0.05), (8, 0.10)])
def test_of_fewer_than_five_who_turn_nothing_is_shown(turning: int, shown: float | None) -> None:
    """Of a hundred, so many are near the line: only they turn; counts are rounded to five."""
    near = np.arange(100) < turning

    def said(protected: pd.DataFrame) -> Floats:
        return np.where(near & (protected["gender"] == "women").to_numpy(), 0.8, 0.2)

    found = flip(said, town(100), "gender", 0.5, np.arange(100)).flagged
    assert np.isnan(found.value) if shown is None else found.value == pytest.approx(shown)
    assert shown is None or 0 <= found.low <= found.value <= found.high <= 1

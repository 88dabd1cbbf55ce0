"""A model that is known to discriminate must fail, and say first that it reads gender and age."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from experiments.ams_audit import run as ams_audit
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

"""The CSV and the JSON twin: whole, safe to open, and what was put in comes out again."""

from __future__ import annotations

import csv
import json
import math
from collections.abc import Callable
from dataclasses import replace
from io import StringIO

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ml.contracts.audit import Audit, Finding, Scope
from ml.contracts.evidence import Verdict
from ml.fairness.report import ReportFacts, findings_csv, twin

TEXT = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\x00"), max_size=20)
ONE = Finding("gender", "women", 100, "false_positive_rate", 0.4, 0.3, 0.5, "men", 2.0, 1.8, 2.2, Verdict.FAIL)


def read(text: str) -> pd.DataFrame:
    return pd.read_csv(StringIO(text), keep_default_na=False, na_values={"value": [""], "ratio": [""], "n": [""]})


def of(*findings: Finding) -> Audit:
    return Audit(Verdict.FAIL, findings, 0.25, 0.25, ())


def test_every_finding_and_figure_comes_back_through_pandas(register: Audit) -> None:
    frame = read(findings_csv(register))
    whole = [*register.findings, *register.figures]
    assert len(frame) == len(whole)
    assert frame["group"].tolist() == [each.group for each in whole]
    assert frame["verdict"].tolist() == [each.verdict.value if each.verdict else "" for each in whole]
    assert frame["scope"].tolist() == [each.scope.value for each in whole]
    for name in ("value", "ratio"):
        written = frame[name].astype(float).tolist()
        asked = [getattr(each, name) for each in whole]
        assert all(math.isnan(a) if b is None else a == b for a, b in zip(written, asked, strict=True))


@pytest.mark.parametrize("name", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", " =1", "'=1", "  @x"])
@pytest.mark.parametrize("column", ["attribute", "group", "reference", "why", "cut", "within", "metric"])
def test_a_spreadsheet_runs_nothing(name: str, column: str) -> None:
    (row,) = csv.DictReader(StringIO(findings_csv(of(replace(ONE, **{column: name}))), newline=""))  # type: ignore[arg-type]
    assert row[column] == f"'{name}"


def test_numbers_below_nothing_stay_numbers() -> None:
    assert read(findings_csv(of(replace(ONE, difference=-0.25))))["difference"].tolist() == [-0.25]


@given(TEXT)
def test_a_name_can_be_read_back_exactly(name: str) -> None:
    (row,) = csv.DictReader(StringIO(findings_csv(of(replace(ONE, group=name))), newline=""))
    assert row["group"].removeprefix("'") == name
    assert row["group"] == name or row["group"].startswith("'")


@pytest.mark.parametrize("count", [1, 2, 3, 4, None])
def test_a_handful_of_people_is_in_neither_file(count: int | None, facts: Callable[..., ReportFacts]) -> None:
    audit = replace(of(replace(ONE, n=count)), people=count, rows=count, figures=(replace(ONE, n=count, verdict=None),))
    assert [row["n"] for row in csv.DictReader(StringIO(findings_csv(audit)))] == ["", ""]
    told = twin(audit, facts())
    assert [told["people"], told["rows"], told["findings"][0]["n"], told["figures"][0]["n"]] == [None] * 4


def test_the_twin_holds_all_that_was_found_and_is_plain_json(
    register: Audit, facts: Callable[..., ReportFacts], direct: dict[str, object]
) -> None:
    odd = replace(register.findings[0], ratio_high=math.inf, value=math.nan)
    audit = replace(register, findings=(odd, *register.findings[1:]), **direct)  # type: ignore[arg-type]
    told = json.loads(json.dumps(twin(audit, facts()), allow_nan=False))
    assert told["verdict"] == "fail"
    assert told["findings"][0]["ratio_high"] is None
    assert told["findings"][0]["value"] is None
    assert [each["verdict"] for each in told["findings"]] == [str(each.verdict) for each in audit.findings]
    assert [*told["findings"][0]][:12] == [  # the cohort contract's page
        "attribute", "group", "n", "metric", "value", "low", "high", "reference", "ratio", "ratio_low", "ratio_high",
        "verdict",
    ]  # fmt: skip
    assert told["policy"]["limits"]["false_positive_rate"] == {"of": "ratio", "low": 0.8, "high": 1.25}
    assert told["seconds"] == {"audit": 1.9, "proxies": 4.2}
    assert told["direct_use"] == ["gender", "age"]
    assert told["flips"][0]["moved"] == {"value": 0.034, "low": 0.031, "high": 0.037}
    assert told["proxies"][0]["carriers"][0] == {"input": "sickness_days", "lost": 0.121}
    assert {each["scope"] for each in told["findings"]} == {str(scope) for scope in Scope}

"""The section on performance: every slice has its line, what is not known is said, and small counts are not shown."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from typing import Any

import pytest

from ml.contracts import (
    AtCapacity,
    CalibrationIntervals,
    CoreFigures,
    Coverage,
    Evaluation,
    Figures,
    GroupPerformance,
    Interval,
    InTurns,
    NetBenefit,
    Outcome,
    Rival,
    Slice,
)
from ml.governance.card.markdown.performance import render_performance
from ml.governance.card.sources import cite_each
from ml.governance.figures.evaluation import evaluation_figures

YEAR = Outcome("days", "day", 1.0, 365.0, (91.0, 365.0), "how", exit_when=("work",), entry="waited", rule="gap")
WHY = "fewer than 20 people known to be still unemployed"


def at(value: float) -> Interval:
    return Interval(value, value - 0.05, value + 0.05)


CORE = CoreFigures(
    observed=at(0.2), predicted=at(0.3), gap=at(0.1), auc=at(0.7), brier=at(0.15),
    calibration=CalibrationIntervals(at(-0.1), at(0.9), at(0.03), at(0.01)),
    coverage=Coverage(0.9, 0.4, 20, 0.05, 0.04),
)  # fmt: skip
CAPACITY = AtCapacity(0.1, at(0.4), at(0.25), at(104.0), at(0.2), at(0.125), at(2.0))
WHOLE = Figures(CORE, (CAPACITY,), (NetBenefit(0.1, 0.6, at(0.1), at(0.05), at(0.02)),))
EVALUATION = Evaluation(
    slices=(
        Slice(0, 91.0, None, 1003, 998, WHOLE),
        Slice(None, 365.0, None, 1502, 998, WHOLE),
        Slice(0, 365.0, None, 1003, 998, WHOLE),
        Slice(0, 365.0, "2018 Q1", 1000, 995, replace(WHOLE, net_benefit=())),
        Slice(0, 365.0, "2018 Q2", 3, 3, None, WHY),
        Slice(1, 365.0, None, 499, 499, None, "nobody was followed to the horizon"),
    ),
    rivals=(
        Rival("base_rate", 0, at(0.5), at(0.2), at(0.2), at(0.05)),
        Rival("rule", 0, at(0.52), at(0.18), None, None),
    ),
)
GROUPS = (
    GroupPerformance("gender", "women", 0, 500, CORE),
    GroupPerformance("gender", "missing", 0, None, None, WHY),
)


@pytest.fixture
def section() -> str:
    return rendered(json.loads(json.dumps(evaluation_figures(EVALUATION, YEAR, GROUPS))), {"gender": "Gender"})


def rendered(evaluation: dict[str, Any], labels: dict[str, str] | None = None) -> str:
    """Return the section of an evaluation as a card holds it; its links are the sources themselves."""
    documents = {"evaluation.json": evaluation}
    lists = {
        name: cite_each(documents, "evaluation.json", name) for name in evaluation if isinstance(evaluation[name], list)
    }
    return render_performance({**evaluation, **lists}, labels or {}, str)


def table(section: str, heading: str) -> list[list[str]]:
    """Return the cells of the table under a heading, its head first."""
    text = section.split(f"### {heading}")[1].split("### ")[0]
    lines = [line for line in text.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if "---" not in line]


def test_json_is_plain_rounds_numbers_of_people_and_keeps_reasons() -> None:
    odd = replace(CORE, calibration=replace(CORE.calibration, slope=Interval(math.nan, math.nan, math.nan)))
    slices = (*EVALUATION.slices, Slice(1, 365.0, "2018 Q3", 40, 40, replace(WHOLE, core=odd)))
    found = evaluation_figures(replace(EVALUATION, slices=slices), YEAR, GROUPS)
    assert json.loads(json.dumps(found, allow_nan=False)) == found
    assert [each["n"] for each in found["slices"]] == [1005, 1500, 1005, 1000, None, 500, 40]
    assert [each["persons"] for each in found["slices"]] == [1000, 1000, 1000, 995, None, 500, 40]
    assert [each["at"] for each in found["slices"][:2]] == ["at registration", "all together"]
    assert (found["slices"][4]["figures"], found["slices"][4]["why"]) == (None, WHY)
    assert found["slices"][6]["figures"]["calibration"]["slope"] == {"value": None, "low": None, "high": None}
    assert found["slices"][0]["figures"]["observed"] == {"value": 0.2, "low": 0.15, "high": 0.25}
    assert found["slices"][0]["figures"]["coverage"]["bins"] == 20
    assert found["slices"][0]["figures"]["net_benefit"][0]["threshold"] == 0.1
    assert found["rivals"][1]["brier"] is None
    assert found["groups"][1] == {"attribute": "gender", "group": "missing", "landmark": 0, "at": "at registration",
                                  "n": None, "figures": None, "why": WHY}  # fmt: skip


def test_each_landmark_and_horizon_has_a_line(section: str) -> None:
    head, *rows = table(section, "By landmark")
    assert head[-3:] == ["AUC", "Brier", "evidence"]
    assert [row[:3] for row in rows] == [
        ["at registration", "91 days", "1005"],
        ["all together", "365 days", "1500"],
        ["at registration", "365 days", "1005"],
        ["after 91 days", "365 days", "500"],
    ]
    assert rows[0][3] == "0.200 (0.150 to 0.250)"
    assert rows[3][3] == "insufficient evidence: nobody was followed to the horizon"
    assert rows[3][4:] == ["—"] * 3 + ["evaluation.json#/slices/5"]
    assert {len(row) for row in rows} == {len(head)}


def test_the_pooled_line_is_called_flattering_and_only_where_there_is_one(section: str) -> None:
    assert "flatter" in section
    alone = replace(EVALUATION, slices=EVALUATION.slices[2:3])
    assert "flatter" not in rendered(evaluation_figures(alone, YEAR))


def test_calibration_stands_beside_what_noise_alone_shows(section: str) -> None:
    head, *rows = table(section, "Whether")
    told = dict(zip(head, rows[0], strict=True))
    assert told["ICI"] == "0.030 (-0.020 to 0.080)"
    assert told["ICI if perfect"] == "0.010 (-0.040 to 0.060)"
    assert told["coverage"] == "90 (40); 20 bins"
    assert told["slope"] == "0.90 (0.85 to 0.95)"
    assert [row[0] for row in rows] == ["at registration", "at registration", "after 91 days"]


def test_capacity_is_told_at_the_main_horizon_and_risk_is_not_called_benefit(section: str) -> None:
    _, *rows = table(section, "What a capacity finds")
    assert rows == [["at registration", "10 %", "0.40 (0.35 to 0.45)", "0.25 (0.20 to 0.30)", "104 (104 to 104)",
                     "0.20 (0.15 to 0.25)", "2.00 (1.95 to 2.05)",
                     "evaluation.json#/slices/2/figures/capacity/0"]]  # fmt: skip
    assert "Risk is not benefit" in section
    plain = replace(CAPACITY, rule_precision=None, rule_recall=None, lift=None)
    without = Evaluation((Slice(0, 365.0, None, 1003, 998, Figures(CORE, (plain,))),))
    assert table(rendered(evaluation_figures(without, YEAR)), "What")[1][-3:-1] == ["—", "—"]


def test_turns_are_listed_where_the_file_has_no_times(section: str) -> None:
    assert "in turn" not in section
    turned = (
        InTurns("logistic", at(0.7), None, at(0.2), None),
        InTurns("hazard", at(0.72), at(-0.02), at(0.19), at(-0.01)),
    )
    found = rendered(json.loads(json.dumps(evaluation_figures(replace(EVALUATION, in_turns=turned), YEAR))))
    _, kept, hazard = table(found, "Every fifth of the people in turn")
    assert kept == [
        "**logistic** (kept)",
        "0.700 (0.650 to 0.750)",
        "—",
        "0.200 (0.150 to 0.250)",
        "—",
        "evaluation.json#/in_turns/0",
    ]
    assert hazard[:3] == ["hazard", "0.720 (0.670 to 0.770)", "-0.020 (-0.070 to 0.030)"]


def test_rivals_and_quarters_are_listed(section: str) -> None:
    assert [row[1] for row in table(section, "Beside")[1:]] == ["base rate", "rule"]
    assert table(section, "Beside")[2][-2:] == ["—", "evaluation.json#/rivals/1"]
    _, first, second = table(section, "Over time")
    assert first[:3] == ["at registration", "2018 Q1", "1000"]
    assert second[:4] == ["at registration", "2018 Q2", "<5", f"insufficient evidence: {WHY}"]


def test_groups_without_enough_people_are_told_aloud(section: str) -> None:
    assert "Of 2 groups at a landmark, 1 have insufficient evidence" in section
    _, women, missing = table(section, "By protected group")
    assert women[:4] == ["Gender", "women", "at registration", "500"]
    assert missing[:5] == ["Gender", "missing", "at registration", "<5", f"insufficient evidence: {WHY}"]
    assert set(missing[5:-1]) == {"—"}
    assert missing[-1] == "evaluation.json#/groups/1"


def test_sections_without_content_are_left_out() -> None:
    text = rendered(evaluation_figures(Evaluation(EVALUATION.slices[2:3]), YEAR))
    for heading in ("Beside", "Over time", "By protected group"):
        assert f"### {heading}" not in text
    assert "None" not in text
    assert "nan" not in text

"""The model card: what stands first, what reads as a gap, and what never gets in."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable
from dataclasses import replace
from itertools import dropwhile, takewhile
from typing import Any

import pytest
import yaml

from ml.contracts import (
    Audit,
    Calibration,
    Finding,
    Interval,
    ModelReport,
    Policy,
    Role,
    Scope,
    Verdict,
)
from ml.governance.card import Provenance, build_card
from ml.governance.card.markdown.card import render_card
from ml.governance.figures.findings import worst_findings
from ml.governance.people.gaps import gaps

Make = Callable[..., Any]
LINK = "a link"


@pytest.fixture
def card_of(provenance: Provenance, policy: Policy) -> Callable[[ModelReport], dict[str, Any]]:
    return lambda report: build_card(report, provenance, policy)


@pytest.fixture
def markdown_of(card_of: Make) -> Callable[[ModelReport], str]:
    return lambda report: render_card(card_of(report))


def quoted_lines(markdown: str) -> list[str]:
    """Return the sentences of the block that follows the title."""
    body = markdown.split("---\n", 2)[2].strip().split("\n\n")
    assert body[0] == "# ltu-small, version 3"
    lines = [line.partition("** (")[0] for line in body[1].splitlines()]
    return [line.strip("> *") for line in lines if line.strip("> *")]


def section(markdown: str, title: str) -> str:
    return next(part for part in markdown.split("\n## ") if part.startswith(title))


def rows_of(table: str) -> list[list[str]]:
    """Return the cells of the first Markdown table, its head first."""
    after_text = dropwhile(lambda line: not line.startswith("|"), table.splitlines())
    lines = list(takewhile(lambda line: line.startswith("|"), after_text))
    cells = [[cell.strip() for cell in re.split(r"(?<!\\)\|", line.strip("|"))] for line in lines]
    assert set(cells[1]) == {"---"}
    assert len({len(line) for line in cells}) == 1
    return [cells[0], *cells[2:]]


def _linked(row: list[str]) -> list[str]:
    """Return the cells of a row, the link to its evidence as such."""
    return [LINK if "/evidence.html#" in cell else cell for cell in row]


def weak(report: ModelReport, auc: float = 0.6) -> ModelReport:
    kept = replace(report.scores["lightgbm"], auc=Interval(auc, auc - 0.03, auc + 0.03))
    return replace(report, scores={**report.scores, "lightgbm": kept})


def with_direct_use(report: ModelReport) -> ModelReport:
    columns = dict(report.contract.columns)
    columns["gender"] = replace(columns["gender"], use_in_model=True, justification="A law says so.")
    return replace(report, contract=replace(report.contract, columns=columns))


def undated(report: ModelReport) -> ModelReport:
    parts = {
        name: replace(getattr(report.split, name), first=None, last=None) for name in ("train", "calibration", "test")
    }
    return replace(report, split=replace(report.split, kind="random", **parts))


# ---------------------------------------------------------------- JSON


def test_the_card_is_plain_json_and_knows_what_it_is_of(report: ModelReport, card_of: Make) -> None:
    card = card_of(report)
    assert json.loads(json.dumps(card, allow_nan=False)) == card
    assert card["model"] == {"name": "ltu-small", "version": 3, "digest": "sha256:abc"}
    assert card["weak"] is False
    assert card["cohort"]["digest"] == "sha256:data"
    assert card["cohort"]["censored"] == 300
    assert card["split"]["test"] == {"rows": 200, "from": "2021-01-02", "to": "2022-01-01",
                                     "source": "split.json#/test"}  # fmt: skip
    assert card["metrics"]["auc"]["value"] == 0.72
    assert [each["predicted"] for each in card["curve"]] == [0.61, 0.36]
    assert card["challengers"].keys() == {"base_rate", "logistic"}
    assert [each["name"] for each in card["inputs"]] == ["trade", "years"]
    assert card["not_inputs"] == [{"en": "Gender", "fi": "Gender", "sv": "Gender"}]
    assert card["provenance"]["trained_at"] == "2026-11-24T12:00:05+00:00"
    assert card["deviations"] == []


def test_an_input_that_tells_of_the_times_is_not_told_as_one_about_people(report: ModelReport, card_of: Make) -> None:
    columns = dict(report.contract.columns)
    columns["years"] = replace(columns["years"], pace=True)
    card = card_of(replace(report, contract=replace(report.contract, columns=columns)))
    assert {each["name"]: each["kind"] for each in card["inputs"]} == {"trade": "can_change", "years": "times"}


@pytest.mark.parametrize("odd", [math.nan, math.inf, -math.inf])
def test_a_number_that_is_none_is_null(
    report: ModelReport, finding: Make, audited: Make, card_of: Make, odd: float
) -> None:
    scores = replace(report.scores["lightgbm"], calibration=Calibration(odd, odd, odd))
    odd_finding = finding(value=odd, low=odd, high=odd, ratio=odd, ratio_low=odd, ratio_high=odd,
                          verdict=Verdict.INSUFFICIENT)  # fmt: skip
    report = replace(report, scores={**report.scores, "lightgbm": scores}, audit=audited(odd_finding),
                     observed_share=Interval(0.3, 0.2, odd))  # fmt: skip
    card = card_of(report)
    text = json.dumps(card, allow_nan=False)
    assert "NaN" not in text
    assert "Infinity" not in text
    assert card["metrics"]["calibration"] == {"intercept": None, "slope": None, "ici": None}
    assert card["metrics"]["observed_share"]["high"] is None
    assert card["audit"]["findings"][0]["ratio"] is None
    assert not re.search(r"\b(nan|inf|None)\b", render_card(card))


# ---------------------------------------------------------------- what stands first


def test_a_good_model_says_only_how_the_audit_went(report: ModelReport, markdown_of: Make) -> None:
    assert quoted_lines(markdown_of(report)) == [
        "The non-discrimination audit passes: all 1 findings lie within the limits."
    ]


def test_a_weak_model_says_so_first_of_all(report: ModelReport, markdown_of: Make) -> None:
    first, second, third = quoted_lines(markdown_of(undated(weak(report))))
    assert first.startswith("This model is weak: AUC 0.60 (95 % interval 0.57 to 0.63")
    assert second.startswith("No temporal validation")
    assert third.startswith("The non-discrimination audit passes")


@pytest.mark.parametrize(("auc", "is_weak"), [(0.6499, True), (0.65, False), (0.6501, False)])
def test_where_weak_begins(report: ModelReport, card_of: Make, auc: float, is_weak: bool) -> None:
    assert card_of(weak(report, auc))["weak"] is is_weak


def test_the_surest_gap_is_the_one_in_the_headline(
    report: ModelReport, finding: Make, audited: Make, markdown_of: Make
) -> None:
    failing = [
        finding(group="a", ratio=9.0, ratio_low=1.3, ratio_high=60.0, verdict=Verdict.FAIL),
        finding(group="b", ratio=2.6, ratio_low=2.2, ratio_high=3.1, verdict=Verdict.FAIL),
        finding(group="c", ratio=0.5, ratio_low=0.45, ratio_high=0.6, verdict=Verdict.FAIL),
        finding(group="d", ratio=5.0, ratio_low=0.5, ratio_high=50.0, verdict=Verdict.INSUFFICIENT),
        finding(group="e"),
    ]
    audit = audited(*failing)
    assert [each.group for each in worst_findings(audit.findings, 9)] == ["b", "c", "a"]
    (line,) = quoted_lines(markdown_of(replace(report, audit=audit)))
    assert line.startswith("The non-discrimination audit fails: 3 of 5 findings outside the limits.")
    assert "false positive rate of “Gender: b” is 2.60 times that of “men” (95 % interval 2.20 to 3.10)" in line


def test_too_little_evidence_is_no_pass(report: ModelReport, finding: Make, audited: Make, markdown_of: Make) -> None:
    audit = audited(finding(), finding(verdict=Verdict.INSUFFICIENT))
    (line,) = quoted_lines(markdown_of(replace(report, audit=audit)))
    assert line == "The non-discrimination audit has insufficient evidence: 1 of 2 findings."
    (line,) = quoted_lines(markdown_of(replace(report, audit=audited())))
    assert line == "The non-discrimination audit has insufficient evidence: 0 of 0 findings."


# ---------------------------------------------------------------- deviations


@pytest.mark.parametrize(
    ("verdicts", "words"),
    [
        (["pass"], []),
        (["fail", "pass"], ["the audit fails: 1 of 2 findings"]),
        (["insufficient", "pass"], ["insufficient evidence of equal treatment: 1 of 2"]),
        (["fail", "insufficient"], ["the audit fails: 1 of 2", "insufficient evidence of equal treatment: 1 of 2"]),
        ([], ["insufficient evidence of equal treatment: 0 of 0"]),
    ],
)
def test_what_an_approver_must_accept_of_the_audit(
    report: ModelReport, finding: Make, audited: Make, card_of: Make, verdicts: list[str], words: list[str]
) -> None:
    audit = audited(*(finding(verdict=Verdict(each)) for each in verdicts))
    found = card_of(replace(report, audit=audit))["deviations"]
    assert len(found) == len(words)
    for deviation, word in zip(found, words, strict=True):
        assert word in deviation


def test_what_else_an_approver_must_accept(report: ModelReport, audited: Make, finding: Make, card_of: Make) -> None:
    assert card_of(undated(report))["deviations"][0].startswith("no temporal validation")
    assert card_of(weak(report, 0.91))["deviations"] == ["AUC over 0.9: a leak until shown otherwise"]
    assert card_of(weak(report, 0.9))["deviations"] == []
    direct = replace(report, audit=audited(finding(), direct_use=("gender",)))
    assert card_of(direct)["deviations"] == ["a protected attribute is an input: gender"]


def test_an_attribute_that_the_policy_asks_for_is_missed(
    report: ModelReport, provenance: Provenance, policy: Policy
) -> None:
    strict = replace(policy, audit=replace(policy.audit, required=("gender", "age")))
    assert build_card(report, provenance, strict)["deviations"] == ["not audited, and the policy asks for it: age"]


def test_what_fails_beyond_single_attributes_is_on_the_card(
    report: ModelReport, finding: Make, audited: Make, markdown_of: Make
) -> None:
    both = finding(attribute="gender × age", group="women × 50–", verdict=Verdict.FAIL, scope=Scope.INTERSECTION,
                   ratio=1.6, ratio_low=1.4, ratio_high=1.9)  # fmt: skip
    gap = finding(metric="calibration_gap", ratio=None, ratio_low=None, ratio_high=None, difference=-0.05,
                  difference_low=-0.07, difference_high=-0.031, verdict=Verdict.FAIL, scope=Scope.LANDMARK,
                  within="after 91 days")  # fmt: skip
    text = markdown_of(replace(report, audit=audited(finding(), both, gap)))
    shown = section(text, "Non-discrimination audit")
    assert "| F1 | Gender × age | women × 50– | men | 120 | false positive rate | 0.30 (0.28–0.32) | 1.60 " in shown
    assert "-0.050 (-0.070 to -0.031) | — | after 91 days |" in shown
    assert "| groups of two attributes together | 1 | 0 | 0 | [audit]" in shown


def test_no_temporal_validation_is_a_deviation_only_if_the_policy_wants_it(
    report: ModelReport, provenance: Provenance, policy: Policy
) -> None:
    lenient = replace(policy, temporal_validation=False)
    assert build_card(undated(report), provenance, lenient)["deviations"] == []


def test_direct_use_prints_its_justification(
    report: ModelReport, audited: Make, finding: Make, markdown_of: Make
) -> None:
    report = replace(with_direct_use(report), audit=audited(finding(), direct_use=("gender",)))
    method = section(markdown_of(report), "Method")
    assert "**Direct use of Gender**: A law says so." in method
    assert "Deliberately not inputs: none declared." in method


# ---------------------------------------------------------------- Markdown


def test_the_same_card_gives_the_same_bytes(report: ModelReport, card_of: Make) -> None:
    one, other = render_card(card_of(report)), render_card(json.loads(json.dumps(card_of(report))))
    assert one.encode() == other.encode()
    assert one.endswith("\n")
    assert not one.endswith("\n\n")


def test_the_front_matter_is_what_model_hubs_read(report: ModelReport, markdown_of: Make) -> None:
    _, front, _ = markdown_of(report).split("---\n", 2)
    content = yaml.safe_load(front)
    assert content["model_name"] == "ltu-small"
    assert "lightgbm" in content["tags"]
    (entry,) = content["model-index"]
    assert entry["name"] == "ltu-small"
    (result,) = entry["results"]
    assert result["task"] == {"type": "tabular-classification"}
    assert result["dataset"] == {"name": "small", "type": "spells"}
    assert [(each["type"], each["value"]) for each in result["metrics"]] == [("auc", 0.72), ("brier", 0.2)]


def test_the_front_matter_survives_odd_names(report: ModelReport, markdown_of: Make) -> None:
    contract = replace(report.contract, name="no: yes # “--- ä")
    _, front, _ = markdown_of(replace(report, contract=contract)).split("---\n", 2)
    assert yaml.safe_load(front)["model-index"][0]["results"][0]["dataset"]["name"] == "no: yes # “--- ä"


def test_gaps_read_as_gaps(report: ModelReport, markdown_of: Make, card_of: Make) -> None:
    markdown = markdown_of(report)
    found = [gap.words for gap in gaps(card_of(report))]
    assert [line for line in markdown.splitlines() if "Gap:" in line] == [f"* **Gap:** {words}" for words in found]
    assert f"({len(found)} in all; " in section(markdown, "What is open")
    assert any("impact assessment" in words for words in found)
    assert any("ethical dialogue" in words for words in found)
    assert any("nothing was weighed against unequal errors" in words for words in found)


def test_what_is_open_is_listed_or_said_to_be_none(
    report: ModelReport, markdown_of: Make, finding: Make, audited: Make
) -> None:
    text = section(markdown_of(replace(report, warnings=())), "What is open")
    assert text.count("* none") == 2
    bad = replace(undated(report), warnings=("a leak?",), audit=audited(finding(verdict=Verdict.INSUFFICIENT)))
    text = section(markdown_of(bad), "What is open")
    assert "* a leak?" in text
    assert "* no temporal validation" in text
    assert "* none" not in text


def test_the_findings_table_shows_no_small_count(
    report: ModelReport, finding: Make, audited: Make, card_of: Make
) -> None:
    audit = audited(
        finding(n=None, value=None, low=None, high=None, ratio=None, ratio_low=None, ratio_high=None,
                verdict=Verdict.INSUFFICIENT),
        finding(group="others", n=0, verdict=Verdict.INSUFFICIENT),
        finding(group="many", n=1205),
        finding(group="no end", ratio=1.8, ratio_low=0.4, ratio_high=None, verdict=Verdict.INSUFFICIENT),
    )  # fmt: skip
    card = card_of(replace(report, audit=audit))
    head, *rows = rows_of(section(render_card(card), "Non-discrimination audit"))[:5]
    counts = [row[head.index("n")] for row in rows]
    assert counts == ["<5", "0", "1205", "120"]
    assert _linked(rows[0])[head.index("figure") :] == ["—", "—", "—", LINK]
    assert rows[0][head.index("verdict")] == "insufficient"
    assert rows[3][head.index("ratio or difference")] == "1.80 (0.40–∞)"
    assert rows[2][head.index("ratio or difference")] == "1.00 (0.95–1.05)"
    assert [each["n"] for each in card["audit"]["findings"]] == [None, 0, 1205, 120]


def test_tables_hold_their_shape_whatever_is_written(
    report: ModelReport, finding: Make, audited: Make, markdown_of: Make
) -> None:
    audit = audited(finding(group="a | b\nc", reference="x|y"))
    markdown = markdown_of(replace(report, audit=audit))
    assert rows_of(section(markdown, "Method"))[1][0] == "Trade \\| craft"
    assert rows_of(section(markdown, "Non-discrimination audit"))[1][2:4] == ["a \\| b c", "x\\|y"]
    quality = section(markdown, "How good it is")
    assert rows_of(quality.split("Share still")[0])[1][:2] == ["**lightgbm** (kept)", "0.720 (0.700–0.740)"]
    assert _linked(rows_of(section(markdown, "Data"))[1]) == ["train", "600", "2019-01-01", "2020-01-01", LINK]


def test_dates_that_are_not_known_read_so(report: ModelReport, markdown_of: Make) -> None:
    assert rows_of(section(markdown_of(undated(report)), "Data"))[3][:-1] == ["test", "200", "—", "—"]


def test_the_data_section_says_when_spells_began(report: ModelReport, markdown_of: Make) -> None:
    assert "Spells in the parts began from 2019-01-01 to 2022-01-01." in section(markdown_of(report), "Data")
    assert "does not say from which day to which day" in section(markdown_of(undated(report)), "Data")


def test_the_data_quality_report_is_known_by_its_digest(report: ModelReport, card_of: Make) -> None:
    digest = f"sha256:{'0a' * 32}"
    known = card_of(replace(report, contract=replace(report.contract, quality_report=digest)))
    assert known["cohort"]["quality_report"] == digest
    data = section(render_card(known), "Data")
    assert f"Data-quality report: `{digest}` ([cohort](3/evidence.html#cohort))." in data
    assert "data.quality_report" not in {gap.place for gap in gaps(known)}


def test_a_data_quality_report_that_is_not_known_is_asked_of_people(report: ModelReport, card_of: Make) -> None:
    card = card_of(report)
    assert card["cohort"]["quality_report"] == ""
    assert "Data-quality report" not in render_card(card)
    assert "data.quality_report" in {gap.place for gap in gaps(card)}


def test_left_out_spells_are_told(report: ModelReport, markdown_of: Make) -> None:
    assert "Left out" not in markdown_of(report)
    left_out = replace(report, split=replace(report.split, left_out=489))
    assert "Left out: 489 later spells" in markdown_of(left_out)


def test_people_who_were_dealt_to_the_parts_are_told(report: ModelReport, markdown_of: Make) -> None:
    told = markdown_of(replace(report, split=replace(report.split, left_out=489, unripe=12, dealt=True)))
    assert "Left out: 489 spells of people in another part (many come back, so people are dealt to the parts" in told
    assert "; 12 that began less than a horizon before the end of their part ([split]" in told


def test_protected_attributes_are_said_to_be_no_inputs(report: ModelReport, markdown_of: Make) -> None:
    assert [each.name for each in report.contract.with_role(Role.PROTECTED)] == ["gender"]
    assert "Deliberately not inputs: Gender." in markdown_of(report)


def test_every_finding_is_in_the_table(report: ModelReport, finding: Make, audited: Make, markdown_of: Make) -> None:
    findings: list[Finding] = [finding(group=f"group {number}") for number in range(30)]
    audit: Audit = audited(*findings)
    _, *rows = rows_of(section(markdown_of(replace(report, audit=audit)), "Non-discrimination audit"))
    assert [row[2] for row in rows] == [each.group for each in findings]


# ---------------------------------------------------------------- spells looked at several times


def test_a_card_of_looks_says_what_a_row_is(report: ModelReport, markdown_of: Make, card_of: Make) -> None:
    outcome = replace(report.contract.outcome, entry="years")
    looks = replace(
        report, contract=replace(report.contract, outcome=outcome), split=replace(report.split, left_out=7, not_yet=3)
    )
    data = section(markdown_of(looks), "Data")
    assert "1000 looks at spells of 900 persons" in data
    assert "A look is a spell as it was when it had lasted as long as “years” says" in data
    assert "Intervals are of persons, not of looks." in data
    assert rows_of(data)[0] == ["part", "looks at spells", "from", "to", "evidence"]
    assert "\n\nLeft out: 7 looks at later spells of people in an earlier part; 3 looks that came after " in data
    assert rows_of(section(markdown_of(looks), "How good it is").split("Share still")[1])[0][1] == "observed"
    assert card_of(looks)["outcome"]["entry"] == "years"


def test_a_card_of_spells_says_nothing_of_looks(report: ModelReport, markdown_of: Make) -> None:
    told = markdown_of(replace(report, split=replace(report.split, left_out=7)))
    assert "look" not in section(told, "Data")
    assert "Left out: 7 later spells of people in an earlier part ([split]" in told
    assert "observed (Kaplan–Meier)" in told


def test_lift_over_a_rule_that_is_a_coin_is_told_as_such(report: ModelReport, markdown_of: Make) -> None:
    coin = replace(report.scores["logistic"], auc=Interval(0.51, 0.49, 0.53))
    text = markdown_of(replace(report, scores={**report.scores, "rule": coin}))
    assert "hardly better than a coin does (AUC 0.510 (0.490–0.530), 0.5 is a coin)" in text
    good = replace(coin, auc=Interval(0.60, 0.58, 0.62))
    assert "a coin does" not in markdown_of(replace(report, scores={**report.scores, "rule": good}))
    assert "a coin does" not in markdown_of(report)


def test_direct_use_is_told_as_such_and_is_no_row_of_figures(
    report: ModelReport, finding: Make, audited: Make, markdown_of: Make
) -> None:
    direct = finding(group="", n=None, metric="direct_use", value=None, low=None, high=None, reference="",
                     ratio=None, ratio_low=None, ratio_high=None, verdict=Verdict.FAIL)  # fmt: skip
    report = with_direct_use(report)
    text = markdown_of(replace(report, audit=audited(direct, finding(), direct_use=("gender",))))
    assert "The surest gap: “Gender” is an input of the model." in text
    audit = section(text, "Non-discrimination audit")
    assert "direct use |" not in audit
    assert "* **F1: “Gender” is an input of the model**" in audit

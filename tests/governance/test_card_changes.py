"""What a reviewer must know between two versions: each thing that moved, by how much, and whether it is noise."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ml.contracts import Finding, Interval, Kind, ModelReport, Policy, Scope, Verdict
from ml.governance.card import Provenance, build_card
from ml.governance.card.changes import changes, with_changes
from ml.governance.card.compared import NO_INTERVAL, NOISE, PARTS, UNKNOWN, Change, figures
from ml.governance.card.markdown import render

Make = Callable[..., Any]
FAIL: dict[str, Any] = {"verdict": Verdict.FAIL, "ratio": 1.6, "ratio_low": 1.4, "ratio_high": 1.9}


@pytest.fixture
def card_of(provenance: Provenance, policy: Policy) -> Make:
    def make(report: ModelReport, version: int = 3, **environment: str) -> dict[str, Any]:
        made = replace(provenance, version=version, environment={**provenance.environment, **environment})
        return build_card(report, made, policy)

    return make


def moved(before: dict[str, Any], after: dict[str, Any]) -> list[Change]:
    """Return what changed, main figures that are the same left out."""
    return [each for each in changes(before, after) if each.note != "the same"]


def with_auc(report: ModelReport, value: float, half: float = 0.02) -> ModelReport:
    kept = replace(report.scores["lightgbm"], auc=Interval(value, value - half, value + half))
    return replace(report, scores={**report.scores, "lightgbm": kept})


def test_a_version_that_is_the_same_says_so_of_each_main_figure(report: ModelReport, card_of: Make) -> None:
    found = changes(card_of(report), card_of(report, 4))
    assert {each.note for each in found} == {"the same"}
    assert [each.what for each in found][:3] == ["AUC", "Brier score", "observed share"]


@pytest.mark.parametrize(
    ("value", "note"), [(0.73, NOISE), (0.75, NOISE), (0.7601, PARTS), (0.6799, PARTS), (0.681, NOISE)]
)
def test_a_main_figure_is_told_with_whether_the_intervals_part(
    report: ModelReport, card_of: Make, value: float, note: str
) -> None:
    (found,) = moved(card_of(report), card_of(with_auc(report, value)))
    assert found.what == "AUC"
    assert found.before == "0.720 (0.700 to 0.740)"
    assert found.after.startswith(f"{value:.3f} (")
    assert found.note == note


def test_where_noise_cannot_be_told_it_says_so(report: ModelReport, card_of: Make) -> None:
    (found,) = moved(card_of(report), card_of(replace(report, predicted_share=0.4)))
    assert found == Change("predicted share", "0.360", "0.400", NO_INTERVAL)
    (found,) = moved(card_of(report), card_of(replace(report, observed_share=Interval(0.35, 0.3, float("nan")))))
    assert (found.what, found.note) == ("observed share", UNKNOWN)


def test_inputs_that_came_went_or_are_of_another_kind(report: ModelReport, card_of: Make) -> None:
    columns = dict(report.contract.columns)
    columns["car"] = replace(columns["years"], name="car", label={"en": "Has a car"})
    columns["trade"] = replace(columns["trade"], kind=Kind.CONTEXT)
    other = replace(report, contract=replace(report.contract, columns=columns), importance={"trade": 0.4, "car": 0.2})
    assert moved(card_of(report), card_of(other)) == [
        Change("input “Trade | craft”", "can change", "context", "another kind"),
        Change("input “years”", "immutable", "—", "removed"),
        Change("input “Has a car”", "—", "immutable", "added"),
    ]


def test_data_method_and_environment(report: ModelReport, card_of: Make) -> None:
    other = replace(report, data_digest="sha256:new", rows=1200, exits=900, seed=2, kept="logistic")
    other = replace(other, scores={**report.scores, "logistic": report.scores["lightgbm"]})
    found = moved(card_of(report, code="sha256:a"), card_of(other, code="sha256:b", numpy="3.0"))
    assert found == [
        Change("data", "sha256:data", "sha256:new"),
        Change("rows", "1000", "1200"),
        Change("model kept", "lightgbm", "logistic"),
        Change("seed", "1", "2"),
        Change("version of numpy", "2.4.6", "3.0"),
        Change("code of apualy", "sha256:a", "sha256:b"),
    ]


def test_findings_that_fail_newly_or_no_longer(
    report: ModelReport, card_of: Make, finding: Make, audited: Make
) -> None:
    beyond: Finding = finding(attribute="gender × age", group="women × 50–", scope=Scope.INTERSECTION, **FAIL)
    before = card_of(replace(report, audit=audited(finding(group="a", **FAIL), finding(group="b"), beyond)))
    after = card_of(replace(report, audit=audited(
        finding(group="a", verdict=Verdict.INSUFFICIENT), finding(group="b", **FAIL))))  # fmt: skip
    told = {each.what: each for each in moved(before, after)}
    newly = told["false positive rate of “Gender: b” against men"]
    assert (newly.before, newly.after, newly.note) == ("pass", "ratio 1.600 (1.400 to 1.900)", "newly failing")
    gone = told["false positive rate of “Gender: a” against men"]
    assert (gone.before, gone.after, gone.note) == ("ratio 1.600 (1.400 to 1.900)", "insufficient", "no longer failing")
    assert told["false positive rate of “Gender × age: women × 50–” against men"].after == "does not fail"


def test_policy_and_deviations(
    report: ModelReport, provenance: Provenance, policy: Policy, finding: Make, audited: Make
) -> None:
    before = build_card(replace(report, audit=audited(finding(**FAIL))), provenance, policy)
    strict = replace(policy, digest="sha256:strict", audit=replace(policy.audit, required=("gender", "age")))
    after = build_card(replace(report, audit=audited(finding(**FAIL), finding(group="b"))), provenance, strict)
    assert moved(before, after) == [
        Change("policy", policy.digest, "sha256:strict"),
        Change("deviation from the policy", "the audit fails: 1 of 1 findings outside the limits",
               "the audit fails: 1 of 2 findings outside the limits", "other numbers"),
        Change("deviation from the policy", "—", "not audited, and the policy asks for it: age", "new"),
    ]  # fmt: skip


def test_what_people_say_is_told_as_changed_and_not_repeated(report: ModelReport, card_of: Make) -> None:
    before = card_of(report) | {"people": {"oversight": {"who": "Ada"}, "filled": [1]}}
    assert moved(before, card_of(report)) == [
        Change("what people say: oversight", "filled in", "not filled in", "read it again")
    ]
    other = card_of(report) | {"people": {"oversight": {"who": "Grace"}, "filled": [2]}}
    assert [each.after for each in moved(before, other)] == ["filled in"]


def test_cards_of_two_forms_are_not_compared(report: ModelReport, card_of: Make) -> None:
    (found,) = changes(card_of(report) | {"format": 1}, card_of(report))
    assert found.what == "the form of the card"


def test_a_first_version_has_no_changes(report: ModelReport, card_of: Make) -> None:
    card = card_of(report)
    assert (card["previous"], card["changes"]) == (None, [])
    assert "What changed" not in render(card)


def test_a_second_version_tells_them_in_a_section(
    report: ModelReport, provenance: Provenance, policy: Policy, card_of: Make
) -> None:
    card = build_card(with_auc(report, 0.8), replace(provenance, version=4), policy, previous=card_of(report))
    assert card["previous"] == 3
    assert "## What changed since version 3" in render(card)
    assert f"| AUC | 0.720 (0.700 to 0.740) | 0.800 (0.780 to 0.820) | {PARTS} |" in render(card)
    assert json.loads(json.dumps(card)) == card
    filled = card | {"people": {"oversight": {"who": "Ada"}}}
    told = with_changes(filled, card_of(report))["changes"]
    assert "what people say: oversight" in [each["what"] for each in told]


def test_a_second_training_knows_the_first(trained_home: Path) -> None:
    folder = trained_home / "model_cards" / "ltu-small"
    first, second = (json.loads((folder / f"{version}.json").read_text(encoding="utf-8")) for version in (1, 2))
    assert (first["previous"], second["previous"]) == (None, 1)
    auc = next(each for each in second["changes"] if each["what"] == "AUC")
    assert auc["before"].startswith(f"{first['metrics']['auc']['value']:.3f} (")
    assert auc["after"].startswith(f"{second['metrics']['auc']['value']:.3f} (")


@given(st.lists(st.floats(0, 1), min_size=2, max_size=2), st.lists(st.floats(0.001, 0.2), min_size=2, max_size=2))
def test_intervals_part_exactly_where_no_value_is_in_both(values: list[float], halves: list[float]) -> None:
    def card(value: float, half: float) -> dict[str, Any]:
        told = {"value": value, "low": value - half, "high": value + half}
        metrics = {"accuracy": told, "agreement": told, "answered": told, "entities": {}}
        return {"sort": "service-need", "metrics": metrics}

    (one, other), (near, far) = values, halves
    for each in figures(card(one, near), card(other, far)):
        common = max(one - near, other - far) <= min(one + near, other + far)
        assert each.note in ({NOISE, "the same"} if common else {PARTS})

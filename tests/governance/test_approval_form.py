"""The form of an approval: what it asks, that it reads back, and which answers are none."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ml.contracts import Audit, Finding, ModelReport, Policy, Scope, Verdict
from ml.errors import ContractError
from ml.governance.card import Provenance, build_card
from ml.governance.review.approval_rules import deviations
from ml.governance.review.form import approval_form, read_approval

TODAY = date(2026, 11, 30)
DIGEST = "sha256:" + "c" * 64
LAST = datetime(2027, 5, 30, 23, 59, 59, tzinfo=UTC)
ANSWERS = {"reason": "Read it all.", "does": "It estimates.", "could_go_wrong": "It may err.", "what": "Train again."}

Form = Callable[..., tuple[str, dict[str, Any]]]


@pytest.fixture
def form(report: ModelReport, provenance: Provenance, policy: Policy, audited: Callable[..., Audit]) -> Form:
    """Return what makes the form of a model with findings, and its card."""

    def make(*findings: Finding) -> tuple[str, dict[str, Any]]:
        card = build_card(replace(report, audit=audited(*findings)), provenance, policy)
        return approval_form(card, DIGEST, policy, TODAY), card

    return make


def answered(text: str) -> str:
    for key, words in ANSWERS.items():
        text = text.replace(f'{key} = ""', f'{key} = "{words}"')
    return text


def test_it_asks_for_each_failing_finding_once_and_for_the_conditions_that_are_called_for(
    form: Form, finding: Callable[..., Finding]
) -> None:
    failing = finding(verdict=Verdict.FAIL, ratio=2.0, ratio_low=1.5, ratio_high=2.6)
    text, card = form(
        finding(verdict=Verdict.INSUFFICIENT), failing, replace(failing, metric="calibration_gap"),
        replace(failing, attribute="gender × age", group="women × under 25", scope=Scope.INTERSECTION),
    )  # fmt: skip
    said = tomllib.loads(text)
    assert [each["findings"] for each in said["accept"] if "findings" in each] == [["F1", "F2"], ["F3"]]
    assert [each["deviation"] for each in said["accept"] if "deviation" in each] == deviations(card)
    assert [each["kind"] for each in said["condition"]] == ["retrain", "audit"]
    assert said["expires"] == date(2027, 5, 30)
    assert "F1  false positive rate of “Gender: women” is 2.00 times that of “men” (95 % interval 1.50 to 2.60)" in text

    approval, reason = read_approval(answered(text), DIGEST, 4)
    assert (reason, approval.supersedes, approval.expires) == ("Read it all.", 4, LAST)
    assert [each.id for each in approval.conditions] == ["C1", "C2"]
    assert {name for each in approval.accepted for name in each.of} == {"F1", "F2", "F3", *deviations(card)}


def test_a_fair_model_needs_no_acceptance_and_no_condition(form: Form, finding: Callable[..., Finding]) -> None:
    text, _ = form(finding())
    approval, _ = read_approval(answered(text), DIGEST, None)
    assert (approval.accepted, approval.conditions) == ((), ())


@settings(max_examples=30, deadline=None)
@given(st.lists(st.sampled_from(["gender", "gender × age", "age"]), max_size=40))
def test_every_failing_finding_is_in_the_form(attributes: list[str]) -> None:
    failing = [{"id": f"F{n}", "attribute": each, "group": 'a "b"\n# c', "n": None, "metric": "auc", "value": None,
                "low": None, "high": None, "reference": "d", "ratio": None, "ratio_low": None, "ratio_high": None,
                "verdict": "fail", "scope": "attribute"} for n, each in enumerate(attributes)]  # fmt: skip
    card = {"model": {"name": "m", "version": 1}, "audit": {"findings": failing, "words": {}}, "deviations": [],
            "people": {}}  # fmt: skip
    text = approval_form(card, DIGEST, replace_policy(), TODAY)
    named = [name for each in tomllib.loads(text).get("accept", []) for name in each["findings"]]
    assert sorted(named) == sorted(each["id"] for each in failing)


def replace_policy() -> Policy:
    from ml.governance.policy import POLICY, read_policy

    return read_policy(POLICY)


GOOD = f"""card = "{DIGEST}"
reason = "Read it all."
does = "a"
could_go_wrong = "b"
expires = 2027-05-30
"""


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("reason = ", "the approval form is not TOML"),
        (
            GOOD.replace(DIGEST, "sha256:other"),
            "the approval form is of another card: of another version",
        ),
        (GOOD.replace('does = "a"\n', ""), "does"),
        (GOOD.replace('"a"', "1"), "does"),
        (GOOD + "months = 3\n", "months"),
        (GOOD.replace("2027-05-30", '"soon"'), "expires"),
        (GOOD + '[[accept]]\nreason = "x"\n', "accept number 1 names either findings or one deviation"),
        (GOOD + '[[accept]]\nfindings = ["F1"]\ndeviation = "y"\nreason = "x"\n', "accept number 1 names either"),
        (GOOD + '[[condition]]\nkind = "watch"\nwhat = "x"\ndue = 2027-01-01\n', "kind"),
        (GOOD + '[[condition]]\nkind = "task"\nwhat = "x"\n', "due"),
        (GOOD + '[[condition]]\nkind = "audit"\nwhat = "x"\ndue = 2027-01-01\nevery_days = "often"\n', "every_days"),
    ],
)
def test_odd_answers_are_named(text: str, words: str) -> None:
    with pytest.raises(ContractError, match=words) as refused:
        read_approval(text, DIGEST, None)
    assert str(refused.value).count("\n") == 0


def test_the_last_day_is_a_whole_day() -> None:
    assert read_approval(GOOD, DIGEST, None)[0].expires == LAST

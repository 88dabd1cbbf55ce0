"""The answers of the service-need model by group: shares, agreement, verdicts, small groups, and what must raise."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from ml.contracts import ENTITIES, INTERVIEW_FIRST, AuditPolicy, Finding, Verdict
from ml.contracts.needs_report import AnswerAudit
from ml.errors import DataError
from ml.fairness.answers import ANSWERS, Answered, audit_answers

Policy = Callable[..., AuditPolicy]
METRICS = {"answer_skills", "answer_rehabilitation", "answer_integration", "answer_interview_first", "agreement"}


def town(
    rows: int, seed: int = 1, *, interview: float = 0.2, agree: float = 0.8, women: float = 0.5
) -> tuple[Answered, pd.DataFrame]:
    """Return answers, and a gender; women get "interview first" and agreement as given, men 0.2 and 0.8."""
    rng = np.random.default_rng(seed)
    gender = np.where(rng.random(rows) < women, "women", "men")
    chosen = rng.choice(ENTITIES, rows, p=[0.6, 0.3, 0.1]).astype("U20")
    same = rng.random(rows) < np.where(gender == "women", agree, 0.8)
    other = np.array(ENTITIES, dtype="U20")[(pd.Categorical(chosen, ENTITIES).codes + rng.integers(1, 3, rows)) % 3]
    asks = rng.random(rows) < np.where(gender == "women", interview, 0.2)
    answer = np.where(asks, INTERVIEW_FIRST, np.where(same, chosen, other))
    chosen = np.where(rng.random(rows) < 0.1, INTERVIEW_FIRST, chosen)
    return Answered(answer, chosen, np.arange(rows)), pd.DataFrame({"gender": gender})


def audited(
    answered: Answered, protected: pd.DataFrame, policy: AuditPolicy, seed: int = 7, **references: str | None
) -> AnswerAudit:
    return audit_answers(answered, protected, references, policy, np.random.default_rng(seed))


def finding_of(result: AnswerAudit, metric: str, group: str = "women") -> Finding:
    return next(each for each in result.findings if (each.group, each.metric) == (group, metric))


def test_fair_answers_pass(policy: Policy) -> None:
    result = audited(*town(30_000), policy(), gender="men")
    assert {each.metric for each in result.findings} == METRICS
    assert {each.verdict for each in result.findings} == {Verdict.PASS}
    assert {(each.group, each.reference) for each in result.findings} == {("women", "men")}
    assert result.verdict is Verdict.PASS
    assert result.warnings == ()


def test_rates_are_those_that_pandas_counts(policy: Policy) -> None:
    answered, protected = town(3000, interview=0.35, agree=0.6)
    result = audited(answered, protected, policy(), gender="men")
    frame = protected.assign(answer=answered.answer, chosen=answered.chosen)
    shares = frame.groupby("gender")["answer"].value_counts(normalize=True)
    for answer in ANSWERS:
        found = finding_of(result, f"answer_{answer}")
        assert found.value == pytest.approx(shares["women"][answer], abs=0.004)
        assert found.ratio == pytest.approx(shares["women"][answer] / shares["men"][answer], abs=0.015)
        assert found.low < found.value < found.high
        assert found.ratio_low < found.ratio < found.ratio_high
    both = frame[(frame["answer"] != INTERVIEW_FIRST) & (frame["chosen"] != INTERVIEW_FIRST)]
    agreed = (both["answer"] == both["chosen"]).groupby(both["gender"]).mean()
    assert finding_of(result, "agreement").value == pytest.approx(agreed["women"], abs=0.004)
    assert finding_of(result, "agreement").ratio == pytest.approx(agreed["women"] / agreed["men"], abs=0.015)


def test_a_group_that_is_sent_to_interviews_fails(policy: Policy) -> None:
    result = audited(*town(8000, interview=0.4), policy(), gender="men")
    assert finding_of(result, "answer_interview_first").verdict is Verdict.FAIL
    assert finding_of(result, "agreement").verdict is Verdict.PASS
    assert result.verdict is Verdict.FAIL


def test_a_group_that_the_model_knows_less_well_fails_in_agreement(policy: Policy) -> None:
    result = audited(*town(8000, agree=0.5), policy(), gender="men")
    assert finding_of(result, "agreement").verdict is Verdict.FAIL
    assert finding_of(result, "answer_interview_first").verdict is Verdict.PASS


def test_intervals_of_fair_answers_hold_one(policy: Policy) -> None:
    held = []
    for seed in range(40):
        result = audited(*town(2000, seed), policy(), seed, gender="men")
        held += [each.ratio_low <= 1 <= each.ratio_high for each in result.findings]
    assert 0.9 < np.mean(held) < 0.99


def test_few_people_are_insufficient_and_fewer_than_five_are_not_shown(policy: Policy) -> None:
    answered, _ = town(1000)
    gender = np.repeat(["men", "women", "other"], [976, 20, 4])
    result = audited(answered, pd.DataFrame({"gender": gender}), policy(), gender="men")
    few, hidden = finding_of(result, "answer_skills"), finding_of(result, "answer_skills", "other")
    assert (few.n, few.verdict) == (20, Verdict.INSUFFICIENT)
    assert few.value is not None
    assert (hidden.n, hidden.value, hidden.ratio, hidden.verdict) == (None, None, None, Verdict.INSUFFICIENT)


def test_however_clear_fewer_people_than_the_policy_asks_for_are_not_judged(policy: Policy) -> None:
    answered, _ = town(1000)
    gender = np.repeat(["men", "women"], [971, 29])
    answer = np.where(gender == "women", INTERVIEW_FIRST, answered.answer)
    few = Answered(answer, answered.chosen, answered.person)
    found = finding_of(audited(few, pd.DataFrame({"gender": gender}), policy(), gender="men"), "answer_interview_first")
    assert found.ratio_low > 1.25
    assert found.verdict is Verdict.INSUFFICIENT
    gender = np.repeat(["men", "women"], [970, 30])
    enough = Answered(np.where(gender == "women", INTERVIEW_FIRST, answered.answer), answered.chosen, answered.person)
    found = finding_of(audited(enough, pd.DataFrame({"gender": gender}), policy(), gender="men"),
                       "answer_interview_first")  # fmt: skip
    assert found.verdict is Verdict.FAIL


def test_an_answer_that_nobody_gets_cannot_be_compared(policy: Policy) -> None:
    answered, protected = town(1000)
    never = Answered(np.where(answered.answer == "integration", "skills", answered.answer), answered.chosen,
                     answered.person)  # fmt: skip
    result = audited(never, protected, policy(), gender="men")
    found = finding_of(result, "answer_integration")
    assert (found.value, found.ratio, found.verdict) == (0.0, None, Verdict.INSUFFICIENT)
    assert result.warnings == (
        "nobody in the audited rows gets the answer integration: no group can be compared in it",
    )


def test_a_model_that_answers_nothing_has_no_agreement(policy: Policy) -> None:
    answered, protected = town(1000)
    silent = Answered(np.full(1000, INTERVIEW_FIRST), answered.chosen, answered.person)
    result = audited(silent, protected, policy(), gender="men")
    assert finding_of(result, "agreement").value is None
    assert finding_of(result, "agreement").verdict is Verdict.INSUFFICIENT
    assert finding_of(result, "answer_interview_first").verdict is Verdict.PASS


def test_rows_of_one_person_count_once(policy: Policy) -> None:
    answered, protected = town(600)
    often = Answered(*(np.repeat(each, 5) for each in (answered.answer, answered.chosen, answered.person)))
    result = audited(often, protected.loc[protected.index.repeat(5)].reset_index(drop=True), policy(), gender="men")
    once = audited(answered, protected, policy(), gender="men")
    assert finding_of(result, "answer_skills").n == finding_of(once, "answer_skills").n
    assert finding_of(result, "answer_skills").value == finding_of(once, "answer_skills").value
    assert "one row a person" in result.warnings[0]


def test_the_same_draw_gives_the_same_audit(policy: Policy) -> None:
    assert audited(*town(500), policy(), 3, gender="men") == audited(*town(500), policy(), 3, gender="men")
    assert audited(*town(500), policy(), 3, gender="men") != audited(*town(500), policy(), 4, gender="men")


def test_not_known_is_a_group_and_the_largest_known_one_is_the_reference(policy: Policy) -> None:
    answered, _ = town(1000)
    gender = np.repeat(np.array([None, "men", "women"], dtype=object), [500, 300, 200])
    result = audited(answered, pd.DataFrame({"gender": gender}), policy())
    assert {each.reference for each in result.findings} == {"men"}
    assert {each.group for each in result.findings} == {"missing", "women"}


def test_one_group_alone_is_shown_and_said(policy: Policy) -> None:
    answered, _ = town(300)
    result = audited(answered, pd.DataFrame({"gender": ["men"] * 300}), policy())
    assert finding_of(result, "answer_skills", "men").ratio is None
    assert result.verdict is Verdict.INSUFFICIENT
    assert "there is nothing to compare" in result.warnings[0]


def test_no_protected_attribute_is_no_pass(policy: Policy) -> None:
    answered, _ = town(300)
    result = audited(answered, pd.DataFrame(index=range(300)), policy())
    assert result.verdict is Verdict.INSUFFICIENT
    assert result.warnings == ("no protected attribute was declared: nothing could be audited",)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda a, p: (a, p.drop(columns="gender")), "no such protected column"),
        (lambda a, p: (a, p.replace("men", "others")), "nobody in the audited rows is of the reference group 'men'"),
        (lambda a, p: (a, p.iloc[1:]), "must have the same number of rows"),
        (lambda a, p: (Answered(a.answer, a.chosen[1:], a.person), p), "must have the same number of rows"),
        (lambda a, p: (a[a.person < 0], p.iloc[:0]), "there are no rows"),
        (lambda a, p: (Answered(np.full(300, "housing"), a.chosen, a.person), p), "'housing': none of"),
    ],
)
def test_what_cannot_be_audited_raises(
    change: Callable[[Answered, pd.DataFrame], tuple[Answered, pd.DataFrame]], told: str, policy: Policy
) -> None:
    with pytest.raises(DataError, match=told):
        audited(*change(*town(300)), policy(), gender="men")

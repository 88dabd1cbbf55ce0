"""What the audit says of groups: verdicts, references, small groups, and what must raise."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ml.contracts import Audit, AuditPolicy, Finding, Limits, Predictions, Scope, Verdict
from ml.errors import DataError, InputError
from ml.fairness.audit import audit

Town = Callable[..., tuple[Predictions, pd.DataFrame]]
Policy = Callable[..., AuditPolicy]
FAIR = {"fi": 0.5, "sv": 0.2, "ру": 0.3}


def audited(
    predictions: Predictions, protected: pd.DataFrame, policy: AuditPolicy, seed: int = 7, **more: object
) -> Audit:
    references = more.pop("references", {})
    return audit(predictions, protected, references, policy, np.random.default_rng(seed), **more)  # type: ignore[arg-type]


def finding_of(result: Audit, group: str, metric: str) -> Finding:
    return next(f for f in result.findings if (f.group, f.metric) == (group, metric))


# ---------------------------------------------------------------- verdicts


def test_fair_predictions_pass(town: Town, policy: Policy) -> None:
    predictions, protected = town(40_000, FAIR, "few")
    result = audited(predictions, protected, policy())
    assert {f.verdict for f in result.findings} == {Verdict.PASS}
    assert result.verdict is Verdict.PASS
    assert result.warnings == ()
    assert [(f.group, f.reference) for f in result.findings[:2]] == [("sv", "fi"), ("ру", "fi")]


def test_without_unfairness_intervals_hold_one(town: Town, policy: Policy) -> None:
    """320 ratios whose truth is 1: about 95 % of the intervals hold it (all four metrics, dependent)."""
    holds = []
    for seed in range(40):
        predictions, protected = town(4_000, FAIR, "few")
        result = audited(predictions, protected, policy(), seed)
        holds += [f.ratio_low <= 1 <= f.ratio_high for f in result.findings]
    assert len(holds) == 320
    assert 0.90 < np.mean(holds) < 0.99


def test_planted_unfairness_is_found(town: Town, policy: Policy) -> None:
    """As in Flanders: one group's scores are raised whatever comes of its people."""
    predictions, protected = town(8_000, FAIR, "few")
    raised = np.where(protected["language"] == "ру", np.minimum(predictions.score + 0.15, 1), predictions.score)
    result = audited(replace(predictions, score=raised), protected, policy())
    flagged_in_vain = finding_of(result, "ру", "false_positive_rate")
    assert flagged_in_vain.verdict is Verdict.FAIL
    assert flagged_in_vain.ratio_low > 1.25
    assert finding_of(result, "sv", "false_positive_rate").verdict is not Verdict.FAIL
    assert result.verdict is Verdict.FAIL


def test_a_group_that_is_never_selected_fails(town: Town, policy: Policy) -> None:
    predictions, protected = town(8_000, FAIR)
    score = np.where(protected["language"] == "ру", 0.0, predictions.score)
    found = finding_of(audited(replace(predictions, score=score), protected, policy()), "ру", "selection_rate")
    assert (found.value, found.ratio, found.verdict) == (0.0, 0.0, Verdict.FAIL)
    assert found.low == found.ratio_low == 0.0
    assert 0 < found.ratio_high < 0.01


def test_figures_are_of_the_cut(town: Town, policy: Policy) -> None:
    predictions, protected = town(4_000, FAIR)
    result = audited(predictions, protected, policy())
    selected = predictions.score >= np.sort(predictions.score)[-round(4_000 * result.selected_share)]
    here, there = (selected[protected["language"] == name].mean() for name in ("sv", "fi"))
    found = finding_of(result, "sv", "selection_rate")
    assert result.selected_share == pytest.approx(0.25, abs=0.01)
    assert (found.value, found.ratio) == pytest.approx((here, here / there), rel=0.02)  # as rounded counts give it
    assert found.low < found.value < found.high
    assert found.ratio_low < found.ratio < found.ratio_high


# ---------------------------------------------------------------- groups and references


@pytest.mark.parametrize(
    ("groups", "given", "reference"),
    [
        ({"a": 5, "b": 6, "c": 4}, None, "b"),
        ({"b": 5, "a": 5}, None, "a"),  # of equals the first in the alphabet
        ({"a": 3, "missing": 9}, None, "a"),
        ({"a": 3, "missing": 9}, "missing", "missing"),  # unless asked for
        ({"missing": 9}, None, "missing"),
        ({"a": 9, "öylätti": 3}, "öylätti", "öylätti"),
        ({"a": 3, "suppressed": 9}, None, "a"),  # nobody is of a group that is not told apart
        ({"missing": 3, "suppressed": 9}, None, "suppressed"),
    ],
)
def test_the_reference(policy: Policy, groups: dict[str, int], given: str | None, reference: str) -> None:
    names = [name for name, rows in groups.items() for _ in range(rows)]
    predictions = some_predictions(len(names))
    result = audited(predictions, pd.DataFrame({"g": names}), policy(), references={"g": given})
    assert {f.reference for f in result.findings} == {reference}
    others = set(groups) - {reference} or {reference}
    assert {f.group for f in result.findings} == others


def test_an_unknown_value_is_a_group_of_its_own(town: Town, policy: Policy) -> None:
    predictions, protected = town(3_000, FAIR)
    named = protected.replace({"language": {"ру": "missing"}})
    unnamed = named.astype(object).replace({"language": {"missing": None}})
    result = audited(predictions, named, policy())
    assert "missing" in {f.group for f in result.findings}
    assert audited(predictions, unnamed, policy()) == result


def test_one_group_is_shown_and_insufficient(town: Town, policy: Policy) -> None:
    predictions, protected = town(1_000, {"fi": 1.0})
    result = audited(predictions, protected, policy())
    assert [(f.group, f.reference, f.ratio, f.verdict) for f in result.findings] == [
        ("fi", "fi", None, Verdict.INSUFFICIENT)
    ] * 4
    assert all(0 < f.value < 1 for f in result.findings)
    assert result.verdict is Verdict.INSUFFICIENT
    assert result.warnings == ("language: everyone is of the group 'fi': there is nothing to compare",)


def test_a_group_of_two_shows_nothing(town: Town, policy: Policy) -> None:
    predictions, protected = town(3_000, FAIR)
    protected.loc[[5, 70], "language"] = "sámi"
    found = [f for f in audited(predictions, protected, policy()).findings if f.group == "sámi"]
    assert [f.verdict for f in found] == [Verdict.INSUFFICIENT] * 4
    assert {getattr(f, name) for f in found for name in ("n", "value", "low", "high", "ratio", "ratio_high")} == {None}


def test_nothing_is_shown_against_a_reference_of_two(town: Town, policy: Policy) -> None:
    """A ratio would give away the reference's rate."""
    predictions, protected = town(3_000, FAIR)
    protected.loc[[5, 70], "language"] = "sámi"
    result = audited(predictions, protected, policy(smallest_denominator=1), references={"language": "sámi"})
    assert {f.ratio for f in result.findings} == {None}
    assert all(f.value is not None for f in result.findings)


@pytest.mark.parametrize(("rows", "enough"), [(29, False), (30, True)])
def test_the_smallest_denominator(policy: Policy, rows: int, enough: bool) -> None:
    """Twenty-nine are too few to judge, thirty are not; the figures are shown either way."""
    names = ["few"] * rows + ["many"] * 3_000
    predictions = some_predictions(len(names))
    score = np.where(np.arange(len(names)) < rows, 0.99, predictions.score)
    result = audited(replace(predictions, score=score), pd.DataFrame({"g": names}), policy())
    found = finding_of(result, "few", "selection_rate")
    assert found.ratio > 1.25
    assert found.verdict is (Verdict.FAIL if enough else Verdict.INSUFFICIENT)


@pytest.mark.parametrize("outcome", [True, False])
def test_one_outcome_leaves_its_rates_without_a_verdict(town: Town, policy: Policy, outcome: bool) -> None:
    predictions, protected = town(8_000, FAIR)
    result = audited(replace(predictions, outcome=np.full(8_000, outcome)), protected, policy())
    empty = "false_positive_rate" if outcome else "false_negative_rate"
    found = finding_of(result, "sv", empty)
    assert (found.value, found.ratio, found.verdict) == (None, None, Verdict.INSUFFICIENT)
    precision = finding_of(result, "sv", "precision")
    if outcome:
        assert (precision.value, precision.ratio, precision.verdict) == (1.0, 1.0, Verdict.PASS)
        assert precision.low < 1.0 < precision.ratio_high
    else:
        assert (precision.value, precision.ratio, precision.verdict) == (0.0, None, Verdict.INSUFFICIENT)
        assert precision.why == "the interval has no end"


def test_of_a_reference_of_one_it_is_judged_that_it_is_one_to_four(policy: Policy) -> None:
    """One to four of 400 selected, and most of a hundred others: no figure is shown, and it fails all the same."""
    names = ["many"] * 400 + ["few"] * 100
    score = np.concatenate([np.linspace(0.0, 0.4, 399), [0.9], np.linspace(0.5, 0.8, 100)])
    predictions = Predictions(12.0, score, np.zeros(500, dtype=bool), np.ones(500))
    result = audited(predictions, pd.DataFrame({"g": names}), policy(capacity=0.2), references={"g": "many"})
    found = finding_of(result, "few", "selection_rate")
    assert (found.ratio, found.ratio_high, found.verdict) == (None, None, Verdict.FAIL)


# ---------------------------------------------------------------- ties, direct use, nothing to audit


def test_equal_scores_say_nothing(town: Town, policy: Policy) -> None:
    predictions, protected = town(4_000, FAIR)
    result = audited(replace(predictions, score=np.full(4_000, 0.3)), protected, policy())
    assert result.selected_share == 1.0
    assert {f.verdict for f in result.findings} == {Verdict.INSUFFICIENT}
    assert result.warnings[-1].startswith("all scores are equal")


def test_a_cut_that_selects_everyone_says_nothing(town: Town, policy: Policy) -> None:
    predictions, protected = town(4_000, FAIR)
    score = np.where(np.arange(4_000) < 4, 0.9, 0.3)
    result = audited(replace(predictions, score=score), protected, policy(capacity=0.6))
    assert (result.selected_share, result.verdict) == (1.0, Verdict.INSUFFICIENT)
    assert "selects everyone" in result.warnings[-1]


def test_ties_are_not_divided(town: Town, policy: Policy) -> None:
    predictions, protected = town(4_000, FAIR)
    score = np.where(np.arange(4_000) < 1_600, 0.9, predictions.score / 2)
    result = audited(replace(predictions, score=score), protected, policy())
    assert (result.capacity, result.selected_share) == (0.25, 0.4)


def test_direct_use_is_marked(town: Town, policy: Policy) -> None:
    predictions, protected = town(1_000, FAIR)
    result = audited(predictions, protected, policy(), direct_use=("language",))
    assert result.direct_use == ("language",)
    assert result.warnings[0].startswith("language: marked direct use")
    first = result.findings[0]
    assert (first.attribute, first.metric, first.verdict) == ("language", "direct_use", Verdict.FAIL)
    assert result.verdict is Verdict.FAIL


def test_no_protected_attribute_is_no_pass(policy: Policy) -> None:
    for nothing in (pd.DataFrame(), pd.DataFrame(index=range(50))):
        result = audited(some_predictions(50), nothing, policy())
        assert (result.verdict, result.findings) == (Verdict.INSUFFICIENT, ())
        assert result.warnings == ("no protected attribute was declared: nothing could be audited",)


# ---------------------------------------------------------------- what must raise


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"references": {"ikä": None}}, "'ikä': no such protected column"),
        ({"direct_use": ("ikä",)}, "'ikä': no such protected column"),
        ({"references": {"language": "se"}}, r"'language'.*reference group 'se'.*'fi', 'sv', 'ру'"),
    ],
)
def test_what_is_not_there_does_not_pass(town: Town, policy: Policy, more: dict, message: str) -> None:
    predictions, protected = town(200, FAIR)
    with pytest.raises(DataError, match=message):
        audited(predictions, protected, policy(), **more)


def test_protected_rows_must_match(town: Town, policy: Policy) -> None:
    predictions, protected = town(200, FAIR)
    with pytest.raises(DataError, match="199 rows beside 200 predictions"):
        audited(predictions, protected.iloc[1:], policy())


@pytest.mark.parametrize(
    ("field", "wrong", "message"),
    [
        ("score", np.nan, "1 of 200 scores"),
        ("score", 1.5, "1 of 200 scores"),
        ("weight", np.nan, "weight is negative or not a number"),
        ("weight", -1.0, "weight is negative or not a number"),
    ],
)
def test_predictions_must_be_possible(town: Town, policy: Policy, field: str, wrong: float, message: str) -> None:
    predictions, protected = town(200, FAIR)
    values = getattr(predictions, field).copy()
    values[3] = wrong
    with pytest.raises(DataError, match=message):
        audited(replace(predictions, **{field: values}), protected, policy())


def test_parts_of_predictions_must_match(town: Town, policy: Policy) -> None:
    predictions, protected = town(200, FAIR)
    with pytest.raises(DataError, match="same number of rows"):
        audited(replace(predictions, weight=np.ones(199)), protected, policy())


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"limits": {"accuracy": Limits("ratio", 0.8, 1.25)}}, "'accuracy'; set limits for at least one of selection_"),
        ({"shown": ("accuracy",)}, "'accuracy'"),
        ({"limits": {}}, "no metric"),
        ({"capacities": (1.5,)}, "capacities over 0 and at most 1"),
        ({"replicates": 0}, "replicates must be at least 1"),
        ({"capacity": 0.0}, "capacities over 0"),
    ],
)
def test_a_policy_that_cannot_be_carried_out(town: Town, policy: Policy, changes: dict, message: str) -> None:
    predictions, protected = town(200, FAIR)
    with pytest.raises(InputError, match=message):
        audited(predictions, protected, policy(**changes))


# ---------------------------------------------------------------- whatever the rows


def some_predictions(rows: int) -> Predictions:
    """Return predictions with rising scores and every third still unemployed."""
    return Predictions(12.0, np.linspace(0.1, 0.9, rows), np.arange(rows) % 3 == 0, np.ones(rows))


RATIO = Limits("ratio", 0.8, 1.25)
RATES = ("selection_rate", "false_positive_rate", "false_negative_rate", "precision")
POLICY_OF_PROPERTIES = AuditPolicy(
    {**dict.fromkeys(RATES, RATIO), "calibration_gap": Limits("difference", -0.03, 0.03)},
    RATIO, ("auc", "calibration_intercept"), 10, 0.25, (0.1,), (), 25,
)  # fmt: skip
ROW = st.tuples(
    st.sampled_from([0.0, 0.1, 0.5, 0.9]),
    st.booleans(),
    st.sampled_from([0.0, 1.0, 1.1, 1.7]),
    st.sampled_from(["fi", "sv", "ру", "missing"]),
)


def audit_rows(rows: list[tuple[float, bool, float, str]]) -> Audit:
    score, outcome, weight, group = zip(*rows, strict=True)
    predictions = Predictions(12.0, np.array(score), np.array(outcome), np.array(weight))
    return audited(predictions, pd.DataFrame({"language": group}), POLICY_OF_PROPERTIES)


@given(st.lists(ROW, min_size=1, max_size=60), st.permutations(range(60)))
@settings(deadline=None)
def test_the_order_of_rows_changes_nothing(rows: list[tuple[float, bool, float, str]], order: list[int]) -> None:
    """Not the points and, as rows are counted before anything is drawn, not the intervals either."""
    assert audit_rows([rows[place] for place in order if place < len(rows)]) == audit_rows(rows)


@given(st.lists(ROW, min_size=1, max_size=12) | st.lists(ROW, min_size=30, max_size=60))
@settings(deadline=None)
def test_whatever_the_rows_small_counts_are_withheld_and_figures_make_sense(
    rows: list[tuple[float, bool, float, str]],
) -> None:
    sizes = {name: sum(row[3] == name for row in rows) for name in ("fi", "sv", "ру", "missing")}
    for f in (found := audit_rows(rows)).findings + found.figures:
        assert f.n is None or f.n == 0 or f.n >= 5
        if sizes[f.group] < 5:
            assert (f.n, f.value, f.low, f.high, f.ratio, f.ratio_low, f.ratio_high) == (None,) * 7
        if f.value is not None and f.metric in RATES:
            assert 0 <= f.low <= f.value <= f.high <= 1
        if f.ratio is not None:
            assert 0 <= f.ratio_low <= f.ratio
            assert f.ratio_high is None or f.ratio <= f.ratio_high < np.inf


# ---------------------------------------------------------------- several rows of one person


def test_rows_of_one_person_say_no_more_than_one_of_them(town: Town, policy: Policy) -> None:
    """Three times the same rows of the same people say what they say once, with intervals as wide, but for draws."""
    predictions, protected = town(3000, FAIR, weights="few")
    thrice = np.repeat(np.arange(3000), 3)
    more, same = predictions[thrice], protected.iloc[thrice].reset_index(drop=True)
    found, once = audited(more, same, policy(replicates=4000)), audited(predictions, protected, policy(replicates=4000))
    for one, other in zip(found.findings, once.findings, strict=True):
        assert (one.group, one.metric, one.n) == (other.group, other.metric, other.n)
        assert one.value == pytest.approx(other.value, rel=0.03)
        assert one.ratio_low == pytest.approx(other.ratio_low, rel=0.05)
        assert one.ratio_high == pytest.approx(other.ratio_high, rel=0.05)
    assert (found.people, found.rows) == (3000, 9000)


def test_who_has_more_rows_because_they_stayed_longer_does_not_bend_the_figures(policy: Policy) -> None:
    """Those still unemployed are looked at three times, the others once: chances that are right look right."""
    rng = np.random.default_rng(5)
    score = rng.uniform(0.1, 0.9, 20_000)
    looks = np.where(rng.random(20_000) < 0.5, 3, 1)
    first = np.repeat(np.arange(20_000), looks)
    outcome = rng.random(len(first)) < score[first]
    people = Predictions(12.0, score[first], outcome, np.ones(len(first)), first)
    groups = pd.DataFrame({"g": np.where(rng.random(20_000) < 0.5, "a", "b")[first]})
    gap = {"calibration_gap": Limits("difference", -0.03, 0.03)}
    (found,) = audited(people, groups, policy(limits=gap)).findings
    assert abs(found.value) < 0.02
    assert found.verdict is Verdict.PASS


def test_numbers_of_persons_who_have_one_row_each_change_nothing(
    town: Town, policy: Policy, rng: np.random.Generator
) -> None:
    predictions, protected = town(500, FAIR)
    numbered = replace(predictions, person=rng.permutation(500))
    assert audited(numbered, protected, policy()) == audited(predictions, protected, policy())


# ---------------------------------------------------------------- scopes


def several(rows: int, rng: np.random.Generator) -> tuple[Predictions, pd.DataFrame]:
    """Return predictions that are right, and four attributes that tell nothing of them."""
    score = rng.beta(2, 3, rows)
    groups = {name: rng.choice(list(values), rows) for name, values in
              {"sex": "mf", "age": "yao", "tongue": "fsx", "place": "nesw"}.items()}  # fmt: skip
    return Predictions(12.0, score, rng.random(rows) < score, np.ones(rows)), pd.DataFrame(groups)


def test_two_attributes_together_are_found_where_neither_alone_shows_much(policy: Policy) -> None:
    """Old women's scores are raised: a sixth of the women, and half of the old."""
    rng = np.random.default_rng(3)
    predictions, groups = several(24_000, rng)
    those = (groups["sex"] == "f") & (groups["age"] == "o")
    raised = replace(predictions, score=np.where(those, np.minimum(predictions.score + 0.25, 1), predictions.score))
    result = audited(raised, groups, policy(limits={"false_positive_rate": RATIO}), references={"sex": "m", "age": "a"})
    failing = [f for f in result.findings if f.scope is Scope.INTERSECTION and f.verdict is Verdict.FAIL]
    assert ("sex × age", "f × o") in {(f.attribute, f.group) for f in failing}
    assert {f.group for f in failing if f.attribute == "tongue × place"} == set()


def test_the_worst_off_of_three_are_sought_and_judged_on_others(policy: Policy) -> None:
    rng = np.random.default_rng(4)
    predictions, groups = several(24_000, rng)
    those = (groups["sex"] == "f") & (groups["age"] == "o") & (groups["tongue"] == "x")
    raised = replace(predictions, score=np.where(those, np.minimum(predictions.score + 0.3, 1), predictions.score))
    result = audited(raised, groups, policy(limits={"false_positive_rate": RATIO}))
    found = [f for f in result.findings if f.scope is Scope.SEARCHED]
    assert (found[0].attribute, found[0].group, found[0].reference) == (
        "sex × age × tongue",
        "f × o × x",
        "everyone else",
    )
    assert found[0].verdict is Verdict.FAIL
    assert found[0].n == pytest.approx(those.sum() / 2, rel=0.15)


def test_nothing_is_found_among_thousands_of_groups_of_a_fair_model(policy: Policy) -> None:
    rng = np.random.default_rng(6)
    failing = []
    for seed in range(5):
        predictions, groups = several(6_000, rng)
        result = audited(predictions, groups, policy(limits={"false_positive_rate": RATIO}), seed)
        failing += [f for f in result.findings if f.verdict is Verdict.FAIL]
    assert failing == []


def test_every_cut_landmark_and_quarter_is_audited(town: Town, policy: Policy) -> None:
    predictions, protected = town(6_000, FAIR)
    rng = np.random.default_rng(2)
    within = {Scope.LANDMARK: rng.choice(["at registration", "after 91 days"], 6_000),
              Scope.PERIOD: rng.choice(["2018 Q1", "2018 Q2"], 6_000)}  # fmt: skip
    bands = {"told elevated": predictions.score > 0.7}
    result = audited(predictions, protected, policy(capacities=(0.1, 0.05)), bands=bands, within=within)
    of = {scope: {(f.cut, f.within) for f in result.findings if f.scope is scope} for scope in Scope}
    assert of[Scope.ATTRIBUTE] == {("highest 25%", "")}
    assert of[Scope.CUT] == {("highest 10%", ""), ("highest 5%", ""), ("told elevated", "")}
    assert of[Scope.LANDMARK] == {("highest 25%", "at registration"), ("highest 25%", "after 91 days")}
    assert of[Scope.PERIOD] == {("highest 25%", "2018 Q1"), ("highest 25%", "2018 Q2")}
    told = next(f for f in result.findings if f.cut == "told elevated" and f.metric == "selection_rate")
    share = (predictions.score > 0.7)[protected["language"] == told.group].mean()
    assert told.value == pytest.approx(share, abs=0.01)


def test_the_reference_is_the_same_in_every_quarter(town: Town, policy: Policy) -> None:
    """In the second quarter another group is the largest, in the third nobody is of the reference."""
    predictions, protected = town(6_000, FAIR)
    is_fi = (protected["language"] == "fi").to_numpy()
    quarter = np.where(is_fi, "Q1", np.where(np.arange(6_000) % 2 == 0, "Q2", "Q3"))
    quarter[np.flatnonzero(is_fi)[:50]] = "Q2"
    result = audited(predictions, protected, policy(), within={Scope.PERIOD: quarter})
    of_periods = [f for f in result.findings if f.scope is Scope.PERIOD]
    assert {f.reference for f in of_periods} == {"fi"}
    assert {f.within for f in of_periods if f.group == "sv"} == {"Q2", "Q3"}
    assert {f.why for f in of_periods if f.within == "Q3"} == {"too few people"}


def test_what_is_shown_beside_is_not_judged(town: Town, policy: Policy) -> None:
    predictions, protected = town(4_000, FAIR)
    result = audited(predictions, protected, policy(limits={"false_positive_rate": RATIO}, shown=("auc", "precision")))
    assert {f.metric for f in result.findings} == {"false_positive_rate"}
    assert {f.metric for f in result.figures} == {"false_positive_rate", "auc", "precision"}
    assert {f.verdict for f in result.figures} == {None}
    assert {f.group for f in result.figures if f.metric == "false_positive_rate"} == {"fi"}  # the reference's own


def test_a_million_categories_are_an_error_that_says_what_to_do(town: Town, policy: Policy) -> None:
    predictions, _ = town(2_000, FAIR)
    with pytest.raises(DataError, match="more than 1000 different values are no groups of people"):
        audited(predictions, pd.DataFrame({"street": np.arange(2_000).astype(str)}), policy())


def test_people_of_no_group_of_two_attributes_are_not_told_as_one(policy: Policy) -> None:
    """Those who are too few in each group together are many, and no group."""
    rng = np.random.default_rng(8)
    predictions, groups = several(4_000, rng)
    groups["place"] = rng.choice([f"street {number}" for number in range(60)], 4_000)
    found = audited(predictions, groups, policy(shown=("auc",)))
    of_two = [f for f in (*found.findings, *found.figures) if f.scope is Scope.INTERSECTION]
    assert {f.attribute for f in of_two} == {"sex × age", "sex × tongue", "age × tongue"}
    assert all(f.group and f.reference for f in (*found.findings, *found.figures))


def test_chances_are_told_to_two_digits(town: Town, policy: Policy) -> None:
    """More would tell the counts that they come of."""
    predictions, protected = town(3_000, FAIR)
    raised = np.where(protected["language"] == "ру", np.minimum(predictions.score + 0.1, 1), predictions.score)
    told = [f.chance for f in audited(replace(predictions, score=raised), protected, policy()).findings]
    assert any(0 < chance < 1 for chance in told)
    assert all(chance == float(f"{chance:.2g}") and (chance == 0 or chance >= 0.001) for chance in told)

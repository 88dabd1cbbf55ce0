"""The typed sections of a card: what was made is of its type, and what is spoilt in one place is refused with it."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import fields, replace
from pathlib import Path
from typing import Any, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ml.contracts import (
    ENTITIES,
    INTERVIEW_FIRST,
    TIMES,
    Audit,
    Calibration,
    Coverage,
    Evaluation,
    Finding,
    GroupPerformance,
    Interval,
    Kind,
    ModelReport,
    NetBenefit,
    Policy,
    Scope,
    Slice,
    Verdict,
)
from ml.contracts.needs_report import NeedsReport
from ml.errors import ContractError, GateError
from ml.governance.card import Provenance, build_card
from ml.governance.card.build import FORMAT
from ml.governance.card.changes import with_changes
from ml.governance.card.needs import build_needs_card
from ml.governance.card.sections import NeedsCard, RiskCard, audit, needs, sections_of, values
from ml.governance.cards import Cards, source
from ml.governance.people.sections import SERVICE_NEED
from ml.governance.renderings import renderings

from .test_card import undated
from .test_card_evidence import MITIGATION
from .test_card_evidence import rich as rich_report  # noqa: F401 - a fixture
from .test_needs_card import report as needs_report  # noqa: F401 - a fixture

Card = dict[str, Any]
Place = tuple[str | int, ...]
DIGEST = f"sha256:{'0a' * 32}"
FIGURE = {"value": 0.5, "low": 0.4, "high": 0.6}


@pytest.fixture
def card_of(provenance: Provenance, policy: Policy) -> dict[str, Callable[[Any], Card]]:
    """Return sort → what makes a card of a report."""
    evidence = {"audit.json": DIGEST}
    return {
        "risk": lambda report: build_card(report, provenance, policy, weighed(), evidence=evidence),
        "needs": lambda report: build_needs_card(report, provenance, policy, evidence=evidence),
    }


def weighed() -> Card:
    """Return mitigations as the experiment tells them, with all that it says of a group."""
    found: Card = deepcopy(MITIGATION)
    for point in found["gender"]["points"]:
        rest = {"false_positive_rate": FIGURE, "false_negative_rate": None, "why": ""}
        point["groups"] = [{**rest, **each} for each in point["groups"]]
    return found


@pytest.fixture
def full_report(rich_report: ModelReport) -> ModelReport:  # noqa: F811 - the fixture of that name
    """Return a report that fills every key of a card: also coverage, net benefit and carriers of a proxy."""
    about = Interval(0.5, 0.4, 0.6)
    first, *rest = rich_report.evaluation.slices
    assert first.figures is not None
    core = replace(first.figures.core, coverage=Coverage(0.9, 0.8, 20, 0.1, 0.05))
    figures = replace(first.figures, core=core, net_benefit=(NetBenefit(0.1, 0.6, about, about, about),))
    slices = (replace(first, figures=figures), *rest)
    proxies = (replace(rich_report.audit.proxies[0], carriers=(("years", 0.1), ("trade", 0.05))),)
    return replace(
        rich_report,
        evaluation=replace(rich_report.evaluation, slices=slices),
        audit=replace(rich_report.audit, proxies=proxies),
    )


@pytest.fixture(params=["risk", "needs"])
def card(request: pytest.FixtureRequest, card_of: Any, provenance: Provenance) -> Card:
    """Return a card with all tables filled: of risk, and of service needs."""
    report = {"risk": "full_report", "needs": "needs_report"}[request.param]
    made: Card = card_of[request.param](request.getfixturevalue(report))
    return with_changes(made, {**made, "weak": True, "model": {**made["model"], "version": 2}})


@pytest.fixture
def risk(card_of: Any, request: pytest.FixtureRequest) -> Card:
    made: Card = card_of["risk"](request.getfixturevalue("full_report"))
    return made


# ---------------------------------------------------------------- what was made is of its type


def test_a_card_with_every_table_is_of_its_type_and_nothing_of_it_is_lost(card: Card) -> None:
    found = sections_of(card)
    assert isinstance(found, NeedsCard if "sort" in card else RiskCard)
    assert found.model_dump(mode="json", by_alias=True, exclude_unset=True) == card
    assert sections_of(json.loads(source(card))) == found


def test_what_is_honestly_not_known_is_of_its_type(
    report: ModelReport,
    card_of: Any,
    provenance: Provenance,
    policy: Policy,
    finding: Callable[..., Finding],
    audited: Callable[..., Audit],
) -> None:
    nothing = Interval(math.nan, math.nan, math.nan)
    scores = replace(report.scores["lightgbm"], auc=nothing, calibration=Calibration(math.nan, math.nan, math.nan))
    few = finding(n=None, value=None, low=None, high=None, ratio=None, ratio_low=None, ratio_high=None,
                  verdict=Verdict.INSUFFICIENT, why="too few people")  # fmt: skip
    slices = (Slice(None, 26.0, None, 3, 3, None, "too few people"),)
    for each in (
        report,
        undated(report),
        replace(report, scores={**report.scores, "lightgbm": scores}, observed_share=nothing, further={}),
        replace(report, audit=audited(few), evaluation=Evaluation(slices)),
        replace(report, audit=audited()),
        replace(report, groups=(GroupPerformance("gender", "women", 0, None, None, "too few people"),)),
    ):
        sections_of(card_of["risk"](each))
        sections_of(build_card(each, provenance, policy))  # nothing weighed, and no evidence beside it


def test_a_service_need_model_that_never_answers_is_of_its_type(card_of: Any, request: pytest.FixtureRequest) -> None:
    report: NeedsReport = request.getfixturevalue("needs_report")
    few = replace(report.evaluation.interview_first, rows=3)
    silent = replace(report, threshold=replace(report.threshold, value=None, curve=()),
                     evaluation=replace(report.evaluation, interview_first=few),
                     rule=replace(report.rule, holds=2))  # fmt: skip
    sections_of(card_of["needs"](silent))


def test_the_cards_of_trained_models_are_of_their_type(trained_home: Path, approved_home: Path) -> None:
    found = [path for home in (trained_home, approved_home) for path in home.glob("model_cards/*/*.json")]
    assert len(found) == 4
    for path in found:
        card = json.loads(path.read_text(encoding="utf-8"))
        assert sections_of(card).model_dump(mode="json", by_alias=True, exclude_unset=True) == card


def test_sections_are_read_by_name(risk: Card) -> None:
    found = sections_of(risk)
    assert isinstance(found, RiskCard)
    assert found.metrics.auc.value == risk["metrics"]["auc"]["value"]
    assert found.audit.scopes.attribute.passing == risk["audit"]["scopes"]["attribute"]["pass"]
    assert found.split.test.first == risk["split"]["test"]["from"]


def test_words_of_the_types_are_words_of_the_contracts() -> None:
    assert set(get_args(values.Verdict)) == set(Verdict)
    assert set(get_args(values.Kind)) == {*Kind, TIMES}
    assert set(get_args(audit.Scope)) == set(Scope) == set(audit.Scopes.model_fields)
    assert {each.alias or name for name, each in audit.Verdicts.model_fields.items()} == set(Verdict)
    assert set(audit.Finding.model_fields) == {each.name for each in fields(Finding)} | {"source", "id"}
    assert tuple(needs.ByAnswer.model_fields) == (*ENTITIES, INTERVIEW_FIRST)
    assert get_args(RiskCard.model_fields["format"].annotation) == (FORMAT,)
    assert get_args(NeedsCard.model_fields["sort"].annotation) == (SERVICE_NEED,)


# ---------------------------------------------------------------- one thing spoilt, refused with its place


def at(card: Any, place: Place) -> Any:
    for key in place:
        card = card[key]
    return card


def spoilt(card: Card, place: Place, value: Any) -> Card:
    """Return a copy of a card with another value in one place."""
    copy = deepcopy(card)
    at(copy, place[:-1])[place[-1]] = value
    return copy


CORRUPTIONS: tuple[tuple[Place, Any, str], ...] = (
    (("audit", "findings", 2, "verdict"), "ok",
     "audit.findings 3, verdict: is 'ok', and must be one of pass, insufficient, fail"),
    (("audit", "verdict"), None, "audit.verdict: is None, and must be one of pass, insufficient, fail"),
    (("audit", "findings", 0, "n"), 12.5, "audit.findings 1, n: must be a whole number"),
    (("audit", "findings", 0, "n"), -1, "audit.findings 1, n: must be 0 or more"),
    (("audit", "findings", 0, "scope"), "group", "audit.findings 1, scope: is 'group', and must be one of attribute, "),
    (("audit", "findings", 1, "id"), "F1",
     "audit: the finding of audit.json#/findings/1 is F1, and must be F2: those that fail are numbered in their order"),
    (("audit", "findings", 1, "id"), "one", "audit.findings 2, id: is 'one', and must be the number of a finding: F1"),
    (("audit", "findings", 1, "verdict"), "pass", "audit: the finding of audit.json#/findings/1 is F2, and must have "),
    (("audit", "findings", 2, "verdict"), "fail",
     "audit: the finding of audit.json#/findings/3 has no id, and must be F3"),
    (("audit", "capacity"), 1.5, "audit.capacity: must be 1.0 or less"),
    (("audit", "proxies", 0, "carriers"), [["years", 0.1]] * 4, "audit.proxies 1, carriers: must hold at most 3"),
    (("audit", "words", "gender", "label"), "Gender", "audit.words.gender.label: must be an object"),
    (("model", "version"), 0, "model.version: must be 1 or more"),
    (("model", "digest"), "abc", "model.digest: is 'abc', and must be a digest"),
    (("metrics", "auc"), 0.7, "metrics.auc: must be an object"),
    (("metrics", "auc", "value"), "0.7", "metrics.auc.value: must be a number"),
    (("metrics", "auc", "value"), float("nan"), "metrics.auc.value: must be a number"),
    (("metrics", "auc", "best"), 0.7, "metrics.auc.best: is no part of a card"),
    (("evaluation", "slices", 0, "figures", "capacity", 0, "recall", "low"), None,
     "evaluation.slices 1, figures.capacity 1, recall: must have value, low and high, or none of them"),
    (("audit", "findings", 2, "ratio_low"), None, "audit.findings 3: must have ratio_low where it has a ratio"),
    (("direct_use", "Gender"), None, "direct_use.Gender: must be text"),
    (("audit", "words"), {}, "audit: words: gender is missing, and audit.json#/findings/0 is of it"),
    (("weak",), 1, "weak: must be true or false"),
    (("weak",), "no", "weak: must be true or false"),
    (("not_for",), "deciding", "not_for: must be a list"),
    (("warnings",), [3], "warnings 1: must be text"),
    (("headlines", 0, "source"), "evil.html", "headlines 1, source: is 'evil.html', and must be a"),
    (("inputs", 0, "kind"), "fate", "inputs 1, kind: is 'fate', and must be one of can_change, "),
    (("inputs", 0, "why"), {}, "inputs 1, why.en: is missing"),
    (("inputs", 0, "why"), None, "inputs 1, why: must be an object"),
    (("split", "kind"), "lucky", "split.kind: is 'lucky', and must be one of temporal, random"),
    (("split", "test", "to"), "2022-13-01", "split.test.to: is '2022-13-01', and must be a day: 2026-11-20"),
    (("split", "test", "to"), "20220101", "split.test.to: is '20220101', and must be a day"),
    (("split", "test", "from"), 20220101, "split.test.from: must be text"),
    (("provenance", "trained_at"), "yesterday", "provenance.trained_at: is 'yesterday', and must be a moment"),
    (("cohort", "quality_report"), "seen", "cohort.quality_report: is 'seen', and must be "),
    (("evidence", "audit.json"), "sha256:abc", "evidence.audit.json: is 'sha256:abc', and must be "),
    (("limits", "answers", "of"), "sum", "limits.answers.of: is 'sum', and must be one of ratio, difference"),
    (("mitigation", "gender", "points"), [], "mitigation.gender.points: must hold at least 1"),
    (("mitigation", "gender", "points", 0, "uses"), "", "mitigation.gender.points 1, uses: is '', and must be one of "),
    (("people",), [], "people: must be an object"),
    (("people",), {"risks": [{"severity": "huge"}]}, "people.risks 1, severity: is 'huge', and must be one of low, "),
    (("sort",), "other", "sort: is 'other', and must be"),
    (("gaps",), [], "gaps: is no part of a card"),
)  # fmt: skip


@pytest.mark.parametrize(("place", "value", "words"), CORRUPTIONS)
def test_what_is_spoilt_is_refused_with_its_place(risk: Card, place: Place, value: Any, words: str) -> None:
    with pytest.raises(ContractError) as refused:
        sections_of(spoilt(risk, place, value))
    assert str(refused.value).startswith("the card of ltu-small version ")
    assert words in str(refused.value)


def test_at_most_three_places_are_told_and_no_long_value(risk: Card) -> None:
    split, audit_of = {**risk["split"], "kind": "k" * 5000}, {**risk["audit"], "verdict": "v" * 5000}
    many = {**risk, "format": 3, "weak": "w" * 5000, "split": split, "audit": audit_of}
    with pytest.raises(ContractError) as refused:
        sections_of(many)
    told = str(refused.value)
    assert told.count(";") == 2
    assert "; split.kind: is …" in told
    assert told.endswith("(the first 3 of 4 problems)")
    assert len(told) < 1000


@pytest.mark.parametrize("spoil", [{"model": None}, {"model": {}}, {"model": {"name": ["x"], "version": 1}}])
def test_whose_card_it_is_need_not_be_known(risk: Card, spoil: Card) -> None:
    with pytest.raises(ContractError, match=r"^the card.*: model"):
        sections_of(risk | spoil)


# ---------------------------------------------------------------- any key, any value

# Where a card holds names of its own choosing, one fewer is another card, and no broken one.
NAMES: tuple[Place, ...] = (
    ("method", "settings"), ("provenance", "environment"), ("challengers",), ("mitigation",), ("direct_use",),
    ("limits", "metrics"), ("evidence",), ("audit", "words"), ("audit", "words", "gender", "groups"),
    ("metrics", "candidates"),
)  # fmt: skip
# What may be null, by the key: there is none of it, or it is not shown.
NULLABLE = {
    "value", "low", "high", "intercept", "slope", "ici", "n", "persons", "chance", "auc", "brier", "brier_gain", "gap",
    "figures", "landmark", "quarter", "coverage", "rule_precision", "rule_recall", "lift", "rule", "from", "to",
    "entry", "tuning", "previous", "people", "flagged", "wrongly_flagged", "missed", "false_positive_rate",
    "false_negative_rate", "rows", "pairs", "placed", "answered", "interview_first", "holds", "by_rule", "left_out",
    "skills", "rehabilitation", "integration",
    *(f"{name}{end}" for name in ("ratio", "difference", "overall_ratio", "overall_difference")
      for end in ("", "_low", "_high")),
}  # fmt: skip


def places(node: Any, place: Place = ()) -> Iterator[Place]:
    """Yield the place of every key and every element."""
    keys = list(node) if isinstance(node, dict) else range(len(node)) if isinstance(node, list) else ()
    for key in keys:
        yield (*place, key)
        yield from places(node[key], (*place, key))


def is_refused(card: Card) -> bool:
    try:
        sections_of(card)
    except ContractError:
        return True
    return False


def test_a_missing_key_is_refused_anywhere(card: Card) -> None:
    kept = []
    for place in places(card):
        if isinstance(place[-1], str):
            less = deepcopy(card)
            del at(less, place[:-1])[place[-1]]
            if not is_refused(less):
                kept.append(place)
                renderings(less)  # and what is let through can be read
    assert {place[:-1] for place in kept} <= set(NAMES)
    assert len(kept) < len(list(places(card))) / 10


def test_what_is_not_known_is_refused_where_a_page_needs_it(card: Card) -> None:
    """Null is refused, or all pages can be made without the value."""
    alike = {tuple(key if isinstance(key, str) else 0 for key in place): place for place in places(card)}
    for place in alike.values():  # one of each list, the last: the first is often no change
        without = spoilt(card, place, None)
        if at(card, place) is not None and not is_refused(without):
            assert place[-1] in NULLABLE, place
            renderings(without)


def sort_of(value: Any) -> type:
    return float if isinstance(value, int) and not isinstance(value, bool) else type(value)


ANYTHING = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5)
    | st.lists(st.integers(), max_size=2) | st.dictionaries(st.text(max_size=3), st.integers(), max_size=2)
)  # fmt: skip


def test_a_value_of_another_type_is_refused_anywhere(card: Card) -> None:
    everywhere = [place for place in places(card) if at(card, place) is not None]

    @settings(max_examples=600, deadline=None)
    @given(st.sampled_from(everywhere), ANYTHING)
    def each(place: Place, value: Any) -> None:
        other = sort_of(value) is not sort_of(at(card, place))
        unknown = place[-1] == "why" and at(card, place) in ("", {}) and value in ("", {})
        if other and not unknown and not (value is None and place[-1] in NULLABLE):
            assert is_refused(spoilt(card, place, value)), (place, value)

    each()


# ---------------------------------------------------------------- in a home


def test_a_card_that_is_not_of_its_type_is_never_written(risk: Card, tmp_path: Path) -> None:
    cards = Cards(tmp_path)
    with pytest.raises(ContractError, match=r"the card of ltu-small version 3: weak: "):
        cards.publish(risk | {"weak": "no"}, {})
    assert list(tmp_path.rglob("*")) == []
    cards.publish(risk, {})
    before = cards.path("ltu-small", 3).read_bytes()
    with pytest.raises(ContractError, match="gaps: is no part of a card"):
        cards.rewrite(risk | {"gaps": []})
    assert cards.path("ltu-small", 3).read_bytes() == before


def test_a_card_that_was_spoilt_on_disk_is_not_read(risk: Card, tmp_path: Path) -> None:
    cards = Cards(tmp_path)
    path = cards.publish(risk, {}).with_suffix(".json")
    path.write_text(source(spoilt(risk, ("audit", "findings", 2, "verdict"), "ok")), encoding="utf-8")
    words = (
        r"3\.json: the card cannot be read \(the card of ltu-small version 3: audit\.findings 3, verdict: is 'ok', and "
        r"must be one of pass, insufficient, fail\); restore it"
    )
    with pytest.raises(GateError, match=words):
        cards.read("ltu-small", 3)

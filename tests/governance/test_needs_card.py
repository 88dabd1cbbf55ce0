"""The card of the service-need model: worst first, gaps as gaps, nothing that is not known as a number."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
import yaml

from ml.contracts import (
    CalibrationIntervals,
    Column,
    ColumnType,
    Finding,
    Interval,
    Kind,
    Policy,
    Role,
    Verdict,
)
from ml.contracts.needs_report import (
    Agreement,
    AnswerAudit,
    CandidateQuality,
    CoveragePoint,
    Disagreement,
    EntityQuality,
    InterviewFirst,
    NeedPartSummary,
    NeedsEvaluation,
    NeedSplitSummary,
    NeedsReport,
    NeedThreshold,
    RuleQuality,
)
from ml.governance.card import Provenance
from ml.governance.card.compared import PARTS
from ml.governance.card.documents import needs_documents
from ml.governance.card.failing import failing as failing_of
from ml.governance.card.failing import insufficient
from ml.governance.card.markdown.needs import render_needs_card
from ml.governance.card.markdown.people import render_people
from ml.governance.card.needs import build_needs_card
from ml.governance.people.gaps import gaps

from .citing import linked, wrong_links

Make = Callable[..., Any]
ANSWERS = ("skills", "rehabilitation", "integration", "interview_first")


def about(value: float) -> Interval:
    return Interval(value, value - 0.02, value + 0.02)


def agreeing(share: float, kappa: float, pairs: int = 200) -> Agreement:
    return Agreement(pairs, about(share), about(kappa))


def quality(recall: float, answered: int = 200) -> EntityQuality:
    calibration = CalibrationIntervals(about(0.01), about(0.98), Interval(0.01, 0, 0.02), about(0.01))
    return EntityQuality(300, answered, about(0.8), about(recall), about(0.3), 0.31, about(0.81), calibration)


FINDING = Finding("gender", "women", 400, "agreement", 0.8, 0.78, 0.82, "men", 1.0, 0.95, 1.05, Verdict.PASS)


@pytest.fixture
def report() -> NeedsReport:
    """Return the report of a good model: audit passed, about as good as a colleague."""
    parts = (
        NeedPartSummary(3000, 300, date(2018, 1, 2), date(2020, 1, 2)),
        NeedPartSummary(1000, 100, date(2020, 1, 3), date(2021, 1, 2)),
        NeedPartSummary(1000, 100, date(2021, 1, 3), date(2022, 1, 2)),
    )
    candidate = CandidateQuality(about(0.5), about(0.8), about(0.1))
    return NeedsReport(
        name="service-need",
        columns=(Column("months", ColumnType.NUMBER, Role.FEATURE, Kind.CONTEXT, {"en": "Months | without work"}),),
        protected_columns=(Column("gender", ColumnType.CATEGORY, Role.PROTECTED, label={"en": "Gender"}),),
        data_digest="sha256:data", rows=6000, persons=5000,
        placed={"skills": 4000, "rehabilitation": 1000, "integration": 3, "interview_first": 500},
        split=NeedSplitSummary(*parts, dealt=True, left_out=1234),
        rule=RuleQuality(400, 420, about(0.97), about(0.93)),
        kept="logistic", why_kept="it is as good",
        threshold=NeedThreshold(0.6, "answers at 0.600 or more agree", agreeing(0.75, 0.5),
                                (CoveragePoint(0.6, 0.8, about(0.85)),)),
        evaluation=NeedsEvaluation(
            rows=1000, persons=950, accuracy=about(0.8), agreement=about(0.85), answered=about(0.9),
            unlike=about(0.03), candidates={"base_rate": candidate, "logistic": candidate},
            entities={"skills": quality(0.9), "rehabilitation": quality(0.6), "integration": quality(0.7)},
            confusion={entity: dict.fromkeys(ANSWERS, 52) for entity in ANSWERS[:3]},
            disagreement=Disagreement(agreeing(0.7, 0.45, 240), agreeing(0.8, 0.6), agreeing(0.79, 0.58),
                                      agreeing(0.82, 0.6, 150), agreeing(0.83, 0.62, 150),
                                      Interval(-0.01, -0.04, 0.02), Interval(-0.01, -0.05, 0.03)),
            interview_first=InterviewFirst(100, dict.fromkeys(ANSWERS, about(0.25)),
                                           dict.fromkeys(ANSWERS, about(0.25)), about(0.6), about(0.7)),
        ),
        importance={"months": {"skills": 0.5, "rehabilitation": 0.2, "integration": 0.1}},
        audit=AnswerAudit(Verdict.PASS, (FINDING,)), seed=1, warnings=("a warning",),
    )  # fmt: skip


@pytest.fixture
def card_of(provenance: Provenance, policy: Policy) -> Make:
    return lambda report: build_needs_card(report, provenance, policy)


def told(card: dict[str, Any]) -> list[str]:
    """Return the words of the headlines."""
    return [each["text"] for each in card["headlines"]]


def entity(report: NeedsReport, name: str, **changed: Any) -> NeedsReport:
    entities = dict(report.evaluation.entities)
    entities[name] = replace(entities[name], **changed)
    return replace(report, evaluation=replace(report.evaluation, entities=entities))


def test_the_card_is_json_and_comes_back_from_it(report: NeedsReport, card_of: Make) -> None:
    card = card_of(report)
    assert json.loads(json.dumps(card, allow_nan=False)) == card
    assert card["model"] == {"name": "ltu-small", "version": 3, "digest": "sha256:abc"}
    assert card["not_inputs"] == [{"en": "Gender", "fi": "Gender", "sv": "Gender"}]
    assert card["deviations"] == []
    assert card["weak"] is False
    assert card["rule"]["holds"] == 400
    assert "681/2023" in card["rule"]["words"]


def test_a_good_model_says_how_it_stands_beside_caseworkers(report: NeedsReport, card_of: Make) -> None:
    assert told(card_of(report)) == [
        "The audit of answers by group passes: all 1 findings lie within the limits.",
        "Between the model and a colleague there is no difference beyond noise. Two caseworkers name the same entity "
        "for one client in 80% (95 % interval 78% to 82%) of the cases, the model and a caseworker in 79% (95 % "
        "interval 77% to 81%) of the same; Cohen's kappa is 0.60 and 0.58.",
        "It answers in 90% (95 % interval 88% to 92%) of the cases and says “interview first” in the others; of people "
        "placed in rehabilitation, who are found least often, it finds 60% (95 % interval 58% to 62%).",
    ]


def test_what_is_worst_stands_first(report: NeedsReport, card_of: Make) -> None:
    failing = replace(FINDING, ratio=0.5, ratio_low=0.4, ratio_high=0.6, verdict=Verdict.FAIL)
    worse = entity(report, "integration", auc=about(0.6), answered=0)
    worse = replace(worse, audit=AnswerAudit(Verdict.FAIL, (failing, FINDING)))
    headlines = told(card_of(worse))
    assert headlines[0].startswith("This model is weak: it tells integration from the rest with AUC 0.60")
    assert headlines[1].startswith("It never answers integration")
    assert headlines[2] == (
        "The audit of answers by group fails: 1 of 2 findings outside the limits. The surest gap: agreement of "
        "“Gender: women” is 0.50 times that of “men” (95 % interval 0.40 to 0.60)."
    )
    assert card_of(worse)["weak"] is True


def test_a_model_that_never_answers_says_so(report: NeedsReport, card_of: Make) -> None:
    silent = replace(report, threshold=replace(report.threshold, value=None, why="no threshold reaches caseworkers"))
    assert told(card_of(silent))[0] == "It never names an entity: no threshold reaches caseworkers."


@pytest.mark.parametrize(
    ("low", "high", "words"),
    [(-0.09, -0.01, "A colleague is the better stand-in"), (0.01, 0.09, "The model agrees with a caseworker oftener")],
)
def test_who_is_the_better_stand_in(report: NeedsReport, card_of: Make, low: float, high: float, words: str) -> None:
    found = replace(report.evaluation.disagreement, gap=Interval((low + high) / 2, low, high))
    changed = replace(report, evaluation=replace(report.evaluation, disagreement=found))
    assert any(line.startswith(words) for line in told(card_of(changed)))


def test_few_pairs_are_not_known(report: NeedsReport, card_of: Make) -> None:
    found = replace(report.evaluation.disagreement, entities=agreeing(0.8, 0.6, 29))
    changed = replace(report, evaluation=replace(report.evaluation, disagreement=found))
    assert any("is not known: too few clients" in line for line in told(card_of(changed)))


@pytest.mark.parametrize(
    ("verdict", "deviation"),
    [(Verdict.FAIL, "the audit of answers fails: 1 of 1 findings outside the limits"),
     (Verdict.INSUFFICIENT, "insufficient evidence of equal treatment: 1 of 1 findings")],
)  # fmt: skip
def test_deviations(report: NeedsReport, card_of: Make, verdict: Verdict, deviation: str) -> None:
    changed = replace(report, audit=AnswerAudit(verdict, (replace(FINDING, verdict=verdict),)))
    assert card_of(changed)["deviations"] == [deviation]


def test_an_audit_of_nothing_and_an_auc_too_good_are_deviations(report: NeedsReport, card_of: Make) -> None:
    changed = entity(replace(report, audit=AnswerAudit(Verdict.INSUFFICIENT, ())), "skills", auc=about(0.95))
    assert card_of(changed)["deviations"] == [
        "insufficient evidence of equal treatment: 0 of 0 findings",
        "AUC of skills over 0.9: a leak until shown otherwise",
    ]


def test_small_counts_and_rates_of_few_are_withheld(report: NeedsReport, card_of: Make) -> None:
    few = entity(report, "integration", placed=7, answered=4)
    found = replace(few.evaluation.disagreement, model_answered=agreeing(0.75, 0.5, 4))
    confusion = {**few.evaluation.confusion, "integration": {**few.evaluation.confusion["integration"], "skills": 2}}
    first = replace(few.evaluation.interview_first, rows=3)
    changed = replace(few, evaluation=replace(few.evaluation, disagreement=found, confusion=confusion,
                                              interview_first=first))  # fmt: skip
    card = card_of(changed)
    nothing = {"value": None, "low": None, "high": None}
    metrics = card["metrics"]
    assert (metrics["entities"]["integration"]["placed"], metrics["entities"]["integration"]["answered"]) == (5, None)
    assert metrics["entities"]["integration"]["precision"] == nothing
    assert metrics["confusion"]["integration"]["skills"] is None
    assert metrics["confusion"]["skills"]["skills"] == 50
    assert metrics["disagreement"]["model_answered"] == {
        "pairs": None, "share": nothing, "kappa": nothing, "source": "evaluation.json#/disagreement/model_answered"
    }  # fmt: skip
    assert metrics["interview_first"]["answers_there"]["skills"] == nothing
    assert card["cohort"]["by_caseworkers"]["integration"] is None
    assert "| <5 | — |" in render_needs_card(card)


def test_a_number_that_is_none_is_null_and_a_dash(report: NeedsReport, card_of: Make) -> None:
    odd = Interval(math.nan, math.nan, math.nan)
    changed = entity(report, "skills", precision=odd, calibration=CalibrationIntervals(odd, odd, odd, odd))
    changed = replace(changed, evaluation=replace(changed.evaluation, agreement=odd))
    card = card_of(changed)
    text = json.dumps(card, allow_nan=False)
    assert "NaN" not in text
    assert not re.search(r"\b(nan|inf|None)\b", render_needs_card(card))


def test_the_markdown_has_front_matter_sections_and_whole_tables(report: NeedsReport, card_of: Make) -> None:
    markdown = render_needs_card(card_of(report))
    front = yaml.safe_load(markdown.split("---\n")[1])
    assert front["model_name"] == "ltu-small"
    assert [each["type"] for each in front["model-index"][0]["results"][0]["metrics"]] == ["accuracy", "agreement"]
    sections = re.findall(r"^## (.*)$", markdown, re.MULTILINE)
    assert sections == [
        "What it is for", "The integration rule", "Data", "Method", "How a hint is explained", "How good it is",
        "Beside caseworkers' own disagreement", "Answers by protected group: pass",
        *re.findall(r"^## (.*)$", render_people(card_of(report)), re.MULTILINE), "What is open", "Provenance",
    ]  # fmt: skip
    assert "The ethical dialogue" in sections
    assert "Months \\| without work" in markdown
    for table in re.findall(r"(?:^\|.*\|\n?)+", markdown, re.MULTILINE):
        assert len({len(re.split(r"(?<!\\)\|", line)) for line in table.strip().split("\n")}) == 1, table


def test_the_data_section_says_when_and_names_the_data_quality_report(report: NeedsReport, card_of: Make) -> None:
    digest = f"sha256:{'0a' * 32}"
    for known in (replace(report, quality_report=digest), report):
        card = card_of(known)
        assert card["cohort"]["quality_report"] == known.quality_report
        data = render_needs_card(card).partition("\n## Data\n")[2].partition("\n## ")[0]
        assert "Placements in the parts were made from 2018-01-02 to 2022-01-02." in data
        told = f"Data-quality report: `{digest}` ([cohort](3/evidence.html#cohort))." in data
        assert told == bool(known.quality_report)
        assert ("data.quality_report" in {gap.place for gap in gaps(card)}) == (not told)


def test_every_link_leads_to_its_figures(report: NeedsReport, card_of: Make, policy: Policy) -> None:
    failing = replace(FINDING, ratio=0.5, ratio_low=0.4, ratio_high=0.6, verdict=Verdict.FAIL)
    worse = replace(report, audit=AnswerAudit(Verdict.FAIL, (FINDING, failing)))
    worse = entity(worse, "integration", auc=about(0.6), answered=0)
    found = needs_documents(worse, policy)
    markdown = render_needs_card(card_of(worse))
    assert wrong_links(markdown, found, "3") == []
    cited = {address.partition("#")[2].partition("/")[0] for _, address in linked(markdown) if "#" in address}
    assert cited == {name.removesuffix(".json") for name in found}
    heads = re.findall(r"^(\|.*\|)\n\| ---", markdown, re.MULTILINE)
    assert [head for head in heads if not head.endswith("| evidence |")] == ["| of | digest |"]
    assert "| F1 | fail | Gender | women | men | 400 | agreement | 0.80 (0.78–0.82) | 0.50 (0.40–0.60) |" in markdown
    assert [each["id"] for each in failing_of(card_of(worse))] == ["F1"]
    assert insufficient(card_of(worse)) == 0


def test_a_second_version_tells_what_changed(
    report: NeedsReport, provenance: Provenance, policy: Policy, card_of: Make
) -> None:
    other = replace(report, evaluation=replace(report.evaluation, agreement=about(0.91)))
    other = replace(other, threshold=replace(other.threshold, value=0.7))
    card = build_needs_card(other, replace(provenance, version=4), policy, previous=card_of(report))
    told = {each["what"]: each for each in card["changes"] if each["note"] != "the same"}
    assert told.keys() == {"agreement with caseworkers, of the answered", "answers from"}
    assert told["agreement with caseworkers, of the answered"]["note"] == PARTS
    assert "## What changed since version 3" in render_needs_card(card)

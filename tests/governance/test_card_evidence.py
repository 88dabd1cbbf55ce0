"""Evidence beside a card: every link leads to its place, and the figures shown are the figures there."""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import mlflow
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ml.contracts import (
    AtCapacity,
    Audit,
    CalibrationIntervals,
    CoreFigures,
    Evaluation,
    Figures,
    GroupPerformance,
    Interval,
    ModelReport,
    Policy,
    Proxy,
    Rival,
    Scope,
    Slice,
    Stability,
    Verdict,
)
from ml.governance.card import Provenance, build_card
from ml.governance.card.documents import documents
from ml.governance.card.evidence import evidence_page
from ml.governance.card.failing import failing, insufficient
from ml.governance.card.files import digests, document_text, evidence_files
from ml.governance.card.markdown import render
from ml.governance.card.sources import anchor, below, source
from ml.governance.registry import Registry

from .citing import ids_of, linked, places, unfounded, wrong_links

Make = Callable[..., Any]


def about(value: float) -> Interval:
    return Interval(value, value - 0.0123, value + 0.0234)


def core(shift: float) -> CoreFigures:
    calibration = CalibrationIntervals(about(0.01 + shift), about(0.9 + shift), about(0.03), about(0.02 + shift))
    return CoreFigures(about(0.2 + shift), about(0.3 + shift), about(0.1), about(0.7 + shift), about(0.15), calibration)


def whole(shift: float) -> Figures:
    return Figures(core(shift), (AtCapacity(0.1, about(0.4 + shift), about(0.25), about(104 + shift)),
                                 AtCapacity(0.25, about(0.35 + shift), about(0.5), about(80 + shift))))  # fmt: skip


@pytest.fixture
def rich(report: ModelReport, finding: Make, audited: Make) -> ModelReport:
    """Return a report that fills every table of a card, no two figures of a table alike."""
    fail = {"verdict": Verdict.FAIL, "ratio": 1.61, "ratio_low": 1.42, "ratio_high": 1.93}
    findings = (
        finding(metric="direct_use", group="", n=None, value=None, low=None, high=None, reference="", ratio=None,
                ratio_low=None, ratio_high=None, verdict=Verdict.FAIL),
        finding(group="a|b", value=0.31, **fail),
        finding(scope=Scope.CUT, cut="highest 5 %", verdict=Verdict.INSUFFICIENT),
        finding(group="c", value=0.4, ratio=0.97),
        finding(scope=Scope.INTERSECTION, attribute="gender × age", group="women × 50–", value=0.55, **fail),
    )  # fmt: skip
    slices = tuple(Slice(landmark, 26.0, None, 700 - 100 * landmark, 690, whole(landmark / 50)) for landmark in (0, 1))
    audit: Audit = audited(*findings, direct_use=("gender",), proxies=(Proxy("gender", "women", about(0.61)),))
    columns = dict(report.contract.columns)
    columns["gender"] = replace(columns["gender"], use_in_model=True, justification="A law says so.")
    return replace(
        report,
        contract=replace(report.contract, columns=columns),
        audit=audit,
        evaluation=Evaluation(slices, (Rival("base_rate", 0, about(0.51), about(0.21), about(0.19), about(0.05)),)),
        groups=(GroupPerformance("gender", "women", 0, 345, core(0.05)),),
        stability=(Stability(0, 690, 10, about(0.31), about(0.12), about(0.42), 0.21, 0.02, 0.19),),
        explanations="a refit gives the same strongest reason to 74.0 % (70.1 to 77.8 %) of people",
        settings={"rounds": 300, "rate": 0.05},
        tuning={"why": "the trial beats the defaults by 0.012 (0.004 to 0.020)"},
    )


MITIGATION = {
    "gender": {
        "reference": "men", "capacity": 0.25, "people": 900, "chosen": "as it is", "why": "none is better",
        "points": [
            {"name": "as it is", "uses": "never", "found": {"value": 0.5, "low": 0.48, "high": 0.52}, "auc": None,
             "gap": None, "groups": []},
            {"name": "weights", "uses": "training", "found": {"value": 0.47, "low": 0.45, "high": 0.49}, "auc": None,
             "gap": None, "groups": [
                 {"group": "men", "n": 560, "flagged": {"value": 1.0, "low": -7.0, "high": 8.0},
                  "wrongly_flagged": None, "missed": None},
                 {"group": "women", "n": 340, "flagged": {"value": 12.0, "low": 3.0, "high": 21.0},
                  "wrongly_flagged": {"value": 9.0, "low": 1.0, "high": 17.0}, "missed": None}]},
        ],
    }
}  # fmt: skip


# ---------------------------------------------------------------- every link, every figure


def test_every_link_of_a_card_with_every_table_leads_to_its_figures(
    rich: ModelReport, provenance: Provenance, policy: Policy
) -> None:
    found = documents(rich, policy, MITIGATION)
    markdown = render(build_card(rich, provenance, policy, MITIGATION))
    assert wrong_links(markdown, found, "3") == []
    cited = Counter(address.partition("#")[2].partition("/")[0] for _, address in linked(markdown) if "#" in address)
    assert set(cited) == {name.removesuffix(".json") for name in found}  # and so no document is unused


@pytest.mark.parametrize("version", [1, 2])
def test_every_link_of_a_trained_model_leads_to_its_figures(trained_home: Path, version: int) -> None:
    folder = trained_home / "model_cards" / "ltu-small"
    markdown = (folder / f"{version}.md").read_text(encoding="utf-8")
    found = {path.name: json.loads(path.read_text(encoding="utf-8")) for path in (folder / str(version)).glob("*.json")}
    assert wrong_links(markdown, found, str(version)) == []
    ids = set(ids_of((folder / str(version) / "evidence.html").read_text(encoding="utf-8")))
    for _, address in linked(markdown):
        file, _, place = address.partition("#")
        assert (folder / file).is_file(), address
        assert not place or place in ids, address


def test_every_table_of_figures_has_its_evidence(rich: ModelReport, provenance: Provenance, policy: Policy) -> None:
    """But for the digests, whose files are linked themselves."""
    markdown = render(build_card(rich, provenance, policy, MITIGATION))
    heads = re.findall(r"^(\|.*\|)\n\| ---", markdown, re.MULTILINE)
    assert [head for head in heads if not head.endswith("| evidence |")] == ["| of | digest |"]


def test_a_figure_that_is_not_at_its_place_is_noticed(
    rich: ModelReport, provenance: Provenance, policy: Policy
) -> None:
    """The check itself: were a source one row off, or a figure changed, it would say so."""
    found = documents(rich, policy)
    card = build_card(rich, provenance, policy)
    first, second = card["evaluation"]["slices"]
    card["evaluation"]["slices"] = [{**first, "source": second["source"]}, second]
    assert any("evaluation/slices/1: 0.700 is said" in each for each in wrong_links(render(card), found, "3"))
    assert unfounded("It is 0.31 (0.28 to 0.32)", {"value": 0.3, "low": 0.28, "high": 0.32}) == ["0.31"]


def test_what_was_judged_is_counted(rich: ModelReport, provenance: Provenance, policy: Policy) -> None:
    found = documents(rich, policy)["audit.json"]["findings"]
    for scope, counts in build_card(rich, provenance, policy)["audit"]["scopes"].items():
        judged = Counter(each["verdict"] for each in found if each["scope"] == scope)
        assert counts == {verdict.value: judged[verdict.value] for verdict in Verdict}


# ---------------------------------------------------------------- failing findings


def test_failing_findings_are_numbered_in_the_order_of_the_card(
    rich: ModelReport, provenance: Provenance, policy: Policy
) -> None:
    card = build_card(rich, provenance, policy)
    told = [(each["id"], each["metric"], each["group"]) for each in failing(card)]
    assert told == [("F1", "direct_use", ""), ("F2", "false_positive_rate", "a|b"),
                    ("F3", "false_positive_rate", "women × 50–")]  # fmt: skip
    assert insufficient(card) == 1
    markdown = render(card)
    assert "* **F1: “Gender” is an input of the model**" in markdown
    assert "| F2 | Gender | a\\|b |" in markdown
    assert "| F3 | Gender × age | women × 50– |" in markdown
    assert "| fail (F2) | Gender | a\\|b |" in markdown
    assert "| pass | Gender | c |" in markdown
    assert markdown.index("### What fails") < markdown.index("### Each group of one attribute")


def test_a_card_without_failures_has_none(report: ModelReport, provenance: Provenance, policy: Policy) -> None:
    card = build_card(report, provenance, policy)
    assert (failing(card), insufficient(card)) == ([], 0)


# ---------------------------------------------------------------- places and pages

KEYS = st.text(min_size=1, max_size=8)
NODES = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9999) | st.floats(-5, 5) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=12,
)


@given(st.lists(st.lists(KEYS | st.integers(0, 99), max_size=3), max_size=5))
@example([["~A"], ["\n"]])  # were "~" left as it is, both would be "~0A"
def test_two_places_never_have_one_anchor_and_each_stands_in_an_address(paths: list[list[str | int]]) -> None:
    sources = {source("audit.json", *path) for path in paths}
    anchors = {anchor(each) for each in sources}
    assert len(anchors) == len(sources)
    assert all(re.fullmatch(r"[A-Za-z0-9._~/-]+", each) for each in anchors)


def test_a_pointer_escapes_what_would_part_it() -> None:
    assert source("audit.json", "a/b", "c~d", 0) == "audit.json#/a~1b/c~0d/0"
    assert below("audit.json#/a", 1) == "audit.json#/a/1"


@given(st.dictionaries(KEYS, NODES, max_size=4))
def test_the_page_has_each_place_of_objects_once(content: dict[str, Any]) -> None:
    page = evidence_page({"any.json": content})
    ids = ids_of(page)
    assert len(ids) == len(set(ids))
    assert {anchor(source("any.json", key)) for key in content} <= set(ids)
    assert "<script" not in page


def test_the_page_shows_figures_to_a_reader_and_lets_nothing_through() -> None:
    page = evidence_page({"a.json": {
        "auc": {"value": 0.712345678, "low": None, "high": 0.8}, "none": None, "odd": "<b>&", "yes": True,
        "rows": [{"name": "x", "ratio": 1.5, "ratio_low": 1.25, "ratio_high": 1.75, "never": None}],
    }})  # fmt: skip
    plain = page.replace("\N{NO-BREAK SPACE}", " ")
    assert "<td>0.7123 (— to 0.8)" in plain
    assert '<tr id="a/none"><th scope="row">none<td>—' in plain
    assert "&lt;b&gt;&amp;" in plain
    assert '<tr id="a/rows/0"><td>x<td>1.5 (1.25 to 1.75)<' in plain
    assert "never" not in plain
    assert "http" not in plain.replace("http-equiv", "")


def test_evidence_is_whole_and_its_digests_are_of_its_bytes(rich: ModelReport, policy: Policy) -> None:
    found = documents(rich, policy)
    files = evidence_files(found, {"audit.en.html": "<p>ä"})
    assert set(files) == {*found, "evidence.html", "audit.en.html"}
    assert {name: json.loads(files[name]) for name in found} == json.loads(json.dumps(found))
    assert digests(files)["audit.en.html"] == f"sha256:{hashlib.sha256('<p>ä'.encode()).hexdigest()}"


def test_a_document_holds_no_number_that_is_none() -> None:
    with pytest.raises(ValueError, match="Out of range float"):
        document_text({"a": float("nan")})


def test_the_run_and_the_card_keep_the_same_bytes(trained_home: Path, policy: Policy, tmp_path: Path) -> None:
    """What a reviewer follows a link to is what the run logged."""
    registry = Registry(trained_home, policy)
    card = json.loads((trained_home / "model_cards" / "ltu-small" / "1.json").read_text(encoding="utf-8"))
    assert {"metrics.json", "cohort.json", "inputs.json", "evidence.html", "audit.en.html"} <= set(card["evidence"])
    for name, digest in card["evidence"].items():
        beside = (trained_home / "model_cards" / "ltu-small" / "1" / name).read_bytes()
        kept = mlflow.artifacts.download_artifacts(
            run_id=card["provenance"]["run"], artifact_path=name, dst_path=str(tmp_path),
            tracking_uri=registry.store.uri,
        )  # fmt: skip
        assert beside == Path(kept).read_bytes()
        assert digest == f"sha256:{hashlib.sha256(beside).hexdigest()}"
    assert str(trained_home) not in "".join(
        path.read_text(encoding="utf-8") for path in (trained_home / "model_cards").rglob("*") if path.is_file()
    )


def test_words_come_in_three_languages(report: ModelReport, provenance: Provenance, policy: Policy) -> None:
    columns = dict(report.contract.columns)
    columns["gender"] = replace(columns["gender"], label={"en": "Gender", "fi": "Sukupuoli", "sv": "Kön"},
                                values={"m": "men"}, translations={"fi": {"men": "miehet"}})  # fmt: skip
    columns["trade"] = replace(columns["trade"], why="demand differs between trades")
    card = build_card(replace(report, contract=replace(report.contract, columns=columns)), provenance, policy)
    assert card["audit"]["words"]["gender"]["label"]["sv"] == "Kön"
    assert card["audit"]["words"]["gender"]["groups"]["men"] == {"en": "men", "fi": "miehet", "sv": "men"}
    assert card["audit"]["words"]["gender"]["groups"]["missing"]["fi"] == "ei tiedossa"
    assert card["not_inputs"] == [{"en": "Gender", "fi": "Sukupuoli", "sv": "Kön"}]
    trade, years = card["inputs"]
    assert (trade["label"]["fi"], trade["why"], years["why"]) == (
        "Ammatti", {"en": "demand differs between trades"}, "",
    )  # fmt: skip


def test_places_are_found(policy: Policy) -> None:
    found: Mapping[str, Any] = {"a.json": {"b": [{"c": 1}]}}
    assert places(found)["a.json#/b/0/c"] == 1

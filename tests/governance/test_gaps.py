"""What counts as a gap, for both sorts of card; a filled form leaves none."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from ml.governance.people import Gap, fill, gaps

AT = datetime(2026, 11, 28, 9, 30, tzinfo=UTC)
DEMO = Path(__file__).parents[2] / "model_cards" / "demo"
INPUTS = [{"name": "trade", "label": {"en": "Trade"}, "kind": "context", "why": {"en": "Trades differ."}}]
NEEDS = "outcome_of_services = 'Nobody has followed it.'\nother_reference = 'None but caseworkers yet.'\n"


def blank(**changed: Any) -> dict[str, Any]:
    return {"model": {"name": "ltu-risk", "version": 3}, "inputs": INPUTS, "audit": {"verdict": "fail"},
            "mitigation": {}, "people": {}} | changed  # fmt: skip


def demo(card: dict[str, Any], *changes: tuple[str, str]) -> dict[str, Any]:
    """Return the card with the demonstration's forms filled in, with changes."""
    text = (DEMO / "card.toml").read_text(encoding="utf-8")
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    for each in (text, (DEMO / "dialogue.toml").read_text(encoding="utf-8")):
        card = fill(card, each, DEMO, "Ada", AT)
    return card


def test_a_new_card_lacks_everything_in_the_order_of_the_card() -> None:
    found = gaps(blank())
    assert list(dict.fromkeys(gap.section for gap in found)) == [
        "made_by", "data", "mitigation", "oversight", "risks", "impact", "dialogue",
    ]  # fmt: skip
    assert found[0] == Gap("made_by", "made_by.organisation",
                           "who made it and who answers for it: the organisation is not said")  # fmt: skip
    assert len(found) == len({gap.place for gap in found}) == 56


def test_the_demonstration_leaves_no_gap() -> None:
    assert gaps(demo(blank())) == ()


def test_the_demonstration_leaves_no_gap_on_a_trained_model(trained_home: Path) -> None:
    card = json.loads((trained_home / "model_cards" / "ltu-small" / "1.json").read_text(encoding="utf-8"))
    assert len(gaps(card)) > 40
    assert gaps(demo(card)) == ()


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('contact = "demo-services@example.org"', 'contact = "  "',
         "who made it and who answers for it: the contact is not said"),
        ('fi = "Mallin esittelyyn. ', 'fi = "" # ', "the data: the purpose in Finnish is not said"),
        ('sv = "Från ett', 'sv = "Ja." # ', "the data: the source in Swedish is too short: an answer takes at least 3"),
        ('quality_report = "There is none', 'quality_report = "no" # ', "the data: the quality report is too short"),
        ('quality_report = "There is none', f'quality_report = "sha256:{"a" * 64}" # ', ""),
        ('mitigation = "A demonstration', 'mitigation = "" # ',
         "mitigation: nothing was weighed against unequal errors, and why not is not said"),
        ('mitigation = "A demonstration', 'mitigation = "Not needed" # ',
         "mitigation: why nothing was weighed is too short"),
        ('often = "Every month"', 'often = "Monthly"', ""),
        ('stop = "Any of', 'stop = "" # ', "human oversight: how the model is stopped, and by whom is not said"),
        ('about = "privacy"', 'about = "other"', "risks: none of them is about privacy"),
        ('about = "unequal_treatment"', 'about = "other"',
         "risks: none of them is about unequal treatment; the audit fails, so say for whom"),
        ('likelihood = "low"', 'likelihood = ""', "risks, number 2 (privacy): how likely it is is not said"),
        ('reference = "DEMO-FRIA"\ndate = 2026-11-12\n', 'reference = "DEMO-FRIA"\n',
         "impact assessments: the fundamental-rights impact assessment, the day is not said"),
        ('reference = "DEMO-FRIA"\ndate = 2026-11-12\ndocument = "impact.md"', 'reference = "X"\ndate = 2026-11-12',
         "impact assessments: the fundamental-rights impact assessment, the digest of the document is not said"),
    ],
)  # fmt: skip
def test_what_is_a_gap(old: str, new: str, words: str) -> None:
    found = gaps(demo(blank(), (old, new)))
    assert [words in gap.words for gap in found] == [True] * bool(words)


def test_an_input_without_a_declared_reason_needs_one_from_people() -> None:
    card = demo(blank(inputs=[{**INPUTS[0], "why": ""}]))
    assert gaps(card) == (Gap("inputs", "inputs.trade", "the inputs: why “Trade” is needed is not said"),)
    assert len(gaps(fill(card, '[inputs]\ntrade = "because"', DEMO, "Ada", AT))) == 1
    assert gaps(fill(card, '[inputs]\ntrade = "Trades differ in open places."', DEMO, "Ada", AT)) == ()


@pytest.mark.parametrize("sort", ["ltu-risk", "service-need"])
def test_a_quality_report_that_the_data_names_is_no_gap(sort: str) -> None:
    without = ('quality_report = "There is none', 'quality_report = "" # ')
    both = (without, ("[data]\n", f"[data]\n{NEEDS if sort == 'service-need' else ''}"))
    assert [gap.place for gap in gaps(demo(blank(sort=sort, cohort={"quality_report": ""}), *both))] == [
        "data.quality_report"
    ]
    known = blank(sort=sort, cohort={"quality_report": f"sha256:{'a' * 64}"})
    assert gaps(demo(known, *both)) == gaps(demo(known, both[1])) == ()


def test_what_was_weighed_by_an_experiment_needs_no_words() -> None:
    without = ('mitigation = "A demonstration', 'mitigation = "" # ')
    assert gaps(demo(blank(mitigation={"gender": {}}), without)) == ()


def test_a_service_need_card_has_two_gaps_more() -> None:
    card = demo(blank(sort="service-need"))
    assert [gap.words for gap in gaps(card)] == [
        "the data: what became of people in each service is not said",
        "the data: a reference beyond caseworkers' own judgement is not said",
    ]
    assert gaps(demo(blank(sort="service-need"), ("[data]\n", f"[data]\n{NEEDS}"))) == ()


def test_a_card_of_a_service_need_model_knows_no_mitigation_and_people_say_why() -> None:
    card = blank(sort="service-need")
    del card["mitigation"]
    assert "mitigation" in {gap.section for gap in gaps(card)}

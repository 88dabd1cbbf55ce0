"""The ethical dialogue: its steps follow each other, and every norm is weighed by somebody."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from markdown_it import MarkdownIt

from ml.errors import ContractError
from ml.governance.card.markdown.people import render_people
from ml.governance.people import fill, form, gaps
from ml.governance.people.dialogue import NORMS

AT = datetime(2026, 11, 28, 9, 30, tzinfo=UTC)
DEMO = Path(__file__).parents[2] / "model_cards" / "demo"
CARD: dict[str, Any] = {
    "model": {"name": "ltu-risk", "version": 3}, "inputs": [], "audit": {"verdict": "pass"}, "mitigation": {},
    "people": {},
}  # fmt: skip
STEP = "[{0}]\nby = 'Ada'\ndate = {1}\n"
ROW = "[[{0}]]\nby = 'Ada'\ndate = {1}\n"


def filled(*texts: str) -> dict[str, Any]:
    card = CARD
    for text in texts:
        card = fill(card, text, DEMO, "Ada", AT)
    return card


def missing(*texts: str) -> list[str]:
    return [gap.words for gap in gaps(filled(*texts)) if gap.section == "dialogue"]


def demo(*changes: tuple[str, str]) -> str:
    """Return the dialogue of the demonstration with changes."""
    text = (DEMO / "dialogue.toml").read_text(encoding="utf-8")
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    return text


def test_the_norms_are_the_citys_ten_and_three_more_each_in_three_languages() -> None:
    assert [norm.key for norm in NORMS[10:]] == ["non_discrimination", "transparency", "human_control"]
    assert len({norm.key for norm in NORMS}) == len(NORMS) == 13
    for language in ("fi", "sv", "en"):
        assert len({norm.words(language) for norm in NORMS}) == 13
    # As the City's report has them (4.2.4).
    assert NORMS[0].fi == "kaikessa toiminnassa ollaan palvelutehtävässä"
    assert NORMS[7].fi == "apua on tarjottava ajoissa ja kaikkein haavoittuvimpia ihmisryhmiä on tuettava"
    assert NORMS[8].fi == "kestävää kehitystä on painotettava ja ilmastonmuutosta torjuttava"


def test_a_form_asks_for_every_norm_once_with_its_words() -> None:
    text = form(CARD, "dialogue")
    for norm in NORMS:
        assert len(re.findall(rf'(?m)^norm = "{norm.key}"$', text)) == 1
        assert norm.fi in text


@pytest.mark.parametrize(
    ("texts", "words"),
    [
        (("notice", "2026-11-10", "description", "2026-11-09"),
         "description, date: 2026-11-09 is before the notice of 2026-11-10"),
        (("description", "2026-11-10", "weighing", "2026-11-09"),
         "weighing, date: 2026-11-09 is before the description of 2026-11-10"),
        (("notice", "2026-11-10", "weighing", "2026-11-09"),
         "weighing, date: 2026-11-09 is before the notice of 2026-11-10"),
        (("weighing", "2026-11-10", "recommendation", "2026-11-09"),
         "recommendation, date: 2026-11-09 is before the weighing of 2026-11-10"),
        (("heard", "2026-11-10", "recommendation", "2026-11-09"),
         "recommendation, date: 2026-11-09 is before somebody was heard (2026-11-10)"),
    ],
)  # fmt: skip
def test_no_step_is_taken_before_the_one_it_rests_on(texts: tuple[str, ...], words: str) -> None:
    first, second = (
        (ROW if step in ("heard", "weighing") else STEP).format(step, day) for step, day in (texts[:2], texts[2:])
    )
    with pytest.raises(ContractError) as together:
        filled(first + second)
    with pytest.raises(ContractError) as apart:
        filled(second, first)
    assert words in str(together.value)
    assert words in str(apart.value)
    filled(first, second.replace(texts[3], texts[1]))  # on the same day they may be


def test_a_day_that_has_begun_in_helsinki_has_come() -> None:
    evening = datetime(2026, 11, 28, 22, 30, tzinfo=UTC)  # half past midnight in Helsinki
    assert fill(CARD, STEP.format("notice", "2026-11-29"), DEMO, "Ada", evening)["people"]["dialogue"]


def test_the_demonstration_is_complete() -> None:
    assert missing(demo()) == []


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('norm = "sustainability"', 'norm = "service"', "weighing: sustainability has not been weighed"),
        ('who = "jobseekers"', 'who = "experts"', "jobseekers or their representatives have not been heard"),
        ('who = "jobseekers"', 'who = "jobseekers_representatives"', ""),
        ('who = "caseworkers"', 'who = "service_managers"', "who was heard: caseworkers have not been heard"),
        ('duty = "Three named people sign, and nobody signs twice."', "",
         "weighing, freedom from corruption: neither duty, consequences nor virtue says anything"),
        ('duty = "Three named people sign, and nobody signs twice."', 'virtue = "Three people sign."', ""),
        ('duty = "Three named people sign, and nobody signs twice."', 'duty = "no"',
         "weighing, freedom from corruption: duty is too short: an answer takes at least 3 words"),
        ('recommend = "approve_with_conditions"', "", "recommendation: what is recommended is not said"),
        ('text = "A demonstration', 'text = "yes" # ', "notice: the text is too short"),
        ('by = "Demo Data Scientist"\ndate = 2026-11-09', 'by = " "\ndate = 2026-11-09', "notice: who wrote it is not"),
        ("date = 2026-11-10\n", 'date = ""\n', "description: the day is not said"),
    ],
)  # fmt: skip
def test_what_is_a_gap_of_the_dialogue(old: str, new: str, words: str) -> None:
    found = missing(demo((old, new)))
    assert len(found) == bool(words)
    assert all(words in each and each.startswith("the ethical dialogue, ") for each in found)


def test_one_norm_may_be_weighed_by_several_people() -> None:
    second = (
        ROW.format("weighing", "2026-11-14") + "norm = 'fairness'\nvirtue = 'It asks for courage.'\nverdict = 'keeps'"
    )
    card = filled(demo(("[recommendation]", f"{second}\n[recommendation]")))
    fair = [each for each in card["people"]["dialogue"]["weighing"] if each["norm"] == "fairness"]
    assert [each["verdict"] for each in fair] == ["strains", "keeps"]


def test_the_card_shows_what_was_said_and_each_gap_where_it_is() -> None:
    told = render_people(filled(demo(('verdict = "keeps"\n\n[[weighing]]\nnorm = "improvement"',
                                      '\n[[weighing]]\nnorm = "improvement"'))))  # fmt: skip
    dialogue = told[told.index("## The ethical dialogue") :]
    assert "| help in time | strains |" in dialogue
    assert "We do not want to be put in a box by a machine." in dialogue
    assert "### Recommended: approve with conditions" in dialogue
    assert "* **Gap:** the ethical dialogue, weighing, service: the verdict is not said" in dialogue


def test_what_people_write_cannot_become_markup() -> None:
    told = render_people(filled("[notice]\nby = '<b>x</b>'\ntext = '''\n| a | [b](c) |\n# d <script>'''"))
    page = MarkdownIt("commonmark").enable("table").render(told)
    assert "<td>&lt;b&gt;x&lt;/b&gt;</td>" in page
    assert "<td>| a | [b](c) | # d &lt;script&gt;</td>" in page
    assert "<a " not in page

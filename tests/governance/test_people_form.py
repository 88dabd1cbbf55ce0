"""The forms that people fill in: what they ask, what they refuse, and that they lose nothing."""

from __future__ import annotations

import hashlib
import json
import re
import tomllib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ml.errors import ContractError
from ml.governance.card.markdown.people import render_people
from ml.governance.people import fill, form, gaps
from ml.governance.people.problems import FormError

AT = datetime(2026, 11, 28, 9, 30, tzinfo=UTC)
DEMO = Path(__file__).parents[2] / "model_cards" / "demo"
FORMS = ("card", "dialogue")


def blank(**changed: Any) -> dict[str, Any]:
    """Return as much of a card as people's part looks at; only of `trade` is it not known why it is needed."""
    inputs = [
        {"name": "trade", "label": {"en": "Trade", "fi": "Ammatti", "sv": "Yrke"}, "kind": "context", "why": ""},
        {"name": "years", "label": {"en": "Years", "fi": "Vuodet", "sv": "År"}, "kind": "context", "why": {"en": "x"}},
    ]
    return {"model": {"name": "ltu-risk", "version": 3}, "inputs": inputs, "audit": {"verdict": "fail"},
            "mitigation": {}, "people": {}} | changed  # fmt: skip


def demo(which: str) -> str:
    return (DEMO / f"{which}.toml").read_text(encoding="utf-8")


def filled(card: dict[str, Any], *texts: str) -> dict[str, Any]:
    for text in texts:
        card = fill(card, text, DEMO, "Ada", AT)
    return card


def without_record(card: dict[str, Any]) -> dict[str, Any]:
    return {name: section for name, section in card["people"].items() if name != "filled"}


def sections(text: str) -> list[str]:
    """Return a form cut into its sections, each with all its tables."""
    cut: dict[str, str] = {}
    for block in re.split(r"(?m)^(?=\[|mitigation =)", re.sub(r"(?m)^#.*\n", "", text)):
        if block.strip():
            name = re.match(r"\W*(\w+)", block)
            assert name
            cut[name[1]] = cut.get(name[1], "") + block
    return list(cut.values())


# ---------------------------------------------------------------- there and back


@pytest.mark.parametrize("which", FORMS)
def test_a_blank_form_is_toml_that_changes_nothing(which: Any) -> None:
    card = blank()
    assert tomllib.loads(form(card, which))
    assert filled(card, form(card, which)) == card


@pytest.mark.parametrize("which", FORMS)
def test_a_form_of_a_filled_card_fills_to_the_same_card(which: Any) -> None:
    card = filled(blank(), demo("card"), demo("dialogue"), '[inputs]\ntrade = "Trades differ in open places."')
    assert filled(card, form(card, which)) == card
    assert filled(blank(), form(card, "card"), form(card, "dialogue"))["people"].keys() == card["people"].keys()


@given(
    st.text(st.characters(exclude_categories=("Cs",)), min_size=1), st.text("\"'\\\n\r\t #=[]\x7f\x00é🙂", min_size=1)
)
def test_whatever_people_write_comes_back_from_the_form(said: str, odd: str) -> None:
    text = f"[oversight]\nwho = {json.dumps(said).replace(chr(127), '')}\nstop = {json.dumps('a' + odd + 'b')}\n"
    try:
        card = filled(blank(), re.sub(r"\\ud[89ab]..\\ud[c-f]..", "x", text).replace("\x7f", ""))
    except ContractError:  # an identity code, by chance
        return
    again = filled(blank(), form(card, "card"))
    assert without_record(again) == without_record(card)


@given(st.data())
def test_sections_filled_in_any_order_end_in_the_same_card(data: st.DataObject) -> None:
    parts = [*sections(demo("card")), *sections(demo("dialogue"))]
    assert len(parts) == 11
    card = blank()
    for text in data.draw(st.lists(st.sampled_from(parts))):
        card = filled(card, text)
    for text in data.draw(st.permutations(parts)):
        card = filled(card, text)
    assert without_record(card) == without_record(filled(blank(), demo("card"), demo("dialogue")))


def test_each_question_stands_above_its_answer() -> None:
    for which, lists in (("card", ["risks"]), ("dialogue", ["heard", "weighing"])):
        text = form(blank(), which)  # type: ignore[arg-type]
        for name in lists:  # questions of a list stand above the answers of its first table
            row = rf"^\[\[{name}\]\]\n(?:.+\n)+\n?"
            text = re.sub(rf"(?m)({row})(?:(?:^#.*\n)?{row})+", r"\1", text)
            assert text.count(f"[[{name}]]") == 1
        lines = text.splitlines()
        answers = [number for number, line in enumerate(lines) if re.match(r"\w+ = ", line)]
        bare = [lines[number] for number in answers if not lines[number - 1].startswith("#")]
        assert set(bare) <= {'digest = ""'}  # its question stands above `document`, which it may be given as


def test_inputs_are_asked_for_only_where_no_reason_is_declared() -> None:
    assert tomllib.loads(form(blank(), "card"))["inputs"] == {"trade": ""}
    named = blank(inputs=[{"name": 'a "b"\nc', "label": {"en": "Odd\nlabel"}, "kind": "context", "why": ""}])
    assert tomllib.loads(form(named, "card"))["inputs"] == {'a "b"\nc': ""}


def test_the_service_need_model_is_asked_two_questions_more() -> None:
    asked = [tomllib.loads(form(card, "card"))["data"].keys() for card in (blank(), blank(sort="service-need"))]
    assert asked[1] - asked[0] == {"outcome_of_services", "other_reference"}


KNOWN = {"quality_report": f"sha256:{'a' * 64}"}


def test_the_quality_report_is_asked_for_only_where_the_data_does_not_name_it() -> None:
    assert "quality_report" in tomllib.loads(form(blank(cohort={"quality_report": ""}), "card"))["data"]
    assert "quality_report" not in form(blank(cohort=KNOWN), "card")


@pytest.mark.parametrize("answer", ["There is none that counts.", f"sha256:{'b' * 64}"])
def test_what_the_data_names_stands_whatever_people_answer(answer: str) -> None:
    text = f"[data]\ncontroller = 'City'\nquality_report = '{answer}'\n"
    assert filled(blank(), text)["people"]["data"]["quality_report"] == answer
    card = filled(blank(cohort=KNOWN), text)
    assert (card["cohort"], card["people"]["data"]["controller"]) == (KNOWN, "City")
    assert card["people"]["data"]["quality_report"] == ""
    assert answer not in render_people(card)
    only = filled(blank(cohort=KNOWN), f"[data]\nquality_report = '{answer}'\n")
    assert only == blank(cohort=KNOWN)  # nobody has filled in anything


# ---------------------------------------------------------------- what is kept


def test_it_is_kept_who_filled_in_which_sections_and_when() -> None:
    card = filled(blank(), demo("card"))
    card = fill(card, '[made_by]\nowner = "Head of Guidance"', DEMO, "Grace", AT)
    card = fill(card, '[made_by]\nowner = "Head of Guidance"', DEMO, "Grace", AT)  # nothing new
    assert card["people"]["filled"] == [
        {"by": "Ada", "at": "2026-11-28T09:30:00+00:00",
         "sections": ["mitigation", "made_by", "data", "oversight", "risks", "impact"]},
        {"by": "Grace", "at": "2026-11-28T09:30:00+00:00", "sections": ["made_by"]},
    ]  # fmt: skip


def test_the_card_is_json_and_the_one_handed_in_is_not_touched() -> None:
    card = blank()
    after = filled(card, demo("card"), demo("dialogue"))
    assert card == blank()
    assert json.loads(json.dumps(after)) == after


def test_a_document_is_kept_by_its_digest_and_not_by_its_path(tmp_path: Path) -> None:
    (tmp_path / "dpia.pdf").write_bytes(b"an assessment")
    digest = f"sha256:{hashlib.sha256(b'an assessment').hexdigest()}"
    text = '[impact.data_protection]\nreference = "HEL 2026-1"\ndate = 2026-11-02\ndocument = "dpia.pdf"\n'
    card = fill(blank(), text, tmp_path, "Ada", AT)
    assert card["people"]["impact"]["data_protection"]["digest"] == digest
    assert "dpia.pdf" not in json.dumps(card)
    assert fill(card, text + f'digest = "{digest}"', tmp_path, "Ada", AT) == card


# ---------------------------------------------------------------- what is refused


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "the form holds no section"),
        ("[made_by", "the form is not TOML"),
        ("[maker]\nowner = 1", "maker: is no section; sections are mitigation, made_by,"),
        ('[made_by]\nname = "x"', "made_by.name: is not asked; take the line out, or mend its name"),
        ("[made_by]\nowner = 3", "made_by.owner: must be text in quotes"),
        ("made_by = 3", "made_by: must be a table: [made_by]"),
        ("[risks]\nwhat = 'x'", "risks: must be a list of tables: [[risks]]"),
        ("mitigation = 3", "mitigation: must be text in quotes"),
        ("[[risks]]\n[[risks]]\nseverity = 'huge'", "risks 2, severity: is 'huge', and must be one of low, medium"),
        ("[[risks]]\nabout = 'x'", "must be one of unequal_treatment, privacy, over_reliance, wrong_advice, other"),
        ("[data.purpose]\nde = 'x'", "data.purpose.de: is not asked"),
        ("[data]\nquality_report = 'sha256:12'", 'data.quality_report: must be "sha256:" and 64 hexadecimal digits'),
        ("[data]\nother_reference = 'Others looked too.'", "data.other_reference: is asked of a service-need model"),
        ("[inputs]\nage = 'It is needed.'", "inputs.age: the model has no such input"),
        ("[inputs]\nyears = 'It is needed.'", "inputs.years: is not asked; the declaration of the data says why"),
        ("[impact.data_protection]\ndigest = 'abc'", 'impact.data_protection.digest: must be "sha256:"'),
        ("[impact.data_protection]\ndocument = 'none.pdf'", "impact.data_protection.document: none.pdf cannot be read"),
        ("[impact.data_protection]\ndocument = '.'", "impact.data_protection.document: . cannot be read"),
        ("[impact.data_protection]\ndocument = 1", "impact.data_protection.document: must be the path of a file"),
        (f"[impact.data_protection]\ndocument = 'impact.md'\ndigest = 'sha256:{'0' * 64}'", "has another digest than"),
        ("impact = 1", "impact: must be a table: [impact]"),
        ("[notice]\ndate = 'yesterday'", "notice.date: is 'yesterday', and must be a day: 2026-11-20"),
        ("[notice]\ndate = 2026-11-20T10:00:00Z", "must be a day: 2026-11-20"),
        ("[notice]\ndate = 2026-11-29", "notice, date: 2026-11-29 has not come yet"),
        ("[[heard]]\ndate = 2027-01-01\nsaid = 'x'", "heard 1, date: 2027-01-01 has not come yet"),
        ("[impact.data_protection]\ndate = 2026-11-29", "impact.data_protection, date: 2026-11-29 has not come yet"),
        ("[[heard]]\nwho = 'everybody'", "heard 1, who: is 'everybody', and must be one of jobseekers,"),
        ("[[weighing]]\nverdict = 'bends'", "weighing 1, verdict: is 'bends', and must be one of keeps, strains"),
        ("[recommendation]\nrecommend = 'yes'", "must be one of approve, approve_with_conditions, reject"),
        ("[oversight]\nwho = 'Ask 131052-308T about it.'", "oversight.who: holds an identity code"),
    ],
)  # fmt: skip
def test_what_is_refused_and_how_it_is_said(text: str, words: str) -> None:
    with pytest.raises(ContractError) as refused:
        filled(blank(), text)
    assert words in str(refused.value)
    assert "131052" not in str(refused.value)


def test_every_problem_is_told_at_once_and_how_many_there_are() -> None:
    wrong = "\n".join(f"odd{number} = 1" for number in range(9)) + "\n[made_by]\nowner = 1\nunit = 2\ncontact = 3"
    with pytest.raises(ContractError) as refused:
        filled(blank(), wrong)
    told = str(refused.value)
    assert told.endswith("(the first 10 of 12 problems)")
    assert told.count("; odd") == 8
    assert "made_by.unit: must be text in quotes" in told
    assert "made_by.owner" not in told


def test_a_refused_form_leaves_no_trace() -> None:
    card = filled(blank(), demo("card"))
    before = json.dumps(card)
    with pytest.raises(ContractError):
        filled(card, '[made_by]\nowner = "Somebody else"\nodd = 1')
    assert json.dumps(card) == before


def test_a_card_whose_people_are_none_is_refused_by_name() -> None:
    with pytest.raises(ContractError, match=r"ltu-risk version 3: the card's people: made_by\.boss: is not asked"):
        gaps(blank(people={"made_by": {"boss": "x"}}))


def test_a_form_printed_before_somebody_else_filled_in_is_refused() -> None:
    printed = form(blank(), "card")
    by_another = fill(blank(), demo("card"), DEMO, "Bob", AT)
    with pytest.raises(ContractError, match="Bob filled in the card since it was printed"):
        fill(by_another, printed, DEMO, "Ada", AT)
    assert fill(by_another, form(by_another, "card"), DEMO, "Ada", AT)["people"] == by_another["people"]


def test_ones_own_form_can_be_handed_in_again_and_again() -> None:
    printed = form(blank(), "dialogue")
    once = fill(blank(), printed.replace('text = ""', 'text = "Some are seen as hopeless cases."', 1), DEMO, "Ada", AT)
    twice = fill(
        once, printed.replace('text = ""', 'text = "Some are seen as hopeless, too early."', 1), DEMO, "ADA", AT
    )
    assert [each["by"] for each in twice["people"]["filled"]] == ["Ada", "ADA"]


def test_answers_that_were_no_file_make_the_same_card_and_name_the_same_problems() -> None:
    told = tomllib.loads(demo("card"))
    assert fill(blank(), told, DEMO, "Ada", AT) == fill(blank(), demo("card"), DEMO, "Ada", AT)
    assert told == tomllib.loads(demo("card"))  # and were not changed
    odd = {"made_by": {"owner": 1, "odd": "131052-308T"}, "nothing": {}}
    with pytest.raises(FormError) as refused:
        fill(blank(), odd, DEMO, "Ada", AT)
    assert {each.partition(": ")[0] for each in refused.value.problems} == {"made_by.owner", "made_by.odd", "nothing"}
    assert "131052-308T" not in "".join(refused.value.problems) + str(refused.value)

"""The public description: everything a jobseeker must be told, in each language, and nothing from elsewhere."""

from __future__ import annotations

import html
import json
import re
import tomllib
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path
from string import Formatter
from typing import Any

import pytest

import ml.governance.public as room
from ml.errors import UsageError
from ml.governance.people import fill
from ml.governance.public import LANGUAGES, public_page
from ml.governance.review.states import State

HOME = Path(room.__file__).parent
DEMO = Path(__file__).parents[2] / "model_cards" / "demo"
AT = datetime(2026, 11, 28, 9, 30, tzinfo=UTC)
RIGHTS = 8


def words(name: str) -> dict[str, str]:
    """Return a label that cannot be taken for that of another language."""
    return {language: f"{name}_{language}" for language in LANGUAGES}


def figure(value: float | None, half: float = 0.04) -> dict[str, float | None]:
    ends = (None, None) if value is None else (value - half, value + half)
    return {"value": value, "low": ends[0], "high": ends[1]}


def measured(landmark: int | None, precision: float | None, quarter: str | None = None) -> dict[str, Any]:
    few = {"capacity": 0.1, "precision": figure(0.66), "recall": figure(0.16)}
    capacity = [few, {"capacity": 0.25, "precision": figure(precision), "recall": figure(0.43)}]
    return {"landmark": landmark, "horizon": 365.0, "quarter": quarter, "persons": 1520,
            "figures": {"observed": figure(0.14), "capacity": capacity}}  # fmt: skip


def finding(metric: str = "false_positive_rate", **changed: Any) -> dict[str, Any]:
    """Return a finding that fails: women are flagged in vain twice as often."""
    return {"attribute": "gender", "group": "women", "reference": "men", "metric": metric, "value": 0.3,
            "ratio": 2.0, "ratio_low": 1.6, "ratio_high": 2.4, "difference": None, "difference_low": None,
            "difference_high": None, "verdict": "fail", "id": "F1"} | changed  # fmt: skip


def gap(value: float, beside: float, **changed: Any) -> dict[str, Any]:
    """Return a finding that fails: chances are off, and by as much more or less than in the reference group."""
    off = value - beside
    none = {"ratio": None, "ratio_low": None, "ratio_high": None}
    return finding("calibration_gap", value=value, difference=off, difference_low=off - 0.02,
                   difference_high=off + 0.02, **none, **changed)  # fmt: skip


def audit(*findings: dict[str, Any], verdict: str = "fail", insufficient: int = 0) -> dict[str, Any]:
    told = {"gender": {"label": words("gender"), "groups": {"women": words("women"), "men": words("men")}}}
    return {"verdict": verdict, "findings": list(findings), "beyond": [], "words": told,
            "scopes": {"attribute": {"insufficient": insufficient}}}  # fmt: skip


def card(**changed: Any) -> dict[str, Any]:
    kinds = ("can_change", "service_can_change", "context", "immutable", "context", "times")
    ratio, difference = {"of": "ratio", "low": 0.8, "high": 1.25}, {"of": "difference", "low": -0.03, "high": 0.03}
    inputs = [{"name": f"i{number}", "label": words(f"input{number}"), "kind": kind, "why": {"en": "Why."}}
              for number, kind in enumerate(kinds)]  # fmt: skip
    return {
        "model": {"name": "ltu-risk", "version": 7}, "weak": False, "inputs": inputs,
        "outcome": {"horizon": 365.0, "unit": "day"}, "not_inputs": [words("gender"), words("origin")],
        "cohort": {"persons": 13471},
        "split": {"train": {"from": "2014-02-03"}, "test": {"to": "2018-11-02"}},
        "evaluation": {"slices": [measured(None, 0.48), measured(0, 0.9, "2018 Q1"), measured(0, 0.24)]},
        "stability": {"bands": [{"landmark": None, "uncertain": figure(0.7)},
                                {"landmark": 0, "uncertain": figure(0.39)}]},
        "audit": audit(verdict="pass"),
        "limits": {"metrics": {"false_positive_rate": ratio, "false_negative_rate": ratio,
                               "calibration_gap": difference}, "answers": ratio},
        "mitigation": {}, "provenance": {"trained_at": "2026-11-20T10:00:00+00:00"}, "people": {},
    } | changed  # fmt: skip


def needs_card(**changed: Any) -> dict[str, Any]:
    base = card()
    for name in ("outcome", "evaluation", "stability", "mitigation"):
        del base[name]
    metrics = {"answered": figure(0.82), "agreement": figure(0.77), "persons": 950}
    return base | {"sort": "service-need", "threshold": {"value": 0.6}, "metrics": metrics} | changed


def filled(made: dict[str, Any]) -> dict[str, Any]:
    for which in ("card", "dialogue"):
        made = fill(made, (DEMO / f"{which}.toml").read_text(encoding="utf-8"), DEMO, "Ada", AT)
    return made


class Page(HTMLParser):
    """Collects what a reader reads, and what the page would fetch."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.said: list[str] = []
        self.tags: set[str] = set()
        self.fetched: list[str] = []
        self._quiet = False
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self._quiet = tag in ("style", "title")
        self.fetched += [value or "" for name, value in attrs if name in ("src", "href", "action", "data", "srcset")]

    def handle_endtag(self, tag: str) -> None:
        self._quiet = False

    def handle_data(self, data: str) -> None:
        if not self._quiet and data.strip():
            self.said.append(" ".join(data.split()))

    @property
    def text(self) -> str:
        return " ".join(self.said)


def read(made: dict[str, Any], language: str = "en", status: str = "") -> str:
    return Page(public_page(made, language, status)).text.replace("\u00a0", " ")


def texts(language: str) -> Mapping[str, Any]:
    return tomllib.loads((HOME / "texts" / f"{language}.toml").read_text(encoding="utf-8"))


def leaves(value: Any, key: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield key, value
    else:
        for name, each in value.items() if isinstance(value, dict) else enumerate(value):
            yield from leaves(each, f"{key}.{name}")


def places(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


# ---------------------------------------------------------------- languages


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_every_text_with_the_same_places(language: str) -> None:
    english, told = dict(leaves(texts("en"))), dict(leaves(texts(language)))
    assert told.keys() == english.keys()
    assert [key for key in english if places(told[key]) != places(english[key])] == []
    assert [key for key, text in told.items() if not text.strip()] == []


@pytest.mark.parametrize(("one", "other"), [("fi", "en"), ("sv", "en"), ("fi", "sv")])
def test_no_text_is_the_same_in_two_languages(one: str, other: str) -> None:
    first, second = dict(leaves(texts(one))), dict(leaves(texts(other)))
    same = {
        key for key in first if first[key] == second[key] and re.search(r"[a-z]{4}", re.sub(r"{\w+}", "", first[key]))
    }
    assert same <= {".answers.version", ".answers.organisation"}  # "version" and "organisation" are Swedish, too


def test_no_text_stands_in_the_template() -> None:
    template = (HOME / "public.html.jinja").read_text(encoding="utf-8")
    outside = re.sub(r"{%.*?%}|{{.*?}}|<[^>]*>", " ", template, flags=re.DOTALL)
    assert re.findall(r"[^\W\d_]{2,}", outside) == []


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("make", [card, needs_card])
def test_nothing_of_another_language_strays_into_a_page(make: Any, language: str) -> None:
    told = read(filled(make(audit=audit(finding(), gap(-0.05, 0.12), insufficient=9))), language)
    others = [each for each in LANGUAGES if each != language]
    own = set(dict(leaves(texts(language))).values())
    fixed = {text for each in others for _, text in leaves(texts(each)) if not places(text) and len(text) > 12} - own
    assert [text for text in fixed if text in told] == []
    assert re.findall(rf"\w+_(?:{'|'.join(others)})\b", told) == []
    people = filled(make())["people"]["data"]
    for each in ("source", "purpose", "legal_basis"):
        assert people[each][language] in told
        assert not any(people[each][other] in told for other in others)


# ---------------------------------------------------------------- what must be told


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("make", [card, needs_card])
def test_every_input_every_protected_attribute_and_every_right_is_told(make: Any, language: str) -> None:
    told = read(make(), language)
    for each in (*make()["inputs"], *({"label": label} for label in make()["not_inputs"])):
        assert each["label"][language] in told
    rights = texts(language)["rights"]["list"]
    assert len(rights) == RIGHTS
    for name, effect in rights:
        assert f"{name} {effect}" in told


def test_inputs_are_grouped_by_who_can_change_them_and_the_times_are_nobodys() -> None:
    told = read(card())
    order = [
        *("What you can change yourself", "input0_en", "What a service can change", "input1_en"),
        *("Your situation now", "input2_en", "input4_en", "Your background", "input3_en"),
        *("It also takes the general situation into account, which is the same for everybody:", "input5_en"),
        *("What the hint does not look at", "origin_en"),
    ]
    assert [told.index(each) for each in order] == sorted(told.index(each) for each in order)
    few = read(card(inputs=card()["inputs"][:1]))
    assert "What a service can change" not in few
    assert "the general situation" not in few


def test_a_protected_attribute_that_is_an_input_is_said_to_be_one() -> None:
    used = finding("direct_use", value=None, ratio=None, group="", reference="")
    assert "The hint uses directly something that the law protects: gender_en." in read(card(audit=audit(used)))
    assert "the law protects" not in read(card())


def test_how_good_it_is_is_said_in_people_out_of_a_hundred() -> None:
    told = read(card())
    assert "Of 100 people who were pointed out, about 24 (between 20 and 28) were still unemployed 12 months" in told
    assert "The other 76 were not: about them the hint was wrong." in told
    assert "Of 100 people of all, about 14 were still unemployed then." in told
    assert "pointed out about 43 (between 39 and 47). It missed the other 57." in told
    assert "About 39 times in 100 the hint says that it is uncertain." in told
    assert "with the data of 1,520 people" in told
    assert "1 520 ihmisen" in read(card(), "fi")


@pytest.mark.parametrize(
    ("slices", "words"),
    [
        ([measured(None, 0.48)], "about 48 (between 44 and 52)"),
        ([measured(0, None)], "This is not known yet."),
        ([{**measured(0, 0.2), "figures": None}], "This is not known yet."),
        ([{**measured(0, 0.2), "horizon": 91.0}], "This is not known yet."),
        ([], "This is not known yet."),
        ([measured(0, 0.003)], "about 0–1 ("),
    ],
)
def test_what_was_not_measured_is_not_known(slices: list[Any], words: str) -> None:
    told = read(card(evaluation={"slices": slices}))
    good = told[told.index("How good the hint is") : told.index("What the hint looks at")]
    assert words in good


@pytest.mark.parametrize(
    ("horizon", "unit", "fi", "en"),
    [(365.0, "day", "on kulunut 12 kuukautta", "12 months after"), (26.0, "week", "26 viikkoa", "26 weeks after"),
     (1.0, "year", "yksi vuosi", "one year after"), (100.0, "day", "100 päivää", "100 days after")],
)  # fmt: skip
def test_the_horizon_reads_as_people_say_it(horizon: float, unit: str, fi: str, en: str) -> None:
    made = card(outcome={"horizon": horizon, "unit": unit})
    assert fi in read(made, "fi")
    assert en in read(made)


def test_a_weak_model_is_said_to_be_weak() -> None:
    assert "The hint is weak" in read(card(weak=True))
    assert "The hint is weak" not in read(card())


def test_a_service_need_hint_names_the_entities_and_the_rule() -> None:
    told = read(needs_card(), "fi")
    assert "osaaminen ja uraohjaus, työhön kuntouttavat palvelut ja kotoutumisen palvelut" in told
    assert "Se on sääntö, ei vihje." in told
    assert "noin 82 ihmiselle sadasta (78–86)" in told
    assert "Muille 23 ihmiselle hän oli valinnut toisin." in told
    nothing = {"answered": figure(0.0, 0.0), "agreement": figure(None), "persons": None}
    assert "had chosen the same" not in read(needs_card(metrics=nothing))


# ---------------------------------------------------------------- equal treatment


VAIN = "Of 100 people of the group who were no longer unemployed, the hint had pointed out 30 in vain."


@pytest.mark.parametrize(
    ("found", "words"),
    [
        (finding(), f"gender_en: women_en. {VAIN} In the comparison group (men_en): 15."),
        (finding(ratio=None, ratio_low=None, ratio_high=None), f"gender_en: women_en. {VAIN} Whoever approves"),
        (finding(attribute="age", group="young", reference="everyone else"),
         f"age: young. {VAIN} In the comparison group (everyone else): 15."),
        (finding("false_negative_rate"), "who were still unemployed, the hint had missed 30."),
        (gap(-0.05, 0.12), "too hopeful about the group: of 100 people, it expects 5 fewer to stay unemployed than"),
        (gap(-0.05, 0.12), "In the comparison group (men_en): 12 more."),
        (gap(0.09, -0.01), "too gloomy about the group: of 100 people, it expects 9 more to stay unemployed than"),
        (gap(0.09, -0.01), "In the comparison group (men_en): 1 fewer."),
        (finding(value=None), "The hint works differently for the group. The numbers are not shown"),
        (finding("answer_integration"), "the hint names “integration services” for 30."),
        (finding("answer_interview_first"), "the hint names “first an interview” for 30."),
        (finding("agreement"), "the caseworker had chosen the same for 30."),
    ],
)  # fmt: skip
def test_a_difference_is_told_in_people_out_of_a_hundred(found: dict[str, Any], words: str) -> None:
    assert words in read(card(audit=audit(found)))


def test_a_group_that_is_called_as_its_attribute_is_named_once() -> None:
    assert f"differences: gender_en. {VAIN}" in read(card(audit=audit(finding(group="Gender_en"))))


def test_the_clearest_differences_are_told_first_and_three_at_most() -> None:
    found = [
        finding(group="a", ratio_low=1.3),  # 1.2 times its limit
        gap(-0.09, 0.03, group="b"),  # 3.3 times its limit
        finding(group="c", ratio=0.3, ratio_low=0.2, ratio_high=0.4),  # 4.1 times its limit
        finding(group="d", ratio_low=1.6),  # 2.1 times its limit
        finding(group="e", ratio_low=9.0, verdict="insufficient"),
        finding(group="f", value=None, ratio=None, ratio_low=None, ratio_high=None),
    ]
    told = read(card(audit=audit(*found)))
    assert re.findall(r"gender_en: (\w)\.", told) == ["c", "b", "d"]


@pytest.mark.parametrize(
    ("audited", "words", "not_words"),
    [
        (audit(verdict="pass"), "All differences are within the limits that have been set.", "could not be judged"),
        (audit(verdict="insufficient", insufficient=5), "not enough evidence to say that the hint treats",
         "Whoever approves"),
        (audit(finding(), insufficient=1), "One difference is greater than allowed. One comparison could not be judged",
         "within the limits"),
        (audit(finding(), gap(-0.09, 0.03), insufficient=5), "2 differences are greater than allowed. 5 comparisons",
         "within the limits"),
    ],
)  # fmt: skip
def test_the_verdict_is_said_in_plain_words(audited: dict[str, Any], words: str, not_words: str) -> None:
    told = read(card(audit=audited))
    assert words in told
    assert not_words not in told


# ---------------------------------------------------------------- what people have said, and have not


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_people_have_not_said_is_said_not_to_be_known(language: str) -> None:
    told, unknown = read(card(), language), texts(language)
    said = read(filled(card()), language)
    assert (
        told.count(unknown["page"]["unknown"]) == 7
    )  # source, purpose, basis, controller; organisation, owner, contact
    assert unknown["page"]["unknown"] not in said
    assert unknown["heard"]["none"] in told
    assert unknown["rights"]["no_contact"] in told
    assert "demo-services@example.org" in said
    for each in ("jobseekers", "caseworkers"):
        assert unknown["who"][each] in said


def test_norms_that_are_strained_or_broken_are_named() -> None:
    made = filled(card())
    assert "at risk: honesty, fairness and equal treatment are stressed; help is offered in time" in read(made)
    for each in made["people"]["dialogue"]["weighing"]:
        each["verdict"] = "breaks" if each["norm"] == "transparency" else "keeps"
    told = read(made, "fi")
    assert "rikkovan näitä: kaikkien, joita asia koskee, on voitava tietää" in told
    assert "koetuksella" not in told


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("state", list(State))
def test_every_state_of_a_review_reads_in_every_language(state: State, language: str) -> None:
    assert texts(language)["status"][state.replace(" ", "_")] in read(card(), language, state)


def test_model_version_and_day_are_named_and_a_state_is_not_made_up() -> None:
    told = read(card(), "fi")
    assert "ltu-risk, versio 7" in told
    assert "20. marraskuuta 2026" in told
    assert "3. helmikuuta 2014 – 2. marraskuuta 2018" in told
    assert not any(text in told for text in texts("fi")["status"].values())
    undated = read(card(split={"train": {"from": None}, "test": {"to": None}}), "fi")
    assert "13 471 henkilön tiedoista Kuka" in undated


# ---------------------------------------------------------------- the page itself


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("make", [card, needs_card])
def test_the_page_needs_nothing_else_and_runs_nothing(make: Any, language: str) -> None:
    text = public_page(filled(make()), language)
    page = Page(text)
    assert page.fetched == []
    assert page.tags.isdisjoint({"script", "link", "img", "iframe", "form", "object", "a"})
    assert not re.search(r"https?:|//\w|url\(|@import|\son\w+=", text)
    assert f'<html lang="{language}">' in text
    assert len(text) < 60_000
    assert text == public_page(filled(make()), language)


def test_what_a_card_holds_cannot_become_markup() -> None:
    made = filled(card(not_inputs=[dict.fromkeys(LANGUAGES, "<script>alert(1)</script>")]))
    made["people"]["made_by"]["contact"] = '"><img src=x onerror=alert(1)>'
    text = public_page(made, "fi")
    assert Page(text).tags.isdisjoint({"script", "img"})
    assert html.escape("<script>alert(1)</script>") in text


@pytest.mark.parametrize(("language", "status"), [("de", ""), ("fi", "loved")])
def test_another_language_or_status_is_refused(language: str, status: str) -> None:
    with pytest.raises(UsageError, match="public page"):
        public_page(card(), language, status)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_trained_model_is_described_with_its_own_figures(trained_home: Path, language: str) -> None:
    made = json.loads((trained_home / "model_cards" / "ltu-small" / "1.json").read_text(encoding="utf-8"))
    told = read(made, language)
    (whole,) = [each for each in made["evaluation"]["slices"]
                if each["horizon"] == 26 and each["quarter"] is None and each["landmark"] in (0, None)][:1]  # fmt: skip
    (point,) = [each for each in whole["figures"]["capacity"] if each["capacity"] == 0.25]
    good = texts(language)["good"]["right"].split("{own}")[0]
    assert f"{good}{round(100 * point['precision']['value'])} (" in told
    assert all(each["label"][language] in told for each in made["inputs"])

"""The page: whole, safe to open anywhere, says every failing finding, hides what must be hidden."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from html import unescape
from html.parser import HTMLParser
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ml.contracts.audit import Audit, AuditPolicy, Finding, Flip, Limits, Proxy, Scope
from ml.contracts.evidence import Interval, Verdict
from ml.errors import UsageError
from ml.fairness.report import LANGUAGES, ReportFacts, any_outcome, render

Findings = Callable[..., Finding]
Audits = Callable[..., Audit]
Facts = Callable[..., ReportFacts]

VOID = {"meta", "circle", "path", "rect", "line", "use", "br"}
ADDRESSES = {"href", "src", "action", "data", "poster", "srcset", "xlink:href", "style"}


class Reader(HTMLParser):
    """Reads a page strictly: every tag is closed where it must be; keeps what the tests ask for."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[str] = []
        self.tables: list[list[str]] = []
        self.feed(page)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = [name for name, _ in attrs]
        assert len(names) == len(set(names)), f"{tag} has an attribute twice"
        self.tags.append((tag, dict(attrs)))
        if tag == "table":
            self.tables.append([])
        elif "table" in self.open:
            self.tables[-1].append(tag)
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open, f"</{tag}> closes nothing"
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "style" not in self.open:
            self.text.append(data)

    @property
    def words(self) -> str:
        return " ".join(" ".join(self.text).split())


# ---------------------------------------------------------------- a page that can be trusted to open


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_is_well_formed_and_reads_from_top_to_bottom(language: str, register: Audit, facts: Facts) -> None:
    read = Reader(render(register, facts(), language))
    tags = [tag for tag, _ in read.tags]
    assert dict(read.tags[0][1]) == {"lang": language}
    assert tags.count("h1") == 1
    levels = [int(tag[1]) for tag in tags if re.fullmatch("h[1-6]", tag)]
    assert all(later <= earlier + 1 for earlier, later in pairwise(levels))
    ids = [attrs["id"] for _, attrs in read.tags if "id" in attrs]
    assert len(ids) == len(set(ids))
    targets = [attrs["href"] for _, attrs in read.tags if "href" in attrs]
    assert targets
    assert {str(target)[1:] for target in targets} <= set(ids)


def test_every_table_has_a_caption_and_every_head_a_scope(register: Audit, facts: Facts) -> None:
    read = Reader(render(register, facts(), "en"))
    assert len(read.tables) > 5
    assert all(tags[0] == "caption" for tags in read.tables)
    assert all("scope" in attrs for tag, attrs in read.tags if tag == "th")


def test_every_picture_says_what_it_shows(register: Audit, facts: Facts) -> None:
    read = Reader(render(register, facts(), "en"))
    for place, (tag, attrs) in enumerate(read.tags):
        if tag == "svg" and attrs.get("aria-hidden") != "true":
            assert attrs["role"] == "img"
            assert read.tags[place + 1][0] == "title"


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_runs_and_nothing_is_fetched(
    language: str, register: Audit, facts: Facts, direct: Mapping[str, object]
) -> None:
    page = render(replace(register, **direct), facts(), language)  # type: ignore[arg-type]
    read = Reader(page)
    assert not {tag for tag, _ in read.tags} & {"script", "link", "img", "iframe", "object", "embed", "base", "form"}
    for _, attrs in read.tags:
        assert not [name for name in attrs if name.startswith("on")]
        assert all(str(attrs[name]).startswith("#") for name in ADDRESSES & set(attrs))
    assert not re.search(r"https?:|//|url\(|@import|javascript:", page)
    policies = [attrs["content"] for _, attrs in read.tags if attrs.get("http-equiv") == "Content-Security-Policy"]
    assert policies == ["default-src 'none'; style-src 'unsafe-inline'"]


def test_the_same_audit_gives_the_same_bytes(register: Audit, facts: Facts) -> None:
    assert render(register, facts(), "fi") == render(register, facts(), "fi")


def test_another_language_is_refused_by_name(register: Audit, facts: Facts) -> None:
    with pytest.raises(UsageError, match=r"'de'.*fi, sv, en"):
        render(register, facts(), "de")


def test_two_thousand_findings_stay_small(register: Audit, facts: Facts) -> None:
    more = [replace(each, group=f"{each.group} {place}") for place, each in enumerate(register.findings)
            if each.scope is Scope.INTERSECTION][: 2000 - len(register.findings)]  # fmt: skip
    audit = replace(register, findings=(*register.findings, *more))
    assert len(audit.findings) > 1900
    assert all(len(render(audit, facts(), language).encode()) < 300_000 for language in LANGUAGES)


# ---------------------------------------------------------------- what it says


def test_every_group_with_a_failing_finding_is_named(register: Audit, facts: Facts) -> None:
    rows = re.findall(r"<tr>(.*?)</tr>", render(register, facts(), "en"), re.DOTALL)
    told = [re.sub(r"<[^>]+>", "|", unescape(row)) for row in rows]
    failing = [each for each in register.findings if each.verdict is Verdict.FAIL]
    assert len(failing) > 50
    for each in failing:
        figure = f"{each.ratio:.2f}" if each.ratio else f"{100 * (each.difference or 0):.1f}".replace("-", "−")
        of_group = [row for row in told if f"|{each.group}|" in row and "▲" in row and figure in row]
        assert of_group, each


@pytest.mark.parametrize("scope", Scope)
def test_what_fails_is_never_left_out_for_want_of_room(
    scope: Scope, finding: Findings, audit: Audits, facts: Facts
) -> None:
    # Those within the limits come first, so that whoever cuts the list short loses what fails.
    passing = [finding(1.0, 0.1, group=f"within {place}", scope=scope) for place in range(150)]
    failing = [finding(2.0, 0.1, group=f"outside {place}", scope=scope) for place in range(130)]
    page = render(audit([*passing, *failing]), facts(), "en")
    tables = re.findall(r'<th scope="row">((?:within|outside) \d+)</th>', page)
    assert {name for name in tables if name.startswith("outside")} == {each.group for each in failing}
    assert len(tables) == 130
    assert "150 more groups are not listed here" in page


def test_each_failing_finding_of_one_attribute_is_told_in_words(register: Audit, facts: Facts) -> None:
    words = Reader(render(register, facts(), "en")).words
    for each in register.findings:
        if each.verdict is Verdict.FAIL and each.scope is Scope.ATTRIBUTE and each.ratio:
            assert f"Ratio {each.ratio:.2f} (95 % interval {each.ratio_low:.2f}–{each.ratio_high:.2f})" in words


@pytest.mark.parametrize(
    ("metric", "value", "difference", "sentence"),
    [
        ("false_positive_rate", 0.548, 0.349,
         "Of 100 people in the group whose unemployment ended within 12 months, about 55 were flagged. "
         "In the comparison group (men): about 20 of 100."),
        ("false_negative_rate", 0.6, 0.2,
         "Of 100 people in the group who were still unemployed after 12 months, about 60 were not flagged. "
         "In the comparison group (men): about 40 of 100."),
        ("false_positive_rate", 0.004, -0.196, "months, fewer than 1 were flagged. In the comparison group"),
        ("false_positive_rate", 0.0, -0.2, "12 months, 0 were flagged. In the comparison group (men): about 20"),
    ],
)  # fmt: skip
def test_rates_are_told_as_people_of_a_hundred(
    finding: Findings, audit: Audits, facts: Facts, metric: str, value: float, difference: float, sentence: str
) -> None:
    found = finding(2.0, 0.1, metric, value=value, difference=difference)
    assert sentence in Reader(render(audit([found]), facts(), "en")).words


def test_the_comparison_group_is_told_from_the_ratio_where_there_is_no_difference(
    finding: Findings, audit: Audits, facts: Facts
) -> None:
    words = Reader(render(audit([finding(2.0, 0.1, difference=None)]), facts(), "en")).words
    assert "about 40 were flagged. In the comparison group (men): about 20 of 100." in words


@pytest.mark.parametrize(("off", "words"), [
    (0.081, "of about 9 more of 100 people in the group than it came true for. "
            "In the comparison group (men): of about 1 more."),
    (-0.081, "of about 7 fewer of 100 people in the group than it came true for. "
             "In the comparison group (men): of about 1 more."),
])  # fmt: skip
def test_a_calibration_gap_says_in_which_direction(
    gap_finding: Findings, audit: Audits, facts: Facts, off: float, words: str
) -> None:
    assert words in Reader(render(audit([gap_finding(off, 0.01)]), facts(), "en")).words


@pytest.mark.parametrize(
    ("ratios", "sentence", "step"),
    [
        ((2.0, 1.0, 1.0), "1 of 3 comparisons between groups is outside", "Reject the model, set conditions"),
        ((1.0, 1.3), "none of 2 comparisons is outside them, but 1 could not be", "Look at who could not be judged"),
        ((1.0, 1.01), "meets the limits in all 2 comparisons", "a pass says nothing of groups"),
        ((), "Nothing could be judged", "Look at who could not be judged"),
    ],
)  # fmt: skip
def test_the_result_stands_first(
    finding: Findings, audit: Audits, facts: Facts, ratios: tuple[float, ...], sentence: str, step: str
) -> None:
    found = [finding(ratio, 0.1, group=f"group {place}") for place, ratio in enumerate(ratios)]
    words = Reader(render(audit(found), facts(), "en")).words
    assert sentence in words
    assert step in words
    assert words.index(sentence) < words.index("What this rests on") < words.index("What you do next")


def test_the_worst_false_positives_come_first(
    finding: Findings, gap_finding: Findings, audit: Audits, facts: Facts
) -> None:
    found = [
        gap_finding(0.2, 0.01, group="far off"),
        finding(2.0, 0.1, "false_negative_rate", group="missed"),
        finding(1.6, 0.1, group="in vain"),
        finding(0.3, 0.1, group="much too few"),
    ]
    words = Reader(render(audit(found), facts(), "en")).words
    first = words[words.index("What this rests on") : words.index("What could not be judged")]
    assert [name for name in ("much too few", "in vain", "missed", "far off") if name in first] == [
        "much too few", "in vain", "missed",
    ]  # fmt: skip
    assert first.index("much too few") < first.index("in vain") < first.index("missed")
    assert "and 1 more" in first


def test_direct_use_comes_before_every_other_finding(
    register: Audit, facts: Facts, direct: Mapping[str, object]
) -> None:
    words = Reader(render(replace(register, **direct), facts(), "en")).words  # type: ignore[arg-type]
    assert "It uses 2 protected attributes as inputs: Gender and Age at the look." in words
    assert words.index("as inputs: Gender") < words.index("What this rests on")
    assert words.index("Gender is an input of the model.") < words.index("Who is flagged in vain?")
    assert "move by 3.4 points on average (95 % interval 3.1–3.7), and about 8 of 100 people would be flagged" in words
    assert "Check that using a protected attribute" in words


def test_what_could_not_be_judged_is_named_with_its_reason(finding: Findings, audit: Audits, facts: Facts) -> None:
    few = finding(1.0, 0.5, group="Östersundom", attribute="district", why="too few people")
    for language, reason in (("en", "too few people"), ("fi", "liian vähän henkilöitä"), ("sv", "för få personer")):
        words = Reader(render(audit([few]), facts(), language)).words
        part = words[words.rindex({"en": "Why", "fi": "Miksi", "sv": "Varför"}[language]) :]
        assert "Östersundom" in part
        assert reason in part


def test_each_reason_is_counted(finding: Findings, audit: Audits, facts: Facts) -> None:
    reasons = ["too few people"] * 7 + ["the interval reaches across a limit"] * 2
    found = [finding(1.0, 0.5, group=str(place), why=why) for place, why in enumerate(reasons)]
    page = render(audit(found), facts(), "en")
    assert re.findall(r'<tr><th scope="row">([^<]+)</th><td class="num">(\d)</td></tr>', page) == [
        ("too few people", "7"), ("the interval reaches across a limit", "2"),
    ]  # fmt: skip


def test_the_table_shows_the_comparison_group_and_how_sure_a_finding_is(
    finding: Findings, audit: Audits, facts: Facts
) -> None:
    nothing = dict.fromkeys(("ratio", "difference", "chance"))
    base = replace(finding(1.0, 0.1, group="men", n=4321), verdict=None, **nothing)
    page = render(audit([finding(2.0, 0.1, chance=0.0002)], figures=(base,)), facts(), "en")
    told = dict(re.findall(r'<tr><th scope="row">([^<]+)</th>(.*?)</tr>', page, re.DOTALL))
    assert "4,320</td>" in told["the comparison group itself"]
    assert "20.0\u00a0%\n(19.0–21.0)" in told["the comparison group itself"]
    assert ">&lt;\u00a00.001</td>" in told["women"]


def test_what_fails_elsewhere_is_counted_on_the_first_screen(finding: Findings, audit: Audits, facts: Facts) -> None:
    elsewhere = [finding(2.0, 0.1, scope=scope, group=scope.value) for scope in Scope if scope is not Scope.ATTRIBUTE]
    words = Reader(render(audit([finding(2.0, 0.1), *elsewhere]), facts(), "en")).words
    assert "5 more in smaller groups, other cuts or parts of the time" in words


def test_a_reason_that_no_catalogue_knows_is_marked_as_english(finding: Findings, audit: Audits, facts: Facts) -> None:
    page = render(audit([finding(1.0, 0.5, why="the moon was full")]), facts(), "fi")
    assert '<span lang="en">the moon was full</span>' in page


def test_proxies_say_how_well_inputs_tell_a_group(register: Audit, facts: Facts) -> None:
    words = Reader(render(register, facts(), "fi")).words
    assert "91 (89–93)" in words
    assert "lähes varmasti" in words
    assert "Sairauspäivärahapäivät (−12,1)" in words


def test_groups_that_should_be_alike_are_told_the_largest_difference_first(register: Audit, facts: Facts) -> None:
    page = render(register, facts(), "en")
    table = page[page.index("Differences from the comparison group in percentage points") :]
    table = table[: table.index("</table>")]
    places = [table.index(each) for each in ("limited</th>", "women</th>", "Malmi</th>")]
    assert places == sorted(places)
    assert "15.1 points" in table
    assert "11.1" in table
    assert "−1.2 points" in table
    assert "whose unemployment ended within" in table
    none = render(replace(register, conditional=()), facts(), "en")
    assert "Are people treated alike" not in none


def test_direct_use_alone_is_told_as_such_and_not_as_a_comparison(
    finding: Findings, audit: Audits, facts: Facts
) -> None:
    direct = Finding("gender", "", None, "direct_use", None, None, None, "", None, None, None, Verdict.FAIL)
    page = render(audit([direct, finding(1.0, 0.05, verdict=Verdict.PASS)], direct_use=("gender",)), facts(), "en")
    assert "it uses protected attributes directly" in page
    assert "direct_use" not in page
    both = audit([direct, finding(2.0, 0.1, verdict=Verdict.FAIL)], direct_use=("gender",))
    assert "direct_use" not in render(both, facts(), "en")


def test_what_fails_elsewhere_stands_on_the_first_screen_where_nothing_else_does(
    finding: Findings, audit: Audits, facts: Facts
) -> None:
    both = finding(2.0, 0.1, attribute="gender × age", group="women × under 25", reference="men × 30–49",
                   verdict=Verdict.FAIL, scope=Scope.INTERSECTION)  # fmt: skip
    page = render(audit([both, finding(1.0, 0.05, verdict=Verdict.PASS)]), facts(), "en")
    first = page[page.index("What this rests on") : page.index("What you do next")]
    assert "women × under 25" in first
    assert "closest" not in first.lower()


def test_any_outcome_can_be_told(finding: Findings, audit: Audits, facts: Facts) -> None:
    words = Reader(render(audit([finding(2.0, 0.1)]), facts(predicted=any_outcome()), "en")).words
    assert "Of 100 people in the group for whom it did not come true, about 40 were flagged." in words


# ---------------------------------------------------------------- what it hides


@pytest.mark.parametrize("count", [1, 2, 3, 4, None])
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_handful_of_people_is_never_counted(
    count: int | None, language: str, finding: Findings, audit: Audits, facts: Facts
) -> None:
    found = [
        finding(1.4, 0.1, n=count),
        finding(2.0, 0.1, n=count, scope=Scope.INTERSECTION, attribute="age × gender", group="a × b"),
    ]
    page = render(audit(found, people=count, rows=count), facts(), language)
    cells = re.findall(r'<td class="num">([^<]*)</td>', page)
    assert {"en": "fewer than 5", "fi": "alle 5", "sv": "färre än 5"}[language] in cells
    assert not {"1", "2", "3", "4"} & set(cells[: len(cells) - 4])
    assert not re.search(r"\b[1-4] (people|henkilöä|personer)", unescape(page))


def test_a_failure_without_figures_is_told_all_the_same(finding: Findings, audit: Audits, facts: Facts) -> None:
    nothing = dict.fromkeys(
        ("value", "low", "high", "ratio_low", "ratio_high", "difference", "overall_ratio", "overall_ratio_low")
    )
    hidden = replace(finding(3.0, 0.1), ratio=None, **nothing)  # type: ignore[arg-type]
    words = Reader(render(audit([hidden]), facts(), "en")).words
    assert "Gender: women . Flagged in vain: ▲ outside the limits." in words
    assert "The figures are not shown" in words
    assert "nan" not in words.lower()


def test_no_figure_that_is_none_is_written(finding: Findings, audit: Audits, facts: Facts) -> None:
    odd = replace(finding(2.0, 0.1), high=float("nan"), ratio_high=float("inf"), overall_ratio_high=None)
    page = render(audit([odd]), facts(), "en")
    assert not re.search(r"\b(nan|inf|none)\b", Reader(page).words.lower())
    assert "from 1.81" in page


NAMES = st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=30)


@settings(max_examples=25, deadline=None)
@given(NAMES, NAMES, st.sampled_from(LANGUAGES))
def test_names_are_text_whatever_they_hold(name: str, group: str, language: str) -> None:
    attribute, value = f"<b>{name}", f"<script>alert(1)</script>{group}\"'&"
    page = _of_one(attribute, value, language)
    read = Reader(page)
    assert not {tag for tag, _ in read.tags} & {"script", "b0", "alert"}
    assert " ".join(value.split()) in read.words
    assert " ".join(attribute.split()) in read.words


def _of_one(attribute: str, group: str, language: str) -> str:
    """Return a page in which the names stand wherever names stand."""
    one = Finding(attribute, group, 100, "false_positive_rate", 0.4, 0.3, 0.5, group, 2.0, 1.8, 2.2, Verdict.FAIL)
    found = [
        replace(one, scope=scope, verdict=verdict, why=group, cut=group, within=group)
        for scope in Scope
        for verdict in (Verdict.FAIL, Verdict.INSUFFICIENT)
    ]
    many = Interval(0.6, 0.5, 0.7)
    audit = Audit(
        Verdict.FAIL, tuple(found), 0.25, 0.25, (attribute,), (group,), (replace(one, verdict=None),),
        (Proxy(attribute, group, many, ((group, 0.1),)), Proxy(attribute, group, None, (), group)),
        (Flip(attribute, many, many),),
    )  # fmt: skip
    return render(audit, _facts(group, attribute), language)


def _facts(text: str, attribute: str) -> ReportFacts:
    limits = Limits("ratio", 0.8, 1.25)
    policy = AuditPolicy({"false_positive_rate": limits}, limits, (), 30, 0.25, (), (attribute,), 1000)
    words = {text: dict.fromkeys(LANGUAGES, text)}
    return ReportFacts(
        text, text, any_outcome(), policy, date(2026, 11, 24), text, text,
        {attribute: dict.fromkeys(LANGUAGES, attribute)}, {attribute: words}, words, text, text,
    )  # fmt: skip


def test_random_audits_never_break_the_page(finding: Findings, audit: Audits, facts: Facts) -> None:
    rng = np.random.default_rng(11)
    for _ in range(30):
        ratios = np.exp(rng.normal(0, 2, 8))
        found = [finding(float(ratio), float(abs(rng.normal())), metric=metric, group=str(place))
                 for place, ratio in enumerate(ratios)
                 for metric in ("false_positive_rate", "false_negative_rate", "auc", "something_else")]  # fmt: skip
        Reader(render(audit(found), facts(), str(rng.choice(LANGUAGES))))

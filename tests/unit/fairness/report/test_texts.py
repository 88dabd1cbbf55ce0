"""The catalogues: the same texts in all languages, and no text outside them; numbers as each language writes them."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from string import Formatter
from typing import Any

import pytest

import ml.fairness.report as room
from ml.contracts import Outcome
from ml.contracts.audit import Audit, Finding, Scope
from ml.fairness.report import LANGUAGES, ReportFacts, any_outcome, render, unemployment

HOME = Path(room.__file__).parent


def texts(language: str) -> Mapping[str, Any]:
    return tomllib.loads((HOME / "texts" / f"{language}.toml").read_text(encoding="utf-8"))


def leaves(value: Any, key: str = "") -> Iterator[tuple[str, str]]:
    """Yield each text with its key; those of a list by their place."""
    if isinstance(value, str):
        yield key, value
    else:
        for name, each in value.items() if isinstance(value, dict) else enumerate(value):
            yield from leaves(each, f"{key}.{name}")


def places(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_every_text_with_the_same_places(language: str) -> None:
    english, told = dict(leaves(texts("en"))), dict(leaves(texts(language)))
    assert told.keys() == english.keys()
    assert [key for key in english if places(told[key]) != places(english[key])] == []
    assert [key for key, text in told.items() if not text.strip()] == []


@pytest.mark.parametrize("language", ["fi", "sv"])
def test_no_text_was_left_in_english(language: str) -> None:
    english, told = dict(leaves(texts("en"))), dict(leaves(texts(language)))
    same = {
        key for key in english if told[key] == english[key] and re.search(r"[a-z]{4}", re.sub(r"{\w+}", "", told[key]))
    }
    assert same <= {".metric.precision.term"}  # the field's own word


def test_no_text_stands_in_the_template() -> None:
    template = (HOME / "report.html.jinja").read_text(encoding="utf-8")
    outside = re.sub(r"{%.*?%}|{{.*?}}|<[^>]*>", " ", template, flags=re.DOTALL)
    assert re.findall(r"[^\W\d_]{2,}", outside) == []


def test_what_the_audit_says_reads_in_finnish_and_swedish(
    finding: Callable[..., Finding], audit: Callable[..., Audit], facts: Callable[..., ReportFacts]
) -> None:
    found = [
        finding(1.0, 0.5, why="may be chance, of so many that were compared"),
        finding(2.0, 0.1, scope=Scope.LANDMARK, within="after 91 days"),
        finding(2.0, 0.1, scope=Scope.PERIOD, within="2018 Q3"),
        finding(2.0, 0.1, scope=Scope.CUT, cut="highest 10%"),
        finding(2.0, 0.1, scope=Scope.SEARCHED, reference="everyone else", attribute="a × b × c", group="x × y × z"),
    ]
    warnings = (
        "age: everyone is of the group 'men': there is nothing to compare",
        "gender: marked direct use: this protected attribute is an input of the model",
    )
    made = audit(found, warnings=warnings, direct_use=("gender",))
    finnish, swedish = (render(made, facts(), language) for language in ("fi", "sv"))
    for text in (
        "voi olla sattumaa",
        "91 päivän jälkeen",
        "2018, 3. neljännes",
        "suurimmat 10",
        "Ikä tarkasteluhetkellä: kaikki",
    ):
        assert text in finnish
    for text in ("kan vara slump", "efter 91 dagar", "2018, kvartal 3", "högsta 10", "Ålder vid tidpunkten: alla"):
        assert text in swedish
    assert 'lang="en"' not in finnish
    assert "marked direct use" not in finnish  # it has a section of its own


@pytest.mark.parametrize(
    ("language", "ratio", "share", "gap"),
    [
        ("fi", "3,14 (2,84–3,47)", "62,8\u00a0%", "−7,0 %-yks."),
        ("sv", "3,14 (2,84–3,47)", "62,8\u00a0%", "−7,0 procentenheter"),
        ("en", "3.14 (2.84–3.47)", "62.8\u00a0%", "−7.0 points"),
    ],
)
def test_numbers_are_written_as_each_language_does(
    language: str, ratio: str, share: str, gap: str,
    finding: Callable[..., Finding], gap_finding: Callable[..., Finding],
    audit: Callable[..., Audit], facts: Callable[..., ReportFacts],
) -> None:  # fmt: skip
    page = render(audit([finding(3.14, 0.1), gap_finding(-0.07, 0.01)]), facts(), language)
    assert ratio in page
    assert share in page
    assert gap in page


@pytest.mark.parametrize(
    ("unit", "days", "horizon", "told"),
    [
        ("day", 1.0, 365.0, "whose unemployment ended within 12 months"),
        ("day", 1.0, 91.0, "whose unemployment ended within 91 days"),
        ("2 weeks", 14.0, 13.0, "whose unemployment ended within 26 weeks"),
        ("month", 30.4, 1.0, "whose unemployment ended within 1 month"),
    ],
)
def test_a_horizon_reads_as_a_span_of_time(unit: str, days: float, horizon: float, told: str) -> None:
    made = unemployment(Outcome("days", unit, days, horizon, (horizon,)))
    assert made["en"].did_not == told
    assert set(made) == set(any_outcome()) == set(LANGUAGES)

"""The card as a page: verdict first, everything found from the side, and nothing that runs or comes from elsewhere."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ml.contracts import ModelReport, Policy
from ml.governance.card import Provenance, build_card
from ml.governance.card.markdown import render
from ml.governance.card.page import card_page, page


class Read(HTMLParser):
    """Reads tags, ids, addresses and text of a page; keeps whether what was opened was closed."""

    VOID = frozenset(("meta", "br", "hr"))

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.ids: list[str] = []
        self.addresses: list[str] = []
        self.attributes: set[str] = set()
        self.words: list[str] = []
        self.open: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes |= {name for name, _ in attrs}
        self.ids += [value for name, value in attrs if name == "id" and value]
        self.addresses += [value or "" for name, value in attrs if name in ("href", "src", "action")]
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert tag in self.VOID or self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words.append(data)


@pytest.fixture
def text(report: ModelReport, provenance: Provenance, policy: Policy) -> str:
    return card_page(build_card(report, provenance, policy))


def test_the_verdict_stands_before_all_sections(text: str) -> None:
    main = text[text.index("<main>") :]
    assert main.index("<blockquote>") < main.index("The non-discrimination audit passes") < main.index("<h2 id=")
    assert "<title>ltu-small, version 3</title>" in text


def test_each_section_is_found_from_the_contents(
    text: str, report: ModelReport, provenance: Provenance, policy: Policy
) -> None:
    found = Read(text)
    assert not found.open
    sections = re.findall(r"^## (.*)$", render(build_card(report, provenance, policy)), re.MULTILINE)
    inside = [each for each in found.addresses if each.startswith("#")]
    assert len(inside) == len(sections) > 10
    assert {each.removeprefix("#") for each in inside} <= set(found.ids)
    assert len(found.ids) == len(set(found.ids))


def test_the_front_matter_is_for_hubs_alone(text: str) -> None:
    assert "model-index" not in text


def test_tables_scroll_by_themselves_and_verdicts_have_their_colour(text: str) -> None:
    tables = text.count("<table>")
    assert text.count('<div class="scroll" tabindex="0"><table>') == tables == text.count("</table></div>") > 5
    assert '<td class="pass">pass</td>' in text
    assert '<td class="fig">0.720 (0.700–0.740)</td>' in text


def test_a_failing_audit_colours_the_first_block() -> None:
    said = "# a, version 1\n\n> **The audit fails: 1 of 2 findings.**\n\n## A\n\nx\n"
    assert '<blockquote class="fail">' in page(said)
    assert '<blockquote class="fail">' not in page(said.replace("fails: 1", "passes: all"))
    assert '<blockquote class="fail">' not in page("# a\n\n> fine\n\nx fails: y\n")


@pytest.mark.parametrize(
    "odd",
    ["<script>alert(1)</script>", "![x](https://example.org/x.png)", "[x](javascript:alert(1))", "<img src=//e.org/x>",
     "[x](//example.org)", "<https://example.org>", "[x](HTTPS://example.org/)", "[x]: https://example.org",
     "![x](x.png)",
     "[x](data:text/html,x)", "<a href=x onclick=alert(1)>x</a>"],
)  # fmt: skip
def test_nothing_that_runs_or_comes_from_elsewhere_gets_in(
    report: ModelReport, provenance: Provenance, policy: Policy, odd: str
) -> None:
    contract = replace(report.contract, description=odd, licence=odd)
    for made in (
        card_page(build_card(replace(report, contract=contract, warnings=(odd,)), provenance, policy)),
        page(f"# a\n\n{odd}\n\n| a |\n| --- |\n| {odd} |\n"),
    ):
        found = Read(made)
        assert not {"script", "img", "iframe", "link", "object"} & set(found.tags)
        assert not [each for each in found.addresses if re.match(r"[a-z]+:|//", each, re.IGNORECASE)]
        assert not [each for each in found.attributes if each.startswith("on")]


@given(st.text(max_size=40))
def test_what_people_write_stays_text(written: str) -> None:
    found = Read(page(f"# a\n\n> b\n\n{written}\n"))
    assert not {"script", "img", "iframe"} & set(found.tags)


def test_the_same_card_gives_the_same_bytes(trained_home: Path) -> None:
    folder = trained_home / "model_cards" / "ltu-small"
    assert (folder / "1.html").read_text(encoding="utf-8") == page((folder / "1.md").read_text(encoding="utf-8"))


def _luminance(colour: str) -> float:
    """Return the relative luminance of "#rrggbb" (WCAG 2.2)."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [each / 12.92 if each <= 0.04045 else ((each + 0.055) / 1.055) ** 2.4 for each in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_text_has_the_contrast_that_wcag_asks_for(text: str) -> None:
    """AA: 4.5 to 1 on white, of every colour that words are written in."""
    colours = dict(re.findall(r"--(\w+): (#[0-9a-f]{6})", text))
    written = {name: value for name, value in colours.items() if name in ("fail", "pass", "open")}
    assert written.keys() == {"fail", "pass", "open"}
    for colour in (*written.values(), "#1a1a1a", "#555555", "#00558a"):
        assert 1.05 / (_luminance(colour) + 0.05) >= 4.5, colour

"""The jobseeker's sheet: what the hint said, in the client's language, with every interval, and no word too many."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from serving.export.words import catalogue
from serving.pages.sheet import parts
from serving.wire.advice import RiskPart

from ..test_api.house import COLLEAGUE, done, languages
from .browsing import Reader, Site, judged, text_of

LANGUAGES = ("fi", "sv", "en")


def sheet(reader: Reader, hint: str, language: str = "en") -> str:
    return reader.get(f"{hint}/sheet?language={language}")


def texts(language: str) -> Mapping[str, Any]:
    return catalogue(language)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_client_is_told_all_that_the_hint_said_in_their_language(
    language: str, site: Site, caseworker: Reader
) -> None:
    hint = judged(site, caseworker)
    page = text_of(sheet(caseworker, hint, language))
    body = {"client": {"pseudonym": "a" * 32}}
    told = done(site.house.post("demo-officer", "/v1/clients/export", body, Accept_Language=language))
    (shown,) = told["hints_shown"]
    for part in (shown["needs"], shown["risk"]):
        for each in part.get("reasons", []) + part.get("drivers", []):
            assert each["text"] in page
        assert part["model"]["name"] in page
    assert shown["needs"]["words"] in page
    assert shown["risk"]["band_words"] in page
    assert page.count(texts(language)["sheet"]["risk"]) >= 1


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_client_is_told_what_it_is_not_used_for_and_what_they_can_do(
    language: str, site: Site, caseworker: Reader
) -> None:
    page = text_of(sheet(caseworker, judged(site, caseworker), language))
    said = texts(language)
    lines = [*said["sheet"]["intro"], *said["uses"]["lines"], *said["sheet"]["sure_lines"], said["page"]["contact"]]
    rights = [text for name, line in said["rights"]["list"] for text in (name, line)]
    assert [each for each in (*lines, *rights) if each not in page] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_share_stands_without_its_interval(language: str, site: Site, caseworker: Reader) -> None:
    html = sheet(caseworker, judged(site, caseworker), language)
    shares = re.findall(r"<li><strong>.*?</strong>\s*<svg.*?</svg>\s*<span>(.*?)</span></li>", html, re.DOTALL)
    assert len(shares) >= 2
    for each in shares:
        assert re.search(r"\((vaihteluväli|mellan|between) \d+(–| och | and )\d+ ", each), each


def test_the_page_around_it_stays_in_the_caseworkers_language(site: Site, caseworker: Reader) -> None:
    hint = judged(site, caseworker)
    html = sheet(caseworker, hint, "sv")
    assert '<html lang="en">' in html
    assert '<article class="sheet" lang="sv">' in html
    assert "Back to the hint" in html
    assert f'href="{hint}"' in html
    assert sorted(re.findall(rf'href="{hint}/sheet\?language=(\w\w)"', html)) == ["en", "fi", "sv"]
    assert "Ett tips om dig" in html
    assert "A hint about you" in caseworker.get(f"{hint}/sheet")  # no language is named: the caseworker's
    caseworker.get(f"{hint}/sheet?language=de", 422)


def test_its_addresses_are_whole_so_that_they_can_be_typed_from_paper(site: Site, caseworker: Reader) -> None:
    html = sheet(caseworker, judged(site, caseworker), "fi")
    for name in ("ltu-small", "service-need"):
        assert f">http://127.0.0.1/about/{name}?language=fi</a>" in html


def test_a_right_or_a_stop_takes_the_sheet_away(site: Site, caseworker: Reader) -> None:
    hint = judged(site, caseworker)
    site.house.gates["ltu-small"].refusal = "its approval was revoked"
    assert "may not be used now" in text_of(caseworker.get(f"{hint}/sheet", 503))
    site.house.gates["ltu-small"].refusal = None
    sheet(caseworker, hint)
    site.house.right("objection")
    gone = text_of(caseworker.get(f"{hint}/sheet", 403))
    assert "has objected" in gone
    assert "of 10" not in gone


def test_it_is_for_whom_the_hint_was_shown_to_and_a_look_is_logged(site: Site, caseworker: Reader) -> None:
    hint = judged(site, caseworker)
    before = len(looks(site))
    sheet(caseworker, hint)
    assert looks(site)[before:] == [("demo-caseworker", "a" * 32)]
    site.reader(COLLEAGUE).get(f"{hint}/sheet", 404)
    assert site.reader(None).send(f"{hint}/sheet").status_code in {401, 405}


def looks(site: Site) -> list[tuple[str, str]]:
    return site.house.rows("SELECT who, client FROM log WHERE action = 'client.look' ORDER BY seq")


def test_no_pseudonym_and_no_name_of_the_staff_is_on_it(site: Site, caseworker: Reader) -> None:
    html = sheet(caseworker, judged(site, caseworker))
    article = html[html.index('<article class="sheet"') : html.index("</article>")]
    assert "a" * 8 not in article
    assert "Demo" not in article
    assert "demo-" not in article


def test_no_word_of_it_reads_as_a_cause_or_an_order(site: Site, caseworker: Reader) -> None:
    page = text_of(sheet(caseworker, judged(site, caseworker)))
    assert not re.search(r"\bcaus(e|es|ed|ing)\b|\bmust\b|\brejected\b|\byou will\b", page)


# ---------------------------------------------------------------- shares of ten people


def risk(probability: float, low: float, high: float) -> RiskPart:
    """Return a part that says one chance."""
    chance = {"probability": probability, "low": low, "high": high}
    model = {"name": "m", "version": 1, "digest": "sha256:1", "card": "/c"}
    return RiskPart.model_validate({
        "model": model, "as_of": "2026-11-28", "valid_until": "2026-12-12T00:00:00Z", "caveats": [], "band": None,
        "horizons": [{"units": 12, "unit": "month", "days": 365, "still_unemployed": chance}],
        "band_words": None, "words": None, "reasons": [],
    })  # fmt: skip


@given(st.lists(st.floats(0, 1), min_size=3, max_size=3).map(sorted), st.sampled_from(LANGUAGES))
def test_ten_figures_show_the_interval_and_never_a_narrower_one(ends: list[float], language: str) -> None:
    low, own, high = ends
    (part,) = parts(None, risk(own, low, high), languages()[language], "")
    (share,) = part.shares
    counted, perhaps = share.figures.count("counted"), share.figures.count("perhaps")
    assert len(share.figures) == 10
    assert list(share.figures) == ["counted"] * counted + ["perhaps"] * perhaps + ["not"] * (10 - counted - perhaps)
    assert counted <= low * 10 + 1e-6
    assert counted + perhaps >= high * 10 - 1e-6
    assert perhaps <= max(math.ceil(high * 10) - math.floor(low * 10), 1)
    assert f"{counted}" in share.words
    assert f"{counted + perhaps}" in share.words


@pytest.mark.parametrize(
    ("probability", "words"),
    [(0.04, "Fewer than 1 of 20"), (0.05, "About 1 of 10"), (0.44, "About 4 of 10"), (0.45, "About 5 of 10"),
     (0.94, "About 9 of 10"), (0.95, "More than 19 of 20")],
)  # fmt: skip
def test_a_chance_is_told_as_the_hint_tells_it(probability: float, words: str) -> None:
    (part,) = parts(None, risk(probability, probability, probability), languages()["en"], "")
    assert part.shares[0].words.startswith(words)
    assert part.shares[0].of == "12 months after becoming unemployed"


def test_where_a_model_says_nothing_more_the_sheet_says_so(site: Site, caseworker: Reader) -> None:
    """After the last horizon there is a caveat alone: it stands under "How sure it is"."""
    (part,) = parts(None, risk(0.5, 0.4, 0.6).model_copy(update={"horizons": [], "caveats": ["Nothing."]}),
                    languages()["en"], "")  # fmt: skip
    assert (part.words, part.shares, part.reasons, part.unsure) == ((), (), (), ("Nothing.",))

"""What each model does, for anybody who has the address: no sign-in, in three languages, as it was published."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ml.governance.public import LANGUAGES, public_page

from ...governance.test_public import card
from ..test_api.house import Parts
from .browsing import Reader, Site, site_on, text_of

TITLES = {"fi": "Vihje työttömyyden kestosta", "sv": "Ett tips om hur länge arbetslösheten kan vara",
          "en": "A hint about how long unemployment may last"}  # fmt: skip


@pytest.fixture
def published(cards: Path, tmp_path: Path) -> Path:
    """Return cards among which the description of ltu-small is published in all languages; of the other in none."""
    folder = tmp_path / "cards"
    shutil.copytree(cards, folder)
    for language in LANGUAGES:
        (folder / "ltu-small" / f"3.public.{language}.html").write_text(public_page(card(), language), encoding="utf-8")
    (folder / "service-need" / "1.public.fi.html").unlink()
    return folder


@pytest.fixture
def open_site(parts: Parts, sqlite_url: str, published: Path) -> Iterator[Site]:
    """Yield the pages of a worker with these cards."""
    with site_on(parts, sqlite_url, cards=published) as site:
        yield site


@pytest.mark.parametrize("language", LANGUAGES)
def test_anybody_reads_what_a_model_does_without_signing_in(language: str, open_site: Site) -> None:
    reader = open_site.reader(None, language)
    listed = reader.get("/about")
    assert f'<a href="/about/ltu-small">{TITLES[language]}</a>' in listed
    assert 'href="/about/service-need"' not in listed  # its description is not published
    assert "service-need" in text_of(listed)
    page = reader.get("/about/ltu-small")
    assert page.count("<h1") == 1
    assert f"<h1>{TITLES[language]}</h1>" in page
    assert page.count("<main") == page.count("<html") == 1
    for each in re.findall(r"<(?:p|li|dd)>([^<]+)</(?:p|li|dd)>", public_page(card(), language).split("<main>")[1]):
        assert each in page
    reader.get("/about/service-need", 404)
    reader.get("/about/no-such", 404)
    reader.get("/about/..%2f..%2fsecret", 404)


def test_the_language_of_a_sheet_turns_the_whole_page_and_stays(open_site: Site) -> None:
    reader = open_site.reader(None, "en")
    page = reader.get("/about/ltu-small?language=sv")
    assert '<html lang="sv">' in page
    assert TITLES["sv"] in page
    assert reader.sent[-1].url.path == "/about/ltu-small"
    assert '<html lang="sv">' in reader.get("/about")
    reader.get("/about/ltu-small?language=sv")
    assert reader.sent[-1].history == []  # nothing is to be turned
    reader.client.cookies.clear()  # a browser that keeps none is not sent round in circles
    assert reader.get("/about/ltu-small?language=en").count(TITLES["en"]) >= 1


def test_a_model_that_was_stopped_is_said_to_be(open_site: Site) -> None:
    open_site.house.post("demo-operator", "/v1/stops", {"model": None, "why": "A fault <b> was reported."})
    reader = open_site.reader(None)
    assert "it gives no hints now" in text_of(reader.get("/about"))
    page = text_of(reader.get("/about/ltu-small"))
    assert "The model is stopped" in page
    assert "A fault" not in page  # why is for the staff


def test_a_description_that_is_none_is_said_to_whoever_can_mend_it(open_site: Site, published: Path) -> None:
    (published / "ltu-small" / "3.public.en.html").write_text("<!doctype html><title>Card</title>")
    page = text_of(open_site.reader(None).get("/about/ltu-small", 500))
    assert "publish the card of ltu-small anew" in page


def test_who_is_signed_in_reads_the_same(open_site: Site) -> None:
    reader: Reader = open_site.reader()
    page: Any = reader.get("/about/ltu-small")
    assert TITLES["en"] in page
    assert "Sign out" in page

"""Every page, in every language, at two widths: pictures of it, axe-core's and the HTML checker's word, its weight."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from serving.language import CODES
from serving.pages.assets import read_assets
from serving.pages.site import PAGES

from .checks import invalid, violations
from .conftest import NewPage
from .served import Served
from .steps import CASEWORKER, judge, open_a_client
from .visitors import Visitors, sign_in

WIDTHS = (1280, 360)
HEAVIEST_BYTES = 200 * 1024
MODEL = "ltu-risk"
OWNER, REVIEWER, SCIENTIST = "demo-owner", "demo-reviewer", "demo-scientist"
OFFICER, MANAGER, OPERATOR = "demo-officer", "demo-manager", "demo-operator"
# Who looks at what. {client} and {hint} are a caseworker's own, found on the way.
SEEN: Mapping[str | None, Sequence[str]] = {
    None: ("/sign-in", "/signed-out", "/about", f"/about/{MODEL}", "/sign-in/complete?state=odd", "/nowhere"),
    CASEWORKER: ("/clients", "/clients/{client}", "/hints/{hint}", "/hints/{hint}/sheet", "/clients/{client}/rights",
                 "/signed-in", f"/hints/{'0' * 32}"),
    REVIEWER: ("/review", f"/review/{MODEL}/1", f"/review/{MODEL}/cards/1", f"/review/{MODEL}/1/changes",
               f"/review/{MODEL}/1/fairness", f"/review/{MODEL}/1/card", f"/review/{MODEL}/1/dialogue",
               f"/review/{MODEL}/1/assess", f"/review/{MODEL}/1/reject", f"/review/{MODEL}/1/fulfil",
               f"/review/{MODEL}/1/revoke", f"/review/{MODEL}/1/return", f"/review/{MODEL}/1/approve"),
    SCIENTIST: (f"/review/{MODEL}/1/submit", "/models", f"/models/{MODEL}", f"/models/{MODEL}/cards/1",
                "/models/service-need/cards/1"),
    MANAGER: ("/counts", "/counts/groups", "/accesses"),
    OFFICER: ("/rights", "/accesses/each", "/log", "/log/clients/{logged}"),
    OPERATOR: ("/stops",),
}  # fmt: skip
# Not pages to look at: they lead on, or go into a page that is there.
LEADING_ON = {
    "/",
    "/language/{code}",
    "/sign-out/provider",
    "/hints/{advice}/still",
    "/review/{name}/cards/{file:path}",
}

STATUS = {"/sign-in/complete?state=odd": 404, "/nowhere": 404, f"/hints/{'0' * 32}": 404}


@dataclass
class Album:
    """What was seen: name → what was sent, the violations and the weight of each page."""

    documents: dict[str, str] = field(default_factory=dict)
    violations: dict[str, list[str]] = field(default_factory=dict)
    weights: dict[str, int] = field(default_factory=dict)
    too_wide: list[str] = field(default_factory=list)


@pytest.fixture(scope="module")
def album(browser: Browser, server: Served, screenshots: Path) -> Iterator[Album]:
    """Look at every page in every language once; the tests below ask what was seen."""
    visitors, album = Visitors(browser, server.address), Album()
    page = visitors.new_page("fi")
    open_a_client(page)
    client = page.url.rpartition("/")[2]
    judge(page)
    hint = page.url.rpartition("/")[2]
    found = {"client": client, "hint": hint, "logged": _logged(visitors.new_page("fi"), server)}
    for person, paths in SEEN.items():
        page = visitors.new_page("fi")
        if person is not None:
            sign_in(page, person)
        for code in CODES:
            page.goto(f"/language/{code}?back=/about")
            for path in paths:
                _look(page, path.format(**found), f"{path}.{code}", album, screenshots)
    yield album
    visitors.close()


def _logged(page: Page, server: Served) -> str:
    """Return how the data-protection officer's pages name a client whose entries they looked for."""
    with closing(sqlite3.connect(f"file:{server.home / 'service.db'}?mode=ro", uri=True)) as connection:
        (pseudonym,) = connection.execute("SELECT client FROM advices").fetchone()
    sign_in(page, OFFICER, "/log")
    page.goto("/log")
    page.locator("input[name=client]").fill(pseudonym)
    page.locator("form[action='/log/find'] button").click()
    return page.url.partition("?")[0].rpartition("/")[2]


def _look(page: Page, path: str, name: str, album: Album, screenshots: Path) -> None:
    page.set_viewport_size({"width": WIDTHS[0], "height": 900})
    answer = page.goto(path)
    assert answer is not None
    assert answer.status == STATUS.get(path, 200), (name, answer.status)
    album.documents[name] = answer.text()
    album.violations[name] = violations(page)
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        if page.evaluate("document.documentElement.scrollWidth") > width:
            album.too_wide.append(f"{name} at {width} px")
        page.screenshot(path=screenshots / f"{_file(name)}-{width}.png", full_page=True)
    album.weights[name] = len(answer.body()) + sum(len(each.gzipped) for each in read_assets().named.values())


def _file(name: str) -> str:
    return re.sub(r"[^a-z0-9.]+", "-", name.lower()).strip("-")


def test_every_page_is_looked_at() -> None:
    seen = {re.sub(r"\?.*", "", path) for paths in SEEN.values() for path in paths}
    for page in PAGES:
        if page.method == "GET" and page.path not in LEADING_ON:
            pattern = re.compile(re.sub(r"\{[^}]+\}", "[^/]+", page.path))
            assert any(pattern.fullmatch(path) for path in seen), page.path


def test_axe_finds_no_violation_of_wcag_2_1_a_and_aa(album: Album) -> None:
    assert {name: found for name, found in album.violations.items() if found} == {}


def test_every_page_is_valid_html(album: Album) -> None:
    assert invalid(album.documents) == []


def test_no_page_stands_out_of_a_narrow_window(album: Album) -> None:
    assert album.too_wide == []


def test_no_page_is_heavy(album: Album) -> None:
    heavy = {name: weight for name, weight in album.weights.items() if weight > HEAVIEST_BYTES}
    assert heavy == {}


def test_a_page_names_its_language_and_has_one_heading_of_the_first_level(album: Album) -> None:
    for name, text in album.documents.items():
        assert f'<html lang="{name.rpartition(".")[2]}"' in text, name
        assert len(re.findall(r"<h1[\s>]", text)) == 1, name


def test_no_page_runs_or_styles_anything_inline(album: Album) -> None:
    for name, text in album.documents.items():
        assert not re.search(r"<script(?![^>]* src=)|<style|\sstyle=|\son\w+=", text), name


@pytest.mark.parametrize("path", ["/clients", "/sign-in"])
def test_a_page_can_be_made_twice_as_large(path: str, new_page: NewPage) -> None:
    page = new_page("fi", width=640)
    sign_in(page, CASEWORKER, "/clients")
    page.goto(path)
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    assert page.evaluate("document.documentElement.scrollWidth") <= 640

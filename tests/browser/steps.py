"""Steps that people take on the pages, as they would be told to: by what stands there, in Finnish."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from serving.pages.hint import LOOK_SECONDS

from .visitors import sign_in

CASEWORKER = "demo-caseworker"
WHY = "On ammatti ja hakee oman alan töitä."
SHOW = "Tallenna arvioni ja näytä vihje"


def pass_time(page: Page) -> None:
    """Let the time pass until an open page has asked whether its hint stands; `page.clock` was installed before."""
    page.clock.fast_forward((LOOK_SECONDS + 1) * 1000)


def choose(page: Page, words: str) -> None:
    """Click a choice where people click: on its words."""
    page.locator("label", has_text=words).first.click()


def open_a_client(page: Page) -> None:
    """Sign in as a caseworker, and open a client about whom a hint could be shown."""
    sign_in(page, CASEWORKER, "/clients")
    expect(page.get_by_role("heading", level=1)).to_have_text("Omat asiakkaat")
    ready = page.get_by_role("row").filter(has_text="valmiina").filter(has_text="ei vielä kirjattu")
    for path in ready.get_by_role("link").evaluate_all("links => links.map(link => link.getAttribute('href'))"):
        page.goto(path)
        if page.get_by_role("button", name=SHOW).count():
            return
    raise AssertionError("no client of the demonstration has a hint that could be shown")


def judge(page: Page) -> None:
    """Say how one sees the client, and look at the hint."""
    choose(page, "Osaaminen ja uraohjaus")
    choose(page, "Kohtalainen")
    page.get_by_role("textbox", name="Miksi, yhdellä rivillä").fill(WHY)
    page.get_by_role("button", name=SHOW).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(re.compile("^Vihje asiakkaasta"))
    page.wait_for_load_state()  # its scripts, too: a test may cut the line next


def say(page: Page) -> None:
    """Say what became of the hint."""
    choose(page, "Osittain")
    choose(page, "Sovittiin haastattelu")
    page.get_by_role("button", name="Tallenna").click()
    expect(page.get_by_text("Osittain")).to_be_visible()
    expect(page.get_by_text("Sovittiin haastattelu")).to_be_visible()

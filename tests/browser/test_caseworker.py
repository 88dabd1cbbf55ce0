"""The caseworker's journeys in a real browser: with a mouse, with a keyboard alone, and without scripts."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from .conftest import NewPage
from .demo_home import run
from .steps import CASEWORKER, SHOW, WHY, choose, judge, open_a_client, pass_time, say
from .visitors import sign_in


@pytest.mark.parametrize("scripts", [True, False])
def test_sign_in_judge_reveal_say(scripts: bool, new_page: NewPage) -> None:
    page = new_page("fi", scripts=scripts)
    open_a_client(page)
    expect(page.get_by_text(re.compile(r"kymmenestä|/10"))).to_have_count(0)  # nothing of the hint before the judgement
    judge(page)
    headings = page.get_by_role("heading", level=2).all_inner_texts()
    assert headings[:2] == ["Palvelutarve", "Kuinka kauan työttömyys voi kestää"]
    say(page)
    page.get_by_role("link", name="Takaisin omiin asiakkaisiin").click()
    page.get_by_role("button", name="Kirjaudu ulos").click()
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    page.goto("/clients")
    expect(page).to_have_url(re.compile("/sign-in"))


def test_the_same_with_a_keyboard_alone(new_page: NewPage) -> None:
    page = new_page("fi")
    open_a_client(page)
    page.goto(page.url)
    _tab_to(page, "input[name=service_need]")
    page.keyboard.press("Space")
    _tab_to(page, "input[name=chance_of_work]")
    page.keyboard.press("ArrowDown")
    _tab_to(page, "input[name=why]")
    page.keyboard.type(WHY)
    _tab_to(page, f"button:has-text('{SHOW}')")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text(re.compile("^Vihje asiakkaasta"))
    _tab_to(page, "details summary")
    page.keyboard.press("Enter")
    expect(page.locator("details[open]").first).to_be_visible()
    _tab_to(page, "input[name=agrees]")
    page.keyboard.press("Space")
    _tab_to(page, "input[name=done]")
    page.keyboard.press("Space")
    _tab_to(page, "button:has-text('Tallenna')")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Olen samaa mieltä")).to_be_visible()


def test_whoever_uses_a_keyboard_sees_where_they_are_and_can_skip_to_the_content(new_page: NewPage) -> None:
    page = new_page("fi")
    sign_in(page, CASEWORKER, "/clients")
    page.goto("/clients")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Siirry sisältöön")).to_be_visible()
    for _ in range(12):
        drawn = page.evaluate(
            "() => { const s = getComputedStyle(document.activeElement); "
            "return [s.outlineStyle, parseFloat(s.outlineWidth), s.boxShadow] }"
        )
        assert (drawn[0] != "none" and drawn[1] > 0) or drawn[2] != "none", page.evaluate(
            "document.activeElement.outerHTML"
        )
        page.keyboard.press("Tab")


def test_a_language_is_chosen_once_and_kept(new_page: NewPage) -> None:
    page = new_page("fi")
    open_a_client(page)
    here = page.url
    page.get_by_role("link", name="Svenska").click()
    assert page.url == here
    expect(page.locator("html")).to_have_attribute("lang", "sv")
    expect(page.get_by_role("heading", level=1)).to_have_text(re.compile("^Klient"))
    page.get_by_role("link", name="Mina klienter").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Mina klienter")


@pytest.mark.parametrize("way", ["Svenska", "Omat asiakkaat"])
def test_what_was_written_and_not_sent_is_not_left_without_asking(way: str, new_page: NewPage) -> None:
    page, asked = new_page("fi"), []
    open_a_client(page)
    here, why = page.url, page.get_by_role("textbox", name="Miksi, yhdellä rivillä")
    page.get_by_role("textbox", name="Miksi, yhdellä rivillä").press_sequentially(WHY)
    page.once("dialog", lambda dialog: (asked.append(dialog.type), dialog.dismiss()))
    page.get_by_role("link", name=way).first.click(no_wait_after=True)
    page.wait_for_timeout(500)
    assert asked == ["beforeunload"]
    assert page.url == here
    expect(why).to_have_value(WHY)
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    judge(page)
    assert asked == ["beforeunload"]  # nobody asks about what is sent


def test_what_was_only_looked_for_is_left_without_a_question(new_page: NewPage) -> None:
    page, asked = new_page("fi"), []
    sign_in(page, CASEWORKER, "/clients")
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    page.locator("#client").press_sequentially("abc")
    page.get_by_role("link", name="Svenska").click()
    expect(page.locator("html")).to_have_attribute("lang", "sv")
    assert asked == []


def test_what_is_shown_again_with_a_fault_is_asked_about_too(new_page: NewPage) -> None:
    page, asked = new_page("fi"), []
    open_a_client(page)
    choose(page, "Osaaminen ja uraohjaus")
    choose(page, "Kohtalainen")
    page.get_by_role("textbox", name="Miksi, yhdellä rivillä").fill("Henkilö 131052-308T sanoi näin.")
    page.get_by_role("button", name=SHOW).click()
    expect(page.get_by_role("alert")).to_be_visible()
    page.once("dialog", lambda dialog: (asked.append(dialog.type), dialog.dismiss()))
    page.get_by_role("link", name="Omat asiakkaat").first.click(no_wait_after=True)
    page.wait_for_timeout(500)
    assert asked == ["beforeunload"]


@pytest.mark.parametrize("scripts", [True, False])
def test_nothing_typed_is_lost_when_a_session_ends(scripts: bool, new_page: NewPage) -> None:
    page = new_page("fi", scripts=scripts)
    open_a_client(page)
    choose(page, "Työhön kuntouttavat palvelut")
    choose(page, "Pieni")
    page.get_by_role("textbox", name="Miksi, yhdellä rivillä").fill("Pitkä teksti, jota ei pidä kirjoittaa uudelleen.")
    page.context.clear_cookies()
    page.get_by_role("button", name=SHOW).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Istuntosi on päättynyt")
    if scripts:
        asked: list[str] = []
        page.once("dialog", lambda dialog: (asked.append(dialog.type), dialog.dismiss()))
        page.get_by_role("link", name="Svenska").click(no_wait_after=True)
        page.wait_for_timeout(500)
        assert asked == ["beforeunload"]  # what is kept here is asked about, too
    with page.context.expect_page() as opened:
        page.get_by_role("link", name="Kirjaudu uudelleen uudessa välilehdessä").click()
    opened.value.locator(f'button[value="{CASEWORKER}"]').click()
    page.get_by_role("button", name="Jatka kirjoittamallani tekstillä").click()
    expect(page.get_by_text("Mitään ei ole vielä lähetetty")).to_be_visible()
    expect(page.get_by_role("radio", name="Työhön kuntouttavat palvelut")).to_be_checked()
    expect(page.get_by_role("textbox", name="Miksi, yhdellä rivillä")).to_have_value(re.compile("^Pitkä teksti"))
    page.get_by_role("button", name=SHOW).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(re.compile("^Vihje asiakkaasta"))


def test_back_after_sign_out_shows_nobody(new_page: NewPage) -> None:
    page = new_page("fi")
    open_a_client(page)
    who = page.get_by_role("heading", level=1).inner_text()
    page.get_by_role("button", name="Kirjaudu ulos").click()
    page.wait_for_load_state()
    page.go_back()
    page.wait_for_load_state()
    expect(page.get_by_text(who)).to_have_count(0)
    expect(page).to_have_url(re.compile("/sign-in"))


def test_of_a_hint_on_an_open_page_goes_within_a_minute_what_may_not_be_used_any_more(
    own_page: NewPage, own_home: Path
) -> None:
    """First one of two models, then the other; what was typed meanwhile stays."""
    page = own_page("fi")
    page.clock.install()
    open_a_client(page)
    judge(page)
    why = page.get_by_role("textbox", name="Miksi (voi jättää tyhjäksi)")
    why.fill("Kesken")
    _revoke(own_home, "ltu-risk")
    pass_time(page)
    gone = page.get_by_role("heading", name="Mallia ei saa käyttää nyt")
    expect(gone).to_be_visible()
    expect(page.locator("#needs")).to_have_count(0)
    page.get_by_role("link", name="Näytä se osa vihjeestä, joka on voimassa").click()
    expect(page.locator("#needs")).to_be_visible()
    expect(page.get_by_text("Työttömyyden kestosta ei ole nyt vihjettä.")).to_be_visible()
    expect(why).to_have_value("Kesken")
    _revoke(own_home, "service-need")
    pass_time(page)
    expect(gone).to_be_visible()
    expect(page.locator("#needs")).to_have_count(0)
    expect(why).to_have_value("Kesken")
    page.goto("/clients")


def test_a_hint_on_an_open_page_says_so_while_nobody_can_be_asked_about_it(new_page: NewPage) -> None:
    page = new_page("fi")
    page.clock.install()
    open_a_client(page)
    judge(page)
    lost = page.get_by_role("alert").filter(has_text="Palveluun ei saada yhteyttä")
    expect(lost).to_have_count(0)
    page.context.set_offline(True)
    pass_time(page)
    expect(lost).to_be_visible()
    page.context.set_offline(False)
    pass_time(page)
    expect(lost).to_have_count(0)
    expect(page.locator("#needs")).to_be_visible()


def _revoke(home: Path, model: str) -> None:
    reason = ("--reason", "A fault in the data of one office was found today.")
    run(home, "review", "revoke", model, "--as", "Demo Service Owner", *reason)


def _tab_to(page: Page, selector: str) -> None:
    """Press Tab until something is reached; fails where a keyboard never gets there."""
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("selector => document.activeElement.matches(selector)", selector.split(":has-text")[0]) and (
            ":has-text" not in selector or page.evaluate("document.activeElement.innerText") in selector
        ):
            return
    raise AssertionError(f"a keyboard does not reach {selector}")

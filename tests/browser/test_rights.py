"""A jobseeker objects: the hint goes, on the page that is open and for whoever asks anew."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from .checks import violations
from .conftest import NewPage
from .steps import choose, judge, open_a_client, pass_time


def test_after_an_objection_the_hint_is_gone_everywhere(new_page: NewPage) -> None:
    page = new_page("fi")
    open_a_client(page)
    judge(page)
    hint = page.url
    page.get_by_role("link", name=re.compile("^Asiakas ")).first.click()
    client = page.url
    other = page.context.new_page()
    other.clock.install()
    other.goto(hint)
    expect(other.locator("#needs")).to_be_visible()

    page.get_by_role("link", name="Asiakkaan oikeudet ja tiedot").click()
    choose(page, "Asiakas vastustaa vihjeitä")
    page.get_by_role("button", name="Tallenna").first.click()
    expect(page.get_by_role("status")).to_be_visible()

    pass_time(other)
    expect(other.get_by_role("heading", name="Ei vihjettä: asiakas on vastustanut profilointia")).to_be_visible()
    expect(other.locator("#needs")).to_have_count(0)
    for code in ("sv", "en", "fi"):
        page.goto(f"/language/{code}?back=/clients")
        answer = page.goto(hint)
        assert violations(page) == []
    assert answer is not None
    assert answer.status == 403
    page.goto(client)
    expect(page.get_by_text("Ei vihjettä: asiakas on vastustanut profilointia")).to_be_visible()

"""Reviewers in a real browser: a version is approved with conditions, then revoked, and the caseworker's page stops."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import Page, expect

from serving.language import CODES

from .checks import invalid, violations
from .conftest import NewPage
from .steps import judge, open_a_client, pass_time
from .visitors import sign_in

VERSION = "/review/ltu-risk/1"
SAID = {
    "/reason": "The gaps were weighed in the dialogue, and conditions watch them.",
    "/does": "It counts how many people whose story was much the same were still looking for work after a year.",
    "/could_go_wrong": "Somebody with a long illness may be taken for hopeless, and a hurried reader may believe it.",
}
AGAIN = "Shown to the people concerned, and looked at again within three months."


@dataclass
class Camera:
    """Takes pictures of forms in every language, and lets the judges look at them."""

    folder: Path
    documents: dict[str, str] = field(default_factory=dict)

    def look(self, page: Page, path: str) -> None:
        """Look at a form that is open now."""
        for code in CODES:
            page.goto(f"/language/{code}?back={path}")
            expect(page.locator("main form button[type=submit]").last).to_be_enabled()
            answer = page.goto(path)
            assert answer is not None
            name = f"open{path.replace('/', '-')}.{code}"
            self.documents[name] = answer.text()
            assert violations(page) == [], name
            for width in (360, 1280):
                page.set_viewport_size({"width": width, "height": 900})
                assert page.evaluate("document.documentElement.scrollWidth") <= width, name
                page.screenshot(path=self.folder / f"{name}-{width}.png", full_page=True)
        page.goto(f"/language/fi?back={path}")


def take(page: Page, step: str, passphrase: str, reason: str) -> None:
    """Take a step that needs a reason, with a signature."""
    page.goto(f"{VERSION}/{step}")
    page.locator("textarea[name=reason]").fill(reason)
    _sign(page, passphrase)


def approve(page: Page, passphrase: str) -> None:
    """Approve the version, with the conditions that its form proposes."""
    page.goto(f"{VERSION}/approve")
    places, answers = page.locator("main [name=place]"), page.locator("main [name=answer]")
    assert places.count() == answers.count()
    for number in range(places.count()):
        place = places.nth(number).input_value()
        if re.fullmatch(r"/(does|could_go_wrong|reason|accept/\d+/reason|condition/[01]/what)", place):
            answers.nth(number).fill(SAID.get(place, AGAIN))
    _sign(page, passphrase)


def _sign(page: Page, passphrase: str) -> None:
    page.locator("input[type=password]").fill(passphrase)
    page.locator("main form button[type=submit]").last.click()
    assert page.locator(".field-error").all_inner_texts() == []
    expect(page).to_have_url(re.compile(f"{VERSION}([?#]|$)"))


def test_approved_with_conditions_then_revoked_and_the_open_hint_goes(
    own_page: NewPage, own_home: Path, screenshots: Path
) -> None:
    camera, passphrase = Camera(screenshots), (own_home / "keys" / "passphrase").read_text(encoding="utf-8").strip()
    reviewer, scientist, owner = own_page("fi"), own_page("fi"), own_page("fi")
    for page, who in ((reviewer, "demo-reviewer"), (scientist, "demo-scientist"), (owner, "demo-owner")):
        sign_in(page, who)
    take(reviewer, "return", passphrase, "The dialogue is to be held anew, with more people.")
    camera.look(scientist, f"{VERSION}/card")
    camera.look(scientist, f"{VERSION}/submit")
    take(scientist, "submit", passphrase, "Handed in again after the dialogue.")
    camera.look(reviewer, f"{VERSION}/dialogue")
    camera.look(reviewer, f"{VERSION}/assess")
    take(reviewer, "assess", passphrase, "The card was read again; the dialogue was held.")
    camera.look(owner, f"{VERSION}/approve")
    approve(owner, passphrase)
    camera.look(owner, f"{VERSION}/revoke")
    assert invalid(camera.documents) == []
    owner.goto(VERSION)
    expect(owner.get_by_text("hyväksytty ehdoin").first).to_be_visible()

    caseworker = own_page("fi")
    caseworker.clock.install()
    open_a_client(caseworker)
    judge(caseworker)
    take(owner, "revoke", passphrase, "A fault in the data of one office was found today.")
    expect(owner.get_by_text("peruutettu").first).to_be_visible()
    pass_time(caseworker)
    expect(caseworker.locator("#needs")).to_have_count(0)
    assert passphrase not in owner.content()

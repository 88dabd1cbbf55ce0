"""People at their browsers: a real Chromium that reaches this machine alone, and what went wrong in it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request, sync_playwright

CHROMIUM = "chromium"  # Debian's; Playwright's own is never fetched
NOWHERE_ELSE = (
    "--no-sandbox",  # tests run as root, in containers
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-domain-reliability",
    "--no-pings",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
)
LOCALES = {"fi": "fi-FI", "sv": "sv-FI", "en": "en-GB"}
MILLISECONDS = 20_000  # what has not come by then will not come
POLICY = "Content Security Policy"


@contextmanager
def chromium() -> Iterator[Browser]:
    """Yield Chromium. While it is there no other event loop can run in this thread."""
    found = shutil.which(CHROMIUM)
    if found is None:
        pytest.fail(f"there is no {CHROMIUM}: apt-get install {CHROMIUM}, as .ci/run does")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=NOWHERE_ELSE)
        yield browser
        browser.close()


@dataclass
class Visitors:
    """Browsers' windows on one server; none shares its cookies with another.

    went_wrong  requests to other hosts, what the Content-Security-Policy forbade, and errors of scripts
    """

    browser: Browser
    address: str
    contexts: list[BrowserContext] = field(default_factory=list)
    went_wrong: list[str] = field(default_factory=list)

    def new_page(self, language: str = "en", width: int = 1280, height: int = 800, *, scripts: bool = True) -> Page:
        """Return a page of somebody who has not been here; addresses may be written without the host."""
        context = self.browser.new_context(
            base_url=self.address,
            locale=LOCALES[language],
            viewport={"width": width, "height": height},
            java_script_enabled=scripts,
        )
        context.set_default_timeout(MILLISECONDS)
        context.on("request", self._asked)
        context.on("console", self._told)
        context.on("weberror", lambda error: self.went_wrong.append(f"script: {error.error}"))
        self.contexts.append(context)
        return context.new_page()

    def close(self) -> None:
        """Close all windows; fails where anything went wrong in one."""
        for context in self.contexts:
            context.close()
        assert not self.went_wrong, self.went_wrong

    def _asked(self, request: Request) -> None:
        there = urlsplit(request.url)
        if there.scheme != "data" and f"{there.scheme}://{there.netloc}" != self.address:
            self.went_wrong.append(f"another host was asked: {request.url}")

    def _told(self, message: ConsoleMessage) -> None:
        if message.type == "error" and POLICY in message.text:
            self.went_wrong.append(message.text)


def sign_in(page: Page, person: str, to: str = "/") -> None:
    """Sign in as somebody of the demonstration, and go on to a page."""
    page.goto(f"/sign-in?return_to={to}")
    page.locator(f'button[name="person"][value="{person}"]').click()

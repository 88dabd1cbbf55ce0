"""htmx as it was fetched, under the policy of our pages: what assets.py says of it is so, whichever version comes."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest
from playwright.sync_api import Browser

from serving.pages.assets import read_assets
from serving.pages.rendering import CONTENT_POLICY

from .visitors import Visitors

FRAME = "<!doctype html><html lang=en><title>{}</title><script src=/htmx.js defer></script><main>{}</main></html>"
PAGES = {
    "/": FRAME.format(
        "One",
        "<form method=post action=/said data-hx-post=/said data-hx-target='#out'><button>Say</button></form>"
        "<a href=/two data-hx-get=/two data-hx-target=main data-hx-push-url=true>Two</a><div id=out></div>",
    ),
    "/said": "<p id=said>It was said.</p>",
    "/two": "<h1>Two</h1>",
}


class Site(BaseHTTPRequestHandler):
    """A few pages with the headers of ours; what is posted is refused, and the refusal is a page, too."""

    def do_GET(self) -> None:
        self._answer(200)

    def do_POST(self) -> None:
        self._answer(422)

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def _answer(self, status: int) -> None:
        script = self.path == "/htmx.js"
        body = read_assets().named["htmx.js"].content if script else PAGES.get(self.path, "").encode()
        self.send_response(status)
        self.send_header("Content-Security-Policy", CONTENT_POLICY)
        self.send_header("Cache-Control", "no-store")
        self.send_header("Content-Type", "text/javascript" if script else "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@pytest.fixture
def visitors(browser: Browser) -> Iterator[Visitors]:
    site = ThreadingHTTPServer(("127.0.0.1", 0), Site)
    thread = Thread(target=partial(site.serve_forever, poll_interval=0.01))
    thread.start()
    visitors = Visitors(browser, f"http://127.0.0.1:{site.server_port}")
    try:
        yield visitors
        visitors.close()  # fails where the policy forbade anything
    finally:
        site.shutdown()
        site.server_close()
        thread.join()


def test_it_works_under_our_policy_and_shows_refusals_in_place(visitors: Visitors) -> None:
    page = visitors.new_page()
    page.goto("/")
    page.get_by_role("button").click()
    assert page.locator("#said").inner_text() == "It was said."
    assert page.title() == "One"


def test_it_keeps_no_copy_of_a_page_in_the_browser(visitors: Visitors) -> None:
    page = visitors.new_page()
    page.goto("/")
    page.get_by_role("link").click()
    page.get_by_role("heading", name="Two").wait_for()
    assert page.url.endswith("/two")
    page.go_back()
    page.get_by_role("button").wait_for()  # asked for anew
    assert page.evaluate("[localStorage.length, sessionStorage.length, JSON.stringify(history.state)]") == [
        0,
        0,
        '{"htmx":true}',
    ]
    assert page.evaluate("indexedDB.databases()") == []


def test_without_scripts_the_form_is_sent_all_the_same(visitors: Visitors) -> None:
    page = visitors.new_page(scripts=False)
    page.goto("/")
    page.get_by_role("button").click()
    assert page.url.endswith("/said")
    assert page.locator("#said").inner_text() == "It was said."

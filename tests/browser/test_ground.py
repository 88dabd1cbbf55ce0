"""The ground that pages and their tests stand on: styles are served, and each judge finds what is wrong."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser

from serving.pages.assets import read_assets

from .checks import invalid, violations
from .conftest import NewPage
from .demo_home import REPO
from .served import Served, served
from .visitors import Visitors

SVG = "http://www.w3.org/2000/svg"
GOOD = "<!doctype html><html lang=en><title>A page</title><main><h1>A page</h1><p>Words.</p></main></html>"


def test_styles_and_script_are_served_and_may_be_kept(server: Served) -> None:
    assets = read_assets()
    for name in ("app.css", "htmx.js"):
        answer = httpx.get(server.address + assets.address(name))
        assert answer.status_code == 200
        assert answer.content == assets.named[name].content
        assert answer.headers["content-encoding"] == "gzip"
        assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["cross-origin-resource-policy"] == "same-origin"


def test_the_stylesheet_holds_no_foreign_address(server: Served) -> None:
    text = httpx.get(server.address + read_assets().address("app.css")).text
    assert not re.search(r"https?:|//[a-z]|@import|@font-face", text.replace(SVG, ""))


def test_another_file_is_a_problem(server: Served) -> None:
    answer = httpx.get(f"{server.address}/static/app.0000000000000000.css")
    assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json")
    assert answer.headers["cache-control"] == "no-store"


def test_a_browser_draws_with_them(new_page: NewPage) -> None:
    page = new_page()
    page.goto("/sign-in")
    assert page.evaluate("getComputedStyle(document.body).fontFamily").startswith("system-ui")
    assert page.evaluate("getComputedStyle(document.documentElement).getPropertyValue('--color-bus')") == "#0000bf"


@pytest.mark.parametrize("width", [320, 768, 1280])
def test_nothing_stands_out_of_a_page(width: int, new_page: NewPage) -> None:
    page = new_page("fi", width=width)
    page.goto("/sign-in")
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_a_page_without_scripts_runs_none(new_page: NewPage) -> None:
    for scripts in (True, False):
        page = new_page(scripts=scripts)
        page.set_content(f"{GOOD}<script>document.title = 'ran'</script>")
        assert page.title() == ("ran" if scripts else "A page")


def test_without_styles_no_server_starts(own_home: Path, tmp_path: Path) -> None:
    """Installed from a folder in which nothing was fetched."""
    source = tmp_path / "src"
    for folder in ("ml", "serving"):
        shutil.copytree(REPO / folder, source / folder, ignore=shutil.ignore_patterns("node_modules", "__pycache__"))
    for name in ("apualy.py", "model_cards/policy.toml"):
        (source / name).parent.mkdir(exist_ok=True)
        shutil.copyfile(REPO / name, source / name)
    with pytest.raises(AssertionError) as failed, served(own_home, PYTHONPATH=str(source)):
        pass
    missing = source / "serving" / "pages" / "node_modules" / "hds-core" / "lib" / "base.min.css"
    said = (own_home / "err").read_text(encoding="utf-8")
    assert said == f"apualy: the pages would have no style: there is no {missing}; run make assets\n", failed.value


# ---------------------------------------------------------------- the judges and the guard themselves


def test_axe_finds_what_is_wrong(new_page: NewPage) -> None:
    page = new_page()
    page.set_content(GOOD)
    assert violations(page) == []
    page.set_content(GOOD.replace("<p>", "<img src='data:,'><p style='color: #aaa'>"))
    assert {found.partition(" ")[0] for found in violations(page)} == {"image-alt", "color-contrast"}


def test_the_html_checker_finds_what_is_wrong() -> None:
    found = invalid({"good": GOOD, "bad": GOOD.replace("<p>Words.</p>", "<p><div>Words.</div></p>")})
    assert found
    assert all(each.startswith("bad, line 1: ") for each in found), found


def test_the_guard_sees_requests_to_other_hosts(browser: Browser, server: Served) -> None:
    visitors = Visitors(browser, server.address)
    visitors.new_page().set_content(GOOD.replace("<p>", "<img src='http://example.org/x.png' alt=''><p>"))
    with pytest.raises(AssertionError, match=r"another host was asked: http://example.org/x.png"):
        visitors.close()


def test_the_guard_sees_what_the_policy_forbids_and_scripts_that_fail(browser: Browser, server: Served) -> None:
    visitors = Visitors(browser, server.address)
    page = visitors.new_page()
    page.goto("/sign-in")
    page.evaluate("document.body.insertAdjacentHTML('beforeend', '<p style=\"color: blue\">x</p>')")
    page.evaluate("setTimeout(() => { throw new Error('of a script') }, 0)")
    page.wait_for_timeout(100)
    with pytest.raises(AssertionError) as failed:
        visitors.close()
    assert "style-src" in str(failed.value)
    assert "of a script" in str(failed.value)

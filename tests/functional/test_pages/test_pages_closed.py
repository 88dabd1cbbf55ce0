"""What holds of every page: nobody comes in without a session, no other site writes, nothing is kept or framed."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing

import pytest

from serving.pages.page import Page
from serving.pages.site import PAGES
from serving.permissions import ALLOWED

from .browsing import ADDRESS, FORM, VIEW, Reader, Site, judged, text_of, with_hints

WRITES = [page for page in PAGES if page.method == "POST"]
READS = [page for page in PAGES if page.method == "GET"]
CLOSED = [page for page in READS if not page.open_to_all and not page.by_itself]
SAMPLE = {"handle": "A" * 43, "advice": "0" * 32, "stop": "0" * 32, "name": "ltu-small", "model": "ltu-small",
          "version:int": "3", "file:path": "3.md", "code": "fi", "id": "0" * 32, "version": "3"}  # fmt: skip
PEOPLE = ("demo-caseworker", "demo-reviewer", "demo-owner", "demo-scientist", "demo-manager", "demo-officer",
          "demo-operator")  # fmt: skip


def path_of(page: Page) -> str:
    return re.sub(r"\{([^}]+)\}", lambda place: SAMPLE[place[1]], page.path)


def named(page: Page) -> str:
    return f"{page.method} {page.path}"


@pytest.mark.parametrize("page", CLOSED, ids=named)
def test_without_a_session_a_page_leads_to_the_sign_in_and_back(page: Page, site: Site) -> None:
    answer = site.reader(None).client.get(path_of(page), follow_redirects=False)
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/sign-in?return_to=%2F")
    assert answer.content == b""


@pytest.mark.parametrize("page", [each for each in WRITES if not each.open_to_all], ids=named)
def test_without_a_session_nothing_is_written_and_what_was_typed_is_kept(page: Page, site: Site) -> None:
    before = site.house.rows("SELECT count(*) FROM log")
    answer = site.reader(None).send(path_of(page), csrf="x", why="Typed & <kept>.", passphrase="correct horse")
    assert answer.status_code == 401
    assert "Typed &amp; &lt;kept&gt;." in answer.text
    assert "correct horse" not in answer.text
    assert site.house.rows("SELECT count(*) FROM log") == before


def a_reader_who_may(page: Page, site: Site) -> Reader:
    roles = {None} if page.action is None else set(ALLOWED[page.action])
    for person in PEOPLE:
        identity = next(each.identity for each in site.house.service.entrance.demo.users  # type: ignore[union-attr]
                        if each.identity.subject == person)  # fmt: skip
        if None in roles or not identity.roles.isdisjoint(roles):
            return site.reader(person)
    raise AssertionError(named(page))


@pytest.mark.parametrize("page", WRITES, ids=named)
@pytest.mark.parametrize(
    "headers",
    [{"origin": "https://evil.example"}, {"sec-fetch-site": "cross-site"}, {"origin": "null"},
     {"sec-fetch-site": "same-site", "origin": "http://127.0.0.1:9"}],
)  # fmt: skip
def test_no_other_site_sends_a_form(page: Page, headers: dict[str, str], site: Site) -> None:
    reader = a_reader_who_may(page, site)
    before = site.house.rows("SELECT count(*) FROM log WHERE action <> 'refused'")
    answer = reader.send(path_of(page), headers=headers)
    assert answer.status_code == 403
    assert site.house.rows("SELECT count(*) FROM log WHERE action <> 'refused'") == before


@pytest.mark.parametrize("page", [each for each in WRITES if not each.open_to_all], ids=named)
@pytest.mark.parametrize("token", ["", "x", "another session's"])
def test_a_form_without_the_sessions_token_is_not_taken(page: Page, token: str, site: Site) -> None:
    reader = a_reader_who_may(page, site)
    other = site.reader("demo-caseworker-2").csrf
    written = "SELECT count(*) FROM log WHERE action NOT IN ('refused', 'client.look', 'log.read')"
    before = site.house.rows(written)
    answer = reader.send(
        path_of(page), csrf=other if token.startswith("another") else token, passphrase="correct horse"
    )
    assert answer.status_code in {403, 404, 409, 503}, answer.status_code  # 503: no registry behind these pages
    assert "correct horse" not in answer.text
    assert site.house.rows(written) == before  # that a page was read is written, and nothing else


@pytest.mark.parametrize("person", PEOPLE)
def test_only_the_roles_of_the_table_see_a_page(person: str, site: Site) -> None:
    reader = site.reader(person)
    roles = next(each.identity.roles for each in site.house.service.entrance.demo.users  # type: ignore[union-attr]
                 if each.identity.subject == person)  # fmt: skip
    for page in READS:
        if page.action is not None:
            said = {"accept": "text/html", "accept-language": "en"}
            answer = reader.client.get(path_of(page), headers=said, follow_redirects=False)
            forbidden = answer.status_code == 403 and "Your role here does not include this" in text_of(answer.text)
            assert forbidden == roles.isdisjoint(ALLOWED[page.action]), (person, named(page), answer.status_code)


@pytest.mark.parametrize("page", READS, ids=named)
def test_no_page_is_kept_framed_or_runs_what_is_not_ours(page: Page, site: Site) -> None:
    reader = a_reader_who_may(page, site)
    answer = reader.client.get(path_of(page), headers={"accept": "text/html"}, follow_redirects=False)
    policy = answer.headers["content-security-policy"]
    assert answer.headers["x-frame-options"] == "DENY"
    assert "frame-ancestors 'none'" in policy
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "no-store" in answer.headers["cache-control"]
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] in {"same-origin", "no-referrer"}


def test_after_sign_out_the_old_cookie_opens_nothing(site: Site) -> None:
    reader = site.reader()
    cookies = dict(reader.client.cookies)
    reader.get("/clients")
    reader.post("/sign-out")
    late = site.reader(None)
    late.client.cookies.update(cookies)
    answer = late.client.get("/clients", follow_redirects=False)
    assert answer.status_code == 303


def test_a_page_that_asks_by_itself_keeps_no_session_alive(site: Site) -> None:
    reader = site.reader()
    path = judged(site, reader)
    for _ in range(4):
        site.house.clock.pass_by(minutes=10)
        said = {"hx-request": "true", "accept": "text/html", "accept-language": "en"}
        answer = reader.client.get(f"{path}/still", headers=said)
    assert "Your session is over" in text_of(answer.text)
    assert "How long it may last" not in answer.text


def test_a_large_form_is_refused_in_words(site: Site) -> None:
    reader = site.reader()
    with_hints(site)
    path = site.client_page(reader)
    answer = reader.send(f"{path}/judgement", **{**VIEW, "why": "x" * 300_000})
    assert answer.status_code == 413
    assert "This is too long" in text_of(answer.text)


@pytest.mark.parametrize(
    "body", [b"\xff\xfe", b"csrf=%ff", b"&".join(b"a%d=1" % each for each in range(2000)), b"", b"%%%=%%%"]
)
def test_what_is_no_form_is_refused(body: bytes, site: Site) -> None:
    reader = site.reader()
    said = {"content-type": FORM, "origin": ADDRESS, "sec-fetch-site": "same-origin", "accept": "text/html"}
    answer = reader.client.post("/clients/find", content=body, headers=said)
    assert answer.status_code in {400, 403, 409}
    answer = reader.client.post("/clients/find", json={"client": "x"}, headers={**said, "content-type": "text/plain"})
    assert answer.status_code == 415


def test_a_fault_of_ours_is_told_as_a_page_to_a_browser_and_as_a_problem_to_a_program(site: Site) -> None:
    reader = site.reader()
    path = judged(site, reader)
    with site.house.service.database.migrating() as connection:
        connection.exec_driver_sql("UPDATE advices SET content = 'secret words that are no JSON'")
    page = reader.client.get(path, headers={"accept": "text/html"})
    assert page.status_code == 500
    assert "<h1>" in page.text
    assert "secret words" not in page.text
    program = reader.client.get(path, headers={"accept": "application/json"})
    assert program.headers["content-type"] == "application/problem+json"


def test_a_form_that_the_database_cannot_take_is_kept_and_sent_again_as_the_one_that_it_was(site: Site) -> None:
    reader = site.reader()
    with_hints(site)
    path = site.client_page(reader)
    reader.get(path)
    with closing(sqlite3.connect(site.house.service.database.engine.url.database)) as other:
        other.execute("BEGIN IMMEDIATE")  # another writer has the database, longer than anybody waits
        page = reader.post(f"{path}/judgement", 503, once="o" * 22, **VIEW)
        assert "Nothing that you typed is lost" in text_of(page)
        other.rollback()
    again = dict(re.findall(r'<textarea name="(\w+)" hidden>\n([^<]*)<', page))
    assert again == VIEW
    assert re.search(r'name="once" value="o{22}"', page)
    for _ in range(2):
        assert "Service need" in text_of(reader.post(f"{path}/judgement", once="o" * 22, **again))
    assert site.house.rows("SELECT count(*) FROM judgements") == [(1,)]


def test_a_code_in_an_address_is_told_to_a_browser_as_a_page_without_it(site: Site) -> None:
    reader = site.reader()
    page = reader.get("/clients?client=131052-308T", 400)
    assert "must hold no identity code" in text_of(page)
    assert "131052-308T" not in page


def test_an_address_longer_than_any_of_ours_is_refused(site: Site) -> None:
    assert site.reader(None).client.get("/review/ltu-risk/" + "9" * 5000).status_code == 414

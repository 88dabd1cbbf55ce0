"""What a careless or a hostile hand does: the same form twice, odd addresses, notices that nobody earned, refusals."""

from __future__ import annotations

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from ml.errors import TooManyError

from ..test_api.house import ANNA, BEN, COLLEAGUE
from .browsing import CSRF, VIEW, Reader, Site, judged, text_of, with_hints

ONCE = re.compile(r'name="once" value="([^"]+)"')
OFFICER, OPERATOR = "demo-officer", "demo-operator"


def once_on(page: str) -> str:
    """Return the text by which a form of a page is known again."""
    found = ONCE.search(page)
    assert found is not None
    return found[1]


def twice(reader: Reader, path: str, page: str, **fields: Any) -> tuple[Any, Any]:
    """Send a form of a page as a double click does; return both answers."""
    reader.csrf, once = CSRF.search(page)[1], once_on(page)  # type: ignore[index]
    return reader.send(path, once=once, **fields), reader.send(path, once=once, **fields)


def count(site: Site, table: str) -> int:
    """Return how many rows a table has."""
    ((rows,),) = site.house.rows(f"SELECT count(*) FROM {table}")
    return int(rows)


# ---------------------------------------------------------------- the same form twice


def test_a_view_sent_twice_is_one_view_and_one_hint(site: Site, caseworker: Reader) -> None:
    with_hints(site)
    path = site.client_page(caseworker)
    first, second = twice(caseworker, f"{path}/judgement", caseworker.get(path), **VIEW)
    assert str(first.url) == str(second.url)
    assert "/hints/" in str(first.url)
    assert (count(site, "judgements"), count(site, "advices")) == (1, 1)


def test_a_view_sent_twice_at_once_is_one_view(site: Site, caseworker: Reader) -> None:
    with_hints(site)
    path = site.client_page(caseworker)
    page = caseworker.get(path)
    once = once_on(page)
    with ThreadPoolExecutor(4) as threads:
        answers = list(threads.map(lambda _: caseworker.send(f"{path}/judgement", once=once, **VIEW), range(4)))
    assert {each.status_code for each in answers} == {200}
    assert count(site, "judgements") == 1


def test_what_became_of_a_hint_sent_twice_at_once_reads_as_recorded(site: Site, caseworker: Reader) -> None:
    path = judged(site, caseworker)
    fields: dict[str, Any] = {"once": once_on(caseworker.get(path)), "agrees": "partly", "done": ["skills"]}
    with ThreadPoolExecutor(4) as threads:
        answers = list(threads.map(lambda _: caseworker.send(f"{path}/feedback", **fields), range(4)))
    assert {each.status_code for each in answers} == {200}
    assert count(site, "feedback") == 1


def test_a_right_that_removes_answers_that_were_kept_is_recorded_after_a_view(site: Site, caseworker: Reader) -> None:
    with_hints(site)
    path = site.client_page(caseworker)
    caseworker.send(f"{path}/judgement", once=once_on(caseworker.get(path)), **VIEW)
    page = caseworker.get(f"{path}/rights")
    today = re.search(r'type="date"[^>]* value="([^"]+)"', page)[1]  # type: ignore[index]
    for answer in twice(caseworker, f"{path}/rights", page, said="objection", since=today):
        assert "It is recorded." in text_of(answer.text)


def test_a_view_that_was_changed_and_one_from_a_page_loaded_anew_are_meant_anew(site: Site, caseworker: Reader) -> None:
    with_hints(site)
    path = site.client_page(caseworker)
    page = caseworker.get(path)
    caseworker.send(f"{path}/judgement", once=once_on(page), **VIEW)
    caseworker.send(f"{path}/judgement", once=once_on(page), **{**VIEW, "chance_of_work": "good"})
    caseworker.send(f"{path}/judgement", once=once_on(caseworker.get(path)), **VIEW)
    assert count(site, "judgements") == 3


def test_what_became_of_a_hint_sent_twice_reads_as_recorded(site: Site, caseworker: Reader) -> None:
    path = judged(site, caseworker)
    fields = {"agrees": "partly", "done": ["skills"], "why": ""}
    for answer in twice(caseworker, f"{path}/feedback", caseworker.get(path), **fields):
        assert answer.status_code == 200
        assert "You said" in text_of(answer.text)
    assert count(site, "feedback") == 1


def test_what_is_said_otherwise_in_another_tab_is_told_not_to_be_recorded(site: Site, caseworker: Reader) -> None:
    path = judged(site, caseworker)
    caseworker.post(f"{path}/feedback", agrees="partly", done=["skills"])
    page = text_of(caseworker.post(f"{path}/feedback", 422, agrees="agree", done=["interview"]))
    assert "You said already what became of this hint" in page
    assert "Partly" in page
    assert site.house.rows("SELECT agrees FROM feedback") == [("partly",)]


def test_a_right_sent_twice_stands_once_in_what_the_client_reads(site: Site) -> None:
    site.house.assign()
    officer = site.reader(OFFICER)
    officer.get("/rights")
    path = officer.send("/rights", client=ANNA["pseudonym"]).url.path
    page = officer.get(path)
    today = re.search(r'type="date"[^>]* value="([^"]+)"', page)[1]  # type: ignore[index]
    for answer in twice(officer, path, page, said="objection", since=today):
        assert "It is recorded." in text_of(answer.text)
    assert count(site, "rights") == 1


def test_an_erasure_sent_twice_is_told_as_done(site: Site, caseworker: Reader) -> None:
    judged(site, caseworker)
    officer = site.reader(OFFICER)
    officer.get("/rights")
    path = officer.send("/rights", client=ANNA["pseudonym"]).url.path.replace("/rights", "/erase")
    page = officer.post(f"{path}/check", why="Register number 12/2026")
    for answer in twice(officer, path, page, why="Register number 12/2026"):
        assert "What was held of the client is erased." in text_of(answer.text)
    assert site.house.rows("SELECT count(*) FROM log WHERE action = 'erase'") == [(1,)]


def test_a_reason_sent_twice_is_reported_once(site: Site, caseworker: Reader) -> None:
    with_hints(site, BEN, COLLEAGUE)
    path = site.client_page(caseworker, BEN)
    page = caseworker.get(path, 403)
    for answer in twice(caseworker, f"{path}/access", page, ground="client_asked", why="Asked for me."):
        assert "How do you see it?" in text_of(answer.text)
    assert count(site, "accesses") == 1


def test_a_stop_sent_twice_is_one_stop_and_one_word_lifts_it(site: Site) -> None:
    operator = site.reader(OPERATOR)
    for answer in twice(operator, "/stops", operator.get("/stops"), model="", why="A fault was reported."):
        assert "All hints are stopped" in text_of(answer.text)
    page = operator.get("/stops")
    lift = re.search(r'action="(/stops/[0-9a-f]+/lift)"', page)[1]  # type: ignore[index]
    for answer in twice(operator, lift, page, why="It was nothing."):
        assert "No stop is on" in text_of(answer.text)
    assert count(site, "stops") == 1


def test_a_form_of_somebody_else_is_not_taken_for_ones_own(site: Site) -> None:
    one, other = site.reader(OPERATOR), site.reader("demo-reviewer")
    page = one.get("/stops")
    other.get("/stops")
    for reader in (one, other):
        reader.send("/stops", once=once_on(page), model="", why="A fault was reported.")
    assert {row[0] for row in site.house.rows("SELECT by FROM stops")} == {OPERATOR, "demo-reviewer"}


# ---------------------------------------------------------------- what is told


@pytest.mark.parametrize(("block", "status"), [("right", 403), ("stop", 503)])
def test_what_became_of_a_hint_that_may_not_be_shown_any_more_is_told_as_recorded(
    block: str, status: int, site: Site, caseworker: Reader
) -> None:
    path = judged(site, caseworker)
    if block == "right":
        site.house.right("objection")
    else:
        site.house.post(OPERATOR, "/v1/stops", {"model": None, "why": "A fault was reported."})
    page = text_of(caseworker.post(f"{path}/feedback", status, agrees="partly", done=["skills"]))
    assert page.count("You said") == 1
    assert "in 10" not in page  # nothing of the hint comes back with it
    assert count(site, "feedback") == 1


def test_of_a_hint_of_another_version_can_still_be_said_what_became_of_it(site: Site, caseworker: Reader) -> None:
    path = judged(site, caseworker)
    with site.house.service.database.migrating() as connection:
        connection.exec_driver_sql("""UPDATE advices SET content = replace(content, '"digest":"', '"digest":"7')""")
    page = caseworker.get(path, 404)
    assert "There is no hint for this client now" in page
    assert "in 10" not in text_of(page)
    assert "You said" in text_of(caseworker.post(f"{path}/feedback", 404, agrees="agree", done=["skills"]))
    assert count(site, "feedback") == 1


@pytest.mark.parametrize("query", ["erased=yes", "recorded=objection", "recorded=consent"])
def test_an_address_alone_says_of_no_client_what_is_not_so(query: str, site: Site) -> None:
    site.house.assign()
    officer = site.reader(OFFICER)
    officer.get("/rights")
    path = officer.send("/rights", client=ANNA["pseudonym"]).url.path
    page = text_of(officer.get(f"{path}?{query}"))
    assert "What was held of the client is erased." not in page
    assert "It is recorded." not in page


def test_who_may_not_judge_is_shown_no_form_that_they_cannot_send(site: Site) -> None:
    with_hints(site)
    officer = site.reader(OFFICER)
    officer.get("/rights")
    path = officer.send("/rights", client=ANNA["pseudonym"]).url.path.removesuffix("/rights")
    page = officer.get(path)
    assert "/judgement" not in page
    assert 'href="/clients"' not in page


ODD_ADDRESSES = ["/clients/%E2%82%AC", "/clients?after=" + "b" * 1200, "/hints/a%20b", "/hints/%22%3E%3Cb%3E"]


@pytest.mark.parametrize("path", ODD_ADDRESSES, ids=lambda path: str(path)[:20])
def test_an_odd_address_stands_in_nobodys_way_to_the_sign_in_or_to_a_language(
    path: str, site: Site, caseworker: Reader
) -> None:
    assert "Choose who you are" in text_of(site.reader(None).get(path))
    refused = caseworker.client.get(path, headers={"accept": "text/html"})
    switch = re.search(r'href="(/language/sv[^"]*)"', refused.text)[1]  # type: ignore[index]
    assert 'lang="sv"' in caseworker.client.get(switch).text


FORMS: list[tuple[str, dict[str, str]]] = [
    ("rights", {"said": "nonsense", "since": "x"}),
    ("export", {"language": "xx", "given_as": "page"}),
    ("judgement", {"why": ""}),
    ("access", {"why": ""}),
]


@pytest.mark.parametrize(("form", "fields"), FORMS, ids=[name for name, _ in FORMS])
@pytest.mark.parametrize("old_token", [False, True])
def test_who_is_refused_a_client_by_a_form_with_a_fault_is_in_the_log_all_the_same(
    form: str, fields: dict[str, str], old_token: bool, site: Site, caseworker: Reader
) -> None:
    with_hints(site, BEN, COLLEAGUE)
    caseworker.get("/clients")
    answer = caseworker.client.post(
        "/clients/find",
        content=f"csrf={caseworker.csrf}&client={BEN['pseudonym']}",
        headers={"content-type": "application/x-www-form-urlencoded", "origin": "http://127.0.0.1"},
        follow_redirects=False,
    )
    before = site.house.rows("SELECT count(*) FROM log WHERE action = 'refused'")
    refused = caseworker.send(f"{answer.headers['location']}/{form}", "old" if old_token else None, **fields)
    assert "This is not your client" in text_of(refused.text)
    assert site.house.rows("SELECT count(*) FROM log WHERE action = 'refused'") == [(before[0][0] + 1,)]


# ---------------------------------------------------------------- the page that is open


def test_what_stands_in_the_place_of_a_hint_asks_no_more_and_is_read_out_once(site: Site, caseworker: Reader) -> None:
    path = judged(site, caseworker)
    assert re.search(
        r'id="hint"[^>]*data-hx-get="[^"]+/still[?]shows=both"[^>]*data-hx-swap="outerHTML"', caseworker.get(path)
    )
    site.house.right("objection")
    gone = caseworker.get(f"{path}/still")
    assert gone.count('id="hint"') == 1
    assert "data-hx" not in gone


def breaks(site: Site) -> None:
    """Let the page that asks fail in our own code."""
    with site.house.service.database.migrating() as connection:
        connection.exec_driver_sql("UPDATE advices SET content = 'no JSON'")


def hurries(site: Site) -> None:
    """Let everybody have asked too often."""

    def check(caller: str) -> None:
        raise TooManyError(f"too many requests of {len(caller)} letters", 3)

    site.house.service.limits.check = check  # type: ignore[method-assign]


@pytest.mark.parametrize(("happens", "words"), [(breaks, "could not be done"), (hurries, "Too many pages at once")])
def test_what_an_open_page_asks_is_answered_with_a_part_whatever_happens(
    happens: Callable[[Site], None], words: str, site: Site, caseworker: Reader
) -> None:
    path = judged(site, caseworker)
    happens(site)
    said = {"hx-request": "true", "accept": "text/html", "accept-language": "en"}
    answer = caseworker.client.get(f"{path}/still", headers=said)
    assert answer.status_code in {429, 500}
    assert words in text_of(answer.text)
    assert "<html" not in answer.text  # it goes into the page that is open: a whole page would stand in it


def test_what_was_typed_is_kept_where_it_was_sent_too_soon_and_can_be_sent_again(
    site: Site, caseworker: Reader
) -> None:
    with_hints(site)
    path, check = site.client_page(caseworker), site.house.service.limits.check
    once = once_on(caseworker.get(path))
    hurries(site)
    answer = caseworker.send(f"{path}/judgement", once=once, passphrase="never shown again", **VIEW)
    assert answer.status_code == 429
    assert "Too many pages at once Wait a moment. Nothing that you typed is lost" in text_of(answer.text)
    assert "never shown again" not in answer.text
    assert count(site, "judgements") == 0
    site.house.service.limits.check = check  # type: ignore[method-assign]
    kept = dict(re.findall(r'<textarea name="([^"]+)" hidden>\n?([^<]*)</textarea>', answer.text))
    assert kept == VIEW
    assert f'action="{path}/judgement" data-own-words="unsent"' in answer.text
    assert f'value="{once}"' in answer.text  # it is the form that it was, not another
    assert "/hints/" in str(caseworker.send(f"{path}/judgement", once=once, **kept).url)


def test_what_was_sent_too_soon_with_the_token_of_another_session_is_not_recorded_by_trying_again(
    site: Site, caseworker: Reader
) -> None:
    with_hints(site)
    path, check = site.client_page(caseworker), site.house.service.limits.check
    hurries(site)
    answer = caseworker.send(f"{path}/judgement", csrf="of another session", **VIEW)
    site.house.service.limits.check = check  # type: ignore[method-assign]
    (token,) = set(CSRF.findall(answer.text.partition("<main")[2]))
    again = caseworker.send(f"{path}/judgement", csrf=token, **VIEW)
    assert again.status_code == 409
    assert "your session had ended meanwhile" in text_of(again.text)
    assert count(site, "judgements") == 0


def test_what_is_too_large_and_sent_too_soon_is_told_to_whoever_is_signed_in(site: Site, caseworker: Reader) -> None:
    with_hints(site)
    path = site.client_page(caseworker)
    hurries(site)
    answer = caseworker.send(f"{path}/judgement", service_need="skills", chance_of_work="fair", why="x" * 300_000)
    assert answer.status_code == 413
    assert "Sign out" in answer.text

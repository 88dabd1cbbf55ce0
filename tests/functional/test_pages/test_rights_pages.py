"""Rights of a client on pages: recorded by caseworker or officer, all that is held handed over, erasure asked twice."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from serving.pages.rights import SAYINGS, Saying

from ..test_api.house import ANNA, CODE, COLLEAGUE, KEY, House
from .browsing import Reader, Site, judged, text_of, with_hints

OFFICER = "demo-officer"
TODAY = "2026-11-28"


@pytest.fixture
def officer(site: Site) -> Reader:
    """Return the data-protection officer at a browser, signed in."""
    return site.reader(OFFICER)


def rights_of(reader: Reader, client: str = ANNA["pseudonym"]) -> str:
    """Return the path of a client's rights, found as the officer finds it: by a form."""
    reader.get("/rights")
    answer = reader.send("/rights", client=client)
    path = str(answer.url.path)
    assert path.endswith("/rights"), text_of(answer.text)
    reader.get(path)
    return path


def recorded(house: House) -> list[Any]:
    return house.rows('SELECT "right", in_force, since, recorded_by FROM rights ORDER BY seq')


# ---------------------------------------------------------------- recording


def test_a_caseworker_records_an_objection_and_the_hint_is_gone(site: Site, caseworker: Reader) -> None:
    hint = judged(site, caseworker)
    path = f"{site.client_page(caseworker)}/rights"
    assert "Consent to hints in force since 2 Nov 2026" in text_of(caseworker.get(path))
    page = text_of(caseworker.post(path, said="objection", since=TODAY))
    assert "No hint is given about the client now" in page
    assert "Objection to hints in force since 28 Nov 2026" in page
    assert "Objection to hints: in force since 28 November 2026." in page
    assert recorded(site.house)[-1] == ("objection", True, TODAY, "demo-caseworker")
    assert site.house.rows("SELECT count(*) FROM hints") == [(0,)]
    assert "has objected" in text_of(caseworker.get(hint, 403))
    page = text_of(caseworker.post(path, said="objection_back", since=TODAY))
    assert "It is recorded. What is in force" in page
    assert "Objection to hints not in force" in page
    caseworker.get(hint)


@pytest.mark.parametrize("said", list(Saying))
def test_each_saying_is_what_the_api_records(said: Saying, site: Site, officer: Reader) -> None:
    site.house.assign()
    path = rights_of(officer)
    officer.post(path, said=said.value, since="2026-11-03")
    right, back = said.value.removesuffix("_back"), said.value.endswith("_back")
    assert recorded(site.house) == [(right, not back, "2026-11-03", OFFICER)]


def test_what_can_be_said_fits_what_is_in_force(site: Site, officer: Reader) -> None:
    site.house.assign()
    site.house.right("consent")
    offered = re.findall(r'name="said" id="[^"]*" value="(\w+)"', officer.get(rights_of(officer)))
    assert offered == ["consent_back", "objection", "restriction"]
    assert len(SAYINGS) == len(Saying)


@pytest.mark.parametrize(
    ("since", "words"),
    [("2026-11-29", "This day is still to come"), ("2026-02-30", "This is no day"), ("", "This is missing.")],
)
def test_a_day_that_cannot_be_is_told_at_the_field(since: str, words: str, site: Site, officer: Reader) -> None:
    site.house.assign()
    page = officer.post(rights_of(officer), 422, said="objection", since=since)
    assert words in text_of(page)
    assert 'aria-describedby="since-help since-fault"' in page
    assert re.search(r'value="objection" checked', page)
    assert recorded(site.house) == []


def test_a_consent_from_before_the_erasure_is_asked_anew(site: Site, officer: Reader) -> None:
    site.house.assign()
    site.house.erase()
    path = rights_of(officer)
    assert "The client's data was erased 28 Nov 2026." in text_of(officer.get(path))
    page = text_of(officer.post(path, 422, said="consent", since="2026-11-27"))
    assert "older than the erasure" in page
    officer.post(path, said="consent", since=TODAY)
    assert recorded(site.house) == [("consent", True, TODAY, OFFICER)]


def test_of_whom_nothing_is_held_a_right_begins_it(site: Site, officer: Reader) -> None:
    path = rights_of(officer, "9" * 32)
    page = text_of(officer.get(path))
    assert "Nothing is held of this client here." in page
    assert "Erase what is held" not in page
    officer.post(path, said="objection", since=TODAY)
    assert "Objection to hints in force" in text_of(officer.get(path))


# ---------------------------------------------------------------- who, and whom


def test_a_client_is_found_by_identity_code_and_it_is_in_no_address(site: Site, officer: Reader) -> None:
    officer.get("/rights")
    answer = officer.send("/rights", client=CODE)
    assert KEY.for_purpose("advice").pseudonym(CODE)[:8] in answer.text
    for step in (*answer.history, answer):
        assert CODE not in f"{step.url} {step.headers.get('location', '')}"
    assert CODE not in answer.text
    assert "neither an identity code nor a pseudonym" in officer.post("/rights", 422, client="Anna")


def test_only_a_caseworkers_own_clients_and_others_not_at_all(site: Site, caseworker: Reader, officer: Reader) -> None:
    with_hints(site)
    colleague = site.reader(COLLEAGUE)
    theirs = f"{site.client_page(colleague)}/rights"
    assert "This is not your client" in text_of(colleague.get(theirs, 403))
    assert "This is not your client" in text_of(colleague.post(theirs, 403, said="objection", since=TODAY))
    assert [each for each in recorded(site.house) if each[0] == "objection"] == []
    own = f"{site.client_page(caseworker)}/rights"
    caseworker.get(own)
    caseworker.post(own.replace("/rights", "/erase"), 403, why="Register number 12/2026")
    assert site.house.rows("SELECT count(*) FROM log WHERE action = 'erase'") == [(0,)]
    caseworker.get("/rights", 403)
    officer.get(own, 404)  # a handle is one person's own
    for person in ("demo-manager", "demo-reviewer", "demo-scientist", "demo-operator"):
        other = site.reader(None)
        other.get("/sign-in")
        other.send("/sign-in", person=person, return_to="/")
        other.get(own, 403)


def test_a_form_of_another_site_or_with_an_old_token_records_nothing(site: Site, officer: Reader) -> None:
    site.house.assign()
    path = rights_of(officer)
    page = officer.post(path, 409, csrf="old", said="objection", since=TODAY)
    assert re.search(r'value="objection" checked', page)
    answer = officer.send(path, headers={"origin": "https://evil.example", "sec-fetch-site": "cross-site"},
                          said="objection", since=TODAY)  # fmt: skip
    assert answer.status_code == 403
    assert recorded(site.house) == []


def test_that_somebody_looked_is_logged(site: Site, officer: Reader) -> None:
    site.house.assign()
    rights_of(officer)
    logged = site.house.rows("SELECT who, role, client FROM log WHERE action = 'client.look'")
    assert set(logged) == {(OFFICER, "data_protection_officer", ANNA["pseudonym"])}


# ---------------------------------------------------------------- what is held


@pytest.mark.parametrize(("language", "title"), [("fi", "Mitä tietoja sinusta on"), ("sv", "Vilka uppgifter")])
def test_the_client_is_given_what_is_held_as_a_page(
    language: str, title: str, site: Site, caseworker: Reader, officer: Reader
) -> None:
    judged(site, caseworker)
    path = rights_of(officer).replace("/rights", "/export")
    answer = officer.send(path, language=language, given_as="page")
    assert answer.status_code == 200
    assert title in answer.text
    assert "Has a trade, and looks for work in it." in answer.text
    assert answer.headers["cache-control"] == "no-store"
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert site.house.rows("SELECT content FROM log WHERE action = 'export'") == [('{"form":"page"}',)]


def test_the_client_is_given_what_is_held_as_a_file(site: Site, caseworker: Reader) -> None:
    judged(site, caseworker)
    path = site.client_page(caseworker)
    caseworker.get(f"{path}/rights")
    answer = caseworker.send(f"{path}/export", language="en", given_as="data")
    assert answer.headers["content-disposition"] == 'attachment; filename="what-is-held.json"'
    given = json.loads(answer.text)
    assert given["client"] == ANNA["pseudonym"]
    assert len(given["hints_shown"]) == 1
    caseworker.post(f"{path}/export", 422, language="de", given_as="data")


# ---------------------------------------------------------------- erasure


def test_erasure_is_asked_twice_and_then_done(site: Site, caseworker: Reader, officer: Reader) -> None:
    judged(site, caseworker)
    path = rights_of(officer)
    check, erase = (path.replace("/rights", each) for each in ("/erase/check", "/erase"))
    assert "This is missing." in text_of(officer.post(check, 422, why=" "))
    page = officer.post(check, why='Register "12/2026" <b>')
    assert "This cannot be undone." in text_of(page)
    assert "Register &#34;12/2026&#34; &lt;b&gt;" in page
    assert site.house.rows("SELECT count(*) FROM judgements") == [(1,)]  # nothing is erased yet
    page = text_of(officer.post(erase, why='Register "12/2026" <b>'))
    assert "What was held of the client is erased." in page
    for table in ("judgements", "advices", "hints", "feedback", "rights"):
        assert site.house.rows(f"SELECT count(*) FROM {table}") == [(0,)], table
    ((content,),) = site.house.rows("SELECT content FROM log WHERE action = 'erase'")
    assert json.loads(content) == {"why": 'Register "12/2026" <b>'}


def test_the_second_question_keeps_what_was_typed_when_its_token_is_old(site: Site, officer: Reader) -> None:
    site.house.assign()
    erase = rights_of(officer).replace("/rights", "/erase")
    page = officer.post(erase, 409, csrf="old", why="Register number 12/2026")
    assert 'name="why" value="Register number 12/2026"' in page
    assert site.house.rows("SELECT count(*) FROM log WHERE action = 'erase'") == [(0,)]


def test_an_identity_code_in_the_reason_is_refused(site: Site, officer: Reader) -> None:
    site.house.assign()
    check = rights_of(officer).replace("/rights", "/erase/check")
    page = officer.post(check, 422, why=f"Asked by {CODE}.")
    assert "There is an identity code in this text" in page


# ---------------------------------------------------------------- texts


def test_templates_need_no_script_and_no_style_of_their_own() -> None:
    folder = Path(__file__).parents[3] / "serving" / "pages" / "templates"
    for name in ("rights*", "sheet*", "public*"):
        for file in folder.glob(name):
            assert not re.search(r"<script|<style|\sstyle=|\son\w+=|\|\s*safe", file.read_text(encoding="utf-8")), file

"""The log as the data-protection officer reads it: all of it, in words, and nobody's whole pseudonym."""

from __future__ import annotations

import ast
import re
from html import unescape
from pathlib import Path

import pytest

import serving
from serving.pages.log import ACTIONS, ROLES

from ..test_api.house import ANNA, BEN, CASEWORKER, CODE, House
from .browsing import Reader, Site, text_of

OFFICER = "demo-officer"
NUMBER = re.compile(r"entry ([\d,]+)")


def numbers(page: str) -> list[int]:
    return [int(each.replace(",", "")) for each in NUMBER.findall(page)]


def busy(house: House) -> None:
    """Let things happen that are logged."""
    house.advise(house.ready())
    house.assign(BEN)
    house.right("objection", BEN)


def all_pages(reader: Reader, path: str) -> list[int]:
    read: list[int] = []
    while True:
        page = reader.get(path)
        read += numbers(page)
        earlier = re.search(r'href="([^"]+)" rel="next"', page)
        if earlier is None:
            return read
        path = unescape(earlier[1])


def test_what_happened_is_told_in_words_newest_first(site: Site) -> None:
    busy(site.house)
    reader = site.reader(OFFICER)
    page = reader.get("/log")
    assert numbers(page) == sorted(numbers(page), reverse=True)
    said = text_of(page)
    for words in ("Showed a hint", "Recorded a view of a client", "Recorded what a client says of their rights"):
        assert f"{words} demo-" in said
    assert "demo-caseworker caseworker" in said
    assert "Read the log" not in said.split("Entries")[1]
    assert "Read the log demo-officer data-protection officer" in text_of(reader.get("/log"))


def test_no_pseudonym_and_no_id_is_whole(site: Site) -> None:
    busy(site.house)
    page = text_of(site.reader(OFFICER).get("/log?limit=200"))
    assert "aaaaaaaa…" in page
    assert not re.search(r"[0-9a-f]{9}", page)


def test_all_pages_together_are_the_whole_log(site: Site) -> None:
    busy(site.house)
    reader = site.reader(OFFICER)
    (last,) = site.house.rows("SELECT max(seq) FROM log")[0]
    read = all_pages(reader, "/log?limit=3")
    assert len(read) == len(set(read))
    assert set(read) >= set(range(1, last + 1))


def test_one_action_alone_and_its_pages(site: Site) -> None:
    busy(site.house)
    reader = site.reader(OFFICER)
    for _ in range(4):
        reader.get("/log?action=&before=")
    page = reader.get("/log?action=log.read&limit=2")
    assert '<option value="log.read" selected>' in page
    assert text_of(page).split("Entries")[1].count("Read the log") == 2
    assert "action=log.read&amp;before=" in page
    assert "There is no such entry." in reader.get("/log?action=export")


def test_what_is_told_of_one_client(site: Site) -> None:
    busy(site.house)
    reader = site.reader(OFFICER)
    reader.get("/log")
    page = reader.post("/log/find", client=ANNA["pseudonym"])
    said = text_of(page)
    assert "Log of client aaaaaaaa" in said
    assert "bbbbbbbb" not in said
    assert "Showed a hint" in said.split("Entries")[1]
    assert all(ANNA["pseudonym"] not in str(each.url) for each in reader.sent)
    assert "Searched the log for a client" in text_of(reader.get("/log")).split("Entries")[1]


def test_an_identity_code_is_forgotten_at_once(site: Site) -> None:
    reader = site.reader(OFFICER)
    reader.get("/log")
    page = reader.post("/log/find", client=CODE)
    assert CODE not in page
    assert CODE not in str(reader.sent[-1].url)
    page = reader.post("/log/find", status=422, client="131052-308U")
    assert "look at it again" in page


def test_a_handle_of_somebody_else_opens_nothing(site: Site) -> None:
    site.house.assign()
    caseworker = site.reader()
    handle = site.client_page(caseworker).rpartition("/")[2]
    site.reader(OFFICER).get(f"/log/clients/{handle}", status=404)


@pytest.mark.parametrize("who", [CASEWORKER, "demo-manager", "demo-scientist", "demo-operator", "demo-reviewer"])
def test_nobody_else_reads_it(site: Site, who: str) -> None:
    reader = site.reader(who)
    assert 'href="/log"' not in reader.get("/models")
    before = site.house.rows("SELECT count(*) FROM log")
    assert "You may not do this" in reader.get("/log", status=403)
    reader.get("/log/clients/x", status=403)
    assert site.house.rows("SELECT count(*) FROM log") == before


def test_an_entry_whose_time_is_over_says_so(site: Site) -> None:
    site.house.assign()
    with site.house.service.database.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE log SET who = NULL, role = NULL, client = NULL, content = NULL, salt = NULL")
    assert "no longer kept" in site.reader(OFFICER).get("/log")


@pytest.mark.parametrize("query", ["before=0", "before=x", "limit=201", "action=A%20B"])
def test_an_address_that_nobody_was_given(site: Site, query: str) -> None:
    site.reader(OFFICER).get(f"/log?{query}", status=422)


@pytest.mark.parametrize(("language", "words"), [("fi", "Vihje näytettiin"), ("sv", "Ett tips visades")])
def test_in_the_other_languages(site: Site, language: str, words: str) -> None:
    busy(site.house)
    assert words in site.reader(OFFICER, language).get("/log")


# ---------------------------------------------------------------- words for all that is written


def written() -> set[str]:
    """Return the actions that the code of the service writes: first text in the calls that record."""
    found: set[str] = set()
    for file in Path(serving.__file__).parent.rglob("*.py"):
        if "node_modules" in file.parts:
            continue
        for call in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(call, ast.Call) and _name(call) in {"recording", "showing", "Event", "_event", "_log"}:
                found |= {each.value for each in call.args[:2] if isinstance(each, ast.Constant)
                          and isinstance(each.value, str)}  # fmt: skip
    return found


def _name(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


def test_every_action_that_is_written_has_words() -> None:
    from serving.store.verify import PURGE

    assert {"judgement", "advice", "batch.begin", "sign-in"} <= written()
    assert written() | {PURGE} == set(ACTIONS)


def test_every_role_has_words() -> None:
    from serving.identity.roles import Role

    assert set(ROLES) == set(Role)

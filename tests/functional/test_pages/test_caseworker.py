"""A caseworker's way: own view first, then the hint, then what became of it; and every way in which there is none."""

from __future__ import annotations

import re

import pytest

from serving.refusals import JUDGEMENT_DAYS

from ..test_api.house import ANNA, BEN, CODE, COLLEAGUE, NOBODY, RISK, done
from .browsing import VIEW, Reader, Site, judged, text_of, with_hints


def test_own_view_first_then_the_hint_then_what_became_of_it(site: Site, caseworker: Reader) -> None:
    with_hints(site)
    path = site.client_page(caseworker)
    before = text_of(caseworker.get(path))
    assert "How do you see it?" in before
    assert "in 10" not in before  # nothing of the hint is on the page that asks

    shown = caseworker.send(f"{path}/judgement", **VIEW)
    hint = text_of(shown.text)
    assert hint.index("Service need") < hint.index("How long it may last")
    assert "Your own view: Skills and career guidance" in hint
    assert "95 % interval" in hint

    said = text_of(caseworker.post(f"{shown.url.path}/feedback", agrees="partly", done=["skills", "interview"], why=""))
    assert "Partly" in said
    assert "Agreed on an interview" in said
    [(agrees, done)] = site.house.rows("SELECT agrees, done FROM feedback")
    assert (agrees, done) == ("partly", '["skills", "interview"]')


def test_a_hint_read_again_is_the_same_and_is_not_made_anew(site: Site, caseworker: Reader) -> None:
    path = judged(site, caseworker)
    assert text_of(caseworker.get(path)) == text_of(caseworker.get(path))
    assert site.house.rows("SELECT count(*) FROM advices") == [(1,)]


def test_a_hint_is_for_the_caseworker_whom_it_was_shown_to(site: Site, caseworker: Reader) -> None:
    path = judged(site, caseworker)
    assert "There is no such page" in site.reader(COLLEAGUE).get(path, 404)


def test_what_a_service_can_change_is_told_first(site: Site, caseworker: Reader) -> None:
    page = caseworker.get(judged(site, caseworker))
    kinds = ["A service can change this", "This can change", "Background", "This cannot be changed"]
    for part in page.split("<h2")[1:3]:
        found = [kind for kind in re.findall(r"<dt>([^<]+)</dt>", part) if kind in kinds]
        assert found == sorted(found, key=kinds.index)
        assert found


def test_no_word_of_a_hint_reads_as_a_cause_or_a_decision(site: Site, caseworker: Reader) -> None:
    hint = text_of(caseworker.get(judged(site, caseworker)))
    assert not re.search(r"because of|leads to|caus(e|es|ing)\b|\bdecision|must be|rejected", hint)


# ---------------------------------------------------------------- clients


def test_a_client_is_found_by_code_or_pseudonym_and_neither_is_ever_in_an_address(
    site: Site, caseworker: Reader
) -> None:
    caseworker.get("/clients")
    for name in (CODE, f" {CODE.lower()} ", ANNA["pseudonym"], ANNA["pseudonym"].upper()):
        answer = caseworker.send("/clients/find", client=name)
        for step in (*answer.history, answer):
            address = f"{step.url} {step.headers.get('location', '')}".lower()
            assert CODE.lower() not in address
            assert ANNA["pseudonym"] not in address
        assert CODE not in answer.text


@pytest.mark.parametrize("odd", ["131052-3080", "Anna", "a" * 31, "<script>alert(1)</script>", "0" * 200])
def test_what_names_nobody_is_told_at_the_field_and_never_repeated_as_code(
    odd: str, site: Site, caseworker: Reader
) -> None:
    caseworker.get("/clients")
    page = caseworker.post("/clients/find", 422, client=odd)
    assert "neither an identity code nor a pseudonym" in page
    assert "<script>alert" not in page


def test_the_handle_of_a_client_is_one_persons_own(site: Site, caseworker: Reader) -> None:
    with_hints(site)
    path = site.client_page(caseworker)
    assert path == site.client_page(caseworker)
    assert path != site.client_page(site.reader(COLLEAGUE))
    site.reader(COLLEAGUE).get(path, 404)
    caseworker.get("/clients/" + "A" * 43, 404)
    caseworker.get("/clients/../v1/clients", 200)  # the address is what a browser makes of it; nothing leaks
    caseworker.get("/clients/%00", 404)


def test_my_clients_are_mine_alone_in_an_order_that_means_nothing(site: Site, caseworker: Reader) -> None:
    with_hints(site, BEN)
    with_hints(site, ANNA)
    site.house.assign(NOBODY, COLLEAGUE)
    page = text_of(caseworker.get("/clients"))
    assert page.index(ANNA["pseudonym"][:8]) < page.index(BEN["pseudonym"][:8])
    assert NOBODY["pseudonym"][:8] not in page
    assert ANNA["pseudonym"] not in page


def test_the_list_goes_on_on_the_next_page(site: Site, caseworker: Reader) -> None:
    names = [{"pseudonym": f"{place:032x}"} for place in range(60)]
    for each in names:
        site.house.assign(each)
    first = caseworker.get("/clients")
    further = re.search(r'href="(/clients\?after=[^"]+)"', first)
    assert further is not None
    second = caseworker.get(further[1])
    assert (first.count('scope="row"'), second.count('scope="row"')) == (50, 10)


# ---------------------------------------------------------------- why there is none


@pytest.mark.parametrize(
    ("right", "in_force", "words"),
    [("objection", True, "has objected"), ("restriction", True, "is restricted"), ("consent", False, "not consented")],
)
def test_a_right_in_the_way_is_told_and_the_view_is_kept_all_the_same(
    right: str, in_force: bool, words: str, site: Site, caseworker: Reader
) -> None:
    with_hints(site)
    site.house.right(right, in_force=in_force)
    path = site.client_page(caseworker)
    assert words in text_of(caseworker.get(path))
    page = caseworker.post(f"{path}/judgement", **VIEW)
    assert words in text_of(page)
    assert VIEW["why"] in text_of(page)
    assert site.house.rows("SELECT count(*) FROM judgements") == [(1,)]


def test_a_right_used_meanwhile_takes_the_hint_off_a_page_that_is_open(site: Site, caseworker: Reader) -> None:
    path = judged(site, caseworker)
    assert caseworker.get(f"{path}/still", 204) == ""
    site.house.right("objection")
    gone = caseworker.get(f"{path}/still")
    assert "has objected" in text_of(gone)
    assert "<html" not in gone  # it goes into the page that is open
    assert "has objected" in text_of(caseworker.get(path, 403))


def test_a_model_that_is_stopped_or_may_not_be_used_stops_pages_that_are_open(site: Site, caseworker: Reader) -> None:
    path = judged(site, caseworker)
    site.house.gates["ltu-small"].refusal = "its approval was revoked"
    assert "may not be used now" in text_of(caseworker.get(f"{path}/still"))
    site.house.gates["ltu-small"].refusal = None
    assert caseworker.get(f"{path}/still", 204) == ""
    site.house.post("demo-operator", "/v1/stops", {"model": None, "why": "A fault was reported."})
    assert "Hints are stopped" in text_of(caseworker.get(f"{path}/still"))
    assert "Hints are stopped" in text_of(caseworker.get(path, 503))


def test_of_a_hint_with_two_parts_the_one_that_may_be_shown_stands(site: Site, caseworker: Reader) -> None:
    path, chance = judged(site, caseworker), "people in a like situation are still unemployed"
    both = text_of(caseworker.get(path))
    needs = both.partition("Service need")[2].partition("How long it may last")[0]
    assert chance in both
    site.house.post("demo-operator", "/v1/stops", {"model": "ltu-small", "why": "A fault was reported."})
    gone = caseworker.get(f"{path}/still?shows=both")
    assert "Hints are stopped" in text_of(gone)
    assert f'href="{path}"' in gone  # where the other part is

    left = caseworker.get(path)
    assert needs in text_of(left)
    assert chance not in text_of(left)
    assert "There is no hint about how long it may last now. Somebody has stopped the model" in text_of(left)
    assert f"{path}/still?shows=needs" in left
    assert f"{path}/sheet" not in left
    assert caseworker.get(f"{path}/still?shows=needs", 204) == ""
    assert chance not in text_of(caseworker.get(f"{path}/sheet", 503))  # whole or not at all

    site.house.gates["service-need"].refusal = "its approval was revoked"
    assert "may not be used now" in text_of(caseworker.get(f"{path}/still?shows=needs"))
    assert needs not in text_of(caseworker.get(path, 503))


def test_where_no_hint_lies_ready_the_page_says_so_as_an_answer(site: Site, caseworker: Reader) -> None:
    site.house.assign()
    site.house.right("consent")
    path = site.client_page(caseworker)
    assert "There is no hint for this client now" in text_of(caseworker.get(path))
    page = text_of(caseworker.post(f"{path}/judgement", **VIEW))
    assert "There is no hint for this client now" in page
    assert "How you saw it" in page


def test_a_part_that_is_not_there_says_why(site: Site, caseworker: Reader) -> None:
    site.house.assign()
    site.house.right("consent")
    handed = {"task": "risk", "clients": [{"client": ANNA, "inputs": RISK}]}
    done(site.house.post("demo-integration", "/v1/hints", handed))
    path = site.client_page(caseworker)
    caseworker.get(path)
    shown = caseworker.send(f"{path}/judgement", **VIEW)
    said = text_of(shown.text)
    assert "There is no hint about service needs now. No hint lies ready" in said
    site.house.gates["service-need"].refusal = "its approval was revoked"
    assert "needs now. Its approval has ended or was taken back" in text_of(caseworker.get(shown.url.path))


def test_an_old_view_is_asked_anew(site: Site, caseworker: Reader) -> None:
    path = judged(site, caseworker)
    site.house.clock.pass_by(days=JUDGEMENT_DAYS, minutes=1)
    again = site.reader()
    assert "more than two weeks old" in text_of(again.get(path, 409))


def test_somebody_elses_client_takes_a_reason_that_is_logged(site: Site, caseworker: Reader) -> None:
    with_hints(site, BEN, COLLEAGUE)
    path = site.client_page(caseworker, BEN)
    assert "This is not your client" in text_of(caseworker.get(path, 403))
    page = caseworker.post(f"{path}/access", 422, ground="", why="Covers for a colleague.")
    assert "Covers for a colleague." in page  # nothing typed is lost
    page = text_of(caseworker.post(f"{path}/access", ground="absent_colleague", why="Covers for a colleague."))
    assert "How do you see it?" in page
    assert site.house.rows("SELECT staff, ground FROM accesses") == [("demo-caseworker", "absent_colleague")]
    kinds = [row[0] for row in site.house.rows("SELECT action FROM log WHERE client IS NOT NULL ORDER BY seq")]
    assert kinds.count("refused") >= 1
    assert "break-glass" in kinds


# ---------------------------------------------------------------- forms


def test_a_form_with_a_fault_is_shown_again_with_all_that_was_typed(site: Site, caseworker: Reader) -> None:
    with_hints(site)
    path = site.client_page(caseworker)
    caseworker.get(path)
    page = caseworker.post(f"{path}/judgement", 422, service_need="integration", why=f"Her code is {CODE}.")
    assert re.search(r'value="integration" checked', page)
    assert "There is an identity code in this text" in page
    assert "This is missing." in page
    assert site.house.rows("SELECT count(*) FROM judgements") == [(0,)]


@pytest.mark.parametrize(
    "typed", ['"><script>alert(1)</script>', "{{ 7*7 }}", "'; DROP TABLE judgements; --", "é\U0001f600"]
)
def test_what_is_typed_is_shown_as_text(typed: str, site: Site, caseworker: Reader) -> None:
    with_hints(site)
    path = site.client_page(caseworker)
    caseworker.get(path)
    caseworker.send(f"{path}/judgement", **{**VIEW, "why": typed})
    page = caseworker.get(path)
    assert "<script>alert" not in page
    assert typed in text_of(page)


def test_nobody_else_may_ask_a_caseworkers_pages(site: Site) -> None:
    for who in ("demo-manager", "demo-reviewer", "demo-scientist", "demo-operator"):
        reader = site.reader(who)
        assert "You may not do this" in reader.get("/clients", 403)


def test_texts_are_in_the_language_of_the_reader(site: Site) -> None:
    reader = site.reader(language="fi")
    page = reader.get(judged(site, reader))
    assert '<html lang="fi">' in page
    assert "Kuinka kauan työttömyys voi kestää" in page

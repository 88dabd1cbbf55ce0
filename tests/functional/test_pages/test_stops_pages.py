"""The stop switch as people meet it: one button, one reason, and everybody sees that it is on."""

from __future__ import annotations

import re

import pytest

from ..test_api.house import CASEWORKER, NEEDS, done, kind_of, problem
from .browsing import Reader, Site, text_of

WHY = "A fault was reported; we look into it."
ON = "No stop is on"


def stop(reader: Reader, **fields: str) -> str:
    reader.get("/stops")
    return reader.post("/stops", **{"model": "", "why": WHY, **fields})


def lift_path(page: str) -> str:
    found = re.search(r'action="(/stops/[0-9a-f]{32}/lift)"', page)
    assert found, text_of(page)
    return found[1]


@pytest.mark.parametrize("who", ["demo-operator", "demo-reviewer"])
def test_one_button_stops_all_hints_and_another_lets_them_go_on(site: Site, who: str) -> None:
    judged, reader = site.house.ready(), site.reader(who)
    page = stop(reader)
    assert "All hints are stopped." in page
    assert "Stopped: all hints" in page
    assert f"Why {WHY} Since 28 Nov 2026, 14:00 By whom {who}" in text_of(page)
    answer = site.house.post(CASEWORKER, "/v1/advice", {"judgement": judged, "needs": NEEDS})
    assert kind_of(answer) == (503, "stopped")
    assert WHY in problem(answer)["detail"]
    page = reader.post(lift_path(page), why="The fault was in a report.")
    assert ON in text_of(page)
    site.house.advise(judged)
    assert site.house.rows("SELECT lifted_by, lifted_why FROM stops") == [(who, "The fault was in a report.")]


def test_one_model_is_stopped_and_the_other_goes_on(site: Site) -> None:
    judged = site.house.ready()
    assert "Stopped: Model of how long a spell may last" in stop(site.reader("demo-operator"), model="ltu-small")
    answer = site.house.advise(judged)
    assert answer["risk"] is None
    assert answer["needs"] is not None
    reader = site.reader("demo-operator")
    assert "Some hints are stopped" in reader.get("/stops")
    assert "All hints are stopped." in stop(reader, model="service-need")


@pytest.mark.parametrize("who", ["demo-caseworker", "demo-manager", "demo-officer", "demo-scientist"])
def test_everybody_else_sees_the_state_and_has_no_button(site: Site, who: str) -> None:
    reader = site.reader(who)
    assert ON in text_of(reader.get("/stops"))
    stopped = stop(site.reader("demo-operator"))
    page = reader.get("/stops")
    assert WHY in page
    assert 'action="/stops' not in page
    assert "tell one of them" in page
    for path in ("/stops", lift_path(stopped)):
        assert "You may not do this" in reader.post(path, status=403, why=WHY)
    assert len(done(site.house.get(who, "/v1/stops"))["stops"]) == 1


@pytest.mark.parametrize(
    ("why", "words"),
    [("", "This is missing."), ("   ", "This is missing."), ("x" * 201, "at most 200 characters"),
     ("About 131052-308T.", "There is an identity code in this text")],
)  # fmt: skip
def test_without_a_good_reason_nothing_stops_and_the_choice_is_kept(site: Site, why: str, words: str) -> None:
    reader = site.reader("demo-operator")
    reader.get("/stops")
    page = reader.post("/stops", status=422, model="ltu-small", why=why)
    assert words in page
    assert 'aria-invalid="true"' in page
    assert '<option value="ltu-small" selected>' in page
    assert done(site.house.get("demo-operator", "/v1/stops")) == {"stops": []}


def test_without_a_reason_nothing_goes_on_and_the_form_of_that_stop_is_open(site: Site) -> None:
    reader = site.reader("demo-operator")
    stop(reader)
    page = stop(reader, model="ltu-small", why="Another fault.")
    first = lift_path(page)
    page = reader.post(first, status=422, why="")
    assert page.count("<details open>") == 1
    assert page.count('aria-invalid="true"') == 1
    assert f'action="{first}" data-own-words="unsent"' in page
    assert page.count('"unsent"') == 1  # whoever corrects and sends this one leaves nothing behind
    assert first in page[page.index("<details open>") : page.index("</details>")]
    assert len(done(site.house.get("demo-operator", "/v1/stops"))["stops"]) == 2


def test_a_stop_that_somebody_lifted_meanwhile(site: Site) -> None:
    reader = site.reader("demo-operator")
    path = lift_path(stop(reader))
    reader.post(path, why="It was nothing.")
    assert "somebody may have lifted it already" in reader.post(path, status=404, why="It was nothing.")
    assert "There is no such page" in reader.post("/stops/xx/lift", status=404, why="It was nothing.")


def test_a_model_that_is_not_served_cannot_be_stopped(site: Site) -> None:
    reader = site.reader("demo-operator")
    reader.get("/stops")
    reader.post("/stops", status=404, model="ltu-large", why=WHY)
    assert ON in text_of(reader.get("/stops"))


def test_a_reason_is_text_and_nothing_else(site: Site) -> None:
    page = stop(site.reader("demo-operator"), why='<script>alert(1)</script> "> {{ 7*7 }}')
    assert "<script>" not in page.split("<main")[1]
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &#34;&gt; {{ 7*7 }}" in page


def test_another_sites_form_stops_nothing(site: Site) -> None:
    reader = site.reader("demo-operator")
    reader.get("/stops")
    assert reader.send("/stops", csrf="0" * 64, why=WHY).status_code == 409
    headers = {"origin": "https://evil.example", "sec-fetch-site": "cross-site"}
    assert reader.send("/stops", headers=headers, why=WHY).status_code == 403
    assert ON in text_of(reader.get("/stops"))


@pytest.mark.parametrize(
    ("language", "words"), [("fi", "Pysäytys vaikuttaa heti ja kaikkialla"), ("sv", "Stoppet gäller genast")]
)
def test_in_the_other_languages(site: Site, language: str, words: str) -> None:
    assert words in site.reader("demo-operator", language).get("/stops")

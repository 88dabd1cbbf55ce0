"""The manager's pages: a month in counts that tell of nobody, and who looked at whose clients."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from html import unescape
from pathlib import Path

import pytest

from ..test_api.busy_months import at, clients, hints
from ..test_api.house import ANNA, BEN, CASEWORKER, COLLEAGUE, Json, Parts, done
from .browsing import Reader, Site, site_on, text_of

MANAGER, OFFICER = "demo-manager", "demo-officer"
SEPTEMBER, OCTOBER = datetime(2026, 9, 14, 9, tzinfo=UTC), datetime(2026, 10, 12, 9, tzinfo=UTC)
NOT_SHOWN = "not shown (fewer than 5 possible)"


@pytest.fixture
def manager(site: Site) -> Reader:
    return site.reader(MANAGER)


@pytest.fixture
def busy(site: Site) -> Site:
    """Return pages after a September and an October of two offices, one of which was small in September."""
    for when, first, other in ((SEPTEMBER, 0, 6), (OCTOBER, 1000, 90)):
        with at(site.house, when):
            hints(site.house, clients(first, first + 120))
            hints(site.house, clients(first + 120, first + 170), "disagree", need="integration")
            hints(site.house, clients(first + 200, first + 200 + other), office="Länsi", band=None)
    return site


def tables(page: str) -> dict[str, list[list[str]]]:
    """Return the cells of every table, row by row, by its caption."""
    found = {}
    for table in re.findall(r"<table.*?</table>", page, re.DOTALL):
        caption = bare(re.search(r"<caption.*?</caption>", table, re.DOTALL)[0])  # type: ignore[index]
        rows = re.findall(r"<tr>.*?</tr>", table, re.DOTALL)
        found[caption] = [[bare(cell) for cell in re.findall(r"<t[hd].*?</t[hd]>", row, re.DOTALL)] for row in rows]
    return found


def bare(html: str) -> str:
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", html))).strip()


def come_in(site: Site, who: str) -> Reader:
    """Return somebody signed in who goes straight to a page of ours, whatever their first page is."""
    reader = site.reader(None)
    reader.get("/sign-in")
    reader.post("/sign-in", person=who, return_to="/signed-in")
    return reader


def answer(site: Site, path: str, who: str = MANAGER) -> Json:
    return done(site.house.get(who, path))


# ---------------------------------------------------------------- a month


def test_the_newest_month_is_shown_as_the_api_tells_it(busy: Site, manager: Reader) -> None:
    page = manager.get("/counts")
    assert "Counts of October 2026" in text_of(page)
    told = answer(busy, "/v1/counts?month=2026-10")
    by_title = {table["title"]: table for table in told["tables"]}
    seen = tables(page)
    needs = seen["Clients about whom a hint was shown, by the service need of their latest hint"]
    for row, found, whole in zip(needs[1:], by_title["Clients by the service need of the hint"]["rows"],
                                 by_title["Clients about whom a hint was shown"]["rows"], strict=True):  # fmt: skip
        expected = [*whole["counts"], *found["counts"]]
        assert row == [found["group"]["label"], *(NOT_SHOWN if each is None else f"{each}" for each in expected)]
    for title in ("What the caseworker said of the hint", "What the caseworker said, by the hint's risk band"):
        counts = [NOT_SHOWN if each is None else f"{each}" for row in by_title[title]["rows"] for each in row["counts"]]
        assert [cell for row in seen[title][1:] for cell in row[1:]] == counts
    assert NOT_SHOWN in page


def test_shares_stand_with_their_interval(busy: Site, manager: Reader) -> None:
    seen = tables(manager.get("/counts?month=2026-10"))
    shares = {table["key"]: table for table in answer(busy, "/v1/counts?month=2026-10")["shares"]}
    for key in ("override", "override_by_need", "override_by_band", "other_view"):
        for cells, row in zip(seen[shares[key]["title"]][1:], shares[key]["rows"], strict=True):
            if row["low"] is None:
                words = NOT_SHOWN
            else:
                low, high = (round(100 * row[end]) for end in ("low", "high"))
                value = None if row["value"] is None else round(100 * row["value"])
                words = f"between {low} and {high} %" if value is None else f"{value} % ({low}–{high} %)"
            assert cells == [row["group"]["label"], words]


def test_a_drawing_shows_what_the_words_say(busy: Site, manager: Reader) -> None:
    """The bar lies where the interval does, and its mark within it."""
    page = manager.get("/counts")
    drawn = re.findall(
        r'x="([\d.]+)" y="4" width="([\d.]+)" height="8"/>(?:<line class="share-bar__value" x1="([\d.]+)")?', page
    )
    rows = [row for table in answer(busy, "/v1/counts?month=2026-10")["shares"] for row in table["rows"]]
    shown = [row for row in rows if row["low"] is not None]
    assert len(drawn) == len(shown) > 5
    order = ["override", "override_by_need", "override_by_band", "other_view"]
    by_key = {table["key"]: table["rows"] for table in answer(busy, "/v1/counts?month=2026-10")["shares"]}
    shown = [row for key in order for row in by_key[key] if row["low"] is not None]
    for (x, width, mark), row in zip(drawn, shown, strict=True):
        assert float(x) == pytest.approx(2 + 196 * row["low"], abs=0.06)
        assert float(x) + float(width) == pytest.approx(2 + 196 * max(row["high"], row["low"]), abs=1.1)
        assert bool(mark) == (row["value"] is not None)
        assert not mark or float(x) <= float(mark) <= float(x) + float(width) + 0.1


def test_what_is_odd_comes_first_and_asks_for_a_talk(site: Site) -> None:
    with at(site.house, OCTOBER):
        hints(site.house, clients(0, 1500))
    text = text_of(site.reader(MANAGER).get("/counts"))
    assert text.index("Itä: nearly all agree") < text.index("Service needs by office and month")
    assert "talk with the office, and blame nobody" in text


def test_where_nothing_is_odd_that_is_said(busy: Site, manager: Reader) -> None:
    text = text_of(manager.get("/counts"))
    assert "Nothing. You are told here" in text
    assert "nearly all agree" not in text


def test_months_are_chosen_and_stand_side_by_side_once_looked_at(busy: Site, manager: Reader) -> None:
    page = manager.get("/counts")
    assert re.findall(r'<option value="([\d-]+)"', page) == ["2026-10", "2026-09"]
    assert re.findall(r'<option value="([\d-]+)" selected', page) == ["2026-10"]
    assert "The months side by side" not in page
    assert "Counts of September 2026" in text_of(manager.get("/counts?month=2026-09"))
    seen = tables(manager.get("/counts"))
    beside = seen["Newest month first. An earlier month stands here once somebody has looked at it."]
    assert beside[0] == ["Service need", "October 2026", "September 2026"]
    first = beside.index(["Länsi"])
    assert beside[first + 1][2] == "among the other offices"
    [told] = [each for each in answer(busy, "/v1/counts?month=2026-09")["tables"] if each["key"] == "clients"]
    assert beside[beside.index(["all offices"]) + 1][2] == f"{told['rows'][0]['counts'][0]}"


def test_before_a_month_is_over_the_page_says_when_it_will_be(site: Site, manager: Reader) -> None:
    text = text_of(manager.get("/counts"))
    assert "No month can be shown yet" in text
    assert "Next: November 2026, from 3 Dec 2026 on" in text


@pytest.mark.parametrize(("month", "status"), [("2026-11", 409), ("2026-08", 404), ("2026-13", 422), ("x", 422)])
def test_a_month_that_cannot_be_shown_is_refused_in_words(busy: Site, manager: Reader, month: str, status: int) -> None:
    manager.get("/counts?month=2026-10")
    assert "<h1" in manager.get(f"/counts?month={month}", status)
    assert busy.house.rows("SELECT month FROM published") == [("2026-10",)]


def test_nobody_is_on_the_page(busy: Site, manager: Reader) -> None:
    page = manager.get("/counts")
    assert CASEWORKER not in page
    assert not re.search(r"[0-9a-f]{32}", page)


@pytest.mark.parametrize("who", [CASEWORKER, OFFICER, "demo-reviewer", "demo-operator", "demo-scientist"])
def test_counts_are_the_managers(busy: Site, who: str) -> None:
    for path in ("/counts", "/counts/groups"):
        assert "You may not do this" in come_in(busy, who).get(path, 403)
    assert busy.house.rows("SELECT count(*) FROM published") == [(0,)]


# ---------------------------------------------------------------- client groups


@pytest.fixture
def planning(parts: Parts, sqlite_url: str, tmp_path: Path) -> Iterator[tuple[Site, Path]]:
    """Yield pages of a home of its own, and where client groups are published there."""
    (tmp_path / "planning").mkdir()
    with site_on(parts, sqlite_url, cards=tmp_path / "model_cards") as site:
        yield site, tmp_path / "planning" / "fractions.json"


def groups(**changed: object) -> str:
    """Return a published file of client groups."""
    name = {"fi": "Alku", "sv": "Start", "en": "First spell & <b>"}
    group = {"name": name, "people": 600, "share": {"value": 0.6, "low": 0.55, "high": 0.65}, "stability": "doubtful",
             "marks": [{"words": {"fi": "m", "sv": "m", "en": "Spells: median 1"}}]}  # fmt: skip
    return json.dumps(
        {"as_of": "2020-01-31", "people": 1000, "groups": [group], "hidden_groups": 2, "data_digest": "sha256:d"}
        | changed
    )


def test_client_groups_are_shown_as_aggregates_of_other_data(planning: tuple[Site, Path]) -> None:
    site, place = planning
    manager = site.reader(MANAGER)
    assert "Nobody has published client groups here" in text_of(manager.get("/counts/groups"))
    place.write_text(groups(), encoding="utf-8")
    page = manager.get("/counts/groups")
    assert "First spell &amp; &lt;b&gt;" in page
    text = text_of(page)
    assert "unemployed on 31 Jan 2020" in text
    assert "They say nothing of the clients that hints were shown about" in text
    assert "600 60 % (55–65 %) doubtful" in text
    assert "2 groups are of too few people to be shown" in text
    place.write_text(groups(groups=[], hidden_groups=0), encoding="utf-8")
    assert "The data shows no groups" in text_of(manager.get("/counts/groups"))


def test_a_file_that_tells_too_much_is_not_shown(planning: tuple[Site, Path]) -> None:
    site, place = planning
    place.write_text(groups(people=3), encoding="utf-8")
    assert "First spell" not in site.reader(MANAGER).get("/counts/groups", 503)


# ---------------------------------------------------------------- looks at others' clients


def look(site: Site, client: Json, ground: str, who: str = CASEWORKER, why: str = "Stands in.") -> None:
    done(site.house.post(who, "/v1/accesses", {"client": client, "ground": ground, "why": why}), 201)


def test_looks_are_counted_by_office_and_by_name_and_nobody_is_ranked(site: Site, manager: Reader) -> None:
    for _ in range(3):
        look(site, ANNA, "other", COLLEAGUE, why="Secret reason.")
    look(site, BEN, "handover", why="Secret reason.")
    page = manager.get("/accesses")
    seen = re.findall(r"<tbody>(.*?)</tbody>", page, re.DOTALL)
    assert [bare(row) for row in re.findall(r"<tr>.*?</tr>", seen[0], re.DOTALL)] == ["demo-office 0 0 1 0 3 4"]
    assert [bare(row) for row in re.findall(r"<tr>.*?</tr>", seen[1], re.DOTALL)] == [
        "demo-caseworker demo-office 0 0 1 0 0 1",
        "demo-caseworker-2 demo-office 0 0 0 0 3 3",
    ]
    assert not any(secret in page for secret in ("Secret", ANNA["pseudonym"], BEN["pseudonym"], "/accesses/each"))
    assert "Nobody looked" in text_of(manager.get("/accesses?month=2026-10"))
    assert "<h1" in manager.get("/accesses?month=2026-12", 409)


def test_the_officer_reads_each_look_page_by_page_and_that_is_logged(site: Site) -> None:
    for number in range(60):
        look(site, ANNA, "complaint", why=f"<script>alert({number})</script>")
    officer = site.reader(OFFICER)
    assert '<a href="/accesses/each">' in officer.get("/accesses")
    page, found = officer.get("/accesses/each"), []
    for _ in range(5):
        found += [int(number) for number in re.findall(r"&lt;script&gt;alert\((\d+)\)", page)]
        assert "<script>alert" not in page
        further = re.search(r'<a href="(/accesses/each\?[^"]+)">', page)
        if further is None:
            break
        page = officer.get(unescape(further[1]))
    assert found == list(range(60))[::-1]
    assert "a complaint or a check" in page
    assert ANNA["pseudonym"] in re.sub("<wbr>", "", page)
    read = site.house.rows("SELECT who, content FROM log WHERE action = 'accesses.read' ORDER BY seq")
    assert [(who, json.loads(content)["accesses"]) for who, content in read] == [(OFFICER, 50), (OFFICER, 10)]


@pytest.mark.parametrize("who", [MANAGER, CASEWORKER, "demo-reviewer", "demo-operator", "demo-scientist"])
def test_who_looked_at_whom_is_the_officers(site: Site, who: str) -> None:
    look(site, ANNA, "other")
    reader = come_in(site, who)
    assert "Stands in." not in reader.get("/accesses/each", 403)
    if who != MANAGER:
        reader.get("/accesses", 403)
    assert site.house.rows("SELECT count(*) FROM log WHERE action = 'accesses.read'") == [(0,)]

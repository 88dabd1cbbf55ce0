"""What a manager sees of a month: counts that are made once, are the same ever after, and tell of nobody."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from ml.contracts import Interval
from ml.models.fractions.figures import figures
from ml.models.fractions.report import Fractions, Group, Mark
from serving.store.advices import add_feedback
from serving.store.log import Event
from serving.store.purge import purge
from serving.store.retention import read_retention
from serving.store.tables import advices

from .busy_months import at, clients, hints
from .house import ANNA, BEN, CASEWORKER, House, Json, Parts, done, house_on, kind_of

MANAGER = "demo-manager"
OCTOBER, NOVEMBER = datetime(2026, 10, 12, 9, tzinfo=UTC), datetime(2026, 11, 9, 9, tzinfo=UTC)
CLOSED = datetime(2026, 12, 3, 0, tzinfo=UTC)


def counts(house: House, month: str = "2026-11", **headers: str) -> Json:
    with at(house, CLOSED):
        return done(house.get(MANAGER, f"/v1/counts?month={month}", **headers))


def shown(answer: Json, table: str, group: str = "all offices") -> dict[str, int | None]:
    """Return what a table shows of a group, by column."""
    [found] = [each for each in answer["tables"] if each["key"] == table]
    [row] = [each for each in found["rows"] if each["group"]["label"] == group]
    return dict(zip([each["key"] for each in found["columns"]], row["counts"], strict=True))


@pytest.fixture
def busy(each_house: House) -> House:
    """Return a worker after a November of 60 clients of Itä, 12 of whom had a second hint, and 4 of Länsi."""
    with at(each_house, NOVEMBER):
        hints(each_house, clients(0, 30), "disagree")
        hints(each_house, clients(30, 60))
        hints(each_house, clients(0, 12), need="rehabilitation")
        hints(each_house, clients(60, 64), office="Länsi")
    return each_house


# ---------------------------------------------------------------- what is counted


def test_people_are_counted_once_by_their_latest_hint(busy: House) -> None:
    answer = counts(busy)
    assert abs(shown(answer, "clients")["clients"] - 64) <= 12  # type: ignore[operator]
    assert abs(shown(answer, "clients", "Itä")["clients"] - 60) <= 12  # type: ignore[operator]
    feedback = shown(answer, "feedback", "Itä")
    assert abs(feedback["agree"] - 42) <= 12  # type: ignore[operator]
    assert feedback["disagree"] is None or feedback["disagree"] <= 30  # 18 whose latest hint was disagreed with
    assert feedback["none"] is None
    assert abs(shown(answer, "needs")["skills"] - 52) <= 12  # type: ignore[operator]
    assert abs(shown(answer, "days", "Itä")["day_0"] - 60) <= 12  # type: ignore[operator]
    [share] = [each for each in answer["shares"] if each["key"] == "other_view"]
    assert share["rows"][1]["high"] >= 12 / 60


def test_disagreement_is_told_by_need_and_by_band_of_the_hint(each_house: House) -> None:
    with at(each_house, NOVEMBER):
        hints(each_house, clients(0, 200), "disagree", need="integration", band="elevated")
        hints(each_house, clients(200, 400), "agree", need="skills", band="elevated")
        hints(each_house, clients(400, 600), "agree", need="skills", band=None, office="Länsi")
    answer = counts(each_house)
    by_need = shown(answer, "feedback_by_need", "integration services")
    assert abs(by_need["disagree"] - 200) <= 12  # type: ignore[operator]
    assert abs(shown(answer, "feedback_by_need", "skills and career guidance")["agree"] - 400) <= 12  # type: ignore[operator]
    assert abs(shown(answer, "feedback_by_band", "elevated")["disagree"] - 200) <= 12  # type: ignore[operator]
    assert abs(shown(answer, "feedback_by_band", "no band given")["agree"] - 200) <= 12  # type: ignore[operator]
    shares = {each["key"]: {row["group"]["label"]: row for row in each["rows"]} for each in answer["shares"]}
    half = shares["override_by_band"]["elevated"]
    assert half["low"] < 0.5 < half["high"]
    assert shares["override_by_need"]["integration services"]["low"] > 0.7
    assert shares["override_by_need"]["skills and career guidance"]["high"] < 0.2
    assert {
        row["low"] for row in (shares["override_by_band"]["low"], shares["override_by_need"]["an interview first"])
    } == {None}


def test_days_run_to_a_service_and_to_nothing_else(house: House) -> None:
    """A hint after which a caseworker went on as before has feedback, and no time to a service."""
    with at(house, NOVEMBER):
        hints(house, clients(0, 60))
        hints(house, clients(60, 160), done=["nothing_new"])
        hints(house, clients(160, 200), done=["nothing_new", "interview"])
    answer = counts(house)
    days = shown(answer, "days")
    assert abs(days["day_0"] - 100) <= 12  # type: ignore[operator]
    assert abs(days["none"] - 100) <= 12  # type: ignore[operator]
    assert abs(shown(answer, "feedback")["agree"] - 200) <= 12  # type: ignore[operator]


def test_a_small_office_is_not_named(busy: House) -> None:
    answer = counts(busy)
    assert "Länsi" not in json.dumps(answer, ensure_ascii=False)
    assert [each["group"]["kind"] for each in answer["tables"][0]["rows"]] == ["all", "office", "other"]
    assert set(shown(answer, "needs", "other offices").values()) == {None}


def test_a_month_whose_hints_may_be_purged_is_not_made_but_told_when_it_was(house: House) -> None:
    for when, month, people in ((OCTOBER, "2026-10", clients(1, 40)), (NOVEMBER, "2026-11", clients(40, 80))):
        with at(house, when):
            hints(house, people)
        if month == "2026-10":
            counts(house, month)
    with at(house, datetime(2029, 1, 1, tzinfo=UTC)):
        assert house.get(MANAGER, "/v1/counts?month=2026-11").status_code == 404
        assert house.get(MANAGER, "/v1/counts?month=2026-10").status_code == 200


def test_months_and_late_feedback_are_kept_apart(each_house: House) -> None:
    with at(each_house, datetime(2026, 10, 31, 23, 59, 59, 999_999, tzinfo=UTC)):
        hints(each_house, clients(0, 60), None)
    with at(each_house, datetime(2026, 11, 1, tzinfo=UTC)):
        hints(each_house, clients(60, 160), None)
    october, november = counts(each_house, "2026-10"), counts(each_house)
    assert abs(shown(october, "clients")["clients"] - 60) <= 12  # type: ignore[operator]
    assert abs(shown(november, "clients")["clients"] - 100) <= 12  # type: ignore[operator]


def test_feedback_after_the_month_has_closed_is_not_counted(house: House) -> None:
    """Whenever somebody asks first: a month reads as it stood when it closed, so that months can be compared."""
    with at(house, NOVEMBER):
        hints(house, clients(0, 60), None)
    with house.service.database.reading() as connection:
        shown_of = connection.execute(select(advices.c.id, advices.c.client)).all()
    with at(house, CLOSED), house.service.database.recording(Event("feedback", CASEWORKER, "caseworker")) as entry:
        for number, (advice, each) in enumerate(shown_of):
            add_feedback(
                entry, f"{number:032x}", advice, each, CASEWORKER, {"agrees": "agree", "why": None, "done": []}
            )
    feedback = shown(counts(house), "feedback")
    assert feedback["agree"] is None
    assert feedback["none"] is not None


def test_the_whole_way_through_the_api(house: House) -> None:
    """A hint that was asked for, judged first and answered shows as one of nobody: it is of one person."""
    with at(house, NOVEMBER):
        told = house.advise(house.ready())
        done(
            house.post(CASEWORKER, "/v1/feedback", {"advice": told["advice"], "agrees": "agree", "done": ["skills"]}),
            201,
        )
    answer = counts(house)
    assert {number for table in answer["tables"] for row in table["rows"] for number in row["counts"]} == {None}
    assert [each["group"]["kind"] for each in answer["tables"][0]["rows"]] == ["all", "other"]
    assert answer["alarms"] == []


def test_the_latest_of_what_was_asked_for_is_counted(house: House) -> None:
    """The rows that the API writes are those that are counted: 20 hints of one person are one person."""
    with at(house, NOVEMBER):
        judgement = house.ready()
        for _ in range(20):
            house.advise(judgement)
    assert shown(counts(house), "clients") == {"clients": None}


def test_agreement_with_everything_rings(each_house: House) -> None:
    with at(each_house, NOVEMBER):
        hints(each_house, clients(0, 1500))  # so many that no chance silences the alarm
    answer = counts(each_house)
    assert [(each["kind"], each["group"]["label"]) for each in answer["alarms"]] == [
        ("near_total_agreement", "all offices"),
        ("near_total_agreement", "Itä"),
    ]
    assert answer["alarms"][0]["words"].startswith("Caseworkers agree with nearly every hint.")


# ---------------------------------------------------------------- once, and the same ever after


def test_asked_again_it_is_the_same(busy: House, another_worker: Callable[[House], House]) -> None:
    first = counts(busy)
    assert counts(busy) == first
    assert counts(another_worker(busy)) == first
    assert busy.rows("SELECT count(*) FROM published") == [(1,)]
    assert busy.rows("SELECT count(*) FROM log WHERE action = 'counts.publish'") == [(1,)]


def test_erasure_and_what_comes_later_change_nothing(busy: House) -> None:
    """So that the counts before less those after tell nothing of who went."""
    first = counts(busy)
    for each in clients(0, 60):
        busy.erase({"pseudonym": each})
    with at(busy, NOVEMBER):
        hints(busy, clients(900, 901))
    assert busy.rows("SELECT count(*) FROM advices") == [(5,)]
    assert counts(busy) == first


def test_twenty_who_ask_at_once_are_told_the_same(busy: House) -> None:
    with at(busy, CLOSED), ThreadPoolExecutor(20) as threads:
        told = list(threads.map(lambda _: busy.get(MANAGER, "/v1/counts?month=2026-11").text, range(20)))
    assert len(set(told)) == 1
    assert busy.rows("SELECT count(*) FROM published") == [(1,)]


def test_what_is_kept_is_what_is_shown(busy: House) -> None:
    """Whoever reads the database finds no figure there that was not shown: neither as it was, nor as it was moved."""
    counts(busy)
    [(content,)] = busy.rows("SELECT content FROM published")
    figures = [number for rows in json.loads(content)["tables"].values() for row in rows for number in row.values()]
    assert all(number is None or (number >= 15 and number % 5 == 0) for number in figures)


# ---------------------------------------------------------------- which months, and before a purge


def months(house: House) -> Json:
    return done(house.get(MANAGER, "/v1/counts/months"))


def test_months_that_can_be_told_are_listed_newest_first(each_house: House) -> None:
    assert months(each_house) == {"months": [], "next": "2026-11", "next_from": "2026-12-03"}  # nothing was done yet
    with at(each_house, datetime(2026, 9, 30, 23, tzinfo=UTC)):
        hints(each_house, clients(0, 40))
    counts(each_house, "2026-10")
    assert months(each_house)["months"] == [{"month": "2026-10", "made": True}, {"month": "2026-09", "made": False}]
    with at(each_house, datetime(2026, 12, 2, 23, tzinfo=UTC)):
        told = months(each_house)
    assert (told["months"][0]["month"], told["next"]) == ("2026-10", "2026-11")
    with at(each_house, CLOSED):
        told = months(each_house)
    assert (told["months"][0], told["next"]) == ({"month": "2026-11", "made": False}, "2026-12")
    with at(each_house, datetime(2029, 1, 1, tzinfo=UTC)):  # September's hints may be purged, October was told
        told = months(each_house)
    assert [each["month"] for each in told["months"]][-2:] == ["2027-02", "2026-10"]


def test_a_purge_makes_the_counts_of_months_before_their_hints_go(parts: Parts, apualy: Any, database_url: str) -> None:
    """Nobody asked while the hints were there; who asks years later is told all the same."""
    day = datetime.now(UTC).replace(day=10) - timedelta(days=70)
    month = f"{day:%Y-%m}"
    with house_on(parts, database_url) as house:
        with at(house, day):
            hints(house, clients(0, 60))
            hints(house, clients(60, 90), "disagree")
        tried = apualy("purge", "--dry-run", APUALY_DATABASE=database_url)
        assert f"the counts of {month} would be made\n" in tried.out
        assert house.rows("SELECT count(*) FROM published") == [(0,)]
        ran = json.loads(apualy("purge", "--json", APUALY_DATABASE=database_url).out)
        assert ran["counts"][-1] == month
        assert json.loads(apualy("purge", "--json", APUALY_DATABASE=database_url).out)["counts"] == []
        made = house.rows("SELECT who, role, content FROM log WHERE action = 'counts.publish' ORDER BY seq")
        assert {role for _, role, _ in made} == {"operator"}
        assert month in {json.loads(content)["month"] for _, _, content in made}
        with at(house, day + timedelta(days=1000)):
            purge(house.service.database, read_retention(), "operator-1", lambda: None)
            assert house.rows("SELECT count(*) FROM advices") == [(0,)]
            answer = done(house.get(MANAGER, f"/v1/counts?month={month}"))
    assert abs(shown(answer, "clients")["clients"] - 90) <= 12  # type: ignore[operator]
    assert abs(shown(answer, "feedback")["disagree"] - 30) <= 12  # type: ignore[operator]


# ---------------------------------------------------------------- client groups for planning


def fractions(**changed: Any) -> Json:
    """Return what `apualy fractions` keeps of two groups, as its own code writes it."""
    mark = Mark("days", "median", None, 0.4, 450.0, 100.0, {"fi": "päivät", "sv": "dagar", "en": "days"})
    name = {"fi": "Tukipäivät: paljon", "sv": "Stöddagar: många", "en": "Days of subsidy: many"}
    share = Interval(0.6, 0.55, 0.65)
    groups = tuple(Group(name, people, share, 0.9, "stable", (mark,)) for people in (600, 400))
    found = Fractions(date(2020, 1, 31), 1000, ("days",), 3, 2, "two groups come again", (), groups, 1, 7, "sha256:d")
    return json.loads(json.dumps(figures(found))) | changed


@pytest.fixture
def planning(house: House, tmp_path: Path, parts: Parts, sqlite_url: str) -> Iterator[tuple[House, Path]]:
    """Yield a worker of a home of its own, and where client groups are published there."""
    (tmp_path / "planning").mkdir()
    with house_on(parts, sqlite_url, cards=tmp_path / "model_cards") as house:
        yield house, tmp_path / "planning" / "fractions.json"


def test_client_groups_are_told_once_somebody_published_them(planning: tuple[House, Path]) -> None:
    house, place = planning
    assert done(house.get(MANAGER, "/v1/counts/fractions"))["published"] is None
    place.write_text(json.dumps(fractions()), encoding="utf-8")
    told = done(house.get(MANAGER, "/v1/counts/fractions", Accept_Language="sv"))["published"]
    assert told["groups"][0] == {
        "name": "Stöddagar: många", "people": 600, "share": 0.6, "low": 0.55, "high": 0.65, "stability": "stable",
        "marks": ["dagar"],
    }  # fmt: skip
    assert (told["as_of"], told["people"], told["hidden"]) == ("2020-01-31", 1000, 1)
    assert house.get("demo-caseworker", "/v1/counts/fractions").status_code == 403


@pytest.mark.parametrize(
    "content",
    ["no JSON", "{}", json.dumps(fractions(people=1003)), json.dumps(fractions(people=0)),
     json.dumps(fractions()).replace('"people": 400', '"people": 4'),
     json.dumps(fractions()).replace('"people": 400', '"people": 401'),
     json.dumps(fractions()).replace('"fi":', '"se":'), json.dumps(fractions()).replace("0.65", "1.65")],
    ids=["no JSON", "empty", "exact", "nobody", "few", "an exact group", "no Finnish", "no share"],
)  # fmt: skip
def test_client_groups_that_tell_too_much_are_not_told(planning: tuple[House, Path], content: str) -> None:
    house, place = planning
    place.write_text(content, encoding="utf-8")
    answer = house.get(MANAGER, "/v1/counts/fractions", Accept_Language="fi")
    assert answer.status_code == 503
    assert "is not the fractions.json of a run" in answer.json()["detail"]


# ---------------------------------------------------------------- what is refused


@pytest.mark.parametrize(
    ("now", "refused"),
    [("2026-11-28", True), ("2026-12-01", True), ("2026-12-02 23:59", True), ("2026-12-03", False)],
)
def test_a_month_is_told_two_days_after_its_end(house: House, now: str, refused: bool) -> None:
    house.assign()
    with at(house, datetime.fromisoformat(now).replace(tzinfo=UTC)):
        answer = house.get(MANAGER, "/v1/counts?month=2026-11")
    if refused:
        assert kind_of(answer) == (409, "month-open")
        assert "2026-12-03" in answer.json()["detail"]
        assert house.rows("SELECT count(*) FROM published") == [(0,)]
    else:
        done(answer)


def test_a_month_before_the_service_was_is_not_made(house: House) -> None:
    assert house.get(MANAGER, "/v1/counts?month=2026-10").status_code == 404  # nothing was ever done here
    house.assign()
    assert house.get(MANAGER, "/v1/counts?month=2026-10").status_code == 404
    assert house.rows("SELECT count(*) FROM published") == [(0,)]


@pytest.mark.parametrize(
    "query",
    ["", "?month=2026-13", "?month=2026-1", "?month=11-2026", "?month=2026-11&office=East", "?month=2026-11&band=low",
     "?month=2026-10&month=2026-11", "?month=2026-11%27%20OR%201=1", "?month=1999-01", "?month=2026-11%0A"],
)  # fmt: skip
def test_there_are_no_filters_and_no_other_months(house: House, query: str) -> None:
    with at(house, CLOSED):
        assert house.get(MANAGER, f"/v1/counts{query}").status_code == 422


@pytest.mark.parametrize(
    "who", ["demo-caseworker", "demo-officer", "demo-reviewer", "demo-operator", "demo-integration"]
)
def test_counts_are_the_managers(house: House, who: str) -> None:
    assert house.get(who, "/v1/counts?month=2026-10").status_code == 403


# ---------------------------------------------------------------- words


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (
            "fi",
            [
                "Asiakkaat, joista on näytetty vihje",
                "osittain samaa mieltä",
                "kaikki toimipisteet",
                "kotoutumisen palvelut",
            ],
        ),
        ("sv", ["Klienter som ett tips har visats om", "håller delvis med", "alla verksamhetsställen"]),
        ("en", ["Clients about whom a hint was shown", "agrees in part", "all offices"]),
    ],
)
def test_labels_are_in_the_managers_language(busy: House, code: str, words: list[str]) -> None:
    answer = counts(busy, Accept_Language=code)
    assert answer["language"] == code
    told = json.dumps(answer, ensure_ascii=False)
    assert [each for each in words if each not in told] == []
    assert "10" in answer["notes"][1]
    assert "15" in answer["notes"][1]


# ---------------------------------------------------------------- who looked at whom


def look(house: House, client: Json, ground: str, who: str = CASEWORKER) -> None:
    body = {"client": client, "ground": ground, "why": f"Secret reason {ground}."}
    done(house.post(who, "/v1/accesses", body), 201)


def test_every_look_shows_on_the_managers_report(each_house: House) -> None:
    with at(each_house, OCTOBER):
        look(each_house, ANNA, "handover")
    for who, ground in ((CASEWORKER, "other"), (CASEWORKER, "absent_colleague"), ("demo-caseworker-2", "other")):
        look(each_house, ANNA, ground, who)
    look(each_house, BEN, "other")
    answer = done(each_house.get(MANAGER, "/v1/counts/accesses?month=2026-11"))
    assert [each["key"] for each in answer["grounds"]] == [
        "absent_colleague", "client_asked", "handover", "complaint", "other",
    ]  # fmt: skip
    assert answer["all"] == [1, 0, 0, 0, 3]
    assert answer["offices"] == [{"office": "demo-office", "staff": None, "counts": [1, 0, 0, 0, 3], "sum": 4}]
    assert answer["staff"] == [
        {"office": "demo-office", "staff": "demo-caseworker", "counts": [1, 0, 0, 0, 2], "sum": 3},
        {"office": "demo-office", "staff": "demo-caseworker-2", "counts": [0, 0, 0, 0, 1], "sum": 1},
    ]
    told = json.dumps(answer)
    assert not any(secret in told for secret in ("Secret", ANNA["pseudonym"], BEN["pseudonym"]))
    assert done(each_house.get(MANAGER, "/v1/counts/accesses?month=2026-10"))["all"] == [0, 0, 1, 0, 0]
    assert done(each_house.get("demo-officer", "/v1/counts/accesses?month=2026-11")) == answer


def test_erasing_a_client_does_not_hide_who_looked(each_house: House) -> None:
    each_house.assign()
    look(each_house, ANNA, "other", "demo-caseworker-2")
    each_house.erase(ANNA)
    assert done(each_house.get(MANAGER, "/v1/counts/accesses?month=2026-11"))["staff"][0]["sum"] == 1
    assert done(each_house.get("demo-officer", "/v1/accesses"))["accesses"] == []


def test_looks_of_a_month_to_come_are_refused(house: House) -> None:
    assert kind_of(house.get(MANAGER, "/v1/counts/accesses?month=2026-12")) == (409, "month-open")


def test_the_officer_reads_who_looked_at_whom_and_why_and_that_is_logged(each_house: House) -> None:
    grounds = ["handover", "other", "complaint", "client_asked", "absent_colleague"]
    for ground in grounds:
        look(each_house, ANNA, ground)
    pages, after = [], None
    while True:
        page = done(each_house.get("demo-officer", f"/v1/accesses?limit=2{f'&after={after}' if after else ''}"))
        pages.append(page["accesses"])
        after = page["after"]
        if after is None:
            break
    assert [len(page) for page in pages] == [2, 2, 1]
    found = [each for page in pages for each in page]
    assert [each["ground"] for each in found] == grounds[::-1]
    assert found[0]["client"] == ANNA["pseudonym"]
    assert found[0]["staff"] == CASEWORKER
    assert found[0]["why"] == "Secret reason absent_colleague."
    read = each_house.rows("SELECT who, content FROM log WHERE action = 'accesses.read' ORDER BY seq")
    assert [who for who, _ in read] == ["demo-officer"] * 3
    assert [json.loads(content)["accesses"] for _, content in read] == [2, 2, 1]


@pytest.mark.parametrize("who", [MANAGER, CASEWORKER, "demo-reviewer", "demo-operator", "demo-integration"])
def test_who_looked_at_whom_is_the_officers(house: House, who: str) -> None:
    assert house.get(who, "/v1/accesses").status_code == 403
    if who != MANAGER:
        assert house.get(who, "/v1/counts/accesses?month=2026-11").status_code == 403

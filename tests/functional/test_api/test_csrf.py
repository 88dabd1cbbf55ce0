"""Who is known by a cookie writes from our own pages only: browsers send cookies along from anywhere."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest

from serving.identified import Identified
from serving.identity.identity import Identity
from serving.identity.roles import Role
from serving.identity.sessions import IDLE, LONGEST, Opened, SqlSessions
from serving.store.database import Database
from serving.store.tables import sessions

from .house import CASEWORKER, NOW, Clock, House, Json, Parts, done, house_on, judgement, kind_of, problem

PAGES = "http://127.0.0.1:8123"
OURS = {"Origin": PAGES, "Sec-Fetch-Site": "same-origin"}


@dataclass
class Browser:
    """A browser in which a caseworker is signed in."""

    house: House
    identified: Identified
    opened: Opened
    kept: SqlSessions

    def send(self, method: str, path: str, body: Any = None, cookie: str | None = None, **headers: str) -> Any:
        held = cookie or f"{self.identified.cookie}={self.opened.session_id}"
        said = {"Accept-Language": "en", "Cookie": held}
        said |= {name.replace("_", "-"): value for name, value in headers.items()}
        return self.house.client.request(method, path, json=body, headers=said)

    @property
    def token(self) -> Json:
        return {"X-CSRF-Token": self.opened.session.csrf_token}

    def judge(self, **headers: str) -> Any:
        return self.send("POST", "/v1/judgements", judgement(), **headers)


@pytest.fixture
def browser(parts: Parts, sqlite_url: str) -> Iterator[Browser]:
    clock = Clock()
    database = Database(sqlite_url, clock)
    kept = SqlSessions(database.engine, sessions, clock)
    identified = Identified(parts.people, kept, PAGES)
    who = Identity(CASEWORKER, "Ada Lovelace", frozenset({Role.CASEWORKER}), None, NOW)
    with house_on(parts, sqlite_url, clock, identify=identified, remembered=identified.remembered) as house:
        house.assign()
        yield Browser(house, identified, kept.open(who), kept)
    database.close()


def test_our_own_page_reads_and_writes(browser: Browser) -> None:
    assert browser.send("GET", "/v1/models").status_code == 200
    done(browser.judge(**OURS, **browser.token), 201)
    done(browser.judge(Origin=PAGES, **browser.token), 201)  # a browser that knows no Sec-Fetch-Site


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Origin": PAGES},
        OURS,
        {"Sec-Fetch-Site": "same-origin"},
        {**OURS, "X-CSRF-Token": ""},
        {**OURS, "X-CSRF-Token": "x" * 43},
        {"token": "shown"},
        {"token": "shown", "Sec-Fetch-Site": "cross-site"},
        {"token": "shown", "Sec-Fetch-Site": "same-site"},
        {"token": "shown", "Sec-Fetch-Site": "none"},
        {"token": "shown", "Origin": "null"},
        {"token": "shown", "Origin": "https://evil.example"},
        {"token": "shown", "Origin": PAGES + ".evil.example"},
        {"token": "shown", "Origin": "http://127.0.0.1:8124"},
        {"token": "shown", "Origin": "https://127.0.0.1:8123"},
        {"token": "shown", "Origin": "https://evil.example", "Sec-Fetch-Site": "same-origin"},
        {"token": "shown", "Origin": PAGES, "Sec-Fetch-Site": "cross-site"},
    ],
)
def test_from_elsewhere_nothing_is_written(headers: dict[str, str], browser: Browser) -> None:
    sent = {name: value for name, value in headers.items() if name != "token"}
    sent |= browser.token if "token" in headers else {}
    assert kind_of(browser.judge(**sent))[0] == 403
    assert browser.house.rows("SELECT count(*) FROM judgements") == [(0,)]


def test_another_sessions_token_does_not_do(browser: Browser) -> None:
    other = browser.kept.open(browser.opened.session.identity)
    assert kind_of(browser.judge(**OURS, **{"X-CSRF-Token": other.session.csrf_token}))[0] == 403


def test_a_bearer_token_needs_no_page(browser: Browser) -> None:
    """What no browser sends by itself cannot be sent from a page of another site."""
    done(browser.judge(Authorization=f"Bearer {browser.house.tokens[CASEWORKER]}", Origin="https://evil.example"), 201)
    assert kind_of(browser.judge(Authorization="Bearer x", **OURS, **browser.token))[0] == 401


@pytest.mark.parametrize("value", ["", "x", "x" * 43, "x" * 5000, "' OR '1'='1", "%00"])
def test_a_session_that_is_none(value: str, browser: Browser) -> None:
    refused = browser.send("GET", "/v1/clients", cookie=f"{browser.identified.cookie}={value}")
    assert problem(refused, 401)["detail"]
    assert not value or value not in refused.text


def test_a_session_ends(browser: Browser) -> None:
    for _ in range(3):
        browser.house.clock.pass_by(minutes=29)
        done(browser.send("GET", "/v1/clients"))
    browser.house.clock.pass_by(seconds=IDLE.total_seconds())
    assert kind_of(browser.send("GET", "/v1/clients"))[0] == 401


def test_a_session_ends_however_often_it_is_used(browser: Browser) -> None:
    began = browser.house.clock.at
    while browser.house.clock.at - began < LONGEST - timedelta(minutes=20):
        browser.house.clock.pass_by(minutes=20)
        assert browser.send("GET", "/v1/clients").status_code == 200
    browser.house.clock.pass_by(minutes=20)
    assert kind_of(browser.send("GET", "/v1/clients"))[0] == 401


def test_the_database_holds_no_session_id(browser: Browser) -> None:
    held = str(browser.house.rows("SELECT * FROM sessions"))
    assert CASEWORKER in held
    assert browser.opened.session_id not in held

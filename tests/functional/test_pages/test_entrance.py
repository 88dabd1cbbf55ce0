"""Coming in to a demonstration and going out, in one's language: by a form, on this machine, and in no other way."""

from __future__ import annotations

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from fastapi.testclient import TestClient

from serving.app import create_app
from serving.edge import Edge
from serving.http.limits import Limiter
from serving.identified import Entrance, Identified
from serving.identity.demo import DEMO, DemoUsers, demo_users
from serving.identity.provider import Provider
from serving.identity.sessions import SqlSessions
from serving.identity.settings import provider_settings
from serving.identity.sign_in import SignIn
from serving.identity.transaction import Seal, sign_in_key
from serving.lanes import Lanes
from serving.models.held import Models
from serving.service import Service
from serving.store.database import Database
from serving.store.schema import upgrade
from serving.store.tables import sessions

from ..test_api.house import PLENTY, Clock, languages

OURS = "http://127.0.0.1:8123"
SAME = {"Origin": OURS, "Sec-Fetch-Site": "same-origin"}
FIRST = {
    "demo-caseworker": "/clients",
    "demo-caseworker-2": "/clients",
    "demo-reviewer": "/review",
    "demo-owner": "/review",
    "demo-manager": "/counts",
    "demo-officer": "/rights",
    "demo-scientist": "/models",
    "demo-operator": "/stops",
}


class Visitor:
    """A browser at the entrance of a service; redirects are looked at, not followed."""

    def __init__(self, service: Service, clock: Clock) -> None:
        self.service, self.clock = service, clock
        self.client = TestClient(create_app(service), base_url=OURS, follow_redirects=False)

    def get(self, path: str, **headers: str) -> httpx.Response:
        return self.client.get(path, headers=said(headers))

    def post(self, path: str, fields: dict[str, str], **headers: str) -> httpx.Response:
        return self.client.post(path, data=fields, headers=said(headers or SAME))

    def enter(self, person: str, return_to: str = "/", **headers: str) -> httpx.Response:
        return self.post("/sign-in", {"csrf": self.token(), "person": person, "return_to": return_to}, **headers)

    def token(self) -> str:
        """Return the token that stands in the form of the sign-in: none before somebody is signed in."""
        return fields_of(self.get("/sign-in").text)["csrf"]

    @property
    def session(self) -> str | None:
        return self.client.cookies.get("apualy-session")

    def who(self) -> str | None:
        """Return who is signed in, as the API says."""
        answer = self.get("/v1/me")
        return str(answer.json()["subject"]) if answer.status_code == 200 else None

    def log(self) -> list[tuple[str, str]]:
        with self.service.database.reading() as connection:
            return [tuple(each) for each in connection.exec_driver_sql("SELECT action, who FROM log ORDER BY seq")]


def said(headers: dict[str, str]) -> dict[str, str]:
    return {name.replace("_", "-"): value for name, value in ({"Accept-Language": "en"} | headers).items()}


def fields_of(page: str) -> dict[str, str]:
    """Return the hidden fields of a page."""
    return dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page))


@contextmanager
def visitor_at(database: Database, people: DemoUsers | Provider, entrance: Entrance, clock: Clock) -> Iterator[Visitor]:
    threads = ThreadPoolExecutor(4)
    service = Service(
        database=database,
        models=Models((), lambda name: NotImplemented),
        languages=languages(),
        edge=Edge(None),
        identify=entrance.identified,
        remembered=entrance.identified.remembered,
        limits=Limiter(PLENTY),
        lanes=Lanes(threads, threads),
        needs_consent=True,
        secret=b"",
        page_secret=b"",
        cards=Path(),
        entrance=entrance,
    )
    try:
        yield Visitor(service, clock)
    finally:
        threads.shutdown()


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    found = Database(f"sqlite:///{tmp_path / 'service.db'}", Clock())
    upgrade(found)
    yield found
    found.close()


@pytest.fixture
def visitor(database: Database, tmp_path: Path) -> Iterator[Visitor]:
    """Yield a browser at a demonstration, as run.py has it."""
    clock, people = Clock(), demo_users(tmp_path, DEMO, "127.0.0.1")
    kept = SqlSessions(database.engine, sessions, clock, DEMO)
    entrance = Entrance(kept, Identified(people, kept), over_tls=False, demo=people)
    with visitor_at(database, people, entrance, clock) as found:
        yield found


# ---------------------------------------------------------------- in


def test_who_can_be_chosen(visitor: Visitor) -> None:
    page = visitor.get("/sign-in").text
    assert re.findall(r'name="person" value="([^"]+)"', page) == list(FIRST)
    assert "Sign in as Demo Service Owner" in page
    assert "demo-integration" not in page
    assert fields_of(page) == {"csrf": "", "return_to": "/"}


@pytest.mark.parametrize(("person", "first"), FIRST.items())
def test_in_and_to_the_first_page_of_a_role(person: str, first: str, visitor: Visitor) -> None:
    landed = visitor.enter(person)
    assert (landed.status_code, landed.headers["location"]) == (303, "/")
    assert visitor.get("/").headers["location"] == first
    assert visitor.who() == person
    assert visitor.log() == [("sign-in", person)]


def test_in_and_on_to_where_one_was_going(visitor: Visitor) -> None:
    asked = visitor.get("/signed-in?x=1&y=ä")
    assert asked.status_code == 303
    page = visitor.get(asked.headers["location"]).text
    landed = visitor.enter("demo-caseworker", fields_of(page)["return_to"].replace("&amp;", "&"))
    assert landed.headers["location"] == "/signed-in?x=1&y=%C3%A4"
    assert visitor.get(landed.headers["location"]).status_code == 200


def test_the_cookie(visitor: Visitor) -> None:
    cookie = visitor.enter("demo-caseworker").headers["set-cookie"]
    assert cookie.startswith("apualy-session=")
    assert cookie.endswith("; Max-Age=32400; Path=/; HttpOnly; SameSite=Lax")


@pytest.mark.parametrize("person", ["demo-integration", "nobody", "", "DEMO-OFFICER", "demo-officer ", "ä"])
def test_nobody_else_comes_in(person: str, visitor: Visitor) -> None:
    assert visitor.enter(person).status_code in {404, 409, 422}
    assert visitor.session is None
    assert visitor.log() == []


@pytest.mark.parametrize(
    "path", ["//evil.example", "/\\evil.example", "https://evil.example", "javascript:alert(1)", "/\t/evil.example",
             "x", "/ x", "/" + "x" * 1024, "/a\r\nSet-Cookie: a=b"]
)  # fmt: skip
def test_nobody_is_sent_elsewhere(path: str, visitor: Visitor) -> None:
    assert visitor.client.get("/sign-in", params={"return_to": path}).status_code == 422
    assert visitor.enter("demo-caseworker", path).status_code == 422
    assert visitor.session is None
    assert visitor.client.get("/language/sv", params={"back": path}).status_code == 422
    assert visitor.client.cookies.get("apualy-language") is None


def test_one_person_after_another(visitor: Visitor) -> None:
    visitor.enter("demo-caseworker")
    first = visitor.session
    visitor.enter("demo-officer")
    assert visitor.who() == "demo-officer"
    visitor.client.cookies.set("apualy-session", str(first), domain="127.0.0.1")
    visitor.client.cookies.clear()
    assert visitor.get("/v1/me", Cookie=f"apualy-session={first}").status_code == 401


def test_a_form_from_before_another_tab_signed_in_is_shown_again(visitor: Visitor) -> None:
    old = fields_of(visitor.get("/sign-in?return_to=/signed-in").text)
    visitor.enter("demo-caseworker")
    shown = visitor.post("/sign-in", {**old, "person": "demo-officer"})
    assert shown.status_code == 409
    assert visitor.who() == "demo-caseworker"
    again = fields_of(shown.text)
    assert again["return_to"] == "/signed-in"
    assert visitor.post("/sign-in", {**again, "person": "demo-officer"}).headers["location"] == "/signed-in"
    assert visitor.who() == "demo-officer"


@pytest.mark.parametrize("minutes", [30, 9 * 60])
def test_a_session_ends(minutes: int, visitor: Visitor) -> None:
    visitor.enter("demo-caseworker")
    visitor.clock.pass_by(minutes=minutes)
    away = visitor.get("/")
    assert (away.status_code, away.headers["location"]) == (303, "/sign-in?return_to=%2F")
    assert visitor.who() is None


# ---------------------------------------------------------------- this machine, our pages


@pytest.mark.parametrize(
    "host",
    ["evil.example", "evil.example:8123", "127.0.0.1.evil.example:8123", "localhost.evil.example", "0.0.0.0:8123"],
)
def test_a_name_that_was_made_to_lead_here(host: str, visitor: Visitor) -> None:
    """DNS rebinding: to the browser the other site's page and ours are then of one origin."""
    theirs = {"Origin": f"http://{host}", "Sec-Fetch-Site": "same-origin", "Host": host}
    assert visitor.get("/sign-in", Host=host).status_code == 403
    assert visitor.post("/sign-in", {"person": "demo-officer"}, **theirs).status_code == 403
    assert visitor.session is None
    visitor.enter("demo-officer")
    held = {"Cookie": f"apualy-session={visitor.session}"}
    token = visitor.token()
    for path in ("/", "/signed-in", "/sign-in", "/v1/me", "/v1/log"):
        assert visitor.get(path, Host=host, **held).status_code == 403, path
    assert visitor.post("/sign-out", {"csrf": token}, **theirs, **held).status_code == 403
    assert visitor.who() == "demo-officer"
    assert visitor.log() == [("sign-in", "demo-officer")]


@pytest.mark.parametrize("host", ["localhost:8123", "[::1]:8123", "127.0.0.1:9000"])
def test_other_names_of_this_machine(host: str, visitor: Visitor) -> None:
    ours = {"Origin": f"http://{host}", "Sec-Fetch-Site": "same-origin", "Host": host}
    assert visitor.enter("demo-officer", **ours).status_code == 303
    assert visitor.enter("demo-officer", **{**ours, "Origin": OURS}).status_code == 403


@pytest.mark.parametrize(
    "headers",
    [
        {"Accept": "*/*"},
        {"Origin": "null", "Sec-Fetch-Site": "same-origin"},
        {"Origin": "http://127.0.0.1:8124", "Sec-Fetch-Site": "same-site"},
        {"Origin": "http://127.0.0.1:8124"},
        {"Origin": "http://localhost:8123"},
        {"Origin": "https://127.0.0.1:8123"},
        {"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"},
        {"Origin": OURS, "Sec-Fetch-Site": "cross-site"},
    ],
)
def test_another_site_signs_nobody_in_or_out(headers: dict[str, str], visitor: Visitor) -> None:
    assert visitor.enter("demo-officer", **headers).status_code == 403
    assert visitor.session is None
    visitor.enter("demo-caseworker")
    assert visitor.post("/sign-out", {"csrf": visitor.token()}, **headers).status_code == 403
    assert visitor.who() == "demo-caseworker"


def test_no_session_of_a_demonstration_holds_in_the_real_service(
    visitor: Visitor, database: Database, tmp_path: Path
) -> None:
    """On the same database, as when a trial becomes the real thing."""
    visitor.enter("demo-officer")
    held = {"Cookie": f"apualy-session={visitor.session}"}
    settings = provider_settings(
        {
            "APUALY_OIDC_ISSUER": "http://127.0.0.1:9",  # nobody is there, and nobody is asked
            "APUALY_OIDC_AUDIENCE": "apualy",
            "APUALY_OIDC_CLIENT_ID": "apualy-pages",
            "APUALY_PUBLIC_URL": OURS,
        }
    )
    assert settings is not None
    assert settings.client is not None
    people = Provider(settings)
    kept = SqlSessions(database.engine, sessions, visitor.clock, settings.issuer)
    flow = SignIn(settings, settings.client, people.issuer, Seal(sign_in_key(tmp_path)))
    entrance = Entrance(kept, Identified(people, kept, OURS), over_tls=False, sign_in=flow)
    with visitor_at(database, people, entrance, visitor.clock) as real:
        assert real.get("/v1/me", **held).status_code == 401
        assert real.get("/", **held).headers["location"] == "/sign-in?return_to=%2F"
        assert real.post("/sign-in", {"person": "demo-officer"}).status_code == 404
        assert real.session is None
    assert visitor.who() == "demo-officer"


# ---------------------------------------------------------------- out


def test_out_again(visitor: Visitor) -> None:
    visitor.enter("demo-caseworker")
    held = visitor.session
    away = visitor.post("/sign-out", {"csrf": visitor.token()})
    assert (away.status_code, away.headers["location"]) == (303, "/signed-out")
    assert away.headers["clear-site-data"] == '"cache"'
    assert visitor.session is None
    assert visitor.get("/v1/me", Cookie=f"apualy-session={held}").status_code == 401
    assert visitor.log() == [("sign-in", "demo-caseworker"), ("sign-out", "demo-caseworker")]


@pytest.mark.parametrize("code", ["fi", "sv", "en"])
def test_one_is_told_in_ones_language(code: str, visitor: Visitor) -> None:
    told = {"fi": "Olet kirjautunut ulos", "sv": "Du är utloggad", "en": "You are signed out"}
    page = visitor.get("/signed-out", Accept_Language=code)
    assert f"<h1>{told[code]}</h1>" in page.text
    assert page.headers["content-language"] == code
    assert f'<html lang="{code}">' in page.text


def test_out_after_the_session_ended_by_itself(visitor: Visitor) -> None:
    visitor.enter("demo-caseworker")
    token = visitor.token()
    visitor.clock.pass_by(minutes=30)
    assert "You are signed out" in visitor.post("/sign-out", {"csrf": token}).text
    assert visitor.post("/sign-out", {"csrf": ""}).headers["location"] == "/signed-out"
    assert visitor.log() == [("sign-in", "demo-caseworker")]


def test_who_is_still_signed_in_is_not_told_otherwise(visitor: Visitor) -> None:
    visitor.enter("demo-caseworker")
    page = visitor.get("/signed-out").text
    assert "You are still signed in" in page
    assert visitor.post("/sign-out", {"csrf": fields_of(page)["csrf"]}).status_code == 303


@pytest.mark.parametrize("path", ["/sign-in", "/signed-in", "/signed-out", "/"])
def test_no_page_is_kept_and_forms_say_where_they_come_from(path: str, visitor: Visitor) -> None:
    visitor.enter("demo-caseworker")
    page = visitor.get(path)
    assert page.headers["cache-control"] == "no-store"
    assert page.headers["x-frame-options"] == "DENY"
    if page.status_code == 200:  # with no-referrer browsers send the header Origin as null, and every form is refused
        assert page.headers["referrer-policy"] == "same-origin"


# ---------------------------------------------------------------- language


@pytest.mark.parametrize(
    ("cookie", "header", "code"),
    [
        (None, None, "fi"),
        (None, "sv-FI,sv;q=0.9,en;q=0.8", "sv"),
        (None, "de,et", "fi"),
        ("en", "sv", "en"),
        ("sv", None, "sv"),
        ("xx", "sv", "sv"),
        ("", "en", "en"),
        ("../en", "en-GB", "en"),
    ],
)
def test_which_language(cookie: str | None, header: str | None, code: str, visitor: Visitor) -> None:
    headers = {} if cookie is None else {"Cookie": f"apualy-language={cookie}"}
    assert visitor.get("/sign-in", Accept_Language=header or "", **headers).headers["content-language"] == code


@pytest.mark.parametrize("code", ["fi", "sv", "en"])
def test_a_choice_lasts_and_leads_back(code: str, visitor: Visitor) -> None:
    back = re.search(rf'<a href="(/language/{code}[^"]*)"', visitor.get("/sign-in?return_to=/counts%3Fmonth%3D1").text)
    assert back is not None
    away = visitor.get(back[1])
    assert (away.status_code, away.headers["location"]) == (303, "/sign-in?return_to=/counts%3Fmonth%3D1")
    assert away.headers["set-cookie"] == f"apualy-language={code}; Max-Age=31536000; Path=/; HttpOnly; SameSite=Lax"
    page = visitor.get(away.headers["location"], Accept_Language="de")
    assert page.headers["content-language"] == code
    assert fields_of(page.text)["return_to"] == "/counts?month=1"
    visitor.enter("demo-caseworker")
    assert visitor.get("/signed-in").headers["content-language"] == code


@pytest.mark.parametrize("code", ["de", "FI", "", "en%0d%0aSet-Cookie:x=y"])
def test_other_languages(code: str, visitor: Visitor) -> None:
    assert visitor.get(f"/language/{code}").status_code == 404
    assert not visitor.client.cookies

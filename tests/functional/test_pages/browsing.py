"""The pages as their readers meet them, without a browser: sign in, read a page, send its form."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from html import unescape
from typing import Any
from urllib.parse import urlencode

from serving.identified import Entrance, Identified
from serving.identity.sessions import SqlSessions
from serving.store.database import Database
from serving.store.tables import sessions

from ..test_api.house import ANNA, CASEWORKER, NEEDS, RISK, Clock, House, Json, Parts, TestClient, done, house_on

ADDRESS = "http://127.0.0.1"
FORM = "application/x-www-form-urlencoded"
CSRF = re.compile(r'name="csrf" value="([^"]*)"')
Fields = str | Sequence[str]


@dataclass
class Reader:
    """Somebody at a browser, with cookies of their own; `csrf` as the last page had it."""

    client: TestClient
    language: str = "en"
    csrf: str = ""
    sent: list[Any] = field(default_factory=list)

    def get(self, path: str, status: int = 200, **headers: str) -> str:
        """Return a page; redirects are followed."""
        return self._read(self.client.get(path, headers=self._headers(headers)), status)

    def post(self, path: str, status: int = 200, csrf: str | None = None, **fields: Fields) -> str:
        """Send a form, and return the page that it leads to."""
        return self._read(self.send(path, csrf, **fields), status)

    def send(
        self, path: str, csrf: str | None = None, headers: Mapping[str, str] | None = None, **fields: Fields
    ) -> Any:
        """Send a form as a page of ours does, and return the answer."""
        body = urlencode({"csrf": self.csrf if csrf is None else csrf, **fields}, doseq=True)
        said = self._headers(
            {"content-type": FORM, "origin": ADDRESS, "sec-fetch-site": "same-origin", **(headers or {})}
        )
        return self.client.post(path, content=body, headers=said)

    def sign_in(self, person: str) -> str:
        """Sign in as somebody of the demonstration; return the page that says so."""
        self.get("/sign-in")
        return self.post("/sign-in", person=person, return_to="/signed-in")

    def _headers(self, more: Mapping[str, str]) -> dict[str, str]:
        return {"accept": "text/html", "accept-language": self.language, **more}

    def _read(self, answer: Any, status: int) -> str:
        text: str = answer.text
        assert answer.status_code == status, (answer.status_code, text_of(text)[:2000])
        found = CSRF.search(text)
        if found:
            self.csrf = found[1]
        self.sent.append(answer)
        return text


@dataclass
class Site:
    """A house whose people can come in by a browser, too."""

    house: House

    def reader(self, person: str | None = CASEWORKER, language: str = "en") -> Reader:
        """Return somebody at a browser of their own, signed in unless nobody is named."""
        reader = Reader(TestClient(self.house.client.app, base_url=ADDRESS, raise_server_exceptions=False), language)
        if person is not None:
            reader.sign_in(person)
        return reader

    def client_page(self, reader: Reader, client: Json = ANNA) -> str:
        """Return the path of a client's page, found as a caseworker finds it: by a form."""
        reader.get("/clients")
        answer = reader.send("/clients/find", client=client["pseudonym"])
        path = str(answer.url.path)
        assert path.startswith("/clients/"), text_of(answer.text)
        return path


@contextmanager
def site_on(parts: Parts, url: Any, **changed: Any) -> Iterator[Site]:
    """Yield a worker on a database, with an entrance for the people of a demonstration."""
    clock = Clock()
    beside = Database(url, clock)
    kept = SqlSessions(beside.engine, sessions, clock)
    entrance = Entrance(kept, Identified(parts.people, kept), over_tls=False, demo=parts.people)
    try:
        with house_on(parts, url, clock, entrance=entrance, identify=entrance.identified,
                      remembered=entrance.identified.remembered, **changed) as house:  # fmt: skip
            yield Site(house)
    finally:
        beside.close()


def text_of(html: str) -> str:
    """Return what a page says, without its markup."""
    main = re.search(r"<main.*?</main>", html, re.DOTALL)
    bare = re.sub(r"<(script|style).*?</\1>", " ", main[0] if main else html, flags=re.DOTALL)
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", bare))).strip()


def with_hints(site: Site, client: Json = ANNA, caseworker: str = CASEWORKER) -> None:
    """Let a client be a caseworker's, consent, and have hints of both models that lie ready."""
    site.house.assign(client, caseworker)
    site.house.right("consent", client)
    for task, inputs in (("risk", RISK), ("needs", NEEDS)):
        handed = {"task": task, "clients": [{"client": client, "inputs": inputs}]}
        assert done(site.house.post("demo-integration", "/v1/hints", handed))["stored"] == 1


VIEW = {"service_need": "skills", "chance_of_work": "fair", "why": "Has a trade, and looks for work in it."}


def judged(site: Site, reader: Reader, client: Json = ANNA) -> str:
    """Let a caseworker say how they see a client who has hints; return the path of the hint that is shown."""
    with_hints(site, client)
    path = site.client_page(reader, client)
    reader.get(path)
    answer = reader.send(f"{path}/judgement", **VIEW)
    assert answer.url.path.startswith("/hints/"), text_of(answer.text)
    reader.csrf = CSRF.search(answer.text)[1]  # type: ignore[index]
    return str(answer.url.path)

"""Signing in on the pages, through the whole service and a real provider: there, asking, and out again."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from fastapi.testclient import TestClient

from serving.app import create_app
from serving.identified import Entrance, Identified
from serving.identity.provider import Provider
from serving.identity.sessions import SqlSessions
from serving.identity.settings import provider_settings
from serving.identity.sign_in import REDIRECT_PATH, SignIn
from serving.identity.transaction import Seal, sign_in_key
from serving.store.tables import sessions

from .house import House
from .provider import SECRET, RealProvider

OURS = "http://127.0.0.1:8123"
SAME = {"Origin": OURS, "Sec-Fetch-Site": "same-origin"}


@pytest.fixture(scope="module")
def provider() -> Iterator[RealProvider]:
    found = RealProvider()
    found.start()
    found.add_user("cw-ada", name="Ada Lovelace", realm_access={"roles": ["caseworker"]})
    found.add_user("grace", name="Grace Hopper", realm_access={"roles": []})
    yield found
    found.stop()


@pytest.fixture
def browser(house: House, provider: RealProvider, tmp_path: Path) -> Iterator[TestClient]:
    with worker(house, provider, tmp_path) as client:
        yield client


@contextmanager
def worker(house: House, provider: RealProvider, home: Path) -> Iterator[TestClient]:
    """Yield a browser at a worker that has not asked the provider anything yet."""
    secret = home / "secret"
    secret.touch(mode=0o600)
    secret.write_text(SECRET + "\n", encoding="utf-8")
    settings = provider_settings(
        {
            "APUALY_OIDC_ISSUER": provider.issuer,
            "APUALY_OIDC_AUDIENCE": "apualy",
            "APUALY_OIDC_CLIENT_ID": "apualy-pages",
            "APUALY_OIDC_CLIENT_SECRET_FILE": str(secret),
            "APUALY_OIDC_ROLES_CLAIM": "realm_access.roles",
            "APUALY_PUBLIC_URL": OURS,
        }
    )
    assert settings is not None
    assert settings.client is not None
    people = Provider(settings)
    kept = SqlSessions(house.service.database.engine, sessions, vouched_by=settings.issuer)
    flow = SignIn(settings, settings.client, people.issuer, Seal(sign_in_key(home)))
    identified = Identified(people, kept, OURS)
    service = replace(
        house.service,
        identify=identified,
        remembered=identified.remembered,
        entrance=Entrance(kept, identified, over_tls=False, sign_in=flow),
    )
    with TestClient(create_app(service), base_url=OURS, follow_redirects=False) as client:
        yield client


def signed_in(browser: TestClient, provider: RealProvider, to: str = "/v1/me") -> httpx.Response:
    away = browser.get("/sign-in", params={"return_to": to})
    assert away.status_code == 303
    return browser.get(REDIRECT_PATH, params=provider.agree(away.headers["location"], "cw-ada"))


def token_of(browser: TestClient) -> str:
    """Return the token that stands in the forms of a page."""
    found = re.search(r'name="csrf" value="([^"]+)"', browser.get("/signed-in").text)
    assert found is not None
    return found[1]


def log_of(house: House) -> list[str]:
    return [each[0] for each in house.rows("SELECT action FROM log ORDER BY seq")]


def test_there_and_back(browser: TestClient, provider: RealProvider) -> None:
    landed = signed_in(browser, provider, "/v1/me?x=1")
    assert (landed.status_code, landed.headers["location"]) == (303, "/v1/me?x=1")
    cookies = landed.headers.get_list("set-cookie")
    assert all("HttpOnly" in each and "SameSite=Lax" in each for each in cookies)
    me = browser.get("/v1/me").json()
    assert (me["subject"], me["name"], me["roles"]) == ("cw-ada", "Ada Lovelace", ["caseworker"])


def test_nobody_is_known_without_signing_in(browser: TestClient) -> None:
    assert browser.get("/v1/me").status_code == 401
    browser.cookies.set("apualy-session", "made-up")
    assert browser.get("/v1/me").status_code == 401


def test_a_write_needs_our_page_and_its_token(browser: TestClient, provider: RealProvider) -> None:
    signed_in(browser, provider)
    body = {"client": {"pseudonym": "ab" * 16}, "ground": "other", "why": "Covers for a colleague."}
    token = token_of(browser)
    attacks: list[dict[str, str]] = [
        {},
        {"X-CSRF-Token": token},
        SAME,
        {**SAME, "X-CSRF-Token": token[:-1]},
        {**SAME, "X-CSRF-Token": token, "Origin": "https://evil.example"},
        {**SAME, "X-CSRF-Token": token, "Sec-Fetch-Site": "cross-site"},
    ]
    for headers in attacks:
        assert browser.post("/v1/accesses", json=body, headers=headers).status_code == 403, headers
    assert browser.post("/v1/accesses", json=body, headers={**SAME, "X-CSRF-Token": token}).status_code == 201


def out(browser: TestClient, token: str, **headers: str) -> httpx.Response:
    return browser.post("/sign-out", data={"csrf": token}, headers=headers or SAME)


def test_out_again(browser: TestClient, provider: RealProvider, house: House) -> None:
    signed_in(browser, provider)
    held, token = browser.cookies.get("apualy-session"), token_of(browser)
    away = out(browser, token)
    assert (away.status_code, away.headers["location"]) == (303, "/sign-out/provider")
    assert away.headers["clear-site-data"] == '"cache"'
    assert browser.cookies.get("apualy-session") is None
    browser.cookies.set("apualy-session", held)
    assert browser.get("/v1/me").status_code == 401
    assert log_of(house) == ["sign-in", "sign-out"]


def test_out_of_the_provider_too(browser: TestClient, provider: RealProvider) -> None:
    signed_in(browser, provider)
    between = browser.get(out(browser, token_of(browser)).headers["location"])
    assert between.status_code == 200
    leads = re.search(r'http-equiv="refresh" content="0; url=([^"]+)"', between.text)
    assert leads is not None
    address = html.unescape(leads[1])
    assert address.startswith(f"{provider.issuer}/oauth2/end_session?")
    assert f'href="{leads[1]}"' in between.text  # for browsers that are told not to follow
    assert parse_qs(urlsplit(address).query)["post_logout_redirect_uri"] == [f"{OURS}/signed-out"]
    assert httpx.get(address).status_code == 200
    assert "You are signed out" in browser.get("/signed-out", headers={"Accept-Language": "en"}).text


def test_out_while_the_provider_is_down(
    house: House, browser: TestClient, provider: RealProvider, tmp_path: Path
) -> None:
    """One is out of this service all the same, and is told what is left."""
    signed_in(browser, provider)
    token = token_of(browser)
    with worker(house, provider, tmp_path) as other:
        other.cookies = browser.cookies
        provider.stop()
        try:
            assert out(other, token).status_code == 303
            said = other.get("/sign-out/provider", headers={"Accept-Language": "en"})
        finally:
            provider.start()
    assert said.status_code == 200
    assert "cannot be reached, so you may still be signed in there" in said.text
    assert browser.get("/v1/me").status_code == 401


@pytest.mark.parametrize(
    "headers",
    [
        {"Accept": "*/*"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {**SAME, "Sec-Fetch-Site": "cross-site"},
    ],
)
def test_nobody_is_signed_out_by_another_site(
    headers: dict[str, str], browser: TestClient, provider: RealProvider, house: House
) -> None:
    signed_in(browser, provider)
    assert out(browser, token_of(browser), **headers).status_code == 403
    assert browser.get("/v1/me").status_code == 200
    assert log_of(house) == ["sign-in"]


@pytest.mark.parametrize("token", ["", "x", "x" * 43, "ä", "x" * 100_000])
def test_out_from_a_page_of_an_earlier_session(token: str, browser: TestClient, provider: RealProvider) -> None:
    """Whoever signed in again meanwhile is told so, and can leave from there."""
    signed_in(browser, provider)
    said = out(browser, token)
    assert said.status_code == 409
    assert f'name="csrf" value="{token_of(browser)}"' in said.text
    assert len(token) < 9 or token not in said.text
    assert browser.get("/v1/me").status_code == 200


def test_signing_in_again_ends_the_session_before(browser: TestClient, provider: RealProvider) -> None:
    signed_in(browser, provider)
    first = browser.cookies.get("apualy-session")
    signed_in(browser, provider)
    assert browser.cookies.get("apualy-session") != first
    browser.cookies.clear()
    browser.cookies.set("apualy-session", str(first))
    assert browser.get("/v1/me").status_code == 401


def test_there_is_nobody_to_choose_from(browser: TestClient, provider: RealProvider) -> None:
    assert browser.post("/sign-in", data={"person": "demo-officer"}, headers=SAME).status_code == 404
    assert browser.cookies.get("apualy-session") is None


def test_a_sign_in_that_failed_is_told_in_words(browser: TestClient, provider: RealProvider) -> None:
    said = browser.get(REDIRECT_PATH, params={"error": "access_denied"}, headers={"Accept-Language": "en"})
    assert said.status_code == 401
    assert "You were not signed in" in said.text
    assert 'href="/sign-in"' in said.text
    away = browser.get("/sign-in", params={"return_to": "/"})
    back = provider.agree(away.headers["location"], "grace")
    said = browser.get(REDIRECT_PATH, params=back, headers={"Accept-Language": "en"})
    assert said.status_code == 403
    assert "Whoever grants access to this service can help" in said.text
    assert browser.cookies.get("apualy-session") is None


def test_an_answer_of_another_sign_in_leads_nowhere(browser: TestClient, provider: RealProvider) -> None:
    away = browser.get("/sign-in", params={"return_to": "/"})
    back = provider.agree(away.headers["location"], "cw-ada")
    browser.cookies.clear()
    assert browser.get(REDIRECT_PATH, params=back).status_code == 401


@pytest.mark.parametrize("to", ["//evil.example", "https://evil.example", "/\\evil.example", "javascript:alert(1)"])
def test_nobody_is_sent_elsewhere(browser: TestClient, to: str) -> None:
    assert browser.get("/sign-in", params={"return_to": to}).status_code == 422

"""Signing in on the pages, through the whole service and a real provider: there, asking, and out again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from fastapi.testclient import TestClient

from serving.app import create_app
from serving.identified import Identified, Pages
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
    yield found
    found.stop()


@pytest.fixture
def browser(house: House, provider: RealProvider, tmp_path: Path) -> Iterator[TestClient]:
    secret = tmp_path / "secret"
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
    people, kept = Provider(settings), SqlSessions(house.service.database.engine, sessions)
    flow = SignIn(settings, settings.client, people.issuer, Seal(sign_in_key(tmp_path)))
    identified = Identified(people, kept, OURS)
    service = replace(
        house.service,
        identify=identified,
        remembered=identified.remembered,
        pages=Pages(flow, kept, identified, over_tls=False),
    )
    with TestClient(create_app(service), base_url=OURS, follow_redirects=False) as client:
        yield client


def signed_in(browser: TestClient, provider: RealProvider, to: str = "/v1/me") -> httpx.Response:
    away = browser.get("/sign-in", params={"return_to": to})
    assert away.status_code == 303
    return browser.get(REDIRECT_PATH, params=provider.agree(away.headers["location"], "cw-ada"))


def token_of(browser: TestClient) -> str:
    token: str = browser.get("/sign-in/session").json()["csrf_token"]
    return token


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


def test_out_again(browser: TestClient, provider: RealProvider, house: House) -> None:
    signed_in(browser, provider)
    held = browser.cookies.get("apualy-session")
    assert browser.post("/sign-out").status_code == 403
    away = browser.post("/sign-out", headers={**SAME, "X-CSRF-Token": token_of(browser)})
    assert away.status_code == 303
    assert browser.cookies.get("apualy-session") is None
    browser.cookies.set("apualy-session", held)
    assert browser.get("/v1/me").status_code == 401
    assert [each[0] for each in house.rows("SELECT action FROM log ORDER BY seq")] == ["sign-in", "sign-out"]


def test_an_answer_of_another_sign_in_leads_nowhere(browser: TestClient, provider: RealProvider) -> None:
    away = browser.get("/sign-in", params={"return_to": "/"})
    back = provider.agree(away.headers["location"], "cw-ada")
    browser.cookies.clear()
    assert browser.get(REDIRECT_PATH, params=back).status_code == 401


@pytest.mark.parametrize("to", ["//evil.example", "https://evil.example", "/\\evil.example", "javascript:alert(1)"])
def test_nobody_is_sent_elsewhere(browser: TestClient, to: str) -> None:
    assert browser.get("/sign-in", params={"return_to": to}).status_code == 422

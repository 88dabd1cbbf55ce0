"""Which models are in use, and the files that stand behind them."""

from __future__ import annotations

from pathlib import Path

import pytest

from .house import CASEWORKER, House, done, problem

CARD = "/v1/models/ltu-small/cards/3.md"


def test_the_models_in_use(house: House) -> None:
    answer = done(house.get("demo-manager", "/v1/models"))
    assert [(each["name"], each["task"], each["version"]) for each in answer["models"]] == [
        ("service-need", "needs", 1), ("ltu-small", "risk", 3),
    ]  # fmt: skip
    risk = answer["models"][1]
    assert (risk["approved_by"], risk["expires"], risk["stopped"]) == ("ravi", "2031-05-01T12:00:00Z", None)
    assert answer["refused"] == {}
    for address in (risk["card"], risk["page"], risk["public"]["fi"]):
        assert house.get("demo-manager", address).status_code == 200


def test_a_model_says_what_it_takes(house: House) -> None:
    answer = house.get(CASEWORKER, "/v1/models/ltu-small", Accept_Language="fi")
    assert answer.headers["Content-Language"] == "fi"
    described = answer.json()
    assert [each["days"] for each in described["horizons"]] == [84, 182, 364]
    inputs = {each["name"]: each for each in described["inputs"]}
    assert inputs["tenure"] == {
        "name": "tenure", "label": "Vuosia työssä", "kind": "context", "type": "number", "allowed": None,
        "minimum": 0, "maximum": 50, "missing_allowed": False,
    }  # fmt: skip
    assert inputs["area"]["allowed"] == ["North", "South", "East", "West"]


def test_a_model_that_may_not_be_used_says_why(house: House) -> None:
    house.gates["ltu-small"].refusal = "ltu-small version 3 is revoked by Grace: A complaint came in."
    one, both = (house.get(CASEWORKER, path).json() for path in ("/v1/models/ltu-small", "/v1/models"))
    assert one["stopped"] == both["models"][1]["stopped"] == house.gates["ltu-small"].refusal


@pytest.mark.parametrize("name", ["ltu-large", "risk", "ltu-small3"])
def test_a_model_that_is_not_there(name: str, house: House) -> None:
    problem(house.get(CASEWORKER, f"/v1/models/{name}"), 404)
    problem(house.get(CASEWORKER, f"/v1/models/{name}/cards/3.md"), 404)


# ---------------------------------------------------------------- cards


@pytest.mark.parametrize(
    ("file", "media_type"),
    [("3.md", "text/markdown; charset=utf-8"), ("3.html", "text/html; charset=utf-8"),
     ("3.public.fi.html", "text/html; charset=utf-8"), ("3/audit.json", "application/json")],
)  # fmt: skip
def test_files_of_a_card(file: str, media_type: str, house: House, cards: Path) -> None:
    answer = house.get("demo-scientist", f"/v1/models/ltu-small/cards/{file}")
    assert (answer.status_code, answer.headers["content-type"]) == (200, media_type)
    assert answer.content == (cards / "ltu-small" / file).read_bytes()
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script" not in policy


def test_a_file_that_was_read_is_not_sent_again(house: House) -> None:
    first = house.get(CASEWORKER, CARD)
    tag = first.headers["ETag"]
    assert first.headers["Cache-Control"] == "private, no-cache"
    for named in (tag, f'"other", {tag}', f"W/{tag}", "*"):
        again = house.get(CASEWORKER, CARD, If_None_Match=named)
        assert (again.status_code, again.content, again.headers["ETag"]) == (304, b"", tag)
    for named in ('"other"', tag.strip('"'), ""):
        assert house.get(CASEWORKER, CARD, If_None_Match=named).status_code == 200
    problem(house.get(None, CARD, If_None_Match=tag), 401)


@pytest.mark.parametrize(
    "file",
    [
        "../secret.md",
        "../../secret.md",
        "..%2fsecret.md",
        "..%2f..%2fsecret.md",
        "%2e%2e/secret.md",
        "%2e%2e%2fsecret.md",
        "..%252fsecret.md",
        "..%c0%afsecret.md",
        "..\\secret.md",
        "..%5csecret.md",
        "3/../../secret.md",
        "3/%2e%2e/%2e%2e/secret.md",
        "3//audit.json",
        "/etc/passwd",
        "%2fetc%2fpasswd",
        "3.md%00.html",
        "3.md%0a%0a",
        "%0a3.md",
        "3.md/",
        "3/",
        "3",
        ".",
        "3/.",
        "3/audit.json/x",
        "file:%2f%2f%2fetc%2fpasswd",
        "3.MD",
        "03.md",
        "0.md",
        "9999999.md",
        "4.md",
        "3." + "a" * 300,
    ],
)
def test_paths_that_lead_elsewhere(file: str, house: House) -> None:
    answer = house.get(CASEWORKER, f"/v1/models/ltu-small/cards/{file}")
    assert answer.status_code in {400, 404}, answer.text
    problem(answer)
    assert "SECRET" not in answer.text
    assert "root:" not in answer.text


@pytest.mark.parametrize("name", ["..", "%2e%2e", "%2e", "ltu-small%2f..", ""])
def test_names_of_models_that_lead_elsewhere(name: str, house: House) -> None:
    problem(house.get(CASEWORKER, f"/v1/models/{name}/cards/secret.md"), 404)

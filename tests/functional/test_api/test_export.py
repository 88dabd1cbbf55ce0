"""What a client is given of themselves: all of it, in plain words, as data and as a page; and it is logged."""

from __future__ import annotations

import base64
import json
import re
from hashlib import sha256
from html import unescape
from typing import Any

import pytest
from sqlalchemy import insert

from serving.export.accepted import wants_page
from serving.export.words import catalogue
from serving.store.log import Event
from serving.store.tables import batches, hints, log, metadata

from .house import ANNA, CASEWORKER, CODE, COLLEAGUE, KEY, House, done, judgement, kind_of

WHY = 'Plays <b>the xylophone</b> & "sings" {{ 7 * 7 }}.'
EXPORT = "/v1/clients/export"


def export(house: House, who: str = "demo-officer", client: Any = ANNA, **headers: str) -> Any:
    return house.post(who, EXPORT, {"client": client}, **headers)


def page(house: House, language: str = "en", who: str = "demo-officer") -> str:
    answer = export(house, who, Accept="text/html", Accept_Language=language)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    return str(answer.text)


def whole_walk(house: House) -> str:
    """Let everything happen to Anna that can; return the advice that was shown."""
    house.ready()
    judgement = house.judge(why=WHY)
    advice = str(house.advise(judgement)["advice"])
    body = {"advice": advice, "agrees": "partly", "why": WHY, "done": ["skills", "interview"]}
    done(house.post(CASEWORKER, "/v1/feedback", body), 201)
    body = {"client": ANNA, "ground": "absent_colleague", "why": WHY}
    done(house.post(COLLEAGUE, "/v1/accesses", body), 201)
    done(house.post(COLLEAGUE, "/v1/clients/look-up", {"client": ANNA}))
    make_ready(house, advice)
    house.right("objection")
    house.right("objection", in_force=False)
    make_ready(house, advice)
    return advice


def make_ready(house: House, advice: str) -> None:
    """Let the hint that was shown lie ready, too, as a batch that is complete would have it."""
    ((content,),) = house.rows(f"SELECT content FROM advices WHERE id = '{advice}'")
    with house.service.database.recording(Event("batch", "operator", "operator")) as entry:
        for task, kept in json.loads(content).items():
            of = {
                "model": kept["name"],
                **{name: kept[name] for name in ("task", "version", "digest", "as_of", "valid_until")},
            }
            batch = {"id": f"{task}{entry.seq}", "cohort": "sha256:1", "done_rows": 1, "hints": 1}
            at = {"completed_at": "2026-11-28T12:00:00.000000Z", "seq": entry.seq}
            entry.connection.execute(insert(batches), {**of, **batch, **at})
            hint = {"client": ANNA["pseudonym"], "batch": batch["id"], "content": json.dumps(kept["hint"])}
            entry.connection.execute(insert(hints), {**of, **hint})


# ---------------------------------------------------------------- what is in it


def test_all_that_is_held_is_given(each_house: House) -> None:
    advice = whole_walk(each_house)
    given = done(export(each_house))
    assert given["client"] == ANNA["pseudonym"]
    assert given["assignment"] == {"assigned": True, "office": "Itä", "since": "2026-11-02"}
    assert given["rights"] == {"consent": "2026-11-02", "objection": None, "restriction": None, "erased": None}
    assert [(each["right"], each["in_force"], each["role"]) for each in given["rights_recorded"]] == [
        ("consent", True, "data_protection_officer"),
        ("objection", True, "data_protection_officer"),
        ("objection", False, "data_protection_officer"),
    ]
    assert [each["why"] for each in given["judgements"]] == ["Has a trade, and looks for work in it.", WHY]
    assert [(each["advice"], each["source"]) for each in given["hints_shown"]] == [(advice, "live")]
    assert [(each["agrees"], each["why"], each["done"]) for each in given["feedback"]] == [
        ("partly", WHY, ["skills", "interview"])
    ]
    assert [(each["ground"], each["why"]) for each in given["accesses"]] == [("absent_colleague", WHY)]
    assert [each["ready"] for each in given["hints_ready"]] == [True, True]
    assert [each["action"] for each in given["events"]] == [
        "right", "judgement", "judgement", "advice", "feedback", "break-glass", "client.look", "right", "right",
    ]  # fmt: skip
    assert {each["about"] for each in given["explained"]} == {"short", "uses", "basis", "origin", "kept", "rights"}
    assert {each["name"] for each in given["models"]} == {"ltu-small", "service-need"}


def test_hints_are_told_as_they_were_shown(house: House) -> None:
    judgement = house.ready()
    shown = house.advise(judgement)
    (given,) = done(export(house))["hints_shown"]
    assert {name: given[name] for name in ("needs", "risk", "advice", "judgement", "at")} == {
        name: shown[name] for name in ("needs", "risk", "advice", "judgement", "at")
    }
    assert given["risk"]["reasons"]


def test_no_row_about_a_client_is_forgotten(house: House) -> None:
    """Each table that holds people, and has rows of Anna, is answered for by a section of the export."""
    whole_walk(house)
    done(house.post(CASEWORKER, "/v1/judgements", {"client": ANNA, "service_need": "skills", "chance_of_work": "good",
                                                   "why": "Again."}, Idempotency_Key="k"), 201)  # fmt: skip
    given = done(export(house))
    sections = {
        "clients": given["assignment"], "rights": given["rights_recorded"], "judgements": given["judgements"],
        "advices": given["hints_shown"], "feedback": given["feedback"], "accesses": given["accesses"],
        "hints": given["hints_ready"], "idempotency": given["answers_kept"],
    }  # fmt: skip
    with_people = {table.name for table in metadata.sorted_tables if "client" in table.c and table is not log}
    assert with_people == set(sections)
    for name, section in sections.items():
        ((count,),) = house.rows(f"SELECT count(*) FROM {name} WHERE client = '{ANNA['pseudonym']}'")
        assert count == (1 if name == "clients" else len(section)) > 0, name


def test_every_pseudonym_is_told(house: House) -> None:
    """Whoever posts an identity code makes three pseudonyms of it: the service's own, and one in each cohort."""
    client = {"identity_code": CODE}
    house.ready(client)
    given = done(export(house, client=client))
    told = {each["task"]: each["pseudonym"] for each in given["pseudonyms"]}
    of = {"risk": "ltu-risk", "needs": "service-need"}
    assert told == {task: KEY.for_purpose(purpose).pseudonym(CODE) for task, purpose in of.items()}
    assert given["client"] not in told.values()
    columns = {column.name for column in metadata.tables["clients"].c if column.name.endswith("pseudonym")}
    assert {f"{task}_pseudonym" for task in told} == columns
    for each in given["pseudonyms"]:
        assert each["pseudonym"] in each["words"]
    for language in ("fi", "sv", "en"):
        answer = export(house, client=client, Accept="text/html", Accept_Language=language)
        assert all(pseudonym in answer.text for pseudonym in told.values())
    body = {"client": client, "why": "Asked for."}
    done(house.post("demo-officer", "/v1/clients/erase", body), 204)
    assert done(export(house, client=client))["pseudonyms"] == []


def test_kept_answers_are_told(house: House) -> None:
    house.ready()
    assert done(export(house))["answers_kept"] == []
    done(house.post(CASEWORKER, "/v1/judgements", judgement(), Idempotency_Key="k"), 201)
    (kept,) = done(export(house))["answers_kept"]
    assert kept == {"at": "2026-11-28T12:00:00.000000Z", "words": kept["words"]}
    assert kept["words"] in page(house)
    house.right("objection")  # takes the copies away
    assert done(export(house))["answers_kept"] == []


def test_descriptions_are_where_everybody_can_read_them(house: House) -> None:
    house.advise(house.ready())
    for each in done(export(house, Accept_Language="sv"))["models"]:
        assert each["address"] == f"/about/{each['name']}?language=sv"


def test_staff_are_roles_and_not_names(house: House) -> None:
    whole_walk(house)
    for text in (export(house).text, page(house)):
        for name in (CASEWORKER, COLLEAGUE, "demo-officer", "demo-integration"):
            assert name not in text


def test_other_clients_are_not_in_it(house: House) -> None:
    other = {"pseudonym": "0123456789abcdef" * 2}
    house.ready(other)
    house.judge(other, why="Of somebody else alone.")
    whole_walk(house)
    assert "somebody else" not in export(house).text + page(house)
    assert other["pseudonym"] not in export(house).text + page(house)


def test_after_erasure_that_alone_is_told(house: House) -> None:
    whole_walk(house)
    house.erase()
    given = done(export(house))
    assert given["rights"]["erased"] == "2026-11-28"
    sections = ("rights_recorded", "judgements", "hints_shown", "feedback", "hints_ready", "accesses", "models")
    assert [name for name in sections if given[name]] == []
    assert WHY not in json.dumps(given)
    assert "xylophone" not in page(house)
    assert "Your data was erased on 28 November 2026, as you asked." in page(house)


# ---------------------------------------------------------------- who may


def test_an_export_is_logged(house: House) -> None:
    house.ready()
    done(export(house, CASEWORKER))
    page(house)
    told = house.rows("SELECT who, role, client, content FROM log WHERE action = 'export' ORDER BY seq")
    assert [(role, client, json.loads(content)) for _, role, client, content in told] == [
        ("caseworker", ANNA["pseudonym"], {"form": "data"}),
        ("data_protection_officer", ANNA["pseudonym"], {"form": "page"}),
    ]
    assert [each["action"] for each in done(export(house))["events"]][-2:] == ["export", "export"]


def test_a_caseworker_exports_their_own_clients(house: House) -> None:
    house.ready()
    assert kind_of(export(house, COLLEAGUE)) == (403, "not-your-client")
    body = {"client": ANNA, "ground": "client_asked", "why": "They stand at my desk."}
    done(house.post(COLLEAGUE, "/v1/accesses", body), 201)
    done(export(house, COLLEAGUE))
    for who in ("demo-manager", "demo-reviewer", "demo-scientist", "demo-operator", "demo-integration"):
        if who in house.tokens:
            assert export(house, who).status_code == 403, who


def test_of_whom_nothing_is_held(house: House) -> None:
    assert export(house).status_code == 404
    assert house.rows("SELECT count(*) FROM log") == [(0,)]
    assert kind_of(export(house, CASEWORKER)) == (403, "not-your-client")


def test_an_identity_code_is_nowhere_in_it(house: House) -> None:
    client = {"identity_code": CODE}
    house.ready(client)
    answer = export(house, client=client)
    assert answer.status_code == 200
    assert CODE not in answer.text + export(house, client=client, Accept="text/html").text


# ---------------------------------------------------------------- the page


@pytest.mark.parametrize("language", ["fi", "sv", "en"])
def test_the_page_says_all_that_the_data_says(house: House, language: str) -> None:
    whole_walk(house)
    given = done(export(house, Accept_Language=language))
    text = unescape(re.sub(r"<[^>]+>", " ", page(house, language)))
    assert given["language"] == language
    told = [each["words"] for name in ("rights_recorded", "judgements", "feedback", "accesses", "events")
            for each in given[name]]  # fmt: skip
    told += [each["words"] for name in ("pseudonyms", "answers_kept") for each in given[name]]
    for hint in (*given["hints_shown"], *given["hints_ready"]):
        for part, reasons in (("needs", "drivers"), ("risk", "reasons")):
            if hint[part] is not None:
                told += [hint[part]["words"], *hint[part]["caveats"], *(each["text"] for each in hint[part][reasons])]
    told += [line for each in given["explained"] if each["about"] != "rights" for line in each["lines"]]
    assert len(told) > 40
    for each in told:
        assert each in text


def test_what_people_wrote_is_words_on_the_page(house: House) -> None:
    whole_walk(house)
    html = page(house)
    assert "<b>" not in html
    assert html.count("Plays &lt;b&gt;the xylophone&lt;/b&gt; &amp; &#34;sings&#34; {{ 7 * 7 }}.") == 3


def test_the_page_needs_nothing_else_and_may_nothing_else(house: House) -> None:
    house.ready()
    answer = export(house, Accept="text/html")
    (style,) = re.findall(r"<style>(.*?)</style>", answer.text, re.DOTALL)
    digest = base64.b64encode(sha256(style.encode()).digest()).decode()
    policy = answer.headers["content-security-policy"].split("; ")
    assert policy[:2] == ["default-src 'none'", f"style-src 'sha256-{digest}'"]
    assert "unsafe" not in answer.headers["content-security-policy"]
    assert not re.search(r"<script|<img|<link|<iframe|\sstyle=|\son\w+=|url\(|@import", answer.text)
    assert answer.headers["cache-control"] == "no-store"
    assert "Accept" in answer.headers["vary"].split(", ")


@pytest.mark.parametrize(
    ("accept", "page"),
    [
        (None, False),
        ("", False),
        ("*/*", False),
        ("application/json", False),
        ("text/html", True),
        ("TEXT/HTML", True),
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", True),  # a browser
        ("text/html;q=0.5, application/json", False),
        ("text/html, application/json;q=0.9", True),
        ("application/json, text/html", False),
        ("text/*", True),
        ("text/html;q=0", False),
        ("text/html;q=nonsense", False),
        ("image/png", False),
    ],
)
def test_which_form_a_request_would_rather_have(accept: str | None, page: bool) -> None:
    assert wants_page(accept) is page


def test_on_what_it_rests(house: House, parts: Any, sqlite_url: str) -> None:
    from .house import house_on

    house.ready()
    basis = {each["about"]: each["lines"] for each in done(export(house))["explained"]}["basis"]
    assert "only with your consent" in basis[0]
    law = "Act 380/2023, section 12 <x>"
    with house_on(parts, house.service.database.engine.url, house.clock, needs_consent=False, basis=law) as other:
        basis = {each["about"]: each["lines"] for each in done(export(other))["explained"]}["basis"]
        assert law in basis[0]
        assert "Act 380/2023, section 12 &lt;x&gt;" in page(other)


# ---------------------------------------------------------------- the texts


def texts(language: str) -> dict[str, Any]:
    return {f"{section}.{name}": text for section, all in catalogue(language).items() for name, text in all.items()}


def places(text: Any) -> Any:
    if isinstance(text, str):
        return sorted(re.findall(r"\{\w+\}", text))
    return [places(each) for each in (text.values() if isinstance(text, dict) else text)]


@pytest.mark.parametrize("language", ["fi", "sv"])
def test_texts_are_whole_and_keep_their_places(language: str) -> None:
    english, other = texts("en"), texts(language)
    assert other.keys() == english.keys()
    for key, text in english.items():
        assert places(other[key]) == places(text), key
        assert other[key] != text or key in {"page.made", "told.description"}, key


def test_every_value_has_its_words() -> None:
    from serving.identity.roles import Role
    from serving.wire.advice import Agreement, ChanceOfWork, Done, ServiceNeed
    from serving.wire.clients import Ground, Right

    kinds = {"need": ServiceNeed, "chance": ChanceOfWork, "right": Right, "agrees": Agreement, "done": Done,
             "ground": Ground, "role": Role}  # fmt: skip
    for section, kind in kinds.items():
        assert set(catalogue("en")[section]) == {each.value for each in kind}


def test_every_action_about_a_client_has_its_words() -> None:
    """The code is read for the events that name a client: each must be told to them in words."""
    from pathlib import Path

    import serving

    code = "".join(each.read_text(encoding="utf-8") for each in Path(serving.__file__).parent.rglob("*.py"))
    named = re.findall(
        r'(?:recording|showing)\(\s*"([a-z.-]+)",\s*(?:pseudonym|client|stands\.client|refusal\.client)\b', code
    )
    assert {each.replace(".", "-") for each in named} == set(catalogue("en")["action"])

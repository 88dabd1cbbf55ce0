"""The models and their cards, over a real registry and review: what is shown is what the log and the card say."""

from __future__ import annotations

import json
import re
import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from html import unescape
from pathlib import Path
from typing import Any

import pytest

from ml.errors import UsageError
from ml.governance.policy import POLICY, read_policy
from ml.governance.registry import Registry
from ml.models.trained import TrainedModel
from serving.models.loading import InUse
from serving.models.watch import Watch
from serving.pages.card import card_body
from serving.pages.page import Page
from serving.pages.site import PAGES
from serving.settings import Settings
from serving.wire.inputs import inputs_model

from ..test_api.house import Parts
from .browsing import Site, site_on, text_of

REPO = Path(__file__).parents[3]
CARD = "/models/ltu-small/cards/1"
EVERYBODY = ("demo-caseworker", "demo-reviewer", "demo-manager", "demo-officer", "demo-scientist", "demo-operator")


@dataclass
class Reviewed:
    """Pages over a registry: version 1 of ltu-small is approved and in use, version 2 is a draft."""

    site: Site
    registry: Registry

    @property
    def card(self) -> dict[str, Any]:
        return self.registry.cards.read("ltu-small", 1)


@pytest.fixture
def reviewed(in_use: Path, parts: Parts, model: TrainedModel, sqlite_url: str) -> Iterator[Reviewed]:
    """Yield the pages of a worker that has loaded what the registry approved."""
    with reviewed_at(in_use, parts, model, sqlite_url) as found:
        yield found


def reviewed_at(home: Path, parts: Parts, model: TrainedModel, url: str, **changed: Any) -> Any:
    from contextlib import contextmanager

    @contextmanager
    def pages() -> Iterator[Reviewed]:
        registry = Registry(home, read_policy(POLICY))
        approved = registry.load_approved("ltu-small", datetime.now(UTC))
        inputs = inputs_model([each.column for each in model.encoder.inputs])
        loaded = {"ltu-small": lambda _: InUse(approved, model, True, inputs, Watch(registry, approved))}
        with site_on(Parts(loaded, parts.people, registry.cards.folder), url, registry=registry, **changed) as site:
            yield Reviewed(site, registry)

    return pages()


# ---------------------------------------------------------------- the card


@pytest.mark.parametrize("who", EVERYBODY)
def test_everybody_reaches_the_card_in_one_click(reviewed: Reviewed, who: str) -> None:
    reader = reviewed.site.reader(who)
    assert f'href="{CARD}"' in reader.get("/models")
    assert "Hints are made with this version." in text_of(reader.get(CARD))


def test_what_matters_most_comes_first(reviewed: Reviewed) -> None:
    said, card = text_of(reviewed.site.reader().get(CARD)), reviewed.card
    (step,) = (each for each in reviewed.registry.review("ltu-small", 1).steps if each.approval is not None)
    approval = step.approval
    assert approval is not None
    in_order = [
        "It estimates how many of people in a like situation",
        "It does not say why, what would help, or how it will go for the client.",
        "For whom it is weak",
        "How well it does",
        "Who answers for it",
        f"Approved by {step.person}",
        f"Until {approval.expires.day} {approval.expires:%b %Y}",
        approval.does,
        approval.conditions[0].what,
        "The whole card",
        card["headlines"][0]["text"].split(":")[0],
        f"Trained by {card['provenance']['trained_by']}",
    ]
    places = [said.find(each) for each in in_order]
    assert -1 not in places, in_order[places.index(-1)]
    assert places == sorted(places)
    assert card["audit"]["verdict"] == "insufficient"
    assert "There is not enough evidence to say that the hint treats everybody equally." in said


def test_for_whom_it_is_weak_is_told_with_figures(reviewed: Reviewed) -> None:
    """The card that is published in the repository, as a reader elsewhere finds it there."""
    published = REPO / "model_cards" / "ltu-risk"
    shutil.copytree(published, reviewed.registry.cards.folder / "ltu-risk")
    said = text_of(reviewed.site.reader().get("/models/ltu-risk/cards/1"))
    markdown = (published / "1.md").read_text(encoding="utf-8")
    failing = re.search(r"audit fails: (\d+) of \d+ findings", markdown)
    assert failing is not None
    assert f"{failing[1]} differences are greater than allowed" in said
    assert re.search(
        r"Limited work ability: limited .*\d+ in vain\. In the comparison group \(not limited\): \d+", said
    )
    assert re.search(
        r"Of 100 people who were pointed out, about \d+ \(between \d+ and \d+\) were still unemployed", said
    )
    assert "Nobody has approved it. It is: draft." in said


@pytest.mark.parametrize(("language", "words"), [("fi", "Kenen kohdalla se on heikko"), ("sv", "För vem den är svag")])
def test_the_short_part_is_in_the_readers_language_and_the_card_is_marked_as_english(
    reviewed: Reviewed, language: str, words: str
) -> None:
    page = reviewed.site.reader(language=language).get(CARD)
    assert words in page
    assert f'<html lang="{language}">' in page
    whole = page[page.index('<div class="card-body" lang="en">') :]
    assert "Shown before a decision" not in page
    assert "<h3" in whole
    assert "<h2" not in whole


def test_every_link_of_the_page_leads_somewhere(reviewed: Reviewed) -> None:
    reader = reviewed.site.reader("demo-scientist")
    for path in ("/models", "/models/ltu-small", CARD):
        page = reader.get(path)
        ids = set(re.findall(r'id="([^"]+)"', page))
        assert len(ids) == len(re.findall(r'id="([^"]+)"', page))
        main = page[page.index("<main") : page.index("</main>")]
        for place in {unescape(each) for each in re.findall(r'href="([^"]+)"', main)}:
            whole, _, fragment = place.partition("#")
            if not whole:
                assert fragment in ids, (path, place)
                continue
            assert whole.startswith("/"), place
            reader.get(whole)


def test_a_page_says_no_more_than_the_files_that_were_signed(reviewed: Reviewed) -> None:
    """The figures of the card stand on the page as they stand in its source."""
    page = text_of(reviewed.site.reader().get(CARD)).replace("\u00a0", " ")
    auc = reviewed.card["metrics"]["auc"]
    assert f"{auc['value']:.3f} ({auc['low']:.3f}" in page


@pytest.mark.parametrize(
    "path",
    [
        "/models/ltu-large", "/models/..%2f..", "/models/ltu-small/cards/3", "/models/ltu-small/cards/0",
        "/models/ltu-small/cards/1.md", "/models/ltu-small/cards/-1", "/models/ltu-small/cards/9999999",
        "/models/ltu-large/cards/1", "/models/%2e%2e/cards/1",
    ],
)  # fmt: skip
def test_what_is_not_there(reviewed: Reviewed, path: str) -> None:
    assert "There is no such page" in reviewed.site.reader().get(path, status=404)


def test_nobody_unknown_reads_a_card(reviewed: Reviewed) -> None:
    for path in ("/models", "/models/ltu-small", CARD):
        answer = reviewed.site.reader(None).client.get(path, follow_redirects=False)
        assert answer.status_code == 303
        assert answer.headers["location"].startswith("/sign-in?return_to=")


# ---------------------------------------------------------------- versions


def test_each_version_says_where_it_stands(reviewed: Reviewed) -> None:
    reader = reviewed.site.reader("demo-scientist")
    rows = rows_of(reader.get("/models"))
    assert [row[0] for row in rows] == ["2", "1 in use"]
    assert rows[0][1].startswith("draft")
    assert rows[1][1].startswith("approved with conditions approved by Alan until ")
    for row, version in zip(rows, (2, 1), strict=True):
        run = reviewed.registry.cards.read("ltu-small", version)["provenance"]["run"]
        assert row[4] == f"apualy replay {run}"
    assert "No hints are made with this version. It is: draft." in text_of(reader.get("/models/ltu-small/cards/2"))


def test_what_changed_between_versions_is_told(reviewed: Reviewed) -> None:
    told = reviewed.registry.cards.read("ltu-small", 2)["changes"]
    assert told
    page = unescape(reviewed.site.reader("demo-scientist").get("/models/ltu-small"))
    for each in told:
        assert f'<th scope="row">{each["what"]}</th>' in page


def test_a_revocation_is_on_the_page_at_once(reviewed: Reviewed, review_in: Any) -> None:
    reader = reviewed.site.reader()
    assert "No hints" not in text_of(reader.get(CARD))
    review_in(reviewed.registry.home, 1, ("revoke",))
    assert "No hints are made with this version. It is: approval withdrawn." in text_of(reader.get(CARD))
    listed = reader.get("/models")
    assert "Card of version 1" in listed
    page = text_of(listed)
    assert "No hints are made with it now." in page
    assert "version 1 was revoked by Grace" in page
    assert "until" not in rows_of(reader.get("/models"))[1][1]


def test_a_stop_is_on_the_card(reviewed: Reviewed) -> None:
    operator, reader = reviewed.site.reader("demo-operator"), reviewed.site.reader()
    operator.get("/stops")
    operator.post("/stops", model="ltu-small", why="A fault was reported.")
    assert re.search(r"It is stopped since .*: A fault was reported\.", text_of(reader.get(CARD)))


def test_a_card_that_was_edited_closes_the_gate_and_says_so(reviewed: Reviewed) -> None:
    path = reviewed.registry.cards.path("ltu-small", 1)
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace('"weak": false', '"weak": true') if '"weak": false' in text else text + "\n")
    page = text_of(reviewed.site.reader().get(CARD))
    assert "No hints are made with this version." in page
    assert "the card of ltu-small version 1 changed after its approval" in page.replace("“", "")


def test_a_card_that_cannot_be_read_is_told_in_its_place(reviewed: Reviewed) -> None:
    reviewed.registry.cards.path("ltu-small", 2).write_text("{", encoding="utf-8")
    reader = reviewed.site.reader("demo-scientist")
    rows = rows_of(reader.get("/models"))
    assert "the card cannot be read" in rows[0][1]
    assert rows[1][0] == "1 in use"
    assert "The model may not be used now" in reader.get("/models/ltu-small/cards/2", status=503)


def test_a_card_is_read_again_when_its_file_changes(reviewed: Reviewed) -> None:
    reader, path = reviewed.site.reader("demo-scientist"), reviewed.registry.cards.path("ltu-small", 2)
    reader.get("/models")
    card = json.loads(path.read_text(encoding="utf-8"))
    time.sleep(0.01)
    path.write_text(json.dumps(card | {"provenance": card["provenance"] | {"run": "another"}}), encoding="utf-8")
    assert rows_of(reader.get("/models"))[0][4] == "apualy replay another"


def rows_of(page: str) -> list[list[str]]:
    """Return the cells of the rows of the first table, as text."""
    body = page[page.index("<tbody>") : page.index("</tbody>")]
    return [
        [text_of(f"<main>{cell}</main>") for cell in re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.DOTALL)]
        for row in re.findall(r"<tr>(.*?)</tr>", body, re.DOTALL)
    ]


# ---------------------------------------------------------------- what it takes


def test_what_a_model_takes_is_told_in_the_readers_language(reviewed: Reviewed) -> None:
    page = text_of(reviewed.site.reader(language="fi").get("/models/ltu-small"))
    assert "Vuosia työssä luku väliltä 0–50" in page
    assert "84, 182, 364" in page
    assert "tenure" not in page
    assert "tenure" in text_of(reviewed.site.reader("demo-scientist").get("/models/ltu-small"))


# ---------------------------------------------------------------- MLflow


def test_how_mlflow_is_opened_is_told_to_those_who_work_with_runs(reviewed: Reviewed) -> None:
    home = reviewed.registry.home
    for who, told in (("demo-scientist", True), ("demo-operator", True), ("demo-caseworker", False)):
        page = reviewed.site.reader(who).get("/models")
        assert (f"mlflow ui --backend-store-uri sqlite:///{home}/mlflow/mlflow.db" in page) is told
        assert ("apualy replay" in page) is told


def test_where_mlflow_has_pages_each_version_links_to_its_own(
    in_use: Path, parts: Parts, model: TrainedModel, sqlite_url: str
) -> None:
    with reviewed_at(in_use, parts, model, sqlite_url, mlflow_pages="https://mlflow.example.fi") as reviewed:
        page = reviewed.site.reader("demo-scientist").get("/models")
        for version in (1, 2):
            assert f'href="https://mlflow.example.fi/#/models/ltu-small/versions/{version}"' in page
        assert "mlflow ui" not in page
        assert "mlflow.example.fi" not in reviewed.site.reader().get("/models")


@pytest.mark.parametrize(
    ("written", "read"),
    [("", None), (" https://mlflow.example.fi/ ", "https://mlflow.example.fi"),
     ("http://127.0.0.1:5000/x", "http://127.0.0.1:5000/x")],
)  # fmt: skip
def test_where_mlflow_is_comes_from_the_environment(written: str, read: str | None) -> None:
    assert Settings.from_environ({"APUALY_MLFLOW_PAGES": written}).mlflow_pages == read


@pytest.mark.parametrize(
    "written",
    ["mlflow.example.fi", "javascript:alert(1)", "https://ada:secret@mlflow.example.fi", "sqlite:///mlflow.db",
     "https://mlflow.example.fi/?token=secret", "https://"],
)  # fmt: skip
def test_an_address_that_is_none_or_holds_a_secret_is_refused(written: str) -> None:
    with pytest.raises(UsageError, match="APUALY_MLFLOW_PAGES must be the address") as refused:
        Settings.from_environ({"APUALY_MLFLOW_PAGES": written})
    assert "secret" not in str(refused.value)


# ---------------------------------------------------------------- the card's Markdown in a page


def test_nothing_that_was_written_in_a_card_runs_or_leads_elsewhere() -> None:
    text = (
        "# Title\n\n## A <b>section</b>\n\n<script>alert(1)</script> <img src=x onerror=alert(1)>\n\n"
        "[a](javascript:alert(1)) [b](https://example.org) [c](//example.org) [d](/etc) ![e](x.png) [f](1/e.html#g)\n\n"
        '| "><i>head | two |\n| --- | --- |\n| 0.7 (0.6 to 0.8) | x |\n'
    )
    body = card_body(text, "/v1/models/m/cards")
    folder = "/v1/models/m/cards"
    assert re.findall(r'href="([^"]*)"', body.html) == [f"{folder}/x.png", f"{folder}/1/e.html#g"]
    assert not re.search(r"<(script|img|b|i)\b", body.html)
    assert "Title" not in body.html
    assert [each.words for each in body.contents] == ["A <b>section</b>"]
    assert "0.7\u00a0(0.6\u00a0to\u00a00.8)" in body.html


def test_tables_of_a_card_are_named_and_say_what_their_heads_head() -> None:
    table = "| a | b |\n| --- | --- |\n| 1 | 2 |\n\n"
    html = card_body(f"# T\n\n## First\n\n{table}{table}### Deeper\n\n{table}", "/x").html
    assert re.findall(r"<caption[^>]*>(.*?)</caption>", html) == ["First", "First (2)", "Deeper"]
    assert html.count('<th scope="col">') == 6
    assert html.count('tabindex="0" role="group" aria-label=') == 3
    assert re.findall(r"<(h\d)", html) == ["h3", "h4"]


def test_the_pages_are_among_those_of_the_site() -> None:
    def told(page: Page) -> tuple[str, str]:
        return page.method, page.path

    assert {("GET", "/models"), ("GET", "/models/{name}"), ("GET", "/models/{name}/cards/{version}")} <= set(
        map(told, PAGES)
    )

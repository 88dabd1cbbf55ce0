"""The reviewer's pages on a real registry: three people take a version its whole way, and each rule says why not."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from ml.governance.policy import POLICY, read_policy
from ml.governance.registry import Registry
from ml.governance.review.statement import written
from ml.governance.review.states import State, Step
from ml.governance.signing.demo import key_file
from ml.governance.signing.envelope import seal
from ml.governance.signing.keys import read_key
from ml.governance.signing.log import append, read_log
from ml.governance.signing.role import Role
from ml.governance.signing.trust_text import add_person

from ...governance.reviewing import step as statement
from ..test_api.house import CASEWORKER, NOW, Parts
from .browsing import Reader, Site, site_on, text_of

MODEL = "ltu-small"
V = f"/review/{MODEL}/1"
SCIENTIST, REVIEWER, OWNER = "demo-scientist", "demo-reviewer", "demo-owner"
ACCOUNTS = {"Ada": SCIENTIST, "Grace": REVIEWER, "Alan": OWNER}
FORMS = Path(__file__).parents[3] / "model_cards" / "demo"
WHY = "Read it from end to end."
DOES = "It estimates how long people in a like situation stay without work."
WRONG = "People with limited health may be flagged in vain, and feel watched."


@pytest.fixture
def registry(drafts: Path) -> Registry:
    """Return a registry with two drafts, whose reviewers have accounts."""
    home = Registry(drafts, read_policy(POLICY), policy_path=POLICY)
    for person in home.trust.people:
        add_person(home.trust_path, replace(person, account=ACCOUNTS[person.name]))
    return home


def in_time(site: Site) -> Site:
    site.house.clock.at = datetime.now(UTC) + timedelta(minutes=1)  # models were trained just now
    return site


@pytest.fixture
def site(parts: Parts, sqlite_url: str, registry: Registry) -> Iterator[Site]:
    with site_on(parts, sqlite_url, registry=registry) as site:
        yield in_time(site)


@pytest.fixture
def secret(passphrase: Path) -> str:
    return passphrase.read_text(encoding="ascii").strip()


@pytest.fixture
def step(site: Site, secret: str) -> Callable[..., str]:
    """Return what takes a step on the pages, by whom it is of."""
    whose = {"submit": SCIENTIST}

    def take(name: str, who: str | None = None, status: int = 200, **fields: str) -> str:
        reader = site.reader(who or whose.get(name, REVIEWER))
        reader.get(f"{V}/{name}")
        return reader.post(f"{V}/{name}", status, **{"reason": WHY, "passphrase": secret, **fields})

    return take


class Fields(HTMLParser):
    """The places of a form of questions, and the answers that stand in it."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.places: list[str] = []
        self.answers: list[str] = []
        self.area: str | None = None
        self.options: list[tuple[str, bool]] | None = None
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        of = dict(attrs)
        if tag == "input" and of.get("name") == "place":
            self.places.append(str(of["value"]))
        elif tag == "input" and of.get("name") == "answer":
            self.answers.append(of.get("value") or "")
        elif tag == "textarea" and of.get("name") == "answer":
            self.area = ""
        elif tag == "select":
            self.options = []
        elif tag == "option" and self.options is not None:
            self.options.append((of.get("value") or "", "selected" in of))

    def handle_data(self, data: str) -> None:
        if self.area is not None:
            self.area += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea" and self.area is not None:
            self.answers.append(self.area.removeprefix("\n"))
            self.area = None
        elif tag == "select" and self.options is not None:
            self.answers.append(next((value for value, chosen in self.options if chosen), self.options[0][0]))
            self.options = None

    def told(self, **changed: str) -> dict[str, list[str]]:
        """Return the form as it is sent, with answers changed; `__` stands for `/` in a place."""
        pairs = dict(zip(self.places, self.answers, strict=True))
        changes = {f"/{place.replace('__', '/')}": answer for place, answer in changed.items()}
        assert changes.keys() <= pairs.keys(), changes.keys() - pairs.keys()
        pairs |= changes
        return {"place": list(pairs), "answer": list(pairs.values())}


def fill(reader: Reader, which: str, answers: Mapping[str, Any], status: int = 200) -> str:
    """Send a form of the card with answers as the demonstration's file has them."""
    page = reader.get(f"{V}/{which}")
    fields = Fields(page)
    pairs = dict(zip(fields.places, fields.answers, strict=True))
    pairs |= {place: answer for place, answer in flat(answers).items() if place in pairs}
    printed = re.search(r'name="printed_after" value="(\d+)"', page)
    assert printed
    return reader.post(f"{V}/{which}", status, printed_after=printed[1], place=list(pairs), answer=list(pairs.values()))


def flat(content: Any, at: str = "") -> dict[str, str]:
    """Return place → answer of what a TOML form holds."""
    if isinstance(content, dict):
        return {place: answer for key, each in content.items() for place, answer in flat(each, f"{at}/{key}").items()}
    if isinstance(content, list):
        return {
            place: answer for key, each in enumerate(content) for place, answer in flat(each, f"{at}/{key}").items()
        }
    return {at: str(content)}


def demo(which: str) -> dict[str, Any]:
    """Return the demonstration's answers; on a page a document is named by its digest, which people have at hand."""
    content = tomllib.loads((FORMS / f"{which}.toml").read_text(encoding="utf-8"))
    for each in content.get("impact", {}).values():
        each["digest"] = f"sha256:{hashlib.sha256((FORMS / each.pop('document')).read_bytes()).hexdigest()}"
    return content


def filled(site: Site) -> None:
    """Fill in both forms of the card, on its pages: the reviewer hears people, the scientist knows the rest."""
    fill(site.reader(SCIENTIST), "card", demo("card"))
    fill(site.reader(REVIEWER), "dialogue", demo("dialogue"))


def approved(site: Site, secret: str, status: int = 200, **changed: str) -> str:
    """Send the form of an approval, well filled in but for what is changed."""
    owner = site.reader(OWNER)
    fields = Fields(owner.get(f"{V}/approve"))
    good = {"does": DOES, "could_go_wrong": WRONG, "condition__0__what": "Trained and audited again by then."}
    good |= {place.strip("/").replace("/", "__"): WHY for place in fields.places if place.endswith("/reason")}
    told = fields.told(**{**good, **changed})
    return owner.post(f"{V}/approve", status, passphrase=secret, **told)


# ---------------------------------------------------------------- the whole way


def test_three_people_take_a_version_its_whole_way_and_a_fourth_hand_stops_it(
    site: Site, registry: Registry, step: Callable[..., str], secret: str
) -> None:
    def state() -> State:
        return registry.review(MODEL, 1).state(site.house.service.now())

    assert "The model card has gaps that its author must fill first." in text_of(site.reader(SCIENTIST).get(V))
    filled(site)
    assert "The card has no gaps." in text_of(site.reader(SCIENTIST).get(V))
    assert "Signed and in the log: Submitted for review." in text_of(step("submit", reason=""))
    assert state() is State.SUBMITTED
    assert "Waiting for a review" in text_of(site.reader(REVIEWER).get("/review"))
    assert "Signed and in the log: Assessed." in text_of(step("assess"))
    said = text_of(
        approved(site, secret, condition__1__kind="task", condition__1__what="Caseworkers are taught what a hint is.")
    )
    assert "Signed and in the log: Approved." in said
    assert DOES in said
    assert state() is State.CONDITIONAL
    review = registry.review(MODEL, 1)
    assert [each.person for each in review.steps] == ["Ada", "Grace", "Alan"]
    assert review.approval is not None
    task = next(each for each in review.approval.conditions if each.kind == "task")
    registry.load_approved(MODEL, site.house.service.now())

    shown = text_of(step("fulfil", condition=task.id, reason="The course was held in June."))
    assert "Signed and in the log: Shown that a condition is met." in shown
    assert registry.review(MODEL, 1).steps[-1].fulfilment is not None
    assert "Approval withdrawn" in text_of(step("revoke", reason="A fault was found in it."))
    assert state() is State.REVOKED
    assert registry.store.aliased(MODEL) is None

    logged = site.house.rows(
        "SELECT action, who, role, client, content FROM log WHERE action IN ('review', 'card.fill')"
    )
    assert [(action, who) for action, who, *_ in logged] == [
        ("card.fill", SCIENTIST), ("card.fill", REVIEWER), ("review", SCIENTIST), ("review", REVIEWER),
        ("review", OWNER), ("review", REVIEWER), ("review", REVIEWER),
    ]  # fmt: skip
    for *_, client, content in logged:
        assert client is None
        assert json.loads(content).keys() <= {"model", "version", "step", "entry", "form", "gaps"}
    history = text_of(site.reader(CASEWORKER).get(f"/review/{MODEL}/cards/1"))
    assert "approval withdrawn" in history


def test_a_version_that_was_returned_can_be_corrected_and_submitted_again(
    site: Site, registry: Registry, step: Callable[..., str]
) -> None:
    filled(site)
    step("submit")
    assert "Returned for correction" in text_of(step("return"))
    assert "Submitted for review" in text_of(step("submit"))
    assert "Rejected" in text_of(step("reject"))
    assert [each.step for each in registry.review(MODEL, 1).steps] == [S.SUBMIT, S.RETURN, S.SUBMIT, S.REJECT]


S = Step


# ---------------------------------------------------------------- a button that may not be pressed says why


@pytest.mark.parametrize(
    ("ahead", "who", "name", "why"),
    [
        ((), SCIENTIST, "submit", "The model card has gaps that its author must fill first."),
        ((), REVIEWER, "submit", "Your role here does not include this step."),
        (("fill",), REVIEWER, "assess", "This step is not open as the version stands now."),
        (("fill", "submit"), REVIEWER, "approve", "This step is not open as the version stands now."),
        (("fill", "submit", "assess"), REVIEWER, "approve", "Your role in the trust file does not include this step."),
        (("fill", "submit"), OWNER, "assess", "Your role in the trust file does not include this step."),
        (("fill", "submit", "altered"), REVIEWER, "assess", "A file of the model card is not as it was made."),
        (("fill", "submit", "key"), REVIEWER, "assess", "Your signing key is not kept on this server."),
        (("fill", "submit", "clock"), REVIEWER, "assess", "The clock of the service was set back"),
    ],
)
def test_what_may_not_be_done_says_why_and_cannot_be_done_by_hand_either(
    site: Site, registry: Registry, review_in: Any, secret: str, ahead: tuple[str, ...], who: str, name: str, why: str
) -> None:
    review_in(registry.home, 1, [each for each in ahead if each in ("fill", "submit", "assess")])
    if "altered" in ahead:
        registry.cards.path(MODEL, 1).with_suffix(".html").write_text("A better card.", encoding="utf-8")
    if "key" in ahead:
        key_file(registry.home / "keys", "Grace").unlink()
    if "clock" in ahead:
        site.house.clock.at = NOW - timedelta(days=9)
    reader = site.reader(who)
    page = reader.get(V)
    button = re.search(
        rf'<button[^>]* disabled aria-describedby="why-{name}">.*?<p id="why-{name}">([^<]*)', page, re.DOTALL
    )
    assert button, text_of(page)
    assert why in button[1]
    before = registry.log.read_bytes() if registry.log.exists() else b""
    if why.startswith("Your role here"):
        reader.get(f"{V}/{name}", 403)
    else:
        assert why in text_of(reader.get(f"{V}/{name}"))
    answer = reader.send(f"{V}/{name}", reason=WHY, passphrase=secret, place=["/card"], answer=["x"])
    assert answer.status_code in {403, 422}
    assert (registry.log.read_bytes() if registry.log.exists() else b"") == before


def test_who_is_not_in_the_trust_file_sees_everything_and_is_told(
    site: Site, registry: Registry, review_in: Any, secret: str
) -> None:
    review_in(registry.home, 1, ("fill", "submit"))
    text = registry.trust_path.read_text("utf-8")
    registry.trust_path.write_text(text.replace(f'"{REVIEWER}"', '"somebody-else"'), "utf-8")
    reader = site.reader(REVIEWER)
    assert "You cannot sign: your account is nobody's in the trust file." in text_of(reader.get("/review"))
    assert "so your signature does not count" in text_of(reader.get(f"{V}/assess"))
    for path in (V, f"{V}/fairness", f"{V}/changes", f"/review/{MODEL}/cards/1", f"{V}/dialogue"):
        reader.get(path)
    reader.post(f"{V}/assess", 422, reason=WHY, passphrase=secret)
    assert len(registry.review(MODEL, 1).steps) == 1


def test_a_step_of_somebody_elses_key_is_not_taken(site: Site, registry: Registry, review_in: Any, secret: str) -> None:
    """Grace's file holds Alan's key: it opens, and signs nothing of hers."""
    review_in(registry.home, 1, ("fill", "submit"))
    keys = registry.home / "keys"
    shutil.copy(key_file(keys, "Alan"), key_file(keys, "Grace"))
    said = text_of(_sent(site, "assess", 422, passphrase=secret))
    assert "The step was not taken." in said
    assert "this key is Alan's, not Grace's" in said
    assert len(registry.review(MODEL, 1).steps) == 1


def _sent(site: Site, name: str, status: int, who: str = REVIEWER, **fields: str) -> str:
    reader = site.reader(who)
    reader.get(f"{V}/{name}")
    return reader.post(f"{V}/{name}", status, **{"reason": WHY, **fields})


# ---------------------------------------------------------------- the passphrase


def test_the_passphrase_shows_itself_nowhere(
    site: Site, registry: Registry, review_in: Any, secret: str, caplog: pytest.LogCaptureFixture
) -> None:
    review_in(registry.home, 1, ("fill", "submit"))
    wrong = "a passphrase of nobody's"
    with caplog.at_level(0):
        pages = [
            _sent(site, "assess", 422, passphrase=wrong),
            _sent(site, "assess", 422, passphrase=secret, reason="no"),
            _sent(site, "assess", 422, passphrase=wrong, reason=""),
            _sent(site, "assess", 422, passphrase="", reason=WHY),
        ]
        reader = site.reader(REVIEWER)
        reader.get(f"{V}/assess")
        pages.append(reader.post(f"{V}/assess", 409, csrf="x" * len(reader.csrf), reason=WHY, passphrase=secret))
        over = Reader(reader.client, csrf=reader.csrf)
        over.client.cookies.clear()
        pages.append(over.post(f"{V}/assess", 401, reason=WHY, passphrase=secret))
        pages.append(_sent(site, "assess", 200, passphrase=secret))
    assert "This is not the passphrase of your signing key." in text_of(pages[0])
    for page in pages[:-1]:
        assert page.count(WHY) == (1 if WHY in page else 0)
    assert sum(WHY in page for page in pages[:-1]) >= 4  # what else was typed is kept
    held = "".join(pages) + caplog.text + repr([vars(each) for each in caplog.records])
    for each in (wrong, secret):
        assert each not in held
    for path in registry.home.rglob("*"):
        if path.is_file():
            assert secret.encode() not in path.read_bytes(), path
    for database in Path(str(site.house.service.database.engine.url.database)).parent.glob("*"):
        assert secret.encode() not in database.read_bytes()
    assert registry.review(MODEL, 1).state(site.house.service.now()) is State.ASSESSED


# ---------------------------------------------------------------- what is wrong is told where it is


def test_what_is_wrong_with_an_approval_is_told_at_its_place_and_nothing_typed_is_lost(
    site: Site, registry: Registry, review_in: Any, secret: str
) -> None:
    review_in(registry.home, 1, ("fill", "submit", "assess"))
    page = approved(site, secret, 422, does="<script>x</script>", expires="2031-01-01", reason="")
    faults = dict(re.findall(r'class="field-error" id="q-([^"]*)-error">([^<]*)<', page))
    assert faults.keys() == {"reason"}  # what is missing comes first
    page = approved(site, secret, 422, does="<script>x</script>", expires="2031-01-01", condition__0__due="2025-01-01")
    faults = dict(re.findall(r'class="field-error" id="q-([^"]*)-error">([^<]*)<', page))
    assert faults == {
        "does": "Say it in your own words, in at least one whole sentence.",
        "expires": "The last day is in the past, or later than the policy allows.",
        "condition-0-due": "This condition cannot be asked for as it is written.",
    }
    assert "&lt;script&gt;x&lt;/script&gt;</textarea>" in page
    assert "<script>x" not in page
    assert WRONG in page
    assert 'value="2031-01-01"' in page
    assert len(registry.review(MODEL, 1).steps) == 2


def test_each_finding_outside_the_limits_must_be_accepted_in_words(
    site: Site, registry: Registry, review_in: Any, secret: str
) -> None:
    review_in(registry.home, 1, ("fill", "submit", "assess"))
    card = registry.cards.read(MODEL, 1)
    fields = Fields(site.reader(OWNER).get(f"{V}/approve"))
    wanted = [*card["deviations"], *(each["id"] for each in card["audit"]["findings"] if "id" in each)]
    offered = " ".join(answer for place, answer in zip(fields.places, fields.answers, strict=True)
                       if place.endswith(("/deviation", "/findings")))  # fmt: skip
    assert all(each in offered for each in wanted)
    if not wanted:
        pytest.fail("the card of this test deviates in nothing")
    page = approved(site, secret, 422, accept__0__reason="no")
    assert re.search(r'id="q-accept-0-reason-error"', page)


def test_a_form_of_another_card_is_not_signed(site: Site, registry: Registry, review_in: Any, secret: str) -> None:
    review_in(registry.home, 1, ("fill", "submit", "assess"))
    said = text_of(approved(site, secret, 422, card="sha256:" + "0" * 64))
    assert "the approval form is of another card" in said
    assert len(registry.review(MODEL, 1).steps) == 2


@pytest.mark.parametrize(
    ("place", "answer", "words"),
    [
        ("/recommendation/date", "2099-01-01", "This day has not come yet."),
        ("/notice/date", "soon", "This is no day; write it as 2026-11-02."),
        ("/heard/1/said", "It is 131052-308T who said so.", "There is an identity code in this text; leave it out."),
        ("/weighing/3/verdict", "perhaps", "Choose one of these."),
    ],
)
def test_what_a_form_of_the_card_is_refused_for_is_told_at_the_answer(
    site: Site, registry: Registry, place: str, answer: str, words: str
) -> None:
    reader, content = site.reader(REVIEWER), demo("dialogue")
    page = reader.get(f"{V}/dialogue")
    pairs = dict(zip(Fields(page).places, Fields(page).answers, strict=True))
    pairs |= {each: said for each, said in flat(content).items() if each in pairs} | {place: answer}
    before = registry.cards.path(MODEL, 1).read_bytes()
    page = reader.post(f"{V}/dialogue", 422, printed_after="0", place=list(pairs), answer=list(pairs.values()))
    assert re.findall(r'class="field-error" id="q([^"]*)-error">([^<]*)<', page) == [(place.replace("/", "-"), words)]
    assert pairs["/notice/text"] in text_of(page)
    assert registry.cards.path(MODEL, 1).read_bytes() == before


def test_a_row_that_is_left_blank_moves_no_fault_to_another(site: Site) -> None:
    reader = site.reader(REVIEWER)
    fields = Fields(reader.get(f"{V}/dialogue"))
    told = fields.told(heard__1__said="We fear to be put in a box.", heard__1__date="2099-01-01")
    page = reader.post(f"{V}/dialogue", 422, printed_after="0", **told)
    assert re.findall(r'class="field-error" id="q([^"]*)-error"', page) == ["-heard-1-date"]


def test_a_form_asks_only_what_it_shows(site: Site, registry: Registry) -> None:
    """A path of a file is asked at the command line alone: a page would read the server's."""
    reader = site.reader(SCIENTIST)
    fields = Fields(reader.get(f"{V}/card"))
    for more in ("/impact/data_protection/document", "/odd", "/risks/999/what"):
        told = {"place": [*fields.places, more], "answer": [*fields.answers, "/etc/passwd"]}
        page = reader.post(f"{V}/card", 422, printed_after="0", **told)
        assert "The form is not as it was shown; load it anew." in text_of(page)
    assert registry.cards.read(MODEL, 1)["people"].get("impact") is None


def test_who_filled_in_meanwhile_loses_nothing(site: Site, registry: Registry) -> None:
    late = site.reader(SCIENTIST)
    fields = Fields(late.get(f"{V}/dialogue"))
    fill(site.reader(REVIEWER), "dialogue", demo("dialogue"))
    page = late.post(f"{V}/dialogue", 422, printed_after="0", **fields.told(notice__text="Something else is noticed."))
    assert "Grace filled in the card since it was printed" in text_of(page)
    assert "Something else is noticed." in page


def test_what_was_assessed_stays_as_it_is(site: Site, registry: Registry, review_in: Any) -> None:
    review_in(registry.home, 1, ("fill", "submit", "assess"))
    reader = site.reader(REVIEWER)
    page = reader.get(f"{V}/dialogue")
    assert "Nobody can fill it in now" in text_of(page)
    assert 'name="place"' not in page


# ---------------------------------------------------------------- reading


def test_the_verdict_stands_first_and_every_link_of_the_card_leads_somewhere(site: Site, registry: Registry) -> None:
    reader = site.reader(CASEWORKER)
    page = reader.get(f"/review/{MODEL}/cards/1")
    first = registry.cards.read(MODEL, 1)["headlines"][0]["text"]
    main = text_of(page)
    assert main.index(first[:60]) < main.index("On this page") < main.index("Provenance")
    links = set(re.findall(rf'href="(/review/{MODEL}/cards/[^"#]*)', page))
    assert len(links) > 2
    for link in links:
        reader.get(link)


def test_the_fairness_report_has_an_interval_to_each_figure(site: Site) -> None:
    page = site.reader(REVIEWER).get(f"{V}/fairness")
    cells = re.findall(r"<td>([+-]?[0-9][^<]*)</td>", page)
    figures = [each for each in cells if re.match(r"[+-]?[0-9.,]+( |$)", each)]
    assert figures
    for each in figures:
        assert re.search(r"\(.+ to .+\)", each), each


def test_what_changed_is_told_beside_the_version_before(site: Site) -> None:
    said = text_of(site.reader(REVIEWER).get(f"/review/{MODEL}/2/changes"))
    assert "AUC" in said
    assert "within noise: the intervals overlap" in said or "the intervals part" in said or "the same" in said
    assert "There is no version before this one." in text_of(site.reader(REVIEWER).get(f"{V}/changes"))


@pytest.mark.parametrize(
    "path",
    ["/review/nobody/1", f"/review/{MODEL}/9", f"/review/{MODEL}/cards/9.md", "/review/..%2freview/1",
     f"/review/{MODEL}/cards/..%2f..%2ftrust.toml", f"/review/{MODEL}/cards/1/../../trust.toml",
     f"/review/{MODEL}/{'9' * 300}"],
)  # fmt: skip
def test_what_is_not_there_is_not_found(site: Site, path: str) -> None:
    site.reader(REVIEWER).get(path, 404)


def test_an_entry_that_counts_for_nothing_is_shown_as_such(
    site: Site, registry: Registry, review_in: Any, secret: str
) -> None:
    review_in(registry.home, 1, ("fill", "submit"))
    key = read_key(key_file(registry.home / "keys", "Ada"), secret.encode())
    bound = registry.material(MODEL, 1).binding

    def forge(chain: Any) -> Any:
        return seal(written(statement(
            Step.ASSESS, number=len(chain.entries) + 1, previous=chain.last, at=chain.at, name=MODEL, binding=bound,
            person="Ada", role=Role.AUTHOR, reason="I assess it <b>myself</b>.",
        )), key)  # fmt: skip

    append(registry.log, registry.trust, forge)
    page = site.reader(REVIEWER).get(V)
    assert "Counts for nothing: It was not open then, or not to this role." in text_of(page)
    assert "I assess it &lt;b&gt;myself&lt;/b&gt;." in page
    assert "submitted since" in text_of(page)


# ---------------------------------------------------------------- nothing stands in the way of stopping


def test_a_model_is_stopped_though_mlflow_and_its_card_are_gone(
    parts: Parts, sqlite_url: str, registry: Registry, review_in: Any, secret: str
) -> None:
    review_in(registry.home, 1)
    address = "postgresql+psycopg://ada:unspoken@127.0.0.1:1/mlflow"
    alone = Registry(registry.home, registry.policy, policy_path=POLICY, tracking_uri=address)
    registry.cards.path(MODEL, 1).write_text("{", encoding="utf-8")
    with site_on(parts, sqlite_url, registry=alone) as site:
        reader = in_time(site).reader(REVIEWER)
        page = reader.get(V)
        assert "unspoken" not in page
        assert "Only a withdrawal is taken now." in text_of(page)
        assert "The model card cannot be read." in text_of(page)
        assert re.search(rf'href="{V}/revoke"', page)
        assert 'why-return"' in page
        reader.get(f"{V}/revoke")
        said = text_of(reader.post(f"{V}/revoke", reason="A fault was found in it.", passphrase=secret))
        assert "The step counts; whoever runs the service mends the rest." in said
        assert "approval withdrawn" in said
    assert read_log(registry.log).entries[-1].statement["predicate"]["step"] == "revoke"


def test_two_who_press_at_once_are_told_apart(site: Site, registry: Registry, review_in: Any, secret: str) -> None:
    review_in(registry.home, 1, ("fill", "submit"))
    one, other = site.reader(REVIEWER), site.reader(REVIEWER)
    for reader in (one, other):
        reader.get(f"{V}/assess")
    one.post(f"{V}/assess", reason=WHY, passphrase=secret)
    said = text_of(other.post(f"{V}/assess", 422, reason="Another reason is this.", passphrase=secret))
    assert "This step is not open as the version stands now." in said
    assert len(registry.review(MODEL, 1).steps) == 2


def test_a_step_that_is_sent_twice_reads_as_taken(site: Site, registry: Registry, review_in: Any, secret: str) -> None:
    review_in(registry.home, 1, ("fill", "submit"))
    reader = site.reader(REVIEWER)
    for _ in range(2):
        said = text_of(reader.post(f"{V}/assess", reason=WHY, passphrase=secret))
        assert "Signed and in the log: Assessed." in said
    assert len(registry.review(MODEL, 1).steps) == 2
    site.house.clock.pass_by(minutes=2)  # later it is no double click
    assert "This step is not open" in text_of(reader.post(f"{V}/assess", 422, reason=WHY, passphrase=secret))


def test_an_address_alone_says_of_no_step_that_it_was_taken(site: Site, registry: Registry, review_in: Any) -> None:
    review_in(registry.home, 1, ("fill", "submit"))
    said = text_of(site.reader(CASEWORKER).get(f"{V}?taken=approve&late=true", 403))
    said += text_of(site.reader(REVIEWER).get(f"{V}?taken=approve&late=true"))
    assert "Signed and in the log" not in said
    assert "could not follow" not in said


def test_a_number_of_any_length_is_told_at_the_form(site: Site, registry: Registry) -> None:
    late = site.reader(SCIENTIST)
    fields = Fields(late.get(f"{V}/dialogue"))
    page = late.post(
        f"{V}/dialogue", 422, printed_after="9" * 5000, **fields.told(notice__text="Something is noticed.")
    )
    assert "Something is noticed." in page


@pytest.mark.parametrize("language", ["fi", "sv", "en"])
def test_every_page_is_there_in_every_language(site: Site, registry: Registry, review_in: Any, language: str) -> None:
    review_in(registry.home, 1, ("fill", "submit", "assess"))
    owner = site.reader(OWNER, language)
    for path in ("/review", V, f"{V}/approve", f"{V}/fairness", f"{V}/changes", f"{V}/card", f"{V}/dialogue",
                 f"{V}/reject", f"{V}/fulfil", f"{V}/return", f"{V}/assess", f"{V}/revoke",
                 f"/review/{MODEL}/2/card", f"/review/{MODEL}/2/dialogue", f"/review/{MODEL}/cards/1"):  # fmt: skip
        page = owner.get(path)
        assert f'<html lang="{language}"' in page
        assert page.count("<h1") == 1


def test_a_service_without_a_registry_says_so(parts: Parts, sqlite_url: str) -> None:
    with site_on(parts, sqlite_url) as site:
        assert "was started without a registry" in site.reader(REVIEWER).get("/review", 503)

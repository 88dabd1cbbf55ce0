"""Ways round the gate, each taken by hand behind the registry's back; `apualy serve` must refuse and say why."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import warnings
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from mlflow import MlflowClient
from starlette.exceptions import StarletteDeprecationWarning

from ml.contracts import Policy
from ml.errors import GateError
from ml.governance import policy as policy_module
from ml.governance.registry import Registry
from ml.governance.review.statement import Fulfilment, Statement, read, written
from ml.governance.review.states import State, Step
from ml.governance.review.steps import Ask
from ml.governance.signing.canonical import canonical
from ml.governance.signing.envelope import seal
from ml.governance.signing.keys import SigningKey, read_key
from ml.governance.signing.log import append, read_log
from ml.governance.signing.role import Role
from ml.governance.store import WITNESS_TAG
from serving.app import create_app
from serving.models.held import Models
from serving.models.loading import load
from serving.models.watch import SECONDS, Watch
from serving.parent import Parent
from serving.run import Serving, prepare
from serving.settings import Settings

with warnings.catch_warnings():
    warnings.filterwarnings("ignore", "Using `httpx` with", StarletteDeprecationWarning)
    from fastapi.testclient import TestClient

Attack = Callable[[Path], None]


@pytest.fixture
def serve(apualy: Any, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    """Return a function that tries to serve, as far as to a worker that has its models; it answers nobody."""
    started: list[bool] = []

    def begin(parent: Parent) -> None:
        parent.load()
        parent._ready()
        started.append(True)

    monkeypatch.setattr(Parent, "run", begin)
    monkeypatch.setattr(Serving, "application", Serving.service)  # counts together are the workers' own
    monkeypatch.setattr("serving.run.log_to_stderr", lambda: None)  # it is for a process of its own

    def run(*argv: object, **environ: str) -> tuple[Any, bool]:
        started.clear()
        ran = apualy("serve", *argv, "--port", 0, **{"APUALY_ENV": "demo", **environ})
        return ran, bool(started)

    return run


@pytest.fixture
def key(passphrase: Path) -> Callable[[Path, str], SigningKey]:
    """Return what reads the key of a person in a home."""
    return lambda home, name: read_key(home / "keys" / f"{name.lower()}.key", passphrase.read_bytes().strip())


def client_of(home: Path) -> MlflowClient:
    return MlflowClient(f"sqlite:///{home.absolute()}/mlflow/mlflow.db")


def cards(home: Path) -> Path:
    return home / "model_cards" / "ltu-small"


def log(home: Path) -> Path:
    return home / "review" / "log.jsonl"


def artefact_of(home: Path) -> Path:
    source = client_of(home).get_model_version("ltu-small", "1").source.removeprefix("models:/")
    return home / "mlflow" / "artifacts" / "ltu-small" / "models" / source / "artifacts" / "artifacts" / "artefact"


def flip(path: Path, place: int = 100) -> None:
    """Change one bit of one byte."""
    content = bytearray(path.read_bytes())
    content[place] ^= 1
    path.write_bytes(content)


def lines(home: Path, change: Callable[[list[bytes]], list[bytes]]) -> None:
    log(home).write_bytes(b"".join(change(log(home).read_bytes().splitlines(keepends=True))))


def forget(home: Path) -> None:
    """Let MLflow forget how long the log was, as somebody who can write to both would."""
    client_of(home).delete_registered_model_tag("ltu-small", WITNESS_TAG)


def test_what_is_approved_is_served(in_use: Path, serve: Callable[..., Any]) -> None:
    for argv in ([], ["ltu-small"]):
        ran, started = serve(*argv)
        assert (ran.code, started) == (0, True), ran.err
        assert "ltu-small version 1, approved by Alan until 20" in ran.out


# ---------------------------------------------------------------- the alias: moving it by hand changes nothing


def no_alias(home: Path) -> None:
    client_of(home).delete_registered_model_alias("ltu-small", "approved")


def alias_renamed(home: Path) -> None:
    no_alias(home)
    client_of(home).set_registered_model_alias("ltu-small", "champion", "1")


def alias_to_a_draft(home: Path) -> None:
    client_of(home).set_registered_model_alias("ltu-small", "approved", "2")


def state_tag_of_a_draft(home: Path) -> None:
    client_of(home).set_model_version_tag("ltu-small", "2", "apualy.state", "approved")


@pytest.mark.parametrize("move", [no_alias, alias_renamed, alias_to_a_draft, state_tag_of_a_draft])
def test_moving_the_alias_by_hand_changes_nothing(
    in_use: Path, apualy: Any, serve: Callable[..., Any], move: Attack
) -> None:
    move(in_use)
    ran, started = serve("ltu-small")
    assert (ran.code, started) == (0, True)
    assert "ltu-small version 1, approved by Alan" in ran.out
    assert apualy("review", "promote", "ltu-small").code == 0
    assert client_of(in_use).get_registered_model("ltu-small").aliases["approved"] in (1, "1")


@pytest.mark.parametrize("steps", [[], ["fill", "submit"], ["fill", "submit", "assess"], ["fill", "submit", "reject"],
                                   ["fill", "submit", "assess", "approve", "revoke"]])  # fmt: skip
def test_an_alias_does_not_open_what_no_approval_opens(
    drafts: Path, review_in: Any, serve: Callable[..., Any], steps: list[str]
) -> None:
    review_in(drafts, 2, steps)
    alias_to_a_draft(drafts)
    state_tag_of_a_draft(drafts)
    ran, started = serve("ltu-small")
    state = {"fill": "draft", "submit": "submitted", "assess": "assessed", "reject": "rejected", "revoke": "revoked"}
    assert (ran.code, ran.out, started) == (4, "", False)
    assert (
        f"no version of ltu-small is approved (version 1 is draft, version 2 is {state[(steps or ['fill'])[-1]]})"
        in (ran.err)
    )


# ---------------------------------------------------------------- the artefact


def version_deleted(home: Path) -> None:
    client_of(home).delete_model_version("ltu-small", "1")


def artefact_byte(home: Path) -> None:
    flip(artefact_of(home) / "model.json")


def artefact_last_byte(home: Path) -> None:
    path = artefact_of(home) / "model.json"
    path.write_bytes(path.read_bytes() + b"\n")


def artefact_more(home: Path) -> None:
    (artefact_of(home) / "more.txt").write_text("", encoding="utf-8")


def artefact_less(home: Path) -> None:
    (artefact_of(home) / "model.json").unlink()


def artefact_gone(home: Path) -> None:
    shutil.rmtree(artefact_of(home))


def artefact_of_another(home: Path) -> None:
    source = client_of(home).get_model_version("ltu-small", "2").source.removeprefix("models:/")
    other = artefact_of(home).parents[3] / source / "artifacts" / "artifacts" / "artefact"
    shutil.copy(other / "model.json", artefact_of(home) / "model.json")


# ---------------------------------------------------------------- the card


def card_source(home: Path) -> None:
    path = cards(home) / "1.json"
    card = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps(card | {"weak": not card["weak"]}), encoding="utf-8")


def card_gap_taken_back(home: Path) -> None:
    path = cards(home) / "1.json"
    path.write_text(path.read_text(encoding="utf-8").replace("jobseekers", "jobseeker5", 1), encoding="utf-8")


def card_space(home: Path) -> None:
    path = cards(home) / "1.json"
    path.write_bytes(path.read_bytes() + b" ")


def card_source_gone(home: Path) -> None:
    (cards(home) / "1.json").unlink()


def card_garbled(home: Path) -> None:
    (cards(home) / "1.json").write_text("{", encoding="utf-8")


def card_empty(home: Path) -> None:
    (cards(home) / "1.json").write_text("{}", encoding="utf-8")


def card_no_object(home: Path) -> None:
    (cards(home) / "1.json").write_text("[1]", encoding="utf-8")


def card_of_another(home: Path) -> None:
    shutil.copy(cards(home) / "2.json", cards(home) / "1.json")


def card_of_another_renamed(home: Path) -> None:
    card = json.loads((cards(home) / "2.json").read_text(encoding="utf-8"))
    card["model"]["version"] = 1
    (cards(home) / "1.json").write_text(json.dumps(card), encoding="utf-8")


# ---------------------------------------------------------------- the log


def log_gone(home: Path) -> None:
    log(home).unlink()


def log_folder_gone(home: Path) -> None:
    shutil.rmtree(log(home).parent)


def log_empty(home: Path) -> None:
    log(home).write_bytes(b"")


def log_garbled(home: Path) -> None:
    log(home).write_text("approved!\n", encoding="utf-8")


def log_directory(home: Path) -> None:
    log_gone(home)
    log(home).mkdir()


def log_without_submission(home: Path) -> None:
    lines(home, lambda found: found[1:])


def log_reordered(home: Path) -> None:
    lines(home, lambda found: [found[1], found[0], *found[2:]])


def log_edited(home: Path) -> None:
    flip(log(home), 200)


def log_words_edited(home: Path) -> None:
    """Edit what Alan said, keeping the line in good form."""

    def edit(found: list[bytes]) -> list[bytes]:
        import base64

        envelope = json.loads(found[-1])
        said = base64.b64decode(envelope["payload"]).replace(b"Read it all", b"Read it not")
        envelope["payload"] = base64.b64encode(said).decode()
        return [*found[:-1], canonical(envelope) + b"\n"]

    lines(home, edit)


def log_repeated(home: Path) -> None:
    lines(home, lambda found: [*found, found[-1]])


# ---------------------------------------------------------------- the trust file


def trust_gone(home: Path) -> None:
    (home / "trust.toml").unlink()


def trust_open_to_others(home: Path) -> None:
    (home / "trust.toml").chmod(0o666)


def trust_without_approver(home: Path) -> None:
    path = home / "trust.toml"
    blocks = path.read_text(encoding="utf-8").split("[[person]]")
    path.write_text("[[person]]".join(each for each in blocks if '"Alan"' not in each), encoding="utf-8")


def trust_role_taken(home: Path) -> None:
    path = home / "trust.toml"
    path.write_text(path.read_text(encoding="utf-8").replace('"approver"', '"author"'), encoding="utf-8")


def trust_same_person_twice(home: Path) -> None:
    path = home / "trust.toml"
    path.write_text(path.read_text(encoding="utf-8").replace('"Grace"', '"ÁDA"'), encoding="utf-8")


def trust_made_demo(home: Path) -> None:
    path = home / "trust.toml"
    path.write_text(path.read_text(encoding="utf-8").replace('name = "Alan"', 'name = "Alan"\ndemo = true'), "utf-8")


ATTACKS: list[tuple[Attack, str]] = [
    (version_deleted, "artefact of ltu-small version 1 cannot be fetched"),
    (artefact_byte, "is not what was approved: its digest is sha256:"),
    (artefact_last_byte, "is not what was approved"),
    (artefact_more, "is not what was approved"),
    (artefact_less, "artefact"),
    (artefact_gone, "artefact of ltu-small version 1 cannot be fetched"),
    (artefact_of_another, "is not what was approved"),
    (card_source, "the card of ltu-small version 1 changed after its approval"),
    (card_gap_taken_back, "the card of ltu-small version 1 changed after its approval"),
    (card_space, "the card of ltu-small version 1 changed after its approval"),
    (card_source_gone, "no card"),
    (card_garbled, "1.json: the card cannot be read"),
    (card_empty, "1.json: the card cannot be read"),
    (card_no_object, "1.json: the card cannot be read"),
    (card_of_another, "this is the card of ltu-small version 2, not of ltu-small version 1"),
    (card_of_another_renamed, "the artefact of ltu-small version 1 changed after its approval"),
    (log_gone, "log.jsonl: entry 1 is missing, of 3"),
    (log_folder_gone, "log.jsonl: entry 1 is missing, of 3"),
    (log_empty, "log.jsonl: entry 1 is missing, of 3"),
    (log_garbled, "log.jsonl: entry 1 is not an envelope"),
    (log_directory, "log.jsonl"),
    (log_without_submission, "entry 1 does not follow the one before it"),
    (log_reordered, "entry 1 does not follow the one before it"),
    (log_edited, "entry 1"),
    (log_words_edited, "entry 3"),
    (log_repeated, "entry 4 does not follow the one before it"),
    (trust_gone, "trust.toml"),
    (trust_open_to_others, "trust.toml"),
    (trust_without_approver, "entry 3"),
    (trust_role_taken, "no version of ltu-small is approved (version 1 is assessed"),
    (trust_same_person_twice, "Ada"),
]


@pytest.mark.parametrize(("attack", "words"), ATTACKS, ids=[attack.__name__ for attack, _ in ATTACKS])
def test_the_gate_holds(in_use: Path, serve: Callable[..., Any], attack: Attack, words: str) -> None:
    attack(in_use)
    ran, started = serve("ltu-small")
    assert not started
    assert ran.code in (3, 4)
    assert ran.out == ""
    assert words in ran.err
    assert ran.err.count("\n") == 1


@pytest.mark.parametrize("undo", [Step.REVOKE])
@pytest.mark.parametrize("forgotten", [False, True])
def test_a_revocation_cannot_be_cut_off(
    in_use: Path, review_in: Any, policy: Policy, undo: Step, forgotten: bool
) -> None:
    """MLflow remembers the length of the log; a server that runs remembers it too, whatever MLflow was made to say."""
    registry = Registry(in_use, policy)
    watched = registry.load_approved("ltu-small", datetime.now(UTC))
    review_in(in_use, 1, [undo.value])
    with pytest.raises(GateError, match="version 1 was revoked by Grace"):
        registry.require_still_approved(watched, datetime.now(UTC))
    lines(in_use, lambda found: found[:-1])
    if not forgotten:
        with pytest.raises(GateError, match="entry 4 is missing, of 4"):
            registry.load_approved("ltu-small", datetime.now(UTC))


# ---------------------------------------------------------------- before the review


def figure_edited(home: Path, apualy: Any) -> None:
    """Put a better AUC into the source, and make pages of it."""
    path = cards(home) / "1.json"
    card = json.loads(path.read_text(encoding="utf-8"))
    card["metrics"]["auc"]["value"] = 0.93
    path.write_text(json.dumps(card, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    assert apualy("card", "render", "ltu-small", 1).code == 0


def page_edited(home: Path, apualy: Any) -> None:
    path = cards(home) / "1.html"
    path.write_text(path.read_text(encoding="utf-8").replace("weak", "good"), encoding="utf-8")


def public_page_edited(home: Path, apualy: Any) -> None:
    flip(cards(home) / "1.public.fi.html", 2000)


def evidence_edited(home: Path, apualy: Any) -> None:
    flip(cards(home) / "1" / "evidence.html", 5000)


def evidence_gone(home: Path, apualy: Any) -> None:
    (cards(home) / "1" / "audit.json").unlink()


@pytest.mark.parametrize("step", ["submit", "assess", "approve"])
@pytest.mark.parametrize(
    ("attack", "words"),
    [
        (figure_edited, "1.json says other things than training wrote in it"),
        (page_edited, "1.html is not what the card's source gives"),
        (public_page_edited, "1.public.fi.html is not what the card's source gives"),
        (evidence_edited, "1/evidence.html is not the evidence that the card was made of"),
        (evidence_gone, "1/audit.json is not the evidence that the card was made of"),
    ],
)
def test_what_was_edited_before_the_review_goes_no_further(
    drafts: Path,
    apualy: Any,
    review_in: Any,
    step: str,
    attack: Callable[[Path, Any], None],
    words: str,
    tmp_path: Path,
) -> None:
    way = ["fill", "submit", "assess", "approve"]
    review_in(drafts, 1, way[: way.index(step)])
    form = tmp_path / "form.toml"
    form.write_text(apualy("review", "form", "ltu-small", 1).out.replace('= ""', '= "Words of my own, as asked for."'),
                    encoding="utf-8")  # fmt: skip
    attack(drafts, apualy)
    by = {"submit": "Ada", "assess": "Grace", "approve": "Alan"}[step]
    said = ["--form", form] if step == "approve" else ["--reason", "Read it from end to end."]
    ran = apualy("review", step, "ltu-small", 1, "--as", by, *said)
    assert ran.code in (3, 4)
    assert words in ran.err or "the approval form is of another card" in ran.err
    assert apualy("card", "check", "ltu-small", 1).code == 4


# ---------------------------------------------------------------- whatever is broken, a model can be revoked


@pytest.mark.parametrize(
    "broken", [card_source_gone, card_garbled, card_of_another, artefact_gone, version_deleted, no_alias]
)
def test_a_model_can_be_revoked_whatever_is_broken(in_use: Path, apualy: Any, policy: Policy, broken: Attack) -> None:
    broken(in_use)
    apualy("review", "revoke", "ltu-small", 1, "--as", "Grace", "--reason", "A complaint came in.")
    assert read(read_log(log(in_use)).entries[-1].statement).step is Step.REVOKE
    with pytest.raises(GateError, match=r"no version of ltu-small is approved|no model named"):
        Registry(in_use, policy).load_approved("ltu-small", datetime.now(UTC))


def test_a_model_can_be_revoked_while_mlflow_is_down(in_use: Path, apualy: Any) -> None:
    ran = apualy("review", "revoke", "ltu-small", 1, "--as", "Grace", "--reason", "A complaint came in.",
                 APUALY_MLFLOW_URI="http://127.0.0.1:9")  # fmt: skip
    assert ran.code != 0
    assert "the step stands in the log, and counts" in ran.err
    assert apualy("review", "status", "ltu-small", 1).out.startswith("ltu-small version 1: revoked")
    assert apualy("serve", "ltu-small", APUALY_ENV="demo").code == 4


# ---------------------------------------------------------------- forged with keys that are real


def forge(home: Path, signing: SigningKey, change: Callable[[Statement], Statement], registry: Registry) -> None:
    """Append a statement like the approval in the log, changed, signed with somebody's own key past the rules."""
    like = read(read_log(log(home)).entries[-1].statement)

    def make(chain: Any) -> Any:
        placed = replace(like, number=len(chain.entries) + 1, previous=chain.last, at=datetime.now(UTC))
        return seal(written(change(placed)), signing)

    append(log(home), registry.trust, make)


def assessed(drafts: Path, review_in: Any) -> None:
    review_in(drafts, 1)
    review_in(drafts, 2, ["fill", "submit", "assess"])


def approval_of(home: Path) -> Statement:
    return next(read(each.statement) for each in read_log(log(home)).entries
                if each.statement["predicate"]["step"] == "approve")  # fmt: skip


@pytest.mark.parametrize(
    ("who", "change", "words"),
    [
        ("alan", {"approval": {"accepted": ()}}, "each deviation needs a written acceptance"),
        ("alan", {"approval": {"conditions": ()}}, "needs a condition"),
        ("alan", {"approval": {"does": "It works."}}, "does says too little"),
        ("alan", {"approval": {"expires": datetime(2099, 1, 1, tzinfo=UTC)}}, "lasts at most 6 months"),
        ("alan", {"reason": "ok"}, "breaks a rule: to approve a model, say why"),
        ("alan", {"binding": "of version 1"}, "the artefact of ltu-small version 2 changed after its approval"),
    ],
)
def test_an_approval_signed_past_the_rules_is_worth_nothing(
    drafts: Path, policy: Policy, review_in: Any, key: Any, who: str, change: dict[str, Any], words: str
) -> None:
    """Whoever holds a key can sign and append by hand; the gate asks what the table asks once more."""
    assessed(drafts, review_in)
    registry, good = Registry(drafts, policy), approval_of(drafts)
    second = registry.review("ltu-small", 2).steps[-1].binding

    def changed(placed: Statement) -> Statement:
        said = dict(change)
        approval = replace(good.approval, supersedes=1, **said.pop("approval", {}))
        binding = good.binding if said.pop("binding", None) else second
        base = replace(placed, step=Step.APPROVE, person="Alan", role=Role.APPROVER, approval=approval, version=2,
                       binding=binding, reason=good.reason)  # fmt: skip
        return replace(base, **said)

    forge(drafts, key(drafts, who), changed, registry)
    with pytest.raises(GateError, match=words):
        registry.load_approved("ltu-small", datetime.now(UTC))


@pytest.mark.parametrize(
    ("who", "change"),
    [
        ("ada", {"person": "Ada", "role": Role.AUTHOR}),
        ("grace", {"person": "Grace", "role": Role.ASSESSOR}),
        ("alan", {"version": 1}),
    ],
)
def test_a_step_that_was_not_open_to_its_role_counts_for_nothing(
    drafts: Path, policy: Policy, review_in: Any, apualy: Any, key: Any, who: str, change: dict[str, Any]
) -> None:
    """It stands in the log, and is told; what was in use stays in use, and honest people go on."""
    assessed(drafts, review_in)
    registry, good = Registry(drafts, policy), approval_of(drafts)
    second = registry.review("ltu-small", 2).steps[-1].binding
    forged = {"step": Step.APPROVE, "person": "Alan", "role": Role.APPROVER, "version": 2, "binding": second, **change}
    forge(drafts, key(drafts, who), lambda placed: replace(placed, approval=good.approval, **forged), registry)
    assert registry.load_approved("ltu-small", datetime.now(UTC)).version == 1
    assert "counts for nothing: approve by" in apualy("review", "status", "ltu-small", forged["version"]).out
    review_in(drafts, 2, ["approve"])
    assert registry.load_approved("ltu-small", datetime.now(UTC)).version == 2


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({}, "it names Grace as assessor, and Ada signed it, who has not that name and role"),
        ({"person": "Ada"}, "it names Ada as assessor, and Ada signed it"),
        ({"version": "two"}, "a statement that cannot be read"),
        ({"person": 5}, "a statement that cannot be read"),
        ({"demo": "perhaps"}, "a statement that cannot be read"),
    ],
)
def test_one_line_by_any_key_stops_nobody(
    drafts: Path, policy: Policy, review_in: Any, apualy: Any, key: Any, change: dict[str, Any], why: str
) -> None:
    """It counts for nothing, `review log --verify` tells it, and what was in use stays so and can be revoked."""
    assessed(drafts, review_in)
    registry = Registry(drafts, policy)
    forge(drafts, key(drafts, "ada"), lambda placed: replace(placed, **change), registry)
    assert registry.load_approved("ltu-small", datetime.now(UTC)).version == 1
    assert f"entry {len(read_log(log(drafts)).entries)} counts for nothing: " in (told := apualy(
        "review", "log", "--verify").out)  # fmt: skip
    assert why in told
    review_in(drafts, 1, ["revoke"])
    assert registry.review("ltu-small", 1).recorded is State.REVOKED


def test_a_condition_met_past_the_rules_closes_the_gate(drafts: Path, policy: Policy, review_in: Any, key: Any) -> None:
    """The author signs by hand that the audit, which nobody made, was made."""
    review_in(drafts, 1)
    registry = Registry(drafts, policy)
    bound = registry.review("ltu-small", 1).steps[-1].binding

    def changed(placed: Statement) -> Statement:
        return replace(placed, step=Step.FULFIL, person="Grace", role=Role.ASSESSOR, version=1, binding=bound,
                       approval=None, fulfilment=Fulfilment("C1"))  # fmt: skip

    forge(drafts, key(drafts, "grace"), changed, registry)
    with pytest.raises(GateError, match="condition C1 is met by an audit"):
        registry.load_approved("ltu-small", datetime.now(UTC))


def test_a_newer_card_by_hand_meets_no_condition(in_use: Path, policy: Policy) -> None:
    """A copy of a card under a higher number is no newer version that somebody submitted."""
    registry = Registry(in_use, policy)
    card = json.loads((cards(in_use) / "2.json").read_text(encoding="utf-8"))
    card["model"]["version"] = 3
    (cards(in_use) / "3.json").write_text(json.dumps(card), encoding="utf-8")
    assert not registry.review("ltu-small", 1).newer


def test_a_signature_of_another_version_cannot_be_replayed(drafts: Path, policy: Policy, review_in: Any) -> None:
    """The line of version 1's approval, put where version 2's would stand."""
    assessed(drafts, review_in)
    approval = next(line for line, entry in zip(log(drafts).read_bytes().splitlines(keepends=True),
                                                read_log(log(drafts)).entries, strict=True)
                    if entry.statement["predicate"]["step"] == "approve")  # fmt: skip
    lines(drafts, lambda found: [*found, approval])
    with pytest.raises(GateError, match="entry 6 does not follow the one before it"):
        Registry(drafts, policy).load_approved("ltu-small", datetime.now(UTC))


def test_the_log_of_another_home_opens_nothing(
    drafts: Path, approved_home: Path, review_in: Any, policy: Policy
) -> None:
    """The same people approved a model by the same name and number elsewhere; its log and trust file are put here."""
    review_in(drafts, 1, ["fill"])
    for each in ("review/log.jsonl", "trust.toml"):
        (drafts / each).parent.mkdir(exist_ok=True)
        shutil.copy(approved_home / each, drafts / each)
    with pytest.raises(GateError, match="the card of ltu-small version 1 changed after its approval"):
        Registry(drafts, policy).load_approved("ltu-small", datetime.now(UTC))


def test_demo_people_count_in_a_demo_alone(in_use: Path, serve: Callable[..., Any], policy: Policy) -> None:
    trust_made_demo(in_use)
    assert serve("ltu-small")[1]
    registry = Registry(in_use, policy)
    with pytest.raises(GateError, match=r"reviewed by demo people \(Alan\): outside APUALY_ENV=demo"):
        registry.load_approved("ltu-small", datetime.now(UTC))
    ran, started = serve("ltu-small", APUALY_ENV="production")
    assert (ran.code, started) == (4, False)
    assert "outside APUALY_ENV=demo that is worth nothing" in ran.err


# ---------------------------------------------------------------- people, the policy and time


def test_one_person_under_two_spellings(drafts: Path, apualy: Any, review_in: Any, passphrase: Path) -> None:
    """Ada has herself made known as "ÁDA " too, with another key, to approve what she submitted."""
    made = apualy("keys", "new", "--as", "ÁDA", "--role", "approver", "--key", drafts / "keys" / "again.key")
    block = drafts / "block.toml"
    block.write_text(made.out, encoding="utf-8")
    before = (drafts / "trust.toml").read_bytes()
    ran = apualy("keys", "trust", block)
    assert ran.code == 3
    assert "Ada" in ran.err
    assert (drafts / "trust.toml").read_bytes() == before


def test_a_policy_that_changed_means_a_new_review(
    in_use: Path, serve: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    changed = in_use.parent / "policy.toml"
    changed.write_text(policy_module.POLICY.read_text(encoding="utf-8") + "# stricter in spirit\n", encoding="utf-8")
    monkeypatch.setattr(policy_module, "POLICY", changed)
    ran, started = serve("ltu-small")
    assert (ran.code, started) == (4, False)
    assert "the policy of ltu-small version 1 changed after its approval" in ran.err
    assert "restore it, or train again by it" in ran.err


def test_a_model_that_is_not_there(home: Path, serve: Callable[..., Any]) -> None:
    ran, started = serve("ltu-none")
    assert (ran.code, started) == (4, False)
    assert "there is no model named ltu-none; known models: none" in ran.err
    ran, started = serve()
    assert (ran.code, started) == (4, False)
    assert "there is no model to serve yet; run apualy train" in ran.err


@pytest.mark.parametrize(("early", "holds"), [(timedelta(seconds=1), True), (timedelta(0), False)])
def test_an_approval_ends(in_use: Path, policy: Policy, early: timedelta, holds: bool) -> None:
    registry = Registry(in_use, policy)
    approved = registry.load_approved("ltu-small", datetime.now(UTC))
    lift_conditions(approved)
    then = approved.expires - early
    if holds:
        registry.require_still_approved(approved, then - timedelta(days=100))
        return
    with pytest.raises(GateError, match="the approval of ltu-small version 1 by Alan expired on 20"):
        registry.load_approved("ltu-small", then)
    with pytest.raises(GateError, match="expired"):
        registry.require_still_approved(approved, then)


def lift_conditions(approved: Any) -> None:
    assert approved.conditions, "the small model has insufficient evidence, and so a condition"


def test_a_clock_that_was_set_back(in_use: Path, policy: Policy, key: Any) -> None:
    """An approval that has ended does not begin again because somebody turns the clock."""
    registry = Registry(in_use, policy)
    now = datetime.now(UTC)
    approved = registry.load_approved("ltu-small", now)
    with pytest.raises(GateError, match="the clock was set back"):  # before the approval was signed
        registry.load_approved("ltu-small", now - timedelta(days=1))
    with pytest.raises(GateError, match="expired"):
        registry.require_still_approved(approved, approved.expires)
    registry.require_still_approved(approved, now + timedelta(days=80))
    with pytest.raises(GateError, match="the clock was set back: it says"):
        registry.load_approved("ltu-small", now)
    with pytest.raises(GateError, match="the clock was set back"):
        registry.take(Ask("ltu-small", 1, Step.RETURN, "Grace", now, "A complaint came in."), key(in_use, "grace"))
    ended = registry.take(Ask("ltu-small", 1, Step.REVOKE, "Grace", now, "A complaint came in."), key(in_use, "grace"))
    assert ended.recorded is State.REVOKED, "nothing stands in the way of a revocation, nor a clock"


# ---------------------------------------------------------------- in the middle of serving


@pytest.fixture
def served(in_use: Path, policy: Policy) -> Any:
    """Return a client that asks for a hint of the model in use, and a clock of days and seconds that it goes by."""
    passed = {"days": 0.0, "seconds": 0.0}
    path = in_use.parent / "policy.toml"
    path.write_bytes(policy_module.POLICY.read_bytes())
    registry = Registry(in_use, policy, policy_path=path)
    began = datetime.now(UTC)
    used = load(registry, "ltu-small", began)
    watch = Watch(
        registry, used.approved, lambda: began + timedelta(days=passed["days"], seconds=passed["seconds"]),
        lambda: passed["seconds"],
    )  # fmt: skip
    settings = Settings.from_environ({"APUALY_HOME": str(in_use), "APUALY_ENV": "demo"})
    serving = Serving(settings, lambda: registry, ["ltu-small"])
    service = serving.service()
    prepare(service.database)
    models = Models(["ltu-small"], lambda _: replace(used, still_approved=watch))
    tokens = {each.identity.subject: each.token for each in serving.people().users}
    client, person = TestClient(create_app(replace(service, models=models))), {"pseudonym": "ab" * 16}

    def post(who: str, path: str, body: Any) -> Any:
        return client.post(path, json=body, headers={"Authorization": f"Bearer {tokens[who]}"})

    assigned = {"client": person, "caseworker": "demo-caseworker", "office": "Itä", "since": "2026-01-02"}
    assert post("demo-integration", "/v1/assignments", {"assignments": [assigned]}).status_code == 200
    consent = {"client": person, "right": "consent", "in_force": True, "since": "2026-01-02"}
    assert post("demo-caseworker", "/v1/rights", consent).status_code == 200
    judged = {"client": person, "service_need": "skills", "chance_of_work": "fair", "why": "Has a trade."}
    judgement = post("demo-caseworker", "/v1/judgements", judged).json()["judgement"]

    def ask() -> Any:
        risk = {"trade": "cook", "car": False, "years": 16}
        return post("demo-caseworker", "/v1/advice", {"judgement": judgement, "risk": risk})

    return ask, passed, path


@pytest.mark.parametrize(
    "attack",
    [card_source, card_space, card_source_gone, card_garbled, card_of_another, log_gone, log_folder_gone, log_empty,
     log_garbled, log_edited, log_words_edited, log_without_submission, log_repeated, trust_gone,
     trust_without_approver, trust_made_demo],
)  # fmt: skip
def test_a_server_that_runs_notices_at_the_next_request(served: Any, in_use: Path, attack: Attack) -> None:
    ask, _, _ = served
    assert ask().status_code == 200
    attack(in_use)
    refused = ask()
    assert refused.status_code in (503, 422)
    assert refused.json()["detail"]
    assert ask().status_code == refused.status_code


def test_a_server_that_runs_notices_what_people_do(served: Any, in_use: Path, review_in: Any) -> None:
    ask, _, _ = served
    assert ask().status_code == 200
    review_in(in_use, 1, ["revoke"])
    assert ask().status_code == 503
    assert "ltu-small version 1 was revoked by Grace on 20" in ask().json()["detail"]


def test_a_server_that_runs_notices_an_edited_policy(served: Any) -> None:
    ask, _, path = served
    assert ask().status_code == 200
    path.write_bytes(path.read_bytes() + b"# stricter in spirit\n")
    assert "the policy of ltu-small version 1 changed after its approval" in ask().json()["detail"]


def test_an_approval_that_ends_in_the_middle_of_serving(served: Any) -> None:
    """Conditions fall due first: within a minute of the day's end the server stops, and says why; then it expires."""
    ask, passed, _ = served
    assert ask().status_code == 200
    passed.update(days=60)
    assert ask().status_code == 200
    passed.update(days=100, seconds=SECONDS)
    refused = ask()
    assert refused.status_code == 503
    assert "is suspended: condition C1 (Trained and audited again by then) is overdue" in refused.json()["detail"]
    passed.update(days=200)
    assert "by Alan expired on 20" in ask().json()["detail"]
    assert SECONDS < 60


def test_an_approval_that_ends_is_noticed_at_once(served: Any) -> None:
    ask, passed, _ = served
    passed.update(days=60)
    assert ask().status_code == 200
    passed.update(days=200)
    assert "expired" in ask().json()["detail"]


def test_the_clock_is_set_back_while_it_serves(served: Any) -> None:
    ask, passed, _ = served
    passed.update(seconds=200 * 86400.0)
    assert "expired" in ask().json()["detail"]
    passed.update(days=-200)  # the wall goes back; the seconds since the start do not
    assert "expired" in ask().json()["detail"]


# ---------------------------------------------------------------- two at once, and a kill in between


def test_of_two_reviewers_at_once_one_wins_and_the_other_is_told(
    drafts: Path, policy: Policy, review_in: Any, key: Any
) -> None:
    review_in(drafts, 1, ["fill", "submit", "assess"])
    asks = [
        (Ask("ltu-small", 1, Step.REJECT, "Grace", datetime.now(UTC), "Too little evidence."), key(drafts, "grace")),
        (Ask("ltu-small", 1, Step.RETURN, "Ada", datetime.now(UTC), "There is an error."), key(drafts, "ada")),
    ]
    ready, told = threading.Barrier(len(asks)), []

    def take(ask: Ask, signing: SigningKey) -> None:
        registry = Registry(drafts, policy)
        ready.wait()
        try:
            told.append(registry.take(ask, signing).state(datetime.now(UTC)).value)
        except GateError as refusal:
            told.append(str(refusal))

    threads = [threading.Thread(target=take, args=each) for each in asks]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    won, lost = sorted(told, key=len)
    assert won in ("rejected", "draft")
    assert "ltu-small version 1 is " in lost
    assert "cannot re" in lost
    assert len(Registry(drafts, policy).verify().entries) == 3


KILLED = """
import os, signal, sys
from ml.governance.registry import Registry
Registry.mirror = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
import apualy
apualy.main(sys.argv[1:], os.environ)
"""


def test_a_kill_between_signing_and_promoting_loses_nothing(
    drafts: Path, review_in: Any, apualy: Any, serve: Callable[..., Any], passphrase: Path, tmp_path: Path
) -> None:
    review_in(drafts, 1, ["fill", "submit", "assess"])
    form = tmp_path / "approval.toml"
    said = apualy("review", "form", "ltu-small", 1).out
    for question in ("reason", "does", "could_go_wrong", "what"):
        said = said.replace(f'{question} = ""', f'{question} = "Of my own, {question}: people in a like situation."')
    form.write_text(said, encoding="utf-8")
    argv = ["review", "approve", "ltu-small", "1", "--as", "Alan", "--form", str(form)]
    environ = {**os.environ, "APUALY_HOME": str(drafts), "APUALY_SIGNING_PASSPHRASE_FILE": str(passphrase)}
    ran = subprocess.run(
        [sys.executable, "-c", KILLED, *argv], env=environ, capture_output=True, text=True, check=False
    )
    assert ran.returncode == -signal.SIGKILL, ran.stderr
    assert "approved" not in client_of(drafts).get_registered_model("ltu-small").aliases
    ran, started = serve("ltu-small")
    assert started, ran
    assert apualy("review", "promote", "ltu-small").code == 0
    assert client_of(drafts).get_registered_model("ltu-small").aliases["approved"] in (1, "1")
    assert client_of(drafts).get_model_version("ltu-small", "1").tags["apualy.state"] == State.CONDITIONAL.value
    again = apualy(*argv)
    assert again.code == 4
    assert "is approved with conditions (by Alan): cannot approve it" in again.err

"""Ways round the gate, each taken by hand behind the registry's back; `apualy serve` must refuse and say why."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from mlflow import MlflowClient

from ml.contracts import Policy
from ml.errors import GateError
from ml.governance.registry import Registry
from ml.pipeline import commands

Attack = Callable[[Path], None]


@pytest.fixture
def serve(apualy: Any, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    """Return a function that tries to serve; were it to succeed, the server would stop at once."""
    started: list[bool] = []
    monkeypatch.setattr(uvicorn.Server, "run", lambda self, sockets: started.append(True))

    def run(*argv: object) -> tuple[Any, bool]:
        started.clear()
        ran = apualy("serve", *argv, "--port", 0, APUALY_ENV="demo")
        return ran, bool(started)

    return run


def client_of(home: Path) -> MlflowClient:
    return MlflowClient(f"sqlite:///{home.absolute()}/mlflow/mlflow.db")


def cards(home: Path) -> Path:
    return home / "model_cards" / "ltu-small"


def artefact_of(home: Path) -> Path:
    source = client_of(home).get_model_version("ltu-small", "1").source.removeprefix("models:/")
    return home / "mlflow" / "artifacts" / "ltu-small" / "models" / source / "artifacts" / "artifacts" / "artefact"


def flip(path: Path, place: int = 100) -> None:
    """Change one bit of one byte."""
    content = bytearray(path.read_bytes())
    content[place] ^= 1
    path.write_bytes(content)


def change_review(home: Path, change: Callable[[dict[str, Any]], Any], version: int = 1) -> None:
    path = cards(home) / f"{version}.review.json"
    path.write_text(json.dumps(change(json.loads(path.read_text(encoding="utf-8")))), encoding="utf-8")


def test_what_is_approved_is_served(in_use: Path, serve: Callable[..., Any]) -> None:
    for argv in ([], ["ltu-small"]):
        ran, started = serve(*argv)
        assert (ran.code, started) == (0, True), ran.err
        assert "ltu-small version 1, approved by Grace until 20" in ran.out


# ---------------------------------------------------------------- the alias


def no_alias(home: Path) -> None:
    client_of(home).delete_registered_model_alias("ltu-small", "approved")


def alias_renamed(home: Path) -> None:
    no_alias(home)
    client_of(home).set_registered_model_alias("ltu-small", "champion", "1")


def alias_to_a_draft(home: Path) -> None:
    client_of(home).set_registered_model_alias("ltu-small", "approved", "2")


def alias_and_review_to_a_draft(home: Path) -> None:
    alias_to_a_draft(home)
    shutil.copy(cards(home) / "1.review.json", cards(home) / "2.review.json")


def alias_and_forged_review_to_a_draft(home: Path) -> None:
    alias_and_review_to_a_draft(home)
    change_review(home, lambda content: content | {"version": 2}, 2)


def version_deleted(home: Path) -> None:
    client_of(home).delete_model_version("ltu-small", "1")


# ---------------------------------------------------------------- the artefact


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


def card_text(home: Path) -> None:
    flip(cards(home) / "1.md", 700)


def card_source(home: Path) -> None:
    path = cards(home) / "1.json"
    card = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps(card | {"weak": not card["weak"]}), encoding="utf-8")


def card_space(home: Path) -> None:
    path = cards(home) / "1.json"
    path.write_bytes(path.read_bytes() + b" ")


def card_text_gone(home: Path) -> None:
    (cards(home) / "1.md").unlink()


def card_source_gone(home: Path) -> None:
    (cards(home) / "1.json").unlink()


def card_garbled(home: Path) -> None:
    (cards(home) / "1.json").write_text("{", encoding="utf-8")


def card_empty(home: Path) -> None:
    (cards(home) / "1.json").write_text("{}", encoding="utf-8")


def card_no_object(home: Path) -> None:
    (cards(home) / "1.json").write_text("[1]", encoding="utf-8")


def card_of_another(home: Path) -> None:
    for suffix in ("json", "md"):
        shutil.copy(cards(home) / f"2.{suffix}", cards(home) / f"1.{suffix}")


# ---------------------------------------------------------------- the review


def review_gone(home: Path) -> None:
    (cards(home) / "1.review.json").unlink()


def review_garbled(home: Path) -> None:
    (cards(home) / "1.review.json").write_text("approved!", encoding="utf-8")


def review_folder(home: Path) -> None:
    review_gone(home)
    (cards(home) / "1.review.json").mkdir()


def review_without_submission(home: Path) -> None:
    change_review(home, lambda content: content | {"events": content["events"][1:]})


def review_without_end(home: Path) -> None:
    def change(content: dict[str, Any]) -> Any:
        content["events"][1]["expires"] = None
        return content

    change_review(home, change)


def review_of_another_model(home: Path) -> None:
    change_review(home, lambda content: content | {"name": "ltu-other"})


ATTACKS: list[tuple[Attack, str]] = [
    (no_alias, "no version of ltu-small carries the alias “approved”"),
    (alias_renamed, "no version of ltu-small carries the alias “approved”"),
    (alias_to_a_draft, "ltu-small version 2 is draft, not approved"),
    (alias_and_review_to_a_draft, "this is the review of ltu-small version 1 (approved), not of ltu-small version 2"),
    (alias_and_forged_review_to_a_draft, "of ltu-small version 2 changed after its approval"),
    (version_deleted, "no version of ltu-small carries the alias “approved”"),
    (artefact_byte, "is not what was approved: its digest is sha256:"),
    (artefact_last_byte, "is not what was approved"),
    (artefact_more, "is not what was approved"),
    (artefact_less, "artefact"),
    (artefact_gone, "artefact of ltu-small version 1 cannot be fetched"),
    (artefact_of_another, "is not what was approved"),
    (card_text, "the card of ltu-small version 1 changed after its approval"),
    (card_source, "the card of ltu-small version 1 changed after its approval"),
    (card_space, "the card of ltu-small version 1 changed after its approval"),
    (card_text_gone, "1.md"),
    (card_source_gone, "no card"),
    (card_garbled, "1.json: the card cannot be read"),
    (card_empty, "1.json: the card cannot be read"),
    (card_no_object, "1.json: the card cannot be read"),
    (card_of_another, "the card of ltu-small version 1 changed after its approval"),
    (review_gone, "ltu-small version 1 is draft, not approved"),
    (review_garbled, "1.review.json: the review cannot be read"),
    (review_folder, "ltu-small version 1 is draft, not approved"),
    (review_without_submission, "1.review.json: the review cannot be read"),
    (review_without_end, "1.review.json: the review cannot be read"),
    (review_of_another_model, "this is the review of ltu-other version 1"),
]


@pytest.mark.parametrize(("attack", "words"), ATTACKS, ids=[attack.__name__ for attack, _ in ATTACKS])
def test_the_gate_holds(in_use: Path, serve: Callable[..., Any], attack: Attack, words: str) -> None:
    attack(in_use)
    ran, started = serve("ltu-small")
    assert not started
    assert (ran.code, ran.out) == (4, "")
    assert words in ran.err
    assert ran.err.count("\n") == 1


FORGETTABLE = [
    card_text, card_source, card_space, card_text_gone, card_source_gone, card_garbled, card_empty, card_no_object,
    card_of_another, review_gone, review_garbled, review_folder, review_without_submission, review_without_end,
    review_of_another_model,
]  # fmt: skip


@pytest.mark.parametrize("attack", FORGETTABLE, ids=[attack.__name__ for attack in FORGETTABLE])
def test_a_server_that_runs_notices_and_refuses_in_words(in_use: Path, policy: Policy, attack: Attack) -> None:
    now = datetime.now(UTC)
    registry = Registry(in_use, policy)
    approved = registry.approved("ltu-small", now)
    registry.require_still_approved(approved, now)
    attack(in_use)
    with pytest.raises(GateError):
        registry.require_still_approved(approved, now)


# ---------------------------------------------------------------- states, the policy and time


@pytest.mark.parametrize(
    ("steps", "words"),
    [
        ([], "carries the alias"),
        (["submit"], "carries the alias"),
        (["submit", "reject"], "carries the alias"),
        (["submit", "approve", "revoke"], "carries the alias"),
    ],
)
@pytest.mark.parametrize("by_hand", [False, True])
def test_only_an_approval_opens_it(
    drafts: Path, apualy: Any, serve: Callable[..., Any], steps: list[str], words: str, by_hand: bool
) -> None:
    for step in steps:
        by = "Ada" if step == "submit" else "Grace"
        extra = ["--accept", "This is a test."] if step == "approve" else []
        ran = apualy("review", step, "ltu-small", 2, "--as", by, "--reason", "For the test.", *extra)
        assert ran.code == 0, ran.err
    if by_hand:
        client_of(drafts).set_registered_model_alias("ltu-small", "approved", "2")
        state = {"submit": "submitted", "reject": "rejected", "revoke": "revoked"}[steps[-1]] if steps else "draft"
        words = f"ltu-small version 2 is {state}, not approved"
    ran, started = serve("ltu-small")
    assert (ran.code, ran.out, started) == (4, "", False)
    assert words in ran.err


def test_a_model_that_is_not_there(home: Path, serve: Callable[..., Any]) -> None:
    ran, started = serve("ltu-none")
    assert (ran.code, started) == (4, False)
    assert "no version of ltu-none carries the alias “approved”" in ran.err
    assert "known models: none" in ran.err
    ran, started = serve()
    assert (ran.code, started) == (4, False)
    assert "there is no model to serve yet; run apualy train" in ran.err


def test_a_policy_that_changed_means_a_new_review(
    in_use: Path, serve: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    changed = in_use.parent / "policy.toml"
    changed.write_text(policy_module.POLICY.read_text(encoding="utf-8") + "# stricter in spirit\n", encoding="utf-8")
    monkeypatch.setattr(policy_module, "POLICY", changed)
    ran, started = serve("ltu-small")
    assert (ran.code, started) == (4, False)
    assert "the policy of ltu-small version 1 changed after its approval" in ran.err
    assert "have the model reviewed again" in ran.err


@pytest.mark.parametrize(("early", "holds"), [(timedelta(seconds=1), True), (timedelta(0), False)])
def test_an_approval_ends(in_use: Path, policy: Policy, early: timedelta, holds: bool) -> None:
    registry = Registry(in_use, policy)
    approved = registry.approved("ltu-small", datetime.now(UTC))
    then = approved.expires - early
    if holds:
        assert registry.approved("ltu-small", then) == approved
        registry.require_still_approved(approved, then)
        return
    with pytest.raises(GateError, match="the approval of ltu-small version 1 by Grace expired on 20"):
        registry.approved("ltu-small", then)
    with pytest.raises(GateError, match="expired"):
        registry.require_still_approved(approved, then)


def test_an_expired_approval_is_refused_at_the_command_line(in_use: Path, serve: Callable[..., Any]) -> None:
    def long_ago(content: dict[str, Any]) -> Any:
        content["events"][1]["expires"] = "2020-01-01T00:00:00+00:00"
        return content

    change_review(in_use, long_ago)
    ran, started = serve("ltu-small")
    assert (ran.code, started) == (4, False)
    assert "expired on 2020-01-01" in ran.err

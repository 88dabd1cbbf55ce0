"""The registry: versions, cards and reviews in one home; MLflow's alias and tags say what the log says."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from ml.contracts import Policy
from ml.errors import ApualyError, GateError, UsageError
from ml.governance.policy import POLICY, read_policy
from ml.governance.registry import Registry
from ml.governance.review.form import approval_form
from ml.governance.review.states import Step
from ml.governance.review.steps import Ask
from ml.governance.signing.demo import key_file
from ml.governance.signing.keys import SigningKey, read_key
from ml.governance.store import ALIAS, DIGEST_TAG, EXPIRES_TAG, GATE_TAG, STATE_TAG, WITNESS_TAG
from ml.models import artefact

from ..conftest import filled_in

REASON = "Read it from end to end."
WAY = ("fill", "submit", "assess", "approve")


def now() -> datetime:
    return datetime.now(UTC)


@pytest.fixture
def registry(drafts: Path) -> Registry:
    return Registry(drafts, read_policy(POLICY))


@pytest.fixture
def key(passphrase: Path) -> Callable[[Path, str], SigningKey]:
    """Return what opens a person's key in a home."""
    return lambda home, name: read_key(key_file(home / "keys", name), passphrase.read_bytes().strip())


def told(registry: Registry, version: int = 1) -> dict[str, str]:
    """Return what MLflow says of a version."""
    return dict(registry.store.client.get_model_version("ltu-small", str(version)).tags)


def alias(registry: Registry) -> int | None:
    aliases = registry.store.client.get_registered_model("ltu-small").aliases
    assert set(aliases) <= {ALIAS}
    return int(aliases[ALIAS]) if aliases else None


# ---------------------------------------------------------------- opening


def test_opening_a_registry_and_asking_for_what_is_not_there_writes_nothing(tmp_path: Path, policy: Policy) -> None:
    registry = Registry(tmp_path / "never", policy)
    assert registry.cards.names() == []
    with pytest.raises(UsageError, match=r"no model named ltu-x in .*never; known: none"):
        registry.cards.latest("ltu-x")
    for ask in (registry.load_approved, registry.promote):
        with pytest.raises(GateError, match="there is no model named ltu-x; known models: none"):
            ask("ltu-x", now())
    assert registry.verify().entries == ()
    assert not (tmp_path / "never").exists()


def test_a_new_version_is_a_draft_and_has_the_digest_of_its_artefact(registry: Registry) -> None:
    for version in (1, 2):
        tags, card = told(registry, version), registry.cards.read("ltu-small", version)
        assert (tags[STATE_TAG], tags[DIGEST_TAG]) == ("draft", card["model"]["digest"])
    assert alias(registry) is None


# ---------------------------------------------------------------- the mirror


@pytest.mark.parametrize(
    ("steps", "used", "state"),
    [
        (WAY[:2], None, "submitted"),
        ((*WAY[:2], "return"), None, "draft"),
        (WAY[:3], None, "assessed"),
        ((*WAY[:2], "reject"), None, "rejected"),
        (WAY, 1, "approved with conditions"),
        ((*WAY, "revoke"), None, "revoked"),
    ],
)
def test_mlflow_says_what_the_log_says(
    registry: Registry, review_in: Any, steps: tuple[str, ...], used: int | None, state: str
) -> None:
    review_in(registry.home, 1, steps)
    review = registry.review("ltu-small", 1)
    assert review.state(now()) == state
    assert told(registry)[STATE_TAG] == state
    assert told(registry, 2)[STATE_TAG] == "draft"
    assert alias(registry) == used == registry.store.aliased("ltu-small")
    assert told(registry).get(EXPIRES_TAG) == (review.approval.expires.isoformat() if review.approval else None)
    chain = registry.verify()
    tags = registry.store.client.get_registered_model("ltu-small").tags
    assert tags[WITNESS_TAG] == f"{len(chain.entries)}:{chain.last}"
    record = registry.cards.path("ltu-small", 1).with_suffix(".review.md").read_text(encoding="utf-8")
    assert f"It is **{state}**." in record


def test_a_newer_approval_takes_over_and_the_older_one_does_not_come_back(in_use: Path, review_in: Any) -> None:
    registry = Registry(in_use, read_policy(POLICY))
    assert registry.load_approved("ltu-small", now()).version == 1
    review_in(in_use, 2)
    assert registry.load_approved("ltu-small", now()).version == alias(registry) == 2
    assert [told(registry, version)[STATE_TAG] for version in (1, 2)] == ["superseded", "approved with conditions"]
    assert registry.review("ltu-small", 1).superseded_by == 2
    review_in(in_use, 2, ("revoke",))
    assert alias(registry) is None
    with pytest.raises(GateError, match="no version of ltu-small is approved"):
        registry.load_approved("ltu-small", now())


@pytest.mark.parametrize("step", ["approve", "revoke"])
def test_killed_between_the_log_and_mlflow_the_step_holds_and_promote_makes_up_for_it(
    registry: Registry, review_in: Any, key: Any, step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = registry.home
    review_in(home, 1, WAY[:3] if step == "approve" else WAY)
    before = told(registry), alias(registry)
    form = filled_in(_form(registry)) if step == "approve" else None
    by = "Alan" if step == "approve" else "Grace"

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Registry, "mirror", killed)
        with pytest.raises(KeyboardInterrupt):
            registry.take(Ask("ltu-small", 1, Step(step), by, now(), REASON, form), key(home, by))
    assert (told(registry), alias(registry)) == before

    again = Registry(home, read_policy(POLICY))
    if step == "approve":
        assert again.load_approved("ltu-small", now()).version == 1
        assert again.promote("ltu-small", now()).version == 1
    else:
        for ask in (again.load_approved, again.promote):
            with pytest.raises(GateError, match="version 1 is revoked"):
                ask("ltu-small", now())
    assert alias(registry) == (1 if step == "approve" else None)
    assert told(registry)[STATE_TAG] == ("approved with conditions" if step == "approve" else "revoked")


def _form(registry: Registry) -> str:
    return approval_form(*registry.cards.read_bound("ltu-small", 1), registry.policy, now().date())


def test_the_alias_moved_by_hand_changes_nothing_and_promote_moves_it_back(in_use: Path) -> None:
    registry = Registry(in_use, read_policy(POLICY))
    registry.store.client.set_registered_model_alias("ltu-small", ALIAS, "2")
    registry.store.client.set_model_version_tag("ltu-small", "2", STATE_TAG, "approved")
    assert registry.load_approved("ltu-small", now()).version == 1
    assert registry.promote("ltu-small", now()).version == alias(registry) == 1
    assert told(registry, 2)[STATE_TAG] == "draft"


def test_a_version_that_is_gone_from_mlflow_stands_in_nobodys_way(in_use: Path, review_in: Any) -> None:
    registry = Registry(in_use, read_policy(POLICY))
    review_in(in_use, 1, ("revoke",))
    registry.store.client.delete_model_version("ltu-small", "1")
    review_in(in_use, 2)
    assert registry.load_approved("ltu-small", now()).version == alias(registry) == 2


def test_where_mlflow_does_not_answer_nobody_is_let_through_and_a_revocation_counts(in_use: Path, key: Any) -> None:
    address = "postgresql+psycopg://ada:secret@127.0.0.1:1/mlflow"
    registry = Registry(in_use, read_policy(POLICY), tracking_uri=address)
    approved = Registry(in_use, read_policy(POLICY)).load_approved("ltu-small", now())
    for ask in (registry.load_approved, registry.promote):
        with pytest.raises(GateError, match=r"MLflow at .*127\.0\.0\.1:1/mlflow does not answer") as refused:
            ask("ltu-small", now())
        assert "secret" not in str(refused.value)
    with pytest.raises(ApualyError, match="does not answer"):
        registry.store.experiment("ltu-small")

    registry.require_still_approved(approved, now())
    with pytest.raises(GateError, match="the step stands in the log, and counts"):
        registry.take(Ask("ltu-small", 1, Step.REVOKE, "Grace", now(), REASON), key(in_use, "Grace"))
    with pytest.raises(GateError, match="version 1 was revoked"):
        registry.require_still_approved(approved, now())


def test_what_mlflow_remembers_must_be_what_was_written_there(in_use: Path) -> None:
    registry = Registry(in_use, read_policy(POLICY))
    registry.store.client.set_registered_model_tag("ltu-small", WITNESS_TAG, "all is well")
    with pytest.raises(GateError, match="remembers the log of ltu-small as 'all is well'"):
        registry.load_approved("ltu-small", now())


# ---------------------------------------------------------------- the gate, and the artefact


def test_what_is_in_use_is_what_was_trained(in_use: Path, tmp_path: Path) -> None:
    registry = Registry(in_use, read_policy(POLICY))
    approved = registry.load_approved("ltu-small", now())
    path = registry.cards.path("ltu-small", 1)
    assert (approved.version, approved.approved_by) == (1, "Alan")
    assert timedelta(days=180) < approved.expires - now() < timedelta(days=185)
    assert approved.card == registry.cards.read("ltu-small", 1)
    assert approved.card_text.startswith(path.with_suffix(".md").read_text(encoding="utf-8"))
    assert len(approved.conditions) == 1
    folder = registry.fetch(approved, tmp_path / "fetched")
    assert folder.is_relative_to(tmp_path / "fetched")
    assert artefact.load(folder, approved.digest).name == "ltu-small"
    registry.require_still_approved(approved, now())


def test_an_artefact_that_is_gone_is_told_in_words(in_use: Path, tmp_path: Path) -> None:
    registry = Registry(in_use, read_policy(POLICY))
    approved = registry.load_approved("ltu-small", now())
    shutil.rmtree(in_use / "mlflow" / "artifacts" / "ltu-small" / "models")
    with pytest.raises(GateError, match="the artefact of ltu-small version 1 cannot be fetched"):
        registry.fetch(approved, tmp_path / "fetched")


def test_an_old_witness_is_enough_and_a_longer_one_is_missed(in_use: Path, review_in: Any) -> None:
    registry = Registry(in_use, read_policy(POLICY))
    approved = registry.load_approved("ltu-small", now())
    review_in(in_use, 2, WAY[:2])
    registry.require_still_approved(approved, now())
    lines = registry.log.read_bytes().splitlines(keepends=True)
    registry.log.write_bytes(b"".join(lines[:2]))
    with pytest.raises(GateError, match="entry 3 is missing, of 3"):
        registry.require_still_approved(approved, now())


def test_the_files_on_which_it_hangs(in_use: Path) -> None:
    registry = Registry(in_use, read_policy(POLICY), policy_path=POLICY)
    approved = registry.load_approved("ltu-small", now())
    watched = registry.watched(approved)
    assert set(watched) == {registry.log, registry.cards.path("ltu-small", 1), in_use / "trust.toml", POLICY}
    assert all(path.is_file() for path in watched)


def test_the_alias_is_moved_after_the_gate(registry: Registry, review_in: Any) -> None:
    """What the gate does not let through carries no alias, whatever the log's state is; the tag says why."""
    review_in(registry.home, 1)
    assert (alias(registry), told(registry)[GATE_TAG]) == (1, "open")
    trust = registry.home / "trust.toml"
    trust.write_text(trust.read_text("utf-8").replace('name = "Alan"', 'name = "Alan"\ndemo = true'), "utf-8")
    with pytest.raises(GateError, match="reviewed by demo people"):
        registry.promote("ltu-small", now())
    assert alias(registry) is None
    assert told(registry)[GATE_TAG].startswith("closed: ltu-small version 1 was reviewed by demo people (Alan)")
    assert told(registry)[STATE_TAG] == "approved with conditions"


def test_mlflow_remembers_reviews_whose_cards_are_gone(registry: Registry, review_in: Any) -> None:
    review_in(registry.home, 1)
    shutil.rmtree(registry.home / "model_cards")
    assert len(registry.verify().entries) == 3
    registry.log.unlink()
    with pytest.raises(GateError, match="entry 1 is missing, of 3"):
        registry.verify()

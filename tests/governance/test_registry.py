"""The registry: versions, cards and reviews in one home; MLflow's alias follows the review."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from ml.contracts import Policy
from ml.errors import GateError, UsageError
from ml.governance.card import build_card
from ml.governance.registry import ALIAS, Registry
from ml.governance.review.approval import Step, take
from ml.models import artefact

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
WORDS = "Read the card."


@pytest.fixture
def registry(drafts: Path, policy: Policy) -> Registry:
    return Registry(drafts, policy)


@pytest.fixture
def steps(registry: Registry) -> Callable[..., None]:
    """Return a function that takes steps on a version: submit by Ada, all else by Grace."""

    def walk(version: int, *steps: str, at: datetime = NOW) -> None:
        for step in steps:
            by = "Ada" if step == "submit" else "Grace"
            take(registry, Step("ltu-small", version, step, by, at, WORDS, WORDS))

    return walk


def test_opening_a_registry_writes_nothing(tmp_path: Path, policy: Policy) -> None:
    registry = Registry(tmp_path / "never", policy)
    assert registry.names() == []
    with pytest.raises(UsageError, match=r"no model named ltu-x in .*never; known: none"):
        registry.latest("ltu-x")
    assert not (tmp_path / "never").exists()


def test_names_and_versions(registry: Registry, drafts: Path) -> None:
    assert registry.names() == ["ltu-small"]
    assert registry.latest("ltu-small") == 2
    (drafts / "model_cards" / "ltu-small" / "10.md").write_text("", encoding="utf-8")
    (drafts / "model_cards" / "ltu-small" / "notes.md").write_text("", encoding="utf-8")
    assert registry.latest("ltu-small") == 10
    (drafts / "model_cards" / "ltu-empty").mkdir()
    assert registry.names() == ["ltu-small"]


def test_a_card_is_published_in_both_forms_or_in_none(home: Path, policy: Policy, report: Any, provenance: Any) -> None:
    registry = Registry(home, policy)
    card = build_card(report, provenance, policy)
    path = registry.publish(card)
    assert path == home / "model_cards" / "ltu-small" / "3.md"
    assert json.loads(path.with_suffix(".json").read_text(encoding="utf-8")) == card

    odd = build_card(report, replace(provenance, version=4), policy) | {"cohort": {"rows": float("nan")}}
    with pytest.raises(ValueError, match="JSON"):
        registry.publish(odd)
    (path.parent / "5.md").mkdir()
    with pytest.raises(OSError, match=r"5\.md"):
        registry.publish(build_card(report, replace(provenance, version=5), policy))
    assert sorted(each.name for each in path.parent.iterdir()) == ["3.json", "3.md", "5.md"]


@pytest.mark.parametrize(
    ("walk", "alias", "state"),
    [
        ([], None, "draft"),
        (["submit"], None, "submitted"),
        (["submit", "reject"], None, "rejected"),
        (["submit", "approve"], 1, "approved"),
        (["submit", "approve", "revoke"], None, "revoked"),
    ],
)
def test_the_alias_follows_the_review(
    registry: Registry, steps: Callable[..., None], walk: list[str], alias: int | None, state: str
) -> None:
    steps(1, *walk)
    assert registry.review("ltu-small", 1).state == state
    assert registry.client.get_registered_model("ltu-small").aliases == ({ALIAS: alias} if alias else {})
    tags = registry.client.get_model_version("ltu-small", "1").tags
    assert tags.get("apualy.state", "draft") == state
    assert tags["apualy.digest"].startswith("sha256:")


def test_a_newer_approval_takes_over_and_revoking_the_older_changes_nothing(
    registry: Registry, steps: Callable[..., None]
) -> None:
    steps(1, "submit", "approve")
    steps(2, "submit", "approve")
    assert registry.approved("ltu-small", NOW).version == 2
    steps(1, "revoke")
    assert registry.approved("ltu-small", NOW).version == 2
    steps(2, "revoke")
    with pytest.raises(GateError, match="no version of ltu-small carries the alias “approved”"):
        registry.approved("ltu-small", NOW)


def test_what_is_approved_is_what_was_trained(
    registry: Registry, steps: Callable[..., None], drafts: Path, tmp_path: Path
) -> None:
    steps(2, "submit", "approve")
    approved = registry.approved("ltu-small", NOW)
    card = drafts / "model_cards" / "ltu-small" / "2.md"
    assert (approved.version, approved.approved_by) == (2, "Grace")
    assert approved.expires == datetime(2027, 5, 24, 12, tzinfo=UTC)
    assert approved.card_text == card.read_text(encoding="utf-8")
    assert approved.card == json.loads(card.with_suffix(".json").read_text(encoding="utf-8"))
    folder = registry.fetch(approved, tmp_path)
    assert folder.is_relative_to(tmp_path)
    assert artefact.load(folder, approved.digest).name == "ltu-small"
    registry.require_still_approved(approved, NOW)


def test_a_card_binds_to_its_own_version(registry: Registry) -> None:
    assert registry.binding("ltu-small", 1).card != registry.binding("ltu-small", 2).card
    assert registry.binding("ltu-small", 1) == registry.binding("ltu-small", 1)


def test_what_is_in_which_of_a_cards_two_files_is_part_of_its_digest(registry: Registry, drafts: Path) -> None:
    before = registry.binding("ltu-small", 1).card
    source, text = (drafts / "model_cards" / "ltu-small" / name for name in ("1.json", "1.md"))
    content = source.read_bytes()
    source.write_bytes(content.rstrip(b"\n"))
    text.write_bytes(b"\n" + text.read_bytes())
    assert registry.binding("ltu-small", 1).card != before

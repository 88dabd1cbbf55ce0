"""A run leads to its artefact again, to the last byte; other spells and other artefacts are told."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ml.governance.policy import POLICY, read_policy
from ml.governance.registry import Registry
from ml.governance.store import DIGEST_TAG

Apualy = Callable[..., Any]


def registry_of(home: Path) -> Registry:
    return Registry(home, read_policy(POLICY))


def version_of(home: Path, number: int) -> Any:
    (version,) = registry_of(home).store.client.search_model_versions(
        f"name = 'ltu-small' and version_number = {number}"
    )
    return version


def test_a_run_leads_to_its_artefact_again(apualy: Apualy, drafts: Path) -> None:
    for number in (1, 2):
        version = version_of(drafts, number)
        ran = apualy("replay", version.run_id, "--json")
        assert ran.code == 0, ran.err
        told = json.loads(ran.out)
        assert told["same"] is True
        assert told["recorded"] == told["replayed"] == version.tags[DIGEST_TAG]
        assert told["other_versions"] == {}
    assert "the same, to the last byte" in apualy("replay", version.run_id).out


def test_nothing_is_registered_by_a_replay(apualy: Apualy, drafts: Path) -> None:
    assert apualy("replay", version_of(drafts, 1).run_id).code == 0
    assert len(registry_of(drafts).store.client.search_model_versions("name = 'ltu-small'")) == 2


def test_an_artefact_that_the_record_does_not_lead_to_is_told(apualy: Apualy, drafts: Path) -> None:
    version = version_of(drafts, 1)
    registry_of(drafts).store.client.set_model_version_tag("ltu-small", version.version, DIGEST_TAG, "sha256:other")
    ran = apualy("replay", version.run_id)
    assert (ran.code, ran.err.count("\n")) == (4, 1)
    assert "does not lead to its artefact again" in ran.err


def test_other_spells_are_refused(apualy: Apualy, drafts: Path, small: tuple[Path, Path], tmp_path: Path) -> None:
    lines = small[1].read_text(encoding="utf-8").splitlines(keepends=True)
    (tmp_path / "other.csv").write_text("".join(lines[:-1]), encoding="utf-8")
    ran = apualy("replay", version_of(drafts, 1).run_id, "--data", tmp_path / "other.csv")
    assert ran.code == 3
    assert "this is not the data of run" in ran.err


@pytest.mark.parametrize(("more", "words"), [((), "no run"), (("--data", "nowhere.csv"), "no run")])
def test_a_run_that_is_none_is_told(apualy: Apualy, drafts: Path, more: tuple[str, ...], words: str) -> None:
    ran = apualy("replay", "0" * 32, *more)
    assert ran.code == 2
    assert words in ran.err


def test_data_that_is_gone_is_told(apualy: Apualy, drafts: Path) -> None:
    ran = apualy("replay", version_of(drafts, 1).run_id, "--data", "nowhere.csv")
    assert ran.code == 3
    assert "is gone; say where it is with --data" in ran.err

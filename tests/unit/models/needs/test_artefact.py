"""A service-need model on disk: it comes back as it was, or not at all."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from ml.contracts import Placements
from ml.errors import GateError
from ml.models.needs import artefact
from ml.models.needs.train import TrainedNeeds


@pytest.mark.parametrize("kind", ["base_rate", "logistic", "lightgbm"])
def test_a_model_comes_back_as_it_was(trained: TrainedNeeds, placements: Placements, kind: str, tmp_path: Path) -> None:
    model = trained.candidates[kind]
    digest = artefact.save(model, tmp_path / "model")
    back = artefact.load(tmp_path / "model", digest)
    before, after = (each.answers(placements.features.iloc[:300]) for each in (model, back))
    for name in ("probability", "low", "high", "unlike", "answer"):
        assert np.array_equal(getattr(before, name), getattr(after, name)), name
    assert (back.name, back.threshold, back.encoder) == (model.name, model.threshold, model.encoder)
    assert artefact.save(back, tmp_path / "again") == digest


@pytest.fixture
def saved(trained: TrainedNeeds, tmp_path: Path) -> tuple[Path, str]:
    return tmp_path / "model", artefact.save(trained.candidates["lightgbm"], tmp_path / "model")


def test_only_json_and_text_are_written(saved: tuple[Path, str]) -> None:
    folder, _ = saved
    assert sorted(path.name for path in folder.iterdir()) == ["model.json", "trees.txt"]
    assert (folder / "trees.txt").read_text(encoding="utf-8").startswith("tree\n")
    json.loads((folder / "model.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", ["model.json", "trees.txt"])
def test_a_changed_byte_is_refused(saved: tuple[Path, str], name: str) -> None:
    folder, digest = saved
    text = (folder / name).read_text(encoding="utf-8")
    (folder / name).write_text(text.replace("0.0", "0.5", 1), encoding="utf-8")
    with pytest.raises(GateError, match="is not what was approved"):
        artefact.load(folder, digest)


def test_no_artefact_is_refused(tmp_path: Path) -> None:
    with pytest.raises(GateError, match="no model artefact"):
        artefact.load(tmp_path, "sha256:any")


@pytest.mark.parametrize(
    "change", [{"format": 99}, {"sort": "ltu-risk"}, {"entities": ["skills"]}, {"kind": "magic"}, {"inputs": 3},
               {"calibration": {}}],
)  # fmt: skip
def test_what_cannot_be_read_is_refused_in_one_line(saved: tuple[Path, str], change: dict[str, object]) -> None:
    folder, _ = saved
    content = json.loads((folder / "model.json").read_text(encoding="utf-8")) | change
    (folder / "model.json").write_text(json.dumps(content), encoding="utf-8")
    with pytest.raises(GateError, match="cannot be read") as told:
        artefact.load(folder, artefact.digest(folder))
    assert "\n" not in str(told.value)


def test_trees_that_are_no_trees_are_refused(saved: tuple[Path, str]) -> None:
    folder, _ = saved
    (folder / "trees.txt").write_text("no trees", encoding="utf-8")
    with pytest.raises(GateError, match="cannot be read"):
        artefact.load(folder, artefact.digest(folder))

"""A model on disk: the same model comes back, or none."""

from __future__ import annotations

import json
import pickle
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from ml.contracts import Cohort
from ml.errors import GateError
from ml.models import artefact
from ml.models.train import Trained
from ml.models.trained import TrainedModel

Change = Callable[[Path], Any]


@pytest.fixture(params=["straight", "crossed"])
def world(request: pytest.FixtureRequest) -> tuple[TrainedModel, Cohort]:
    """Return a logistic model, then one of trees, each with the cohort it comes from."""
    trained: Trained = request.getfixturevalue(request.param)
    return trained.model, request.getfixturevalue(f"{request.param}_world")


def files(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.rglob("*"))


def test_what_is_loaded_is_what_was_saved(world: tuple[TrainedModel, Cohort], tmp_path: Path) -> None:
    model, cohort = world
    loaded = artefact.load(tmp_path / "a", artefact.save(model, tmp_path / "a"))
    codes = model.encoder.frame(cohort.features)
    codes[:5] = np.nan
    np.testing.assert_array_equal(loaded.encoder.frame(cohort.features), model.encoder.frame(cohort.features))
    for field in ("probability", "low", "high"):
        np.testing.assert_array_equal(getattr(loaded.curve(codes), field), getattr(model.curve(codes), field))
    for place in range(3):
        np.testing.assert_array_equal(
            loaded.scorer.contributions(codes, place), model.scorer.contributions(codes, place)
        )
    assert replace(loaded, scorer=model.scorer) == model
    assert loaded.scorer.kind == model.scorer.kind


def test_a_declaration_comes_back_whole(straight: Trained, tmp_path: Path) -> None:
    """With its labels, its bands, and its values in the contract's order, in which pages show them."""
    first, *others = straight.model.encoder.inputs
    column = replace(
        first.column,
        label={"sv": "Ålder", "en": "Age", "fi": "Ikä"},
        bands=(25.0, 50.0),
        values={"1": "yksi", "2": "kaksi", "10": "kymmenen"},
        minimum=15.0,
        use_in_model=True,
        justification="Ikä on …",
    )
    model = replace(
        straight.model, encoder=replace(straight.model.encoder, inputs=(replace(first, column=column), *others))
    )
    loaded = artefact.load(tmp_path / "a", artefact.save(model, tmp_path / "a"))
    assert loaded.encoder == model.encoder
    assert loaded.outcome == model.outcome
    assert list(loaded.encoder.inputs[0].column.values.values()) == ["yksi", "kaksi", "kymmenen"]


def test_saving_twice_gives_the_same_bytes_anywhere(world: tuple[TrainedModel, Cohort], tmp_path: Path) -> None:
    model, _ = world
    digest = artefact.save(model, tmp_path / "a")
    assert artefact.save(model, tmp_path / "deep" / "er") == digest == artefact.digest(tmp_path / "a")
    moved = shutil.move(tmp_path / "a", tmp_path / "elsewhere")
    assert artefact.digest(Path(moved)) == digest
    again = artefact.save(artefact.load(Path(moved), digest), tmp_path / "again")
    assert again == digest


def test_an_artefact_is_never_written_over(straight: Trained, tmp_path: Path) -> None:
    artefact.save(straight.model, tmp_path / "a")
    with pytest.raises(FileExistsError):
        artefact.save(straight.model, tmp_path / "a")


# ---------------------------------------------------------------- altered


def flip(path: Path, place: int) -> None:
    content = bytearray(path.read_bytes())
    content[place] ^= 1
    path.write_bytes(content)


@pytest.mark.parametrize("place", [0, 1000, -1])
def test_one_bit_flipped_in_any_file_is_refused(world: tuple[TrainedModel, Cohort], tmp_path: Path, place: int) -> None:
    digest = artefact.save(world[0], tmp_path / "a")
    for name in files(tmp_path / "a"):
        altered = tmp_path / f"{name}-altered"
        shutil.copytree(tmp_path / "a", altered)
        flip(altered / name, place)
        with pytest.raises(GateError, match="is not what was approved"):
            artefact.load(altered, digest)


@pytest.mark.parametrize(
    "change",
    [
        lambda folder: (folder / "more.txt").write_text(""),
        lambda folder: (folder / ".hidden").write_text("x"),
        lambda folder: ((folder / "sub").mkdir(), (folder / "sub" / "model.json").write_text("x")),
        lambda folder: (folder / "horizon-1.txt").unlink(),
        lambda folder: (folder / "horizon-1.txt").rename(folder / "horizon-3.txt"),
        lambda folder: (folder / "horizon-2.txt").rename(folder / "horizon-3.txt"),
        lambda folder: (
            (folder / "horizon-1.txt").rename(folder / "x"),
            (folder / "horizon-0.txt").rename(folder / "horizon-1.txt"),
            (folder / "x").rename(folder / "horizon-0.txt"),
        ),
    ],
    ids=["a file more", "a hidden one", "one in a folder", "one less", "renamed", "the last renamed", "exchanged"],
)
def test_other_files_are_refused(crossed: Trained, tmp_path: Path, change: Change) -> None:
    digest = artefact.save(crossed.model, tmp_path / "a")
    assert files(tmp_path / "a") == ["horizon-0.txt", "horizon-1.txt", "horizon-2.txt", "model.json"]
    change(tmp_path / "a")
    assert artefact.digest(tmp_path / "a") != digest
    with pytest.raises(GateError, match="is not what was approved"):
        artefact.load(tmp_path / "a", digest)


def test_no_artefact_is_refused(crossed: Trained, tmp_path: Path) -> None:
    with pytest.raises(GateError, match="no model artefact in"):
        artefact.load(tmp_path / "nowhere", "sha256:0")
    digest = artefact.save(crossed.model, tmp_path / "a")
    (tmp_path / "a" / "model.json").unlink()
    with pytest.raises(GateError, match="no model artefact in"):
        artefact.load(tmp_path / "a", digest)


def test_another_format_is_refused_even_with_its_own_digest(straight: Trained, tmp_path: Path) -> None:
    artefact.save(straight.model, tmp_path / "a")
    file = tmp_path / "a" / "model.json"
    file.write_text(file.read_text(encoding="utf-8").replace('"format": 1,', '"format": 99,'), encoding="utf-8")
    with pytest.raises(GateError, match="99"):
        artefact.load(tmp_path / "a", artefact.digest(tmp_path / "a"))


@pytest.mark.parametrize("text", ["{}", "[]", "not JSON", '{"format": 1}'])
def test_what_is_no_model_is_refused_even_with_its_own_digest(straight: Trained, tmp_path: Path, text: str) -> None:
    artefact.save(straight.model, tmp_path / "a")
    (tmp_path / "a" / "model.json").write_text(text)
    with pytest.raises(GateError, match="cannot be read"):
        artefact.load(tmp_path / "a", artefact.digest(tmp_path / "a"))


# ---------------------------------------------------------------- no pickle


def test_nothing_is_pickled(
    world: tuple[TrainedModel, Cohort], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All files are text, and neither saving nor loading needs the pickle module."""

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("pickle was used")

    for name in ("load", "loads", "dump", "dumps", "Unpickler", "Pickler", "_Unpickler", "_Pickler"):
        monkeypatch.setattr(pickle, name, refuse)
    with pytest.raises(AssertionError, match="pickle was used"):
        pickle.dumps(LogisticRegression())
    digest = artefact.save(world[0], tmp_path / "a")
    artefact.load(tmp_path / "a", digest)
    for name in files(tmp_path / "a"):
        content = (tmp_path / "a" / name).read_bytes()
        assert not content.startswith((b"\x80", b"PK", b"cos"))
        content.decode("utf-8")
    assert json.loads((tmp_path / "a" / "model.json").read_text(encoding="utf-8"))["format"] == artefact.FORMAT

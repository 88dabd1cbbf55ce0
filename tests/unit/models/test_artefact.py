"""A model on disk: the same model comes back, or none."""

from __future__ import annotations

import json
import pickle
import shutil
from collections.abc import Callable
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from ml.contracts import Cohort, Floats
from ml.errors import GateError
from ml.models import artefact
from ml.models.train import Trained
from ml.models.trained import TrainedModel

Change = Callable[[Path], Any]


KINDS = {"rule": "ruled", "logistic": "straight", "additive": "bent", "lightgbm": "crossed"}


@pytest.fixture(params=KINDS)
def world(request: pytest.FixtureRequest) -> tuple[TrainedModel, Cohort]:
    """Return a model of each kind that can be kept, with the cohort it comes from."""
    name = KINDS[request.param]
    trained: Trained = request.getfixturevalue(name)
    assert trained.model.scorer.kind == request.param
    return trained.model, request.getfixturevalue(f"{name}_world")


def assert_same(one: TrainedModel, other: TrainedModel, codes: Floats) -> None:
    """Check that two models say the same to the last bit, for the same reasons."""
    for theirs, ours in zip(other.hints(codes), one.hints(codes), strict=True):
        for field in fields(ours):
            np.testing.assert_array_equal(getattr(theirs, field.name), getattr(ours, field.name))
    for place in range(len(one.outcome.horizons)):
        np.testing.assert_array_equal(other.scorer.contributions(codes, place), one.scorer.contributions(codes, place))
    for mine, its in zip(one.refits, other.refits, strict=True):
        np.testing.assert_array_equal(its.scorer.margins(codes), mine.scorer.margins(codes))
        assert its.calibrators == mine.calibrators
    for name in ("name", "encoder", "calibrators", "outcome", "cuts"):
        assert getattr(other, name) == getattr(one, name)


def files(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.rglob("*"))


def test_what_is_loaded_is_what_was_saved(world: tuple[TrainedModel, Cohort], tmp_path: Path) -> None:
    model, cohort = world
    loaded = artefact.load(tmp_path / "a", artefact.save(model, tmp_path / "a"))
    codes = model.encoder.frame(cohort.features)
    codes[:5] = np.nan
    numbers = [place for place in range(codes.shape[1]) if place not in model.encoder.categorical]
    codes[5:8, numbers] *= 1e6
    np.testing.assert_array_equal(loaded.encoder.frame(cohort.features), model.encoder.frame(cohort.features))
    assert_same(model, loaded, codes)
    assert loaded.scorer.kind == model.scorer.kind
    assert len(loaded.refits) == 10


def test_looks_come_back_with_their_landmarks(looks: Trained, tmp_path: Path) -> None:
    """With calibrators and cuts that are None where a horizon is no question any more."""
    loaded = artefact.load(tmp_path / "a", artefact.save(looks.model, tmp_path / "a"))
    assert_same(looks.model, loaded, looks.codes)
    assert [cuts is None for cuts in loaded.cuts] == [False, False, False, True]
    assert loaded.calibrators[1][0] is None


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


def test_one_bit_flipped_in_any_file_is_refused(world: tuple[TrainedModel, Cohort], tmp_path: Path) -> None:
    folder = tmp_path / "a"
    digest = artefact.save(world[0], folder)
    for name in files(folder):
        for place in (0, 1000, -1):
            flip(folder / name, place)
            with pytest.raises(GateError, match="is not what was approved"):
                artefact.load(folder, digest)
            flip(folder / name, place)  # back again
    artefact.load(folder, digest)


@pytest.mark.parametrize(
    "change",
    [
        lambda folder: (folder / "more.txt").write_text(""),
        lambda folder: (folder / ".hidden").write_text("x"),
        lambda folder: ((folder / "sub").mkdir(), (folder / "sub" / "model.json").write_text("x")),
        lambda folder: (folder / "horizon-1.txt").unlink(),
        lambda folder: (folder / "refit-9-horizon-2.txt").unlink(),
        lambda folder: (folder / "numbers.json").unlink(),
        lambda folder: (folder / "horizon-1.txt").rename(folder / "horizon-3.txt"),
        lambda folder: (folder / "horizon-2.txt").rename(folder / "horizon-3.txt"),
        lambda folder: (
            (folder / "horizon-1.txt").rename(folder / "x"),
            (folder / "horizon-0.txt").rename(folder / "horizon-1.txt"),
            (folder / "x").rename(folder / "horizon-0.txt"),
        ),
    ],
    ids=[
        "a file more",
        "a hidden one",
        "one in a folder",
        "one less",
        "a refit less",
        "no numbers",
        "renamed",
        "the last renamed",
        "exchanged",
    ],
)
def test_other_files_are_refused(crossed: Trained, tmp_path: Path, change: Change) -> None:
    digest = artefact.save(crossed.model, tmp_path / "a")
    of_each = [f"horizon-{place}.txt" for place in range(3)]
    of_refits = [f"refit-{number}-{name}" for number in range(10) for name in of_each]
    assert files(tmp_path / "a") == sorted([*of_each, *of_refits, "model.json", "numbers.json"])
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


@pytest.mark.parametrize("other", [1, 2, 3, 99, "4", None])
def test_another_format_is_refused_even_with_its_own_digest(straight: Trained, tmp_path: Path, other: object) -> None:
    """An older one, too: its chances did not follow the times, or knew no day between landmarks."""
    artefact.save(straight.model, tmp_path / "a")
    file = tmp_path / "a" / "model.json"
    content = json.loads(file.read_text(encoding="utf-8"))
    assert content["format"] == artefact.FORMAT == 4
    file.write_text(json.dumps(content | {"format": other}), encoding="utf-8")
    with pytest.raises(GateError, match=rf"its format is {other}, this version reads 4.*train the model again"):
        artefact.load(tmp_path / "a", artefact.digest(tmp_path / "a"))


@pytest.mark.parametrize("file", ["model.json", "numbers.json"])
@pytest.mark.parametrize("text", ["", "{}", "[]", "not JSON", '{"format": 1}', '{"format": 4}', "null", "1"])
def test_what_is_no_model_is_refused_even_with_its_own_digest(
    straight: Trained, tmp_path: Path, file: str, text: str
) -> None:
    artefact.save(straight.model, tmp_path / "a")
    (tmp_path / "a" / file).write_text(text)
    with pytest.raises(GateError, match="cannot be read"):
        artefact.load(tmp_path / "a", artefact.digest(tmp_path / "a"))


@pytest.mark.parametrize(
    ("file", "change"),
    [
        ("numbers.json", lambda content: content["scorer"].pop("weights")),
        ("numbers.json", lambda content: content["calibrators"][0][0].pop("level")),
        ("numbers.json", lambda content: content["calibrators"][0][0].update(more=1)),
        ("numbers.json", lambda content: content.pop("familiarity")),
        ("numbers.json", lambda content: content["refits"][3].pop("scorer")),
        ("model.json", lambda content: content.update(kind="pickle")),
        ("model.json", lambda content: content["cuts"][0].pop("low_below")),
        ("model.json", lambda content: content["inputs"][0]["column"].update(type="code")),
        ("model.json", lambda content: content["outcome"].pop("horizons")),
    ],
)
def test_a_model_that_lacks_something_is_refused_even_with_its_own_digest(
    straight: Trained, tmp_path: Path, file: str, change: Callable[[Any], Any]
) -> None:
    artefact.save(straight.model, tmp_path / "a")
    path = tmp_path / "a" / file
    content = json.loads(path.read_text(encoding="utf-8"))
    change(content)
    path.write_text(json.dumps(content), encoding="utf-8")
    with pytest.raises(GateError, match="cannot be read"):
        artefact.load(tmp_path / "a", artefact.digest(tmp_path / "a"))


@pytest.mark.parametrize("text", ["", "not trees", "tree\nversion=v4\nnum_class=1\n"])
def test_what_are_no_trees_is_refused_even_with_its_own_digest(crossed: Trained, tmp_path: Path, text: str) -> None:
    artefact.save(crossed.model, tmp_path / "a")
    (tmp_path / "a" / "refit-2-horizon-1.txt").write_text(text)
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

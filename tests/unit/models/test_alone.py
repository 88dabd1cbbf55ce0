"""A model asked about one row says what it says of that row among many."""

from __future__ import annotations

from dataclasses import astuple, replace

import numpy as np
import pytest

from ml.models.alone import RowHint
from ml.models.train import Trained
from ml.models.trained import TrainedModel, row_hints

WORLDS = ("ruled", "straight", "bent", "crossed", "small_trees", "looks", "small_trees_of_looks", "timed")


def many(model: TrainedModel, codes: np.ndarray) -> list[RowHint]:
    said = model.said(codes)
    curve = model.curve_of(said)
    return row_hints(said.landmark, curve, model.bands_of(said, codes, curve))


def alone(model: TrainedModel, codes: np.ndarray) -> list[RowHint]:
    found = []
    for row in codes.tolist():
        strange = any(model.encoder.unfamiliar_row(row))
        found.append(model.alone.hint(row, model.alone.said(row), strange=strange))
    return found


def assert_same(model: TrainedModel, codes: np.ndarray) -> None:
    for one, among in zip(alone(model, codes), many(model, codes), strict=True):
        facts = [one.landmark, one.band, *((one.wide, one.unlike, one.unstable) if one.band else ())]
        assert facts == [
            among.landmark,
            among.band,
            *((among.wide, among.unlike, among.unstable) if among.band else ()),
        ]
        for name in ("probability", "low", "high"):
            np.testing.assert_allclose(getattr(one, name), getattr(among, name), rtol=0, atol=1e-12)


@pytest.fixture(params=WORLDS)
def trained(request: pytest.FixtureRequest) -> Trained:
    """Return what training kept of a world: of every kind that it can keep, with looks and without."""
    found: Trained = request.getfixturevalue(request.param)
    return found


def odd(trained: Trained, rng: np.random.Generator) -> np.ndarray:
    """Return rows as they are, and rows with values missing, and far beyond what training saw."""
    codes = trained.codes[rng.choice(len(trained.codes), 150)].copy()
    codes[rng.random(codes.shape) < 0.1] = np.nan
    numbers = [place for place, each in enumerate(trained.model.encoder.inputs) if not each.is_category]
    codes[:10, numbers] *= 50
    entry = trained.model.outcome.entry
    if entry is not None:
        place = trained.model.encoder.names.index(entry)
        codes[:, place] = rng.choice([0.0, 1.5, 3.0, 4.5, 6.0, 9.0, 11.9, 12.0, 40.0], len(codes))
    return codes


def test_a_row_alone_is_as_among_many(trained: Trained, rng: np.random.Generator) -> None:
    codes = odd(trained, rng)
    assert_same(trained.model, codes)
    told = many(trained.model, codes)
    assert len({each.band for each in told}) >= 3
    assert any(each.unlike for each in told)


def test_without_refits_without_bands_and_without_a_shape(trained: Trained, rng: np.random.Generator) -> None:
    model, codes = trained.model, odd(trained, rng)[:40]
    bare = tuple(tuple(each and replace(each, venn_abers=None) for each in row) for row in model.calibrators)
    for changed in (
        replace(model, refits=()),
        replace(model, refits=model.refits[:1]),
        replace(model, cuts=(None,) * len(model.cuts)),
        replace(model, calibrators=bare),
    ):
        assert_same(changed, codes)


def test_a_chance_on_a_cut_is_told_alike(looks: Trained) -> None:
    """Chances of a table stand on cuts again and again: there the last bit tells."""
    model, codes = looks.model, looks.codes[:60]
    chances = model.curve(codes).probability[:, model.place]
    for chance in chances[:20]:
        cuts = tuple(each and replace(each, low_below=chance - 0.1, elevated_from=chance) for each in model.cuts)
        changed = replace(model, cuts=cuts)
        assert [each.band for each in alone(changed, codes)] == [each.band for each in many(changed, codes)]


def test_what_is_told_of_nobody(trained: Trained) -> None:
    assert many(trained.model, trained.codes[:0]) == []


def test_hints_are_plain_numbers(looks: Trained) -> None:
    """What is kept of them is JSON."""
    for hint in (*alone(looks.model, looks.codes[:5]), *many(looks.model, looks.codes[:5])):
        assert {type(each) for part in astuple(hint)[1:4] for each in part} == {float}
        assert type(hint.landmark) is int
        assert {type(each) for each in (hint.wide, hint.unlike, hint.unstable)} == {bool}

"""Who is like those that a model learnt from."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import chi2
from sklearn.covariance import EmpiricalCovariance

from ml.contracts import Column, ColumnType, Floats, Role
from ml.models.encode import Encoder, fit_encoder
from ml.models.familiarity import CHUNK, USUAL, Familiarity, fit_familiarity


def fitted(frame: pd.DataFrame) -> tuple[Encoder, Floats, Familiarity]:
    """Return encoder, codes and familiarity of a table; strings are categories."""
    kinds = {name: ColumnType.NUMBER if frame[name].dtype.kind == "f" else ColumnType.CATEGORY for name in frame}
    encoder = fit_encoder(frame, [Column(str(name), kind, Role.FEATURE) for name, kind in kinds.items()])
    codes = encoder.frame(frame)
    return encoder, codes, fit_familiarity(encoder, codes)


def together(n: int, rng: np.random.Generator) -> pd.DataFrame:
    """Return ages and years in work, which go together, a number of their own, and a trade that goes with age."""
    age = rng.normal(40, 10, n)
    return pd.DataFrame(
        {
            "age": age,
            "work": age - 20 + rng.normal(0, 2, n),
            "gap": np.where(rng.random(n) < 0.1, np.nan, rng.normal(size=n)),
            "trade": np.where(age + rng.normal(0, 5, n) > 40, "smith", "clerk"),
        }
    )


def unlike(known: tuple[Encoder, Floats, Familiarity], **values: object) -> bool:
    encoder, _, familiarity = known
    return bool(familiarity.unlike(encoder, encoder.rows([values]))[0])


def test_the_distance_is_mahalanobis(rng: np.random.Generator) -> None:
    frame = pd.DataFrame(rng.normal(size=(300, 3)) @ rng.normal(size=(3, 3)), columns=["a", "b", "c"])
    encoder, codes, familiarity = fitted(frame)
    oracle = EmpiricalCovariance().fit(frame.to_numpy()).mahalanobis(frame.to_numpy())
    np.testing.assert_allclose(familiarity.distance(encoder, codes), oracle, rtol=1e-6)


def test_missing_values_and_categories_are_columns_of_it(rng: np.random.Generator) -> None:
    """Distances are from the average person, in the covariance of all design columns, whose inverse there is none."""
    encoder, codes, familiarity = fitted(together(500, rng))
    away = encoder.design(codes) - encoder.design(codes).mean(axis=0)
    inverse = np.linalg.pinv(away.T @ away / 500, hermitian=True, rcond=1e-9)
    np.testing.assert_allclose(familiarity.distance(encoder, codes), np.sum(away @ inverse * away, axis=1), rtol=1e-6)
    assert familiarity.distance(encoder, codes).mean() == pytest.approx(5)  # the rank: one for each direction


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(50, 4000))
def test_of_the_training_part_999_in_1000_are_familiar(seed: int, n: int) -> None:
    encoder, codes, familiarity = fitted(together(n, np.random.default_rng(seed)))
    strange = familiarity.unlike(encoder, codes)
    assert strange.sum() <= np.ceil((1 - USUAL) * (n - 1))
    farthest = np.sort(familiarity.distance(encoder, codes))[-2:]
    assert strange.any() or farthest[0] == pytest.approx(farthest[1])  # two who are alone with a value are as far


def test_new_people_of_the_same_world_are_familiar(rng: np.random.Generator) -> None:
    """But for those with a value beyond all that were seen, and about one in a thousand."""
    encoder, _, familiarity = fitted(together(5000, rng))
    new = encoder.frame(together(5000, rng))
    beyond = encoder.unfamiliar(new).any(axis=1)
    assert (familiarity.distance(encoder, new)[~beyond] > familiarity.limit).mean() < 0.004
    assert familiarity.unlike(encoder, new).mean() < 0.008
    assert familiarity.limit == pytest.approx(chi2.ppf(USUAL, 5), rel=0.5)  # roughly: not all are normal


def test_values_each_usual_but_never_together_are_unlike(rng: np.random.Generator) -> None:
    known = fitted(together(3000, rng))
    usual = {"age": 50.0, "work": 30.0, "gap": 0.0, "trade": "smith"}
    assert not unlike(known, **usual)
    assert not unlike(known, **usual | {"age": 25.0, "work": 5.0, "trade": "clerk"})
    assert unlike(known, **usual | {"work": 5.0})  # 50 years old, five of them in work: each alone is usual
    assert unlike(known, **usual | {"age": 30.0, "trade": "clerk"})
    encoder = known[0]
    assert not encoder.unfamiliar(encoder.rows([usual | {"work": 5.0}])).any()


@pytest.mark.parametrize(
    ("changed", "strange"),
    [
        ({}, False),
        ({"gap": None}, False),  # one in ten has none
        ({"age": None}, True),  # training saw no missing age
        ({"trade": None}, True),
        ({"trade": "astronaut"}, True),
        ({"age": 120.0, "work": 100.0}, True),  # together as ever, but nobody was so old
    ],
)
def test_one_value_alone(rng: np.random.Generator, changed: dict[str, object], strange: bool) -> None:
    known = fitted(together(1000, rng))
    assert unlike(known, **{"age": 40.0, "work": 20.0, "gap": 0.0, "trade": "smith"} | changed) is strange


def test_columns_that_are_constant_or_said_twice_do_no_harm(rng: np.random.Generator) -> None:
    """They have no direction of their own: distances stay as they were, and a new value in one is told by its range."""
    frame = together(1000, rng)
    more = frame.assign(
        always=0.1, never=np.nan, same="yes", months=12 * frame["age"] + 3, job=frame["trade"].str.upper()
    )
    encoder, codes, familiarity = fitted(frame)
    wide, wide_codes, found = fitted(more.astype({"never": float}))
    assert np.isfinite(found.root).all()
    assert found.root.shape[1] == familiarity.root.shape[1] == 5
    np.testing.assert_allclose(found.distance(wide, wide_codes), familiarity.distance(encoder, codes), rtol=1e-5)
    row = {name: more[name].iloc[0] for name in more if name != "never"}
    assert not unlike((wide, wide_codes, found), **row)
    assert unlike((wide, wide_codes, found), **row | {"always": 0.2})
    assert unlike((wide, wide_codes, found), **row | {"never": 1.0})


def test_rows_are_measured_alone(rng: np.random.Generator) -> None:
    """Also across the chunks of a large table, and of none."""
    encoder, codes, familiarity = fitted(together(500, rng))
    many = np.tile(codes, (CHUNK // 500 + 1, 1))
    distance = familiarity.distance(encoder, many)
    np.testing.assert_allclose(distance.reshape(-1, 500), np.tile(distance[:500], (len(many) // 500, 1)))
    np.testing.assert_allclose(familiarity.distance(encoder, codes[7:8]), distance[7])
    near = replace(familiarity, limit=float(np.median(distance)))
    assert [near.far(encoder, row) for row in codes.tolist()] == (distance[:500] > near.limit).tolist()
    assert familiarity.unlike(encoder, codes[:0]).shape == (0,)

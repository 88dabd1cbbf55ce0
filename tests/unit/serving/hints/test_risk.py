"""Hints of risk as figures: one alone as among many, whole when they were kept, and of the spoken of alone."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from ml.errors import GateError
from ml.models.bands import Band
from ml.models.explain import explain
from ml.models.trained import TrainedModel
from serving.hints.risk import RiskHint, compute_risk, compute_risks
from serving.hints.risk_words import word_risk
from serving.language import Language

ODD = pd.DataFrame({
    "waited": [0.0, 3.0, 6.0, 12.0, 40.0, 4.5, 0.0, 2.0],
    "haste": [0.1, None, 99.0, 0.0, None, None, -99.0, 0.3],
    "trade": pd.Series(["astronaut", None, "cook", "cook", "diver", None, "welder", "cook"], dtype=object),
    "course": [1.0, 0.0, None, 1.0, 0.0, None, 1.0, 0.0],
})  # fmt: skip


@pytest.fixture(scope="session")
def cases(looks: pd.DataFrame) -> pd.DataFrame:
    """Return looks of all landmarks, and cases with values missing, never seen, and out of range."""
    return pd.concat([looks.sample(120, random_state=3), ODD], ignore_index=True)


def posted(features: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the cases as the wire has them: booleans are booleans, and what is missing is null."""
    found = []
    for row in features.astype(object).to_dict("records"):
        known = {name: None if pd.isna(value) else value for name, value in row.items()}
        course = known["course"]
        found.append({**known, "course": None if course is None else bool(course)})
    return found


def test_a_case_alone_is_told_what_it_is_told_among_many(kept: TrainedModel, cases: pd.DataFrame) -> None:
    """Of each kind of model, at every landmark, with values missing and never seen."""
    many = compute_risks(kept, cases, weak=True)
    assert [compute_risk(kept, row, weak=True) for row in posted(cases)] == many
    assert {len(each.horizons) for each in many} == {0, 1, 2, 3}
    assert {Band.UNCERTAIN, Band.LOW, Band.ELEVATED} <= {each.band for each in many}


def test_figures_are_the_models_own(kept: TrainedModel, cases: pd.DataFrame) -> None:
    codes = kept.encoder.frame(cases)
    curve, _ = kept.hints(codes)
    found = explain(kept, codes)
    names = [each.name for each in found.reasons]
    for place, hint in enumerate(compute_risks(kept, cases, weak=False)):
        left = len(hint.horizons)
        told = [each.still_unemployed for each in hint.horizons]
        for field in ("probability", "low", "high"):
            figures = getattr(curve, field)[place][3 - left :]
            np.testing.assert_allclose([getattr(each, field) for each in told], figures, rtol=0, atol=5.1e-5)
        expected = [
            names[reason] for way in (found.raising, found.lowering) for reason in way.reason[place] if reason >= 0
        ]
        assert [each.reason.name for each in hint.reasons] == (expected if left else [])


def test_values_told_are_those_that_were_given(kept: TrainedModel, cases: pd.DataFrame) -> None:
    """A category never seen is not told, for it could hold anything."""
    seen = set()
    for row, hint in zip(posted(cases), compute_risks(kept, cases, weak=False), strict=True):
        for each in hint.reasons:
            given = row[each.column.name]
            assert each.given == (given is not None)
            assert each.value == (None if given in ("astronaut", "diver") else given)
            assert type(each.value) is type(None if each.value is None else given)
            assert each.readings == ({"fi": "kokki"} if given == "cook" else {})
            seen.add(given if isinstance(given, str | bool) else type(given))
    assert {"cook", "welder", True, float, type(None)} <= seen


def test_probabilities_alone_are_those_of_the_hints(kept: TrainedModel, cases: pd.DataFrame) -> None:
    """As MLflow's server gives them, without asking the refits."""
    codes = kept.encoder.frame(cases)
    np.testing.assert_array_equal(kept.probability(codes), kept.curve(codes).probability)
    np.testing.assert_allclose(kept.probability(codes[:1]), kept.curve(codes[:1]).probability, rtol=0, atol=1e-15)


def test_a_kept_hint_is_the_hint(kept: TrainedModel, cases: pd.DataFrame, languages: Mapping[str, Language]) -> None:
    for hint in compute_risks(kept, cases, weak=True):
        read = RiskHint.from_json(json.loads(json.dumps(hint.as_json(), allow_nan=False)))
        assert read == hint
        for language in languages.values():
            assert word_risk(read, language) == word_risk(hint, language)


def test_a_kept_hint_tells_nothing_of_what_is_not_spoken_of(kept: TrainedModel) -> None:
    """Of haste that changes little there is no reason, and its value is kept nowhere."""
    row = {"waited": 0.0, "haste": 0.01234, "trade": "astronaut", "course": True}
    hint = compute_risk(kept, row, weak=False)
    kept_text = json.dumps(hint.as_json())
    spoken_of = {each.column.name for each in hint.reasons}
    assert ("0.01234" in kept_text) == ("haste" in spoken_of)
    assert "astronaut" not in kept_text
    assert [each.name for each in hint.never_seen] == ["trade"]


@pytest.mark.parametrize("broken", ["horizons", "reasons", "band", "weak", "at"])
def test_what_is_no_hint_is_not_read(kept: TrainedModel, broken: str) -> None:
    content = compute_risk(kept, {"waited": 0.0}, weak=False).as_json()
    RiskHint.from_json(content)
    del content[broken]
    with pytest.raises(KeyError):
        RiskHint.from_json(content)


def test_an_explanation_that_does_not_add_up_is_not_given(kept: TrainedModel, cases: pd.DataFrame) -> None:
    """Checked on every hint, of one and of many."""

    class Off(type(kept.scorer)):  # type: ignore[misc]
        def contributions(self, codes: np.ndarray, place: int) -> np.ndarray:
            parts = super().contributions(codes, place).copy()
            parts[-1, 0] += 1e-5
            return parts

    names = [name for name in kept.scorer.__dataclass_fields__ if name != "kind"]
    off = replace(kept, scorer=Off(**{name: getattr(kept.scorer, name) for name in names}))
    for ask in (lambda: compute_risk(off, posted(cases)[0], weak=False), lambda: compute_risks(off, cases, weak=False)):
        with pytest.raises(GateError, match="misses the model's margin by 1e-05"):
            ask()


def test_of_nobody_there_are_no_hints(kept: TrainedModel, cases: pd.DataFrame) -> None:
    assert compute_risks(kept, cases.iloc[:0], weak=False) == []

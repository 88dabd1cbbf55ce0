"""Pictures of explanations: what is drawn is what the model says, labels are whole, nothing stays open."""

from __future__ import annotations

from dataclasses import replace
from io import BytesIO
from itertools import pairwise

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.figure import Figure

from ml.contracts import Cohort, Column, ColumnType, Floats, Role
from ml.errors import GateError
from ml.models import plots
from ml.models.encode import Encoder, Input
from ml.models.explain.pairs import Interactions, interactions
from ml.models.plots import explanation
from ml.models.scorers import LinearScorer
from ml.models.train import Trained
from ml.models.trained import TrainedModel


def drawn(figure: Figure) -> None:
    figure.savefig(BytesIO())  # laid out as it is looked at
    assert plt.get_fignums() == []


def no_label_covers_another(figure: Figure) -> None:
    """Nor do labels leave the picture."""
    drawn(figure)
    for axes in figure.axes:
        boxes = [label.get_window_extent() for label in axes.get_yticklabels() if label.get_text()]
        edges = sorted((box.y0, box.y1) for box in boxes if figure.bbox.y0 <= (box.y0 + box.y1) / 2 <= figure.bbox.y1)
        assert all(below[1] <= above[0] + 1 for below, above in pairwise(edges))
    box = figure.get_tightbbox()
    width, height = figure.get_size_inches()
    assert (min(box.x0, box.y0) > -0.01, box.x1 < width + 0.01, box.y1 < height + 0.01) == (True, True, True)


def wordy(model: TrainedModel, inputs: int) -> TrainedModel:
    """Return a line of many inputs, each with as long a label as the register has."""
    words = {"en": "Days of the longest earlier spell of unemployment in the last five years, number "}
    columns = [
        Column(f"c{place}", ColumnType.NUMBER, Role.FEATURE, label={"en": f"{words['en']}{place}"})
        for place in range(inputs)
    ]
    encoder = Encoder(tuple(Input(column, (), -3.0, 3.0, 0.0, 1.0, True) for column in columns))
    weights = np.tile(np.column_stack([np.zeros(inputs), np.linspace(1, 2, inputs)]).ravel(), (3, 1))
    scorer = LinearScorer(encoder, weights, np.zeros(3), np.zeros(2 * inputs))
    return replace(model, encoder=encoder, scorer=scorer)


@pytest.fixture(params=["straight", "crossed"])
def world(request: pytest.FixtureRequest) -> tuple[TrainedModel, Floats]:
    model = request.getfixturevalue(request.param).model
    return model, model.encoder.frame(request.getfixturevalue(f"{request.param}_world").features)


# ---------------------------------------------------------------- beeswarm


@pytest.mark.parametrize("rows", [50, 1500])
def test_beeswarm(
    world: tuple[TrainedModel, Floats], rows: int, monkeypatch: pytest.MonkeyPatch, rng: np.random.Generator
) -> None:
    monkeypatch.setattr(explanation, "MOST_POINTS", 300)
    model, codes = world
    figure = plots.beeswarm(model, codes[:rows], rng)
    no_label_covers_another(figure)
    axes = figure.axes[0]
    assert "log-odds" in axes.get_xlabel()
    assert axes.get_title(loc="left")
    assert {label.get_text() for label in axes.get_yticklabels()} == set(model.encoder.names)
    assert sum(len(dots.get_offsets()) for dots in axes.collections) == min(rows, 300) * len(model.encoder.inputs)


def test_beeswarm_of_a_model_that_says_the_same_to_all(straight: Trained, rng: np.random.Generator) -> None:
    row = {"age": 40.0, "gap": 2.0, "skill": "cook", "noise": 0.0}
    drawn(plots.beeswarm(straight.model, straight.model.encoder.rows([row] * 30), rng))


def test_the_same_generator_draws_the_same_picture(straight_world: Cohort, straight: Trained) -> None:
    codes = straight.model.encoder.frame(straight_world.features)[:100]
    one, two = (plots.beeswarm(straight.model, codes, np.random.default_rng(3)) for _ in range(2))
    for left, right in zip(one.axes[0].collections, two.axes[0].collections, strict=True):
        np.testing.assert_array_equal(left.get_offsets(), right.get_offsets())


def test_long_labels_of_many_inputs_stay_apart(straight: Trained, rng: np.random.Generator) -> None:
    model = wordy(straight.model, 20)
    codes = rng.normal(size=(60, 20))
    no_label_covers_another(plots.beeswarm(model, codes, rng))
    no_label_covers_another(plots.dependence(model, codes, rng))


# ---------------------------------------------------------------- dependence


def test_dependence_shows_the_strongest_inputs_by_their_words(
    world: tuple[TrainedModel, Floats], rng: np.random.Generator
) -> None:
    model, codes = world
    figure = plots.dependence(model, codes, rng)
    no_label_covers_another(figure)
    size = np.abs(model.scorer.contributions(codes, model.place)[:, :-1]).mean(axis=0)
    ranked = [model.encoder.names[place] for place in np.argsort(-size)]
    assert [axes.get_xlabel() for axes in figure.axes if axes.axison] == ranked[: explanation.PANELS]
    assert figure.axes[0].get_ylabel() == "log-odds"


def test_dependence_of_a_number_is_drawn_as_the_model_says(straight_world: Cohort, straight: Trained) -> None:
    model = straight.model
    codes = model.encoder.frame(straight_world.features)
    figure = plots.dependence(model, codes, np.random.default_rng(1))
    (axes,) = [axes for axes in figure.axes if axes.get_xlabel() == "gap"]
    cloud = next(line for line in axes.get_lines() if line.get_marker() == ".")
    medians = next(line for line in axes.get_lines() if line.get_marker() == "o")
    place = model.encoder.names.index("gap")
    known = ~np.isnan(codes[:, place])
    parts = model.scorer.contributions(codes, model.place)[:, place]
    np.testing.assert_array_equal(cloud.get_xdata(), codes[known, place])
    np.testing.assert_array_equal(cloud.get_ydata(), parts[known])
    assert (len(medians.get_xdata()), bool((np.diff(medians.get_ydata()) < 0).all())) == (10, True)
    dashes = [line for line in axes.get_lines() if line.get_linestyle() == "--"]
    assert [line.get_ydata()[0] for line in dashes] == [np.median(parts[~known])]
    assert [text.get_text() for text in axes.texts] == [f"not known ({100 * (~known).mean():.0f} %)"]


def test_dependence_of_a_category_names_its_values_most_frequent_first(crossed_world: Cohort, crossed: Trained) -> None:
    model = crossed.model
    figure = plots.dependence(model, model.encoder.frame(crossed_world.features), np.random.default_rng(1))
    (axes,) = [axes for axes in figure.axes if axes.get_xlabel() == "skill"]
    counts = crossed_world.features["skill"].fillna("not known").value_counts()
    assert [label.get_text() for label in axes.get_xticklabels()] == list(counts.index)
    middles = [line.get_ydata()[0] for line in axes.get_lines() if line.get_marker() == "o"]
    named = dict(zip(counts.index, middles, strict=True))
    assert max(named, key=lambda name: float(named[name])) == "cook"


def test_dependence_of_a_boolean_says_yes_and_no(straight: Trained, rng: np.random.Generator) -> None:
    column = Column("course", ColumnType.BOOLEAN, Role.FEATURE)
    encoder = Encoder((Input(column, (), 0.0, 1.0, 0.0, 1.0, True),))
    scorer = LinearScorer(encoder, np.tile([0.5, -2.0], (3, 1)), np.zeros(3), np.zeros(2))
    model = replace(straight.model, encoder=encoder, scorer=scorer)
    figure = plots.dependence(model, np.array([[1.0], [1.0], [1.0], [0.0], [0.0], [np.nan]]), rng)
    drawn(figure)
    axes = figure.axes[0]
    assert [label.get_text() for label in axes.get_xticklabels()] == ["yes", "no", "not known"]
    assert [line.get_ydata()[0] for line in axes.get_lines() if line.get_marker() == "o"] == [-2, 0, 0.5]


def test_dependence_of_an_input_that_nobody_has(straight_world: Cohort, straight: Trained) -> None:
    codes = straight.model.encoder.frame(straight_world.features)[:30]
    codes[:, straight.model.encoder.names.index("gap")] = np.nan
    drawn(plots.dependence(straight.model, codes, np.random.default_rng(1)))


def test_a_picture_that_is_not_exact_is_not_given(straight_world: Cohort, straight: Trained) -> None:
    class Off(LinearScorer):
        def contributions(self, codes: Floats, place: int) -> Floats:
            return super().contributions(codes, place) + 1.0

    scorer = straight.model.scorer
    assert isinstance(scorer, LinearScorer)
    model = replace(straight.model, scorer=Off(scorer.encoder, scorer.weights, scorer.base, scorer.mean))
    codes = model.encoder.frame(straight_world.features)[:30]
    for draw in (plots.beeswarm, plots.dependence):
        with pytest.raises(GateError, match="misses the model's margin"):
            draw(model, codes, np.random.default_rng(1))


# ---------------------------------------------------------------- interaction


def test_interaction_draws_the_pairs_strongest_first(crossed_world: Cohort, crossed: Trained) -> None:
    model = crossed.model
    found = interactions(model, model.encoder.frame(crossed_world.features)[:100])
    figure = plots.interaction(found, model)
    no_label_covers_another(figure)
    axes = figure.axes[0]
    labels = [label.get_text() for label in axes.get_yticklabels()]
    assert labels[0] == "north\n× east"
    assert [bar.get_width() for bar in axes.patches] == [found.strength[pair] for pair in found.strongest(10)]
    assert axes.yaxis_inverted()
    assert "log-odds" in axes.get_xlabel()


def test_long_labels_of_ten_pairs_stay_apart(straight: Trained) -> None:
    model = wordy(straight.model, 6)
    strength = np.arange(36, dtype=float).reshape(6, 6)
    figure = plots.interaction(Interactions(model.encoder.names, strength + strength.T, np.ones(6), 9), model)
    no_label_covers_another(figure)
    assert len(figure.axes[0].patches) == explanation.MOST_PAIRS


def test_interaction_of_a_model_without_any(straight: Trained) -> None:
    model = wordy(straight.model, 3)
    figure = plots.interaction(Interactions(model.encoder.names, np.zeros((3, 3)), np.ones(3), 9), model)
    drawn(figure)
    assert figure.axes[0].get_ylabel() == "no pair adds anything"

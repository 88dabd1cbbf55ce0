"""Every picture says what it shows, stays quiet, and leaves nothing open."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.figure import Figure

from ml.contracts import ENTITIES, Placements
from ml.models.needs import plots
from ml.models.needs.evaluate import answers_on, entity_predictions, evaluate
from ml.models.needs.split import NeedSplit
from ml.models.needs.train import TrainedNeeds


def says_what_it_shows(figure: Figure) -> None:
    axes = figure.axes[0]
    assert axes.get_xlabel()
    assert axes.get_ylabel()
    assert axes.get_title(loc="left")
    figure.canvas.draw()
    assert plt.get_fignums() == []


def test_calibration_shows_tenths_of_each_entity(
    trained: TrainedNeeds, placements: Placements, parts: NeedSplit
) -> None:
    rows = parts.test.placed
    said = answers_on(trained, placements, rows)
    of_entity = {
        entity: entity_predictions(said, placements.entity[rows], placements.person[rows], entity)
        for entity in ENTITIES
    }
    figure = plots.calibration(of_entity)
    says_what_it_shows(figure)
    marks = {str(line.get_label()): line for line in figure.axes[0].get_lines()}
    lowest = np.argsort(said.probability[:, 1], kind="stable")[: -(-len(rows) // 10)]
    drawn = marks["rehabilitation"]
    assert len(drawn.get_xdata()) == 10
    assert drawn.get_ydata()[0] == pytest.approx(np.mean(placements.entity[rows][lowest] == "rehabilitation"))
    assert {drawn.get_marker(), marks["skills"].get_marker(), marks["integration"].get_marker()} == {"o", "s", "^"}


def test_confusion_withholds_small_counts(trained: TrainedNeeds, placements: Placements, parts: NeedSplit) -> None:
    rows = dict(evaluate(trained, placements, parts.test, np.random.default_rng(1)).confusion)
    rows["integration"] = {"skills": 3, "rehabilitation": 0, "integration": 17, "interview_first": 0}
    figure = plots.confusion(rows)
    says_what_it_shows(figure)
    texts = [text.get_text() for text in figure.axes[0].texts]
    assert len(texts) == 12
    assert texts[8:] == ["<5", "0%\nn=0", "85%\nn=15", "0%\nn=0"]


def test_coverage_shows_caseworkers_and_the_choice(trained: TrainedNeeds) -> None:
    figure = plots.coverage(trained.threshold)
    says_what_it_shows(figure)
    lines = {str(line.get_label()): line for line in figure.axes[0].get_lines()}
    assert lines["two caseworkers"].get_ydata()[0] == trained.threshold.caseworkers.share.value
    assert any(name.startswith("chosen") for name in lines)

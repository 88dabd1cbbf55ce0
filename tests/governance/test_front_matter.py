"""What model hubs read of a card: huggingface_hub's own reader is the judge. Nothing is sent anywhere."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from huggingface_hub import ModelCard
from huggingface_hub.repocard_data import model_index_to_eval_results

from ml.contracts import ModelReport, Policy
from ml.governance.card import Provenance, build_card
from ml.governance.card.markdown import render


def read(markdown: str) -> ModelCard:
    return ModelCard(markdown, ignore_metadata_errors=False)


def test_a_hub_reads_name_tags_and_results(report: ModelReport, provenance: Provenance, policy: Policy) -> None:
    data = read(render(build_card(report, provenance, policy))).data
    assert data.model_name == "ltu-small"
    assert data.tags == ["tabular-classification", "unemployment", "advisory", "lightgbm"]
    found = [(each.task_type, each.dataset_name, each.dataset_type, each.metric_type, each.metric_value)
             for each in data.eval_results]  # fmt: skip
    assert found == [
        ("tabular-classification", "small", "spells", "auc", 0.72),
        ("tabular-classification", "small", "spells", "brier", 0.2),
    ]


def test_a_hub_reads_the_card_of_a_trained_model(trained_home: Path) -> None:
    card = ModelCard.load(trained_home / "model_cards" / "ltu-small" / "2.md")
    name, results = model_index_to_eval_results(card.data.to_dict()["model-index"])
    assert (name, [each.metric_type for each in results]) == ("ltu-small", ["auc", "brier"])
    assert card.text.strip().startswith("# ltu-small, version 2")


def test_odd_names_come_through(report: ModelReport, provenance: Provenance, policy: Policy) -> None:
    odd = "no: yes # “--- ä"
    named = replace(report, contract=replace(report.contract, name=odd))
    (first, *_) = read(render(build_card(named, provenance, policy))).data.eval_results
    assert first.dataset_name == odd

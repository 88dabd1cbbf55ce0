"""Each experiment on a small register: what it prints, and what it keeps."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from mlflow import MlflowClient

from experiments.ablation import run as ablation
from experiments.attainable import run as attainable
from experiments.attainable.registers import Registers
from experiments.between import run as between
from experiments.landmark_pooling import run as landmark_pooling
from experiments.multiverse import run as multiverse
from experiments.multiverse.disagreement import agreement, variance_shares
from experiments.multiverse.universes import DECISIONS, combinations
from experiments.plain import taken_together
from experiments.tracking import track
from ml.register.cohort import build_cohort
from ml.register.cohort.declaration import read_contract

PROTECTED = (
    "age", "gender", "mother_tongue_group", "citizenship_group", "origin", "district", "work_ability_limited",
)  # fmt: skip
LANDMARKS = ("at registration", "after 91 days", "after 182 days")


@pytest.fixture
def ran(capsys: pytest.CaptureFixture[str]) -> Callable[..., Any]:
    """Return a runner of experiments that gives back what they print as JSON."""

    def run(experiment: Any, *argv: object) -> Any:
        experiment.main([*map(str, argv), "--json"])
        return json.loads(capsys.readouterr().out)

    return run


def test_ablation_adds_each_protected_attribute_and_all_and_is_tracked(
    ran: Callable[..., Any], helsinki: Path, home: Path, tmp_path: Path
) -> None:
    """Leaving out is the line that all others are held against: nothing is gained over it by itself."""
    found = ran(ablation, "--cohort", helsinki, "--home", home, "--picture", tmp_path / "ablation.png")
    for lines in found["together"].values():
        assert set(lines) == {"left out", *PROTECTED, "all"}
        assert lines["left out"]["at registration"]["auc_gain"]["value"] == 0
        assert any(lines[name]["all looks"]["auc_gain"]["value"] != 0 for name in PROTECTED)
        for look in ("at registration", "all looks"):
            assert set(lines["all"][look]) == {"auc", "auc_gain", "brier_gain", "slope", "ici"}
        assert {"women", "men"} <= set(lines["all"]["false_positives"]["gender"])
    assert (tmp_path / "ablation.png").stat().st_size > 10_000
    kept = list((home / "mlflow" / "artifacts" / "ablation").rglob("ablation.*"))
    assert {path.suffix for path in kept} == {".json", ".png"}


def test_an_attribute_that_tells_the_outcome_shows_in_ablation(helsinki: Path) -> None:
    """The oracle is the outcome itself, planted as a protected attribute: then leaving it out costs nearly all."""
    cohort = build_cohort(read_contract(helsinki / "cohort.toml"), helsinki)
    told = np.where(cohort.duration >= 365, "women", "men")
    planted = replace(cohort, protected=cohort.protected.assign(gender=told))
    found = ablation.measure(planted, 1, kinds=["logistic"])["logistic"]
    assert found["gender"]["at registration"]["auc"]["value"] > 0.99
    assert found["gender"]["at registration"]["auc_gain"]["low"] > 0.1
    assert found["age"]["at registration"]["auc"]["value"] < 0.9
    assert found["gender"]["false_positives"]["gender"]["men"]["change"]["high"] < 0.1


def test_landmark_pooling_compares_at_every_landmark(ran: Callable[..., Any], helsinki: Path) -> None:
    found = ran(landmark_pooling, "--cohort", helsinki)["together"]
    assert tuple(found) == LANDMARKS
    gains = []
    for kinds in found.values():
        assert set(kinds) == {"logistic", "additive", "lightgbm"}
        for line in kinds.values():
            gains.append(line["all landmarks"]["auc"]["value"] - line["this landmark alone"]["auc"]["value"])
            assert line["auc_gain"]["value"] == pytest.approx(gains[-1])
            assert line["brier_gain"]["low"] <= line["brier_gain"]["value"] <= line["brier_gain"]["high"]
    assert np.count_nonzero(gains) > len(gains) / 2  # they learnt from other looks


def test_multiverse_counts_who_is_flagged_by_all_some_and_none(ran: Callable[..., Any], helsinki: Path) -> None:
    found = ran(multiverse, "--cohort", helsinki, "--models", "logistic")
    assert found["false_positive_ratios"]
    assert found["universes"] == 32
    assert 1 <= found["near_equal"] <= 32
    for each in found["capacities"].values():
        shares = each["agreement"]
        assert shares["all"]["value"] + shares["some"]["value"] + shares["none"]["value"] == pytest.approx(1)
        assert each["moved_by"]["model"] == 0  # there is but one
        assert sum(each["moved_by"].values()) == pytest.approx(1)
    assert set(found["level"]) == {"newest_level", "known_level", "moved"}


def test_attainable_makes_missing_registers_and_knows_the_truth(
    ran: Callable[..., Any], helsinki: Path, tmp_path: Path
) -> None:
    """Register 1 is there; registers 2 and 3 are made. The truth ranks better than any model of so few people."""
    registers = tmp_path / "registers"
    (registers / "s1").mkdir(parents=True)
    shutil.copy(helsinki.parent / "key", registers / "key")
    shutil.copytree(helsinki, registers / "s1" / "cohort")
    shutil.copytree(helsinki.parent / "raw.oracle", registers / "s1" / "raw.oracle")
    found = ran(attainable, "--registers", registers, "--judged", 1, "--reference", 2, 3, "--target-group", 300)
    line = found["registers"]["register_1"]
    assert line["risk_known"] == 1
    aucs = {name: each["value"] for name, each in line["auc"].items()}
    assert aucs.pop("truth") > max(aucs.values())
    assert found["to_reference"]["value"] == pytest.approx(aucs["kept"] / aucs["reference"])
    assert tuple(line["landmarks"]) == tuple(words.replace(" ", "_") for words in LANDMARKS)
    made = {path.name for path in (registers / "s2").iterdir()}
    assert made == {"cohort", "raw.oracle"}  # neither identity codes nor deliveries stay beside it
    assert found["reference"]["registers"] == 1
    assert Registers(registers, 300).cohort(2).digest == Registers(registers, 300).cohort(2).digest


def test_a_metric_of_any_group_can_be_tracked(home: Path) -> None:
    """MLflow takes no dash of that kind in the name of a metric; nothing is kept where no home is named."""
    figures = {"age: 25–29": {"value": 0.5, "low": None}}
    track(None, "groups", {}, figures, figures, {})
    track(home, "groups", {"seed": 1}, figures, figures, {})
    client = MlflowClient(f"sqlite:///{home / 'mlflow' / 'mlflow.db'}")
    experiment = client.get_experiment_by_name("groups")
    (run,) = client.search_runs([experiment.experiment_id])
    assert run.data.metrics == {"age: 25_29.value": 0.5}
    assert run.data.params == {"seed": "1"}
    kept = json.loads(Path(client.download_artifacts(run.info.run_id, "groups.json")).read_text(encoding="utf-8"))
    assert kept == figures


@pytest.mark.parametrize("decision", [name for name in DECISIONS if name != "model"])
def test_a_decision_that_alone_moves_flags_has_all_of_the_variance(decision: str) -> None:
    every = list(combinations(DECISIONS["model"]))
    assert len(every) == 96
    flags = np.array([[each[decision] == DECISIONS[decision][1], True] for each in every], dtype=np.float64)
    shares = variance_shares(flags, every)
    assert shares.pop(decision) == pytest.approx(1)
    assert list(shares.values()) == pytest.approx([0] * len(shares))


def test_flags_of_two_universes_are_counted() -> None:
    """Of ten people one is flagged by both, two by the first alone, one by the second alone, six by none."""
    first, second = [1, 1, 1, 0, 0, 0, 0, 0, 0, 0], [1, 0, 0, 1, 0, 0, 0, 0, 0, 0]
    found = agreement(np.array([first, second], dtype=np.bool_), np.arange(10))
    shares = {name: each.value for name, each in found.items()}
    assert shares == pytest.approx(
        {"all": 0.1, "some": 0.3, "none": 0.6, "of_flagged_by_all": 0.25, "ambiguous": 2 / 3}
    )


def test_registers_of_other_people_are_taken_together_as_independent() -> None:
    """Two errors of 0.3 each make one of 0.3 / √2; a figure that one register lacks is lacking."""
    one, other = {"value": 1.0, "low": 0.7, "high": 1.3}, {"value": 2.0, "low": 1.7, "high": 2.3}
    none = {"value": None, "low": None, "high": None}
    found = taken_together([{"a": one, "b": one, "c": one}, {"a": other, "b": none}])
    assert found["a"] == pytest.approx({"value": 1.5, "low": 1.5 - 0.3 / 2**0.5, "high": 1.5 + 0.3 / 2**0.5})
    assert found["b"] == none
    assert "c" not in found


def test_between_looks_at_those_who_were_unemployed_on_one_night(ran: Callable[..., Any], tmp_path: Path) -> None:
    """Whoever is looked at as training looked is answered alike both ways; the others are not.

    Of so few people the rule is kept at times, to which a day between is nothing; with another key they part otherwise.
    """
    registers = tmp_path / "registers"
    registers.mkdir()
    (registers / "key").write_text(hashlib.sha256(b"a").hexdigest(), encoding="ascii")
    (registers / "key").chmod(0o600)
    found = ran(between, "--registers", registers, "--target-group", 1200, "--stock", 2,
                "--picture", tmp_path / "between.png")  # fmt: skip
    assert sum(line["people"] for line in found.values()) > 50
    early, late = found["0_to_28"]["ways"], found["300_to_364"]["ways"]
    assert early["landmark"] == early["between"]
    assert late["landmark"]["bands"]["elevated"] > late["between"]["bands"]["elevated"]
    assert (tmp_path / "between.png").stat().st_size > 10_000

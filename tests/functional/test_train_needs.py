"""From placements of a synthetic Helsinki to a service-need model under review: what is told, kept and refused."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import mlflow
import numpy as np
import pandas as pd
import pytest
from mlflow import MlflowClient

from ml.contracts import ENTITIES, INTERVIEW_FIRST
from ml.errors import DataError, without_identity_codes
from ml.governance.policy import POLICY, read_policy
from ml.governance.registry import Registry
from ml.models.needs import artefact
from ml.pipeline.needs import NeedsRequest, NeedsResult, train_needs
from ml.pipeline.replay import replay
from ml.register.cohort import read_placements

from ..conftest import FORMS, filled_in

AT = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
ANSWERS = {*ENTITIES, INTERVIEW_FIRST}


def registry_of(home: Path) -> Registry:
    return Registry(home, read_policy(POLICY))


@pytest.fixture(scope="module")
def placements_folder(pseudonymised: Callable[[str], Path]) -> Path:
    """Return the cohort folder of placements in a small Helsinki of people who do not exist."""
    from ml.register.build import build_placements

    extract = pseudonymised("service-need")
    return build_placements(extract, extract.parent / "placements", None, lambda _: None).folder


@pytest.fixture(scope="module")
def needs_home(home_at: Callable[[Path], Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    return home_at(tmp_path_factory.mktemp("needs_home") / "home")


@pytest.fixture(scope="module")
def made(needs_home: Path, placements_folder: Path) -> NeedsResult:
    return train_needs(NeedsRequest(placements_folder, 1, "ada", AT), registry_of(needs_home))


@pytest.fixture(scope="module")
def summary(made: NeedsResult) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(json.dumps(made.summary(), allow_nan=False))
    return told


def artefact_folder(home: Path) -> Path:
    (folder,) = home.glob("mlflow/artifacts/service-need/models/*/artifacts/artifacts/artefact")
    return folder


# ---------------------------------------------------------------- what is told


def test_the_summary_tells_the_whole_way(summary: dict[str, Any], needs_home: Path) -> None:
    assert list(summary) == [
        "cohort", "split", "run_id", "model", "rule", "method", "threshold", "metrics", "audit", "card", "warnings",
    ]  # fmt: skip
    assert summary["model"]["name"] == "service-need"
    assert summary["model"]["version"] == 1
    assert summary["cohort"]["rows"] > summary["cohort"]["persons"] > 1000
    assert set(summary["cohort"]["by_caseworkers"]) == ANSWERS
    split = summary["split"]
    assert split["train"]["to"] < split["calibration"]["from"] <= split["calibration"]["to"] < split["test"]["from"]
    assert set(summary["metrics"]["entities"]) == set(ENTITIES)
    assert summary["metrics"]["disagreement"]["four_answers"]["pairs"] > 0
    audited = {finding["attribute"] for finding in summary["audit"]["findings"]}
    assert audited == {
        "age", "gender", "mother_tongue_group", "citizenship_group", "origin", "district", "work_ability_limited",
    }  # fmt: skip
    assert Path(summary["card"]) == needs_home / "model_cards" / "service-need" / "1.md"


def test_people_read_how_it_stands_beside_caseworkers_and_what_comes_next(made: NeedsResult) -> None:
    lines = made.lines()
    rows = made.report.rows
    assert lines[0].startswith(f"service-need version 1, from {rows} placements of {made.report.persons} persons")
    assert any(re.search(r"two caseworkers agree on 0\.\d{3} \(0\.\d{3} to [01]\.\d{3}\)", line) for line in lines)
    assert lines[-1] == "next: apualy card fill service-need"
    assert "nan" not in "".join(lines)


def test_the_model_tells_more_than_the_base_rate_and_probabilities_keep_their_word(summary: dict[str, Any]) -> None:
    kept = summary["method"]["kept"]
    assert kept in {"logistic", "lightgbm"}
    assert summary["metrics"]["candidates"][kept]["gain"]["value"] > 0
    assert summary["metrics"]["entities"]["rehabilitation"]["auc"]["low"] > 0.6
    for each in summary["metrics"]["entities"].values():
        assert each["observed"]["low"] - 0.03 < each["predicted"] < each["observed"]["high"] + 0.03


def test_the_rule_agrees_with_placements_by_rule(summary: dict[str, Any]) -> None:
    """Where the rule holds, the synthetic register places by rule; some plans were entered after the placement."""
    assert summary["rule"]["placed_where_holds"]["value"] == 1
    assert 0.75 < summary["rule"]["holds_where_placed"]["value"] <= 1


def test_the_card_says_what_was_found(made: NeedsResult, summary: dict[str, Any]) -> None:
    markdown = made.card.read_text(encoding="utf-8")
    card = json.loads(made.card.with_suffix(".json").read_text(encoding="utf-8"))
    assert without_sources(card["metrics"]) == summary["metrics"]
    assert card["model"] == summary["model"]
    assert f"`{summary['model']['digest']}`" in markdown
    assert "Gender" in {each["en"] for each in card["not_inputs"]}
    inputs = {each["name"] for each in card["inputs"]}
    assert not inputs & {finding["attribute"] for finding in summary["audit"]["findings"]}
    assert "integration_plan" not in inputs


def without_sources(figures: Any) -> Any:
    """Return figures of a card without where each was read."""
    if not isinstance(figures, dict):
        return figures
    return {key: without_sources(each) for key, each in figures.items() if key != "source"}


# ---------------------------------------------------------------- what is kept


def test_the_run_keeps_figures_documents_and_pictures(summary: dict[str, Any], needs_home: Path) -> None:
    client = MlflowClient(registry_of(needs_home).store.uri)
    run = client.get_run(summary["run_id"])
    assert run.info.status == "FINISHED"
    assert run.data.params["kept"] == summary["method"]["kept"]
    assert run.data.metrics["accuracy.value"] == summary["metrics"]["accuracy"]["value"]
    names = {each.path for each in client.list_artifacts(summary["run_id"])}
    assert names >= {"audit.json", "evaluation.json", "split.json", "cohort.toml", "plots"}
    plots = {each.path for each in client.list_artifacts(summary["run_id"], "plots")}
    assert plots == {"plots/calibration.png", "plots/confusion.png", "plots/coverage.png"}


def test_mlflow_says_what_the_artefact_says(summary: dict[str, Any], needs_home: Path, placements_folder: Path) -> None:
    folder = artefact_folder(needs_home)
    model = artefact.load(folder, summary["model"]["digest"])
    features = read_placements(placements_folder).features.iloc[:200]
    mlflow.set_tracking_uri(registry_of(needs_home).store.uri)
    said: pd.DataFrame = mlflow.pyfunc.load_model("models:/service-need/1").predict(features)
    expected = model.answers(features)
    assert list(said) == [*(f"probability_{entity}" for entity in ENTITIES), "answer"]
    assert np.array_equal(said.iloc[:, :3].to_numpy(), expected.probability)
    assert said["answer"].tolist() == expected.answer.tolist()


def test_nothing_kept_is_pickled_or_tells_of_a_person(needs_home: Path, placements_folder: Path) -> None:
    pseudonyms = set(pd.read_parquet(placements_folder / "inputs.parquet")["pseudonym"])
    kept = [path for folder in ("mlflow/artifacts", "model_cards") for path in (needs_home / folder).rglob("*")]
    texts = [path for path in kept if path.suffix in {".json", ".md", ".txt", ".toml", ".py", ".yaml", ".yml"}]
    assert len(texts) > 8
    for path in kept:
        assert path.suffix not in {".pkl", ".pickle", ".joblib"}
    for path in texts:
        text = path.read_text(encoding="utf-8")
        assert without_identity_codes(text) == text
        assert not pseudonyms & set(text.replace('"', " ").split()), path


def test_the_command_prints_one_json_object_and_the_same_seed_gives_the_same_digest(
    summary: dict[str, Any], placements_folder: Path, home_at: Callable[[Path], Path], tmp_path: Path, apualy: Any
) -> None:
    home = home_at(tmp_path / "other")
    ran = apualy("train", "service-need", "--cohort", placements_folder, "--json", APUALY_HOME=str(home))
    assert (ran.code, ran.err) == (0, "")
    told = json.loads(ran.out)
    assert ran.out.count("\n") == 1
    assert told["model"] == summary["model"]
    assert {key: told[key] for key in told if key not in {"run_id", "card"}} == {
        key: summary[key] for key in summary if key not in {"run_id", "card"}
    }


# ---------------------------------------------------------------- review, and refusals


def test_review_works_as_for_any_model(
    made: NeedsResult, needs_home: Path, reviewers: Path, apualy: Any, tmp_path: Path
) -> None:
    shutil.copytree(reviewers, needs_home, dirs_exist_ok=True)
    shutil.copytree(FORMS, tmp_path / "forms")
    card, home = tmp_path / "forms" / "card.toml", {"APUALY_HOME": str(needs_home)}
    also = 'outcome_of_services = "Nobody was followed up."\nother_reference = "There is no other one."\n'
    card.write_text(card.read_text(encoding="utf-8").replace("[data]\n", f"[data]\n{also}"), encoding="utf-8")

    def run(*argv: object) -> str:
        ran = apualy(*argv, **home)
        assert (ran.code, ran.err) == (0, "")
        return str(ran.out)

    for form in (card, tmp_path / "forms" / "dialogue.toml"):
        filled = run("card", "fill", "service-need", "--form", form, "--as", "Ada")
    assert "no gaps left" in filled
    run("review", "submit", "service-need", "--as", "Ada")
    run("review", "assess", "service-need", "--as", "Grace", "--reason", "Read the card whole.")
    approval = tmp_path / "approval.toml"
    approval.write_text(run("review", "form", "service-need"), encoding="utf-8")
    approve = ("review", "approve", "service-need", "--as", "Alan", "--form", approval)
    refused = apualy(*approve, **home)
    assert (refused.code, refused.err.count("\n")) == (2, 1)
    assert "insufficient evidence of equal treatment" in approval.read_text(encoding="utf-8")

    approval.write_text(filled_in(approval.read_text(encoding="utf-8")), encoding="utf-8")
    assert "is approved with conditions until" in run(*approve)
    found = registry_of(needs_home).load_approved("service-need", datetime.now(UTC))
    assert (found.version, found.digest) == (1, made.provenance.digest)


@pytest.mark.parametrize(
    ("harm", "told"),
    [
        (lambda folder: (folder / "inputs.parquet").unlink(), "inputs.parquet"),
        (lambda folder: shutil.rmtree(folder), "there is no cohort"),
        (lambda folder: (folder / "cohort.toml").write_text("[cohort]\n", encoding="utf-8"), "cohort"),
    ],
)
def test_a_damaged_cohort_is_told_in_one_line_and_nothing_is_written(
    harm: Callable[[Path], object],
    told: str,
    placements_folder: Path,
    home_at: Callable[[Path], Path],
    tmp_path: Path,
) -> None:
    folder = shutil.copytree(placements_folder, tmp_path / "cohort")
    harm(folder)
    home = home_at(tmp_path / "home")
    registry = registry_of(home)
    before = sorted(path.relative_to(home) for path in home.rglob("*"))
    with pytest.raises(DataError, match=told) as refusal:
        train_needs(NeedsRequest(folder, 1, "ada", AT), registry)
    assert "\n" not in str(refusal.value)
    assert sorted(path.relative_to(home) for path in home.rglob("*")) == before


def planted(folder: Path, column: str) -> None:
    """Overwrite a column, or add one, with what only the placement could tell."""
    inputs = pd.read_parquet(folder / "inputs.parquet")
    code = pd.Categorical(inputs["service_entity"], categories=[*ENTITIES, INTERVIEW_FIRST]).codes
    inputs[column] = code.astype(np.float64)
    inputs.to_parquet(folder / "inputs.parquet", index=False)


@pytest.mark.parametrize(
    ("column", "told"),
    [
        ("contacts_1y", r"the guard refuses: contacts_1y \(AUC \d\.\d{3} alone\) knows too much"),
        ("agreed_service", "the guard refuses agreed_service: no feature of the catalogue"),
    ],
)
def test_a_planted_leak_is_named_and_nothing_is_written(
    column: str, told: str, placements_folder: Path, home_at: Callable[[Path], Path], tmp_path: Path
) -> None:
    folder = shutil.copytree(placements_folder, tmp_path / "cohort")
    planted(folder, column)
    declared = (folder / "cohort.toml").read_text(encoding="utf-8")
    if f"[columns.{column}]" not in declared:
        with (folder / "cohort.toml").open("a", encoding="utf-8") as file:
            file.write(f'\n[columns.{column}]\ntype = "number"\nrole = "feature"\nlabel = {{ en = "Agreed" }}\n')
    home = home_at(tmp_path / "home")
    with pytest.raises(DataError, match=told):
        train_needs(NeedsRequest(folder, 1, "ada", AT), registry_of(home))
    assert not (home / "model_cards").exists()
    assert registry_of(home).store.client.search_registered_models() == []


def test_a_card_that_cannot_be_written_leaves_no_version(
    placements_folder: Path, home_at: Callable[[Path], Path], tmp_path: Path
) -> None:
    home = home_at(tmp_path / "home")
    (home / "model_cards").write_text("in the way", encoding="utf-8")
    registry = registry_of(home)
    with pytest.raises(OSError, match="model_cards"):
        train_needs(NeedsRequest(placements_folder, 1, "ada", AT), registry)
    assert registry.store.client.search_model_versions("name = 'service-need'") == []


def test_a_run_leads_to_its_artefact_again(made: NeedsResult, needs_home: Path) -> None:
    found = replay(made.provenance.run_id, registry_of(needs_home))
    assert found.same
    assert found.recorded == made.provenance.digest

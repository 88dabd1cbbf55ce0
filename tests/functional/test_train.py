"""`apualy train`: what it prints, what it keeps, and that nothing leaves the machine."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import mlflow
import numpy as np
import pandas as pd
import pytest
from mlflow import MlflowClient

from ml.models import artefact
from ml.register.cohort import build_cohort
from ml.register.cohort.declaration import read_contract

NUMBER = float  # an int is a number, too; null only where a table says so
INTERVAL = {"value": NUMBER, "low": NUMBER, "high": NUMBER}
CALIBRATION = {"intercept": NUMBER, "slope": NUMBER, "ici": NUMBER}
QUALITY = {"auc": INTERVAL, "brier": INTERVAL, "calibration": CALIBRATION}
PART = {"rows": int, "from": str, "to": str}
BESIDE = [f"{of}{end}" for of in ("difference", "overall_ratio", "overall_difference") for end in ("", "_low", "_high")]
SUMMARY = {  # cohort contract, "What --json prints"
    "cohort": {"name": str, "rows": int, "persons": int, "exits": int, "censored": int},
    "split": {"kind": str, "train": PART, "calibration": PART, "test": PART},
    "run_id": str,
    "model": {"name": str, "version": int, "digest": str},
    "metrics": {
        "horizon": NUMBER,
        "observed_share": INTERVAL,
        "predicted_share": NUMBER,
        **QUALITY,
        "baselines": {"base_rate": QUALITY, "logistic": QUALITY},
    },
    "in_turns": [{"name": str, "auc": INTERVAL, "auc_gain": INTERVAL, "brier": INTERVAL, "brier_gain": INTERVAL}],
    "stability": {
        "bands": [{
            "at": str, "landmark": int, "rows": int, "refits": int, "flipped": INTERVAL, "disagreeing": INTERVAL,
            "uncertain": INTERVAL, "wide": NUMBER, "unlike": NUMBER, "unstable": NUMBER,
        }],
        "reasons": str,
    },
    "audit": {"verdict": str, "findings": [
        {"attribute": str, "group": str, "n": int, "metric": str, **INTERVAL, "reference": str, "ratio": NUMBER,
         "ratio_low": NUMBER, "ratio_high": NUMBER, "verdict": str, "why": str,
         **dict.fromkeys(BESIDE, NUMBER), "chance": NUMBER, "scope": str, "cut": str, "within": str}
    ]},
    "card": str,
    "warnings": [str],
}  # fmt: skip
# null: unknown, too few, all together (landmark), the kept model beside itself (gains)
UNSAID = {"from", "to", "n", "value", "low", "high", "ratio", "ratio_low", "ratio_high", "landmark", "chance", *BESIDE,
          "auc_gain", "brier_gain"}  # fmt: skip


def faults(found: Any, wanted: Any, where: str = "$") -> list[str]:
    """Return where JSON differs from a shape."""
    if found is None and where.rpartition(".")[2] in UNSAID:
        return []
    if isinstance(wanted, dict):
        if not isinstance(found, dict) or list(found) != list(wanted):
            return [f"{where}: {found!r} has not the keys {list(wanted)}"]
        return [fault for key in wanted for fault in faults(found[key], wanted[key], f"{where}.{key}")]
    if isinstance(wanted, list):
        if not isinstance(found, list):
            return [f"{where}: {found!r} is no list"]
        return [fault for place, each in enumerate(found) for fault in faults(each, wanted[0], f"{where}[{place}]")]
    allowed = (int, float) if wanted is NUMBER else wanted
    return [] if isinstance(found, allowed) and not isinstance(found, bool) else [f"{where}: {found!r}"]


def summary_of(ran: Any) -> dict[str, Any]:
    """Return the one JSON object that a run printed; nothing else may be on standard output."""
    assert ran.code == 0, ran.err
    assert ran.out.endswith("}\n")
    assert ran.out.count("\n") == 1
    assert "NaN" not in ran.out
    assert "Infinity" not in ran.out
    summary: dict[str, Any] = json.loads(ran.out)
    return summary


@pytest.fixture
def client(home: Path) -> MlflowClient:
    return MlflowClient(f"sqlite:///{home.absolute()}/mlflow/mlflow.db")


def artefact_folder(home: Path, source: str) -> Path:
    (folder,) = home.glob(f"mlflow/artifacts/*/models/{source.removeprefix('models:/')}/artifacts/artifacts/artefact")
    return folder


def probabilities(version: str, features: pd.DataFrame, kept: Any) -> tuple[pd.DataFrame, np.ndarray]:
    """Return what MLflow says of some rows, and what the model says that the artefact holds."""
    said: pd.DataFrame = mlflow.pyfunc.load_model(version).predict(features)
    return said, kept.curve(kept.encoder.frame(features)).probability


# ---------------------------------------------------------------- what is printed


def test_a_dated_cohort_gives_one_json_object_and_a_card(apualy: Any, home: Path, helsinki: Path) -> None:
    summary = summary_of(apualy("train", "ltu-risk", "--cohort", helsinki, "--json"))
    assert faults(summary, SUMMARY) == []
    cohort, split = summary["cohort"], summary["split"]
    assert cohort["exits"] + cohort["censored"] == cohort["rows"] > cohort["persons"] > 1000
    assert split["kind"] == "temporal"
    assert summary["in_turns"] == []
    assert split["train"]["to"] < split["calibration"]["from"]
    assert split["calibration"]["to"] < split["test"]["from"]
    assert sum(split[part]["rows"] for part in ("train", "calibration", "test")) <= cohort["rows"]
    assert summary["model"]["name"] == "ltu-risk"
    assert summary["card"] == "var/model_cards/ltu-risk/1.md"
    assert Path(summary["card"]).read_text(encoding="utf-8").startswith("---\nmodel_name: ltu-risk\n")
    for metric in (summary["metrics"]["auc"], summary["metrics"]["brier"], summary["metrics"]["observed_share"]):
        assert 0 <= metric["low"] <= metric["value"] <= metric["high"] <= 1
    assert summary["metrics"]["baselines"]["base_rate"]["auc"]["value"] == 0.5
    audited = {finding["attribute"] for finding in summary["audit"]["findings"]}
    assert audited == {
        "age",
        "gender",
        "mother_tongue_group",
        "citizenship_group",
        "origin",
        "district",
        "work_ability_limited",
    }


def test_a_cohort_without_dates_is_split_at_random_and_says_so(
    apualy: Any, home: Path, small: tuple[Path, Path]
) -> None:
    contract, data = small
    ran = apualy("train", "--contract", contract, "--data", data, "--json", "--name", "by-hand")
    summary = summary_of(ran)
    assert faults(summary, SUMMARY) == []
    assert summary["cohort"]["name"] == "by-hand"
    assert summary["model"]["name"] == "ltu-by-hand"
    assert summary["split"]["kind"] == "random"
    assert summary["split"]["test"]["from"] is None
    assert "No temporal validation" in Path(summary["card"]).read_text(encoding="utf-8").split("## ")[0]


def test_without_json_a_person_reads_where_things_are(apualy: Any, home: Path, small: tuple[Path, Path]) -> None:
    contract, data = small
    ran = apualy("train", "--contract", contract, "--data", data)
    assert ran.code == 0
    assert "ltu-small version 1, from 500 rows" in ran.out
    assert "var/model_cards/ltu-small/1.md" in ran.out
    assert "apualy card fill ltu-small" in ran.out


def test_the_program_itself_prints_nothing_but_json_in_a_pipe(home: Path, small: tuple[Path, Path]) -> None:
    argv = [sys.executable, "-m", "apualy", "train", "--contract", small[0], "--data", small[1], "--json"]
    ran = subprocess.run(argv, capture_output=True, text=True, check=False, env=bare_environment())
    assert (ran.returncode, ran.stderr) == (0, "")
    assert faults(json.loads(ran.stdout), SUMMARY) == []
    assert not Path("mlruns").exists()
    assert [path.name for path in Path().iterdir()] == ["var"]


# ---------------------------------------------------------------- what is kept


def test_the_run_keeps_all_that_a_reviewer_asks_for(
    apualy: Any, home: Path, small: tuple[Path, Path], client: MlflowClient
) -> None:
    contract, data = small
    summary = summary_of(apualy("train", "--contract", contract, "--data", data, "--json", "--seed", 7))
    run = client.get_run(summary["run_id"])
    assert run.info.status == "FINISHED"
    cohort = build_cohort(read_contract(contract), data)
    assert run.data.params["seed"] == "7"
    assert run.data.params["split"] == "random"
    assert run.data.params["data_digest"] == cohort.digest
    assert run.data.params["kept"] in {"logistic", "additive", "lightgbm"}
    assert run.data.params["policy_digest"].startswith("sha256:")
    assert run.data.metrics["auc.value"] == pytest.approx(summary["metrics"]["auc"]["value"])
    assert run.data.metrics["baselines.logistic.brier.value"] > 0
    folder = Path(run.info.artifact_uri.removeprefix("file://"))
    assert (folder / "contract.toml").read_bytes() == contract.read_bytes()
    audited = json.loads((folder / "audit.json").read_text(encoding="utf-8"))
    assert audited["verdict"] == summary["audit"]["verdict"]
    assert [each for each in audited["findings"] if each["scope"] == "attribute"] == summary["audit"]["findings"]
    assert {each["metric"] for each in audited["figures"]} > {"selection_rate", "auc"}
    assert json.loads((folder / "stability.json").read_text(encoding="utf-8")) == summary["stability"]
    assert json.loads((folder / "evaluation.json").read_text(encoding="utf-8")).keys() > {"slices"}
    plots = {path.stem: path.read_bytes() for path in (folder / "plots").iterdir()}
    assert plots.keys() - {"interaction"} == {
        "calibration", "gain", "survival", "beeswarm", "dependence", "auc", "decision",
    }  # fmt: skip
    assert all(picture.startswith(b"\x89PNG\r\n") and len(picture) > 5000 for picture in plots.values())


@pytest.mark.parametrize("kind", ["helsinki", "small"])
def test_the_registered_model_predicts_as_the_artefact_does(
    apualy: Any, home: Path, kind: str, client: MlflowClient, request: pytest.FixtureRequest
) -> None:
    given = request.getfixturevalue(kind)
    contract, data = given if kind == "small" else (given / "cohort.toml", given)
    model = summary_of(apualy("train", "--contract", contract, "--data", data, "--json"))["model"]
    version = client.get_model_version(model["name"], str(model["version"]))
    assert version.tags["apualy.digest"] == model["digest"]
    kept = artefact.load(artefact_folder(home, version.source), model["digest"])
    assert kept.name == model["name"]

    features = build_cohort(read_contract(contract), data).features.head(40)
    said, expected = probabilities(f"models:/{model['name']}/{model['version']}", features, kept)
    assert list(said.columns) == kept.output_names
    np.testing.assert_array_equal(said.to_numpy(), expected)
    assert len(np.unique(said.to_numpy())) > 5
    assert ((said > 0) & (said <= 1)).to_numpy().all()


def test_the_same_seed_gives_the_same_digest_and_another_seed_another_split(
    apualy: Any, home: Path, small: tuple[Path, Path]
) -> None:
    contract, data = small
    one, same, other = (
        summary_of(apualy("train", "--contract", contract, "--data", data, "--json", "--seed", seed))
        for seed in (1, 1, 2)
    )
    assert [each["model"]["version"] for each in (one, same, other)] == [1, 2, 3]
    assert one["model"]["digest"] == same["model"]["digest"] != other["model"]["digest"]
    assert one["metrics"] == same["metrics"]
    assert one["metrics"]["observed_share"] != other["metrics"]["observed_share"]


# ---------------------------------------------------------------- what training cannot see


def test_a_protected_column_that_is_the_outcome_teaches_nothing_and_is_caught(
    apualy: Any, home: Path, tmp_path: Path
) -> None:
    rng = np.random.default_rng(20260703)
    rows = 3000
    noise = rng.normal(size=(rows, 3)).round(4)
    weeks = np.ceil(rng.exponential(30 * np.exp(0.2 * noise[:, 0]))).astype(int)  # or there would be nothing to cut
    spells = pd.DataFrame(
        {
            "weeks": weeks,
            "fate": np.where(weeks >= 26, "stays", "leaves"),
            **{f"noise{number}": noise[:, number] for number in range(3)},
        }
    )
    spells.to_csv(tmp_path / "spells.csv", index=False)
    (tmp_path / "cohort.toml").write_text(
        '[cohort]\nname = "fate"\n[outcome]\nduration = "weeks"\nunit = "week"\nhorizon = 26\n'
        '[columns.fate]\ntype = "category"\nrole = "protected"\nreference = "stays"\n'
        + "".join(f'[columns.noise{number}]\ntype = "number"\nrole = "feature"\n' for number in range(3)),
        encoding="utf-8",
    )
    summary = summary_of(
        apualy("train", "--contract", tmp_path / "cohort.toml", "--data", tmp_path / "spells.csv", "--json")
    )
    assert abs(summary["metrics"]["auc"]["value"] - 0.5) < 0.1
    assert summary["metrics"]["baselines"]["logistic"]["auc"]["value"] < 0.6
    findings = {finding["metric"]: finding for finding in summary["audit"]["findings"]}
    assert summary["audit"]["verdict"] == "fail"
    gap = findings["calibration_gap"]
    assert (gap["group"], gap["verdict"]) == ("leaves", "fail")
    assert gap["difference"] == pytest.approx(1, abs=0.05)  # all of them left, all of the others stayed
    wrongly = findings["false_positive_rate"]  # nobody of the others left: there is no such rate of theirs
    assert (wrongly["ratio"], wrongly["verdict"]) == (None, "insufficient")
    columns = json.loads(Path(summary["card"]).with_suffix(".json").read_text(encoding="utf-8"))["inputs"]
    assert {column["name"] for column in columns} <= {"noise0", "noise1", "noise2"}


# ---------------------------------------------------------------- what leaves the machine: nothing


def bare_environment() -> dict[str, str]:
    """Return an environment that says nothing of telemetry, nor of CI, which would switch it off."""
    return {"PATH": os.environ["PATH"], "PYTHONPATH": str(Path(__file__).parents[2]), "USER": "ada"}


def test_telemetry_is_off_whatever_the_environment_says() -> None:
    code = (
        "import ml, os, sys; assert 'mlflow' not in sys.modules; "
        "print(os.environ['MLFLOW_DISABLE_TELEMETRY'], os.environ['DO_NOT_TRACK'])"
    )
    for environ in ({}, {"MLFLOW_DISABLE_TELEMETRY": "false", "DO_NOT_TRACK": "false"}):
        ran = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=bare_environment() | environ
        )
        assert ran.stdout == "true true\n"


def test_a_whole_training_opens_no_telemetry(apualy: Any, home: Path, small: tuple[Path, Path]) -> None:
    # That no socket leaves loopback is watched by an autouse fixture, here as everywhere.
    from mlflow.telemetry import get_telemetry_client

    assert apualy("train", "--contract", small[0], "--data", small[1], "--json").code == 0
    assert get_telemetry_client() is None

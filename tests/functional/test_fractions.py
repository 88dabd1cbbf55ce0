"""Client groups for planning, from a synthetic register to an MLflow run: what is kept, and that nobody is among it."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from mlflow import MlflowClient

import apualy as main
from ml.errors import DataError
from ml.governance.files import write_whole
from ml.governance.policy import POLICY, read_policy
from ml.governance.registry import Registry
from ml.models.fractions import Effort
from ml.pipeline.fractions import FractionsRequest, FractionsResult, make_fractions
from serving.counts.fractions import read_fractions

LITTLE = Effort(numbers=range(2, 6), halves=3, twins=19, redraws=5)
NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Planned:
    """What stands in the register, and what was made of it."""

    folder: Path
    home: Path
    result: FractionsResult

    @property
    def artefacts(self) -> Path:
        """Return where the run keeps its files."""
        (folder,) = self.home.glob(f"mlflow/artifacts/fractions/{self.result.run_id}/artifacts")
        return folder


@pytest.fixture(scope="module")
def planned(home_at: Any, tmp_path_factory: pytest.TempPathFactory) -> Planned:
    """Return a way that was walked once: synth, pseudonymise for planning, build, fractions."""
    folder = tmp_path_factory.mktemp("planning")
    environ = {"USER": "ada", "APUALY_PSEUDONYM_KEY_FILE": str(folder / "key"), "APUALY_HOME": str(folder / "var")}
    for words in (
        ("register", "synth", "--target-group", "1500", "--seed", "5", "--out", folder / "raw"),
        ("register", "key", folder / "key"),
        ("register", "pseudonymise", folder / "raw", folder / "delivered", "--purpose", "planning"),
        ("register", "build", folder / "delivered", "--out", folder / "cohort"),
    ):
        assert main.main([str(word) for word in words], environ) == 0
    home = home_at(folder / "home")
    registry = Registry(home, read_policy(POLICY))
    return Planned(folder, home, make_fractions(FractionsRequest(folder / "cohort", 1, NOW, LITTLE), registry))


def test_a_run_keeps_what_was_found(planned: Planned) -> None:
    client = MlflowClient(f"sqlite:///{planned.home.absolute()}/mlflow/mlflow.db")
    run = client.get_run(planned.result.run_id)
    assert run.info.status == "FINISHED"
    assert run.data.params["seed"] == "1"
    assert run.data.params["data_digest"] == planned.result.found.digest
    assert 0 <= run.data.metrics["groups_2.strength.value"] <= 1
    kept = {str(path.relative_to(planned.artefacts)) for path in planned.artefacts.rglob("*") if path.is_file()}
    assert kept == {"cohort.toml", "fractions.json", "plots/fractions.png"}


def test_what_is_published_is_what_managers_read(planned: Planned, tmp_path: Path) -> None:
    write_whole(tmp_path / "planning" / "fractions.json", json.dumps(planned.result.summary(), ensure_ascii=False))
    read = read_fractions(tmp_path, "fi")
    assert read is not None
    assert len(read.groups) == len(planned.result.summary()["groups"])


def test_json_and_file_say_the_same(planned: Planned) -> None:
    summary = planned.result.summary()
    kept = json.loads((planned.artefacts / "fractions.json").read_text(encoding="utf-8"))
    assert json.loads(json.dumps(summary, allow_nan=False)) == {"run_id": planned.result.run_id, **kept}
    assert [each["groups"] for each in kept["tried"]] == [2, 3, 4, 5]
    assert kept["people"] % 5 == 0
    assert (kept["chosen"] is None) == (kept["groups"] == []) == kept["why"].startswith("insufficient evidence: ")
    assert planned.result.lines()[-1] == f"run {planned.result.run_id}"


def test_no_protected_attribute_is_among_the_columns(planned: Planned) -> None:
    protected = {"age", "gender", "mother_tongue_group", "citizenship_group", "origin", "district",
                 "work_ability_limited"}  # fmt: skip
    assert protected.isdisjoint(planned.result.found.columns)
    assert len(planned.result.found.columns) > 20


def lengths(value: Any) -> Iterator[int]:
    """Yield how long each list or mapping in JSON is."""
    if isinstance(value, dict | list):
        yield len(value)
        for each in value.values() if isinstance(value, dict) else value:
            yield from lengths(each)


def test_nobody_is_in_anything_that_was_written(planned: Planned) -> None:
    """All bytes of the home are searched, for codes and for pseudonyms of this purpose."""
    with (planned.folder / "raw" / "jobseekers.csv").open(encoding="utf-8-sig", newline="") as file:
        codes = {row["identity_code"] for row in csv.DictReader(file, delimiter=";")}
    delivered = pq.read_table(planned.folder / "delivered" / "inputs" / "jobseekers.parquet")
    pseudonyms = set(delivered["pseudonym"].to_pylist())
    assert min(len(codes), len(pseudonyms)) > 1000
    secrets = {each.encode() for each in (*codes, *(pseudonym[:8] for pseudonym in pseudonyms))}
    files = [path for path in planned.home.rglob("*") if path.is_file()]
    for path in files:
        content = path.read_bytes().replace(planned.result.run_id.encode(), b"")  # hexadecimal digits of MLflow's own
        assert secrets.isdisjoint(content[at : at + 11] for at in range(len(content))), path
        assert secrets.isdisjoint(content[at : at + 8] for at in range(len(content))), path
    assert len(files) >= 4
    people = len(pq.read_table(planned.folder / "cohort" / "inputs.parquet"))
    assert max(lengths(planned.result.summary())) < 60 < people / 5
    assert not list(planned.home.rglob("*.parquet"))
    assert not list(planned.home.rglob("*.npy"))


# ---------------------------------------------------------------- a stock that falls into groups


DECLARED = """\
[cohort]
name = "planning"
purpose = "planning"
as_of = 2020-01-31
description = "Three groups, made up for a test"
licence = "none"

[columns.work_days]
type = "number"
role = "feature"
label = { en = "Days in work", fi = "Työpäivät", sv = "Dagar i arbete" }

[columns.subsidy_days]
type = "number"
role = "feature"
label = { en = "Days of subsidy", fi = "Tukipäivät", sv = "Dagar med stöd" }

[columns.service_days]
type = "number"
role = "feature"
label = { en = "Days in services", fi = "Palvelupäivät", sv = "Dagar i service" }

[columns.listed]
type = "boolean"
role = "feature"
label = { en = "Listed", fi = "Listalla", sv = "På listan" }

[columns.benefit]
type = "category"
role = "feature"
values = { subsidy = "subsidy", wage = "earnings-related", none = "none at all" }
translations = { fi = { subsidy = "tuki", wage = "ansio", none = "ei mitään" } }
label = { en = "Benefit", fi = "Etuus", sv = "Förmån" }
"""


def write_groups(folder: Path) -> set[bytes]:
    """Write a planning cohort of three groups, and return numbers that are each of one person alone."""
    rng = np.random.default_rng(20261124)
    group = rng.permutation(np.repeat([0, 1, 2], (330, 220, 150)))
    numbers = [rng.permutation(700) * 13 + 1_000_003 + 5_000_000 * (group == each) for each in range(3)]
    benefit = np.array(["subsidy", "wage", "none"])[group]
    folder.mkdir()
    (folder / "cohort.toml").write_text(DECLARED, encoding="utf-8")
    columns = dict(zip(("work_days", "subsidy_days", "service_days"), numbers, strict=True))
    columns |= {"listed": group == 1, "benefit": benefit}
    pq.write_table(pa.table(columns), folder / "inputs.parquet")
    return {str(number).encode() for each in numbers for number in each}


def test_groups_are_kept_and_none_of_their_people(home: Path, tmp_path: Path) -> None:
    """Every number of the cohort is one person's alone: none may be found in anything that was written."""
    own = write_groups(tmp_path / "groups")
    effort = Effort(numbers=range(2, 5), halves=3, twins=19, redraws=5)
    result = make_fractions(FractionsRequest(tmp_path / "groups", 1, NOW, effort), Registry(home, read_policy(POLICY)))
    (kept,) = home.glob("mlflow/artifacts/fractions/*/artifacts/fractions.json")
    told = json.loads(kept.read_text(encoding="utf-8"))
    assert told["chosen"] == 3
    assert [group["people"] for group in told["groups"]] == [330, 220, 150]
    assert [group["name"]["fi"] for group in told["groups"]] == [
        "Etuus: tuki; Työpäivät: paljon",
        "Etuus: ansio; Tukipäivät: paljon",
        "Etuus: ei mitään; Palvelupäivät: paljon",
    ]  # fmt: skip
    assert max(lengths(told)) < 20
    for path in home.rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            assert own.isdisjoint(content[at : at + 7] for at in range(len(content))), path
    assert "  330 people" in "\n".join(result.lines())


def test_another_purpose_is_refused_and_nothing_is_written(helsinki: Path, home: Path) -> None:
    registry = Registry(home, read_policy(POLICY))
    with pytest.raises(DataError):
        make_fractions(FractionsRequest(helsinki, 1, NOW, LITTLE), registry)
    assert registry.store.client.get_experiment_by_name("fractions") is None

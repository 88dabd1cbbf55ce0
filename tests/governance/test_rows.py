"""MLflow's rows against MLflow's own client: what is read quickly is what the client would say."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
import sqlalchemy

from ml.errors import GateError
from ml.governance import rows
from ml.governance.store import CARD_TAG, WITNESS_TAG, Store

from ..conftest import copy_home

NAME = "ltu-small"


@pytest.fixture
def store(approved_home: Path, tmp_path: Path) -> Store:
    return Store(copy_home(approved_home, tmp_path / "home"))


def test_rows_say_what_mlflows_client_says(store: Store) -> None:
    client = store.client
    with sqlalchemy.create_engine(store.uri).connect() as connection:
        assert rows.readable(connection)
        assert rows.tag(connection, NAME, WITNESS_TAG) == client.get_registered_model(NAME).tags[WITNESS_TAG]
        for version in (1, 2):
            found = rows.location(connection, NAME, version)
            assert found == client.get_model_version_download_uri(NAME, str(version))
            tagged = client.get_model_version(NAME, str(version)).tags[CARD_TAG]
            assert rows.version_tag(connection, NAME, version, CARD_TAG) == store.card(NAME, version) == tagged
        assert rows.version_tag(connection, NAME, 3, CARD_TAG) is None
        assert rows.version_tag(connection, NAME, 1, "other") is None
        assert rows.tag(connection, NAME, "other") is None
        assert rows.tag(connection, "nobody", WITNESS_TAG) is None
        assert rows.location(connection, NAME, 3) is None
        client.delete_model_version(NAME, "2")
        connection.rollback()
        assert rows.location(connection, NAME, 2) is None


def test_another_schema_is_left_to_mlflows_client(store: Store, tmp_path: Path) -> None:
    """Of a newer MLflow, or of a database that nothing was kept in yet."""
    witness = store.witness(NAME)
    with sqlalchemy.create_engine(f"sqlite:///{tmp_path / 'empty.db'}").connect() as connection:
        assert not rows.readable(connection)
    with sqlite3.connect(store.home / "mlflow" / "mlflow.db") as database:
        database.execute("UPDATE alembic_version SET version_num = 'other'")
    with sqlalchemy.create_engine(store.uri).connect() as connection:
        assert not rows.readable(connection)
    with pytest.raises(
        GateError, match=r"MLflow at .* cannot be asked|Detected out-of-date|does not answer|out-of-date"
    ):
        store.witness(NAME)
    with sqlite3.connect(store.home / "mlflow" / "mlflow.db") as database:
        database.execute("UPDATE alembic_version SET version_num = ?", (rows.SCHEMA,))
    assert store.witness(NAME) == witness


def test_a_copy_of_the_artefact_is_what_mlflow_downloads(store: Store, tmp_path: Path) -> None:
    quick, slow = store.download(NAME, 1, tmp_path / "quick"), store._downloaded(NAME, 1, tmp_path / "slow")
    assert quick.name == slow.name
    assert {each.name: each.read_bytes() for each in quick.iterdir()} == {
        each.name: each.read_bytes() for each in slow.iterdir()
    }


def test_an_artefact_that_is_gone_is_refused(store: Store, tmp_path: Path) -> None:
    where = store.client.get_model_version_download_uri(NAME, "1").removeprefix("file://")
    shutil.move(where, tmp_path / "elsewhere")
    try:
        with pytest.raises(GateError, match=f"the artefact of {NAME} version 1 cannot be fetched"):
            store.download(NAME, 1, tmp_path / "into")
    finally:
        shutil.move(tmp_path / "elsewhere", where)


def test_a_server_loads_no_library_that_only_training_needs(approved_home: Path) -> None:
    """From the start to a hint: it would take seconds, and hundreds of megabytes a worker."""
    heavy = ("mlflow", "pandas", "sklearn", "lightgbm", "scipy.stats", "scipy.optimize", "scipy.sparse", "shap",
             "interpret", "matplotlib", "optuna", "pyarrow")  # fmt: skip
    code = f"""
import sys, tempfile
from datetime import UTC, datetime
from pathlib import Path
import serving.run
from ml.governance.deployment import open_registry
from ml.models import artefact
from serving.hints.risk import compute_risk
registry = open_registry({{"APUALY_HOME": {str(approved_home)!r}, "APUALY_ENV": "demo"}})
approved = registry.load_approved({NAME!r}, datetime.now(UTC))
model = artefact.load(registry.fetch(approved, Path(tempfile.mkdtemp())), approved.digest)
compute_risk(model, {{}}, weak=False)
print([name for name in {heavy!r} if name in sys.modules])
"""
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=60)
    assert ran.stdout.strip() == "[]", ran.stderr

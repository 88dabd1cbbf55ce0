"""Real models, people of every role and a fresh database behind the whole application; see house.py."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from ml.governance.registry import Approved
from ml.governance.signing.chain import Witness
from ml.models import artefact
from ml.models.needs.model import NeedModel
from ml.models.split import split
from ml.models.train import train
from ml.models.trained import TrainedModel
from serving.identity.demo import demo_users
from serving.models.held import Loaded
from serving.models.loading import InUse
from serving.wire.inputs import inputs_model

from ...serving_databases import NewDatabase, database_url, new_database, postgresql
from .house import Gate, House, Parts, house_on
from .small_models import COLUMNS, SEED, cohort, need_model

__all__ = ["database_url", "new_database", "postgresql"]  # fixtures

CARD = "---\nmodel: ltu-small\n---\n\n# Model card: ltu-small 3\n\nÄlä luota sokeasti.\n"
EXPIRES = datetime(2031, 5, 1, 12, tzinfo=UTC)


@pytest.fixture(scope="session")
def saved(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """Return the folder of a trained model's artefact, and its digest."""
    spells = cohort()
    trained = train("ltu-small", spells.features, COLUMNS, spells.contract.outcome, split(spells, SEED), seed=SEED)
    folder = tmp_path_factory.mktemp("artefact") / "model"
    return folder, artefact.save(trained.model, folder)


@pytest.fixture(scope="session")
def model(saved: tuple[Path, str]) -> TrainedModel:
    return artefact.load(*saved)


@pytest.fixture(scope="session")
def approved(saved: tuple[Path, str]) -> Approved:
    return Approved("ltu-small", 3, saved[1], {"weak": True}, CARD, "ravi", EXPIRES, (), Witness(3, "a" * 64))


@pytest.fixture(scope="session")
def cards(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the cards of both models, and a file beside them that is nobody's to read."""
    folder = tmp_path_factory.mktemp("home") / "model_cards"
    (folder.parent / "secret.md").write_text("SECRET")
    (folder / "secret.md").parent.mkdir()
    (folder / "secret.md").write_text("SECRET")
    for name, version in (("ltu-small", 3), ("service-need", 1)):
        evidence = folder / name / f"{version}"
        evidence.mkdir(parents=True)
        (folder / name / f"{version}.md").write_text(CARD, encoding="utf-8")
        (folder / name / f"{version}.html").write_text("<!doctype html><title>Card</title>", encoding="utf-8")
        (folder / name / f"{version}.public.fi.html").write_text("<!doctype html><title>Kuvaus</title>")
        (evidence / "audit.json").write_text("{}")
    return folder


@pytest.fixture(scope="session")
def parts(model: TrainedModel, approved: Approved, cards: Path, tmp_path_factory: pytest.TempPathFactory) -> Parts:
    need = need_model()
    need_approved = replace(approved, name="service-need", version=1, digest="sha256:" + "b" * 64)

    def in_use(approved: Approved, used: TrainedModel | NeedModel) -> Callable[[Gate], Loaded]:
        inputs = inputs_model([each.column for each in used.encoder.inputs])
        return lambda gate: InUse(approved, used, True, inputs, gate)  # type: ignore[arg-type, return-value]

    loaded = {"service-need": in_use(need_approved, need), "ltu-small": in_use(approved, model)}
    people = demo_users(tmp_path_factory.mktemp("people"), "demo", "127.0.0.1")
    return Parts(loaded, people, cards)


# ---------------------------------------------------------------- the house


@pytest.fixture
def sqlite_url(new_database: NewDatabase) -> str:
    return new_database("sqlite")


@pytest.fixture
def house(parts: Parts, sqlite_url: str) -> Iterator[House]:
    """Yield a worker on SQLite."""
    with house_on(parts, sqlite_url) as house:
        yield house


@pytest.fixture
def each_house(parts: Parts, database_url: str) -> Iterator[House]:
    """Yield a worker on SQLite and, in its turn, on PostgreSQL."""
    with house_on(parts, database_url) as house:
        yield house


@pytest.fixture
def another_worker(parts: Parts) -> Iterator[Callable[..., Any]]:
    """Return what starts another worker on the database of one, at the same time of day."""
    with ExitStack() as stack:
        yield lambda house: stack.enter_context(house_on(parts, house.service.database.engine.url, house.clock))

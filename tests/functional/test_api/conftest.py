"""A small real model, trained, saved and loaded as in production, behind the whole application."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from fastapi import FastAPI
from starlette.exceptions import StarletteDeprecationWarning

from ml.contracts import Cohort, CohortContract, Column, ColumnType, Kind, Outcome, Role
from ml.errors import GateError
from ml.governance.registry import Approved
from ml.governance.signing.chain import Witness
from ml.models import artefact
from ml.models.split import split
from ml.models.train import train
from ml.models.trained import TrainedModel
from serving.app import create_app
from serving.auth import User, demo_users
from serving.settings import Environment, Settings

with warnings.catch_warnings():
    # Starlette's client runs on httpx, and says so until the lock has its successor.
    warnings.filterwarnings("ignore", "Using `httpx` with", StarletteDeprecationWarning)
    from fastapi.testclient import TestClient

CARD = "---\nmodel: ltu-small\n---\n\n# Model card: ltu-small 3\n\nÄlä luota sokeasti.\n"
SPELLS = 1500
SEED = 20260701

COLUMNS = (
    Column(
        "tenure", ColumnType.NUMBER, Role.FEATURE, Kind.CONTEXT, {"en": "Years in the lost job", "fi": "Vuosia työssä"},
        minimum=0, maximum=50,
    ),
    Column("wage", ColumnType.NUMBER, Role.FEATURE, Kind.CONTEXT, {"en": "Wage before"}, missing_allowed=True),
    Column("course", ColumnType.BOOLEAN, Role.FEATURE, Kind.SERVICE_CAN_CHANGE, {"en": "On a course"}),
    Column(
        "area", ColumnType.CATEGORY, Role.FEATURE, Kind.CAN_CHANGE, {"en": "Seeks work in"},
        values={"1": "North", "2": "South", "3": "East", "4": "West"},
    ),
    Column("trade", ColumnType.CATEGORY, Role.FEATURE, Kind.CAN_CHANGE, {"en": "Trade", "sv": "Yrke"}),
)  # fmt: skip


def cohort() -> Cohort:
    """Return spells in which tenure, the course and the trade tell something, and nobody lives in the West."""
    rng = np.random.default_rng(SEED)
    features = pd.DataFrame(
        {
            "tenure": rng.uniform(0, 30, SPELLS),
            "wage": np.where(rng.random(SPELLS) < 0.1, np.nan, rng.normal(2500, 600, SPELLS)),
            "course": (rng.random(SPELLS) < 0.3).astype(np.float64),
            "area": rng.choice(["North", "South", "East"], SPELLS),
            "trade": rng.choice(["cook", "welder", "nurse"], SPELLS),
        }
    )
    pull = 0.05 * features["tenure"] - 1.2 * features["course"] + 0.8 * (features["trade"] == "cook")
    duration = np.ceil(rng.exponential(9 * np.exp(pull.to_numpy())))
    censored_at = rng.integers(10, 60, SPELLS)
    outcome = Outcome("spell", "2 weeks", 14.0, 26.0, (6.0, 13.0, 26.0))
    contract = CohortContract("small", "", "", outcome, None, {each.name: each for each in COLUMNS}, "")
    return Cohort(
        contract,
        features,
        pd.DataFrame(index=features.index),
        np.minimum(duration, censored_at).astype(np.float64),
        duration <= censored_at,
        None,
        np.arange(SPELLS),
        None,
        "sha256:none",
    )


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
    expires = datetime(2031, 5, 1, 12, tzinfo=UTC)
    return Approved("ltu-small", 3, saved[1], {"weak": True}, CARD, "ravi", expires, (), Witness(3, "a" * 64))


@pytest.fixture(scope="session")
def users(tmp_path_factory: pytest.TempPathFactory) -> tuple[User, ...]:
    return demo_users(tmp_path_factory.mktemp("home"))


@pytest.fixture(scope="session")
def bearer(users: tuple[User, ...]) -> Callable[[str], dict[str, str]]:
    """Return the Authorization header of a demo user."""
    held = {user.identity.name: user.token for user in users}
    return lambda name: {"Authorization": f"Bearer {held[name]}"}


@dataclass
class Gate:
    """The approval, as it stands at the moment; None: it holds."""

    refusal: str | None = None
    calls: list[None] = field(default_factory=list)

    def __call__(self) -> None:
        self.calls.append(None)
        if self.refusal:
            raise GateError(self.refusal)


@pytest.fixture
def gate() -> Gate:
    return Gate()


@pytest.fixture(scope="session")
def make_app(approved: Approved, model: TrainedModel, users: tuple[User, ...]) -> Callable[..., FastAPI]:
    def make(still_approved: Callable[[], None] = lambda: None, **changed: Any) -> FastAPI:
        settings = Settings(Path("unused"), Environment.DEMO)
        parts: dict[str, Any] = {"settings": settings, "approved": approved, "model": model, "users": users}
        return create_app(**(parts | changed), still_approved=still_approved)

    return make


@pytest.fixture
def client(
    make_app: Callable[..., FastAPI], gate: Gate, bearer: Callable[[str], dict[str, str]]
) -> Iterator[TestClient]:
    """Return a caseworker's client; no error is raised here, each must have become an answer."""
    with TestClient(make_app(gate), raise_server_exceptions=False, headers=bearer("demo-caseworker")) as client:
        yield client


@pytest.fixture
def inputs() -> dict[str, Any]:
    return {"tenure": 12, "wage": 2400.5, "course": False, "area": "North", "trade": "cook"}

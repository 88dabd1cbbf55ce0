"""A run → the same model again, from the run's own record, to show that nothing was lost and nothing slipped in."""

from __future__ import annotations

import json
import tempfile
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError
from importlib.metadata import version as installed_version
from pathlib import Path
from typing import Any

import mlflow
from mlflow.exceptions import MlflowException

from ml.errors import DataError, UsageError
from ml.governance.registry import Registry
from ml.governance.store import DIGEST_TAG
from ml.models import artefact
from ml.models.needs import artefact as needs_artefact
from ml.progress import Say, silent

from .ltu import TrainRequest, learn
from .needs import NAME as NEEDS
from .needs import learn_needs

CONTRACT, REQUEST = "contract.toml", "request.json"


@dataclass(frozen=True)
class Replay:
    """What training again gave.

    other_versions  library → (then, now), of those that differ
    """

    run_id: str
    recorded: str
    replayed: str
    other_versions: dict[str, tuple[str, str]]

    @property
    def same(self) -> bool:
        """Whether the artefact is the same to the last byte."""
        return self.recorded == self.replayed

    def as_json(self) -> dict[str, Any]:
        """Return what `--json` prints."""
        return {**asdict(self), "same": self.same}


def replay(run_id: str, registry: Registry, data: Path | None = None, say: Say = silent) -> Replay:
    """Return whether the run's record leads to the run's artefact again; nothing is registered or kept.

    data  where the data is now; None: where it was

    Raises UsageError when there is no such run or it made no model, DataError when the data is not that of the run.
    """
    recorded, data_digest = _recorded(run_id, registry)
    with tempfile.TemporaryDirectory() as scratch:
        said = json.loads(_kept(run_id, registry, REQUEST, Path(scratch)).read_text(encoding="utf-8"))
        place = data or Path(said["data"])
        if not place.exists():
            raise DataError(f"{place}: the data of run {run_id} is gone; say where it is with --data")
        again = _needs if said.get("model") == NEEDS else _risk
        replayed, found = again(run_id, registry, said, place, Path(scratch), say)
        if found != data_digest:
            raise DataError(
                f"{place}: this is not the data of run {run_id}: its digest is {found}, the run's was {data_digest}; "
                "say where that is with --data"
            )
    return Replay(run_id, recorded, replayed, _other_versions(said["environment"]))


def _risk(
    run_id: str, registry: Registry, said: dict[str, Any], data: Path, scratch: Path, say: Say
) -> tuple[str, str]:
    """Return the digest of the artefact that the record of a model of risk leads to, and of the data."""
    contract = _kept(run_id, registry, CONTRACT, scratch)
    request = TrainRequest(
        contract, data, said["name"], said["seed"], "replay", datetime.now(UTC), said["trials"], said["register"]
    )
    learnt = learn(request, say)
    return artefact.save(learnt.trained.model, scratch / artefact.FOLDER), learnt.cohort.digest


def _needs(
    run_id: str, registry: Registry, said: dict[str, Any], data: Path, scratch: Path, say: Say
) -> tuple[str, str]:
    """Return the digest of the artefact that the record of a model of service needs leads to, and of the data."""
    learnt = learn_needs(data, said["seed"], say)
    return needs_artefact.save(learnt.trained.model, scratch / artefact.FOLDER), learnt.placements.digest


def _recorded(run_id: str, registry: Registry) -> tuple[str, str]:
    """Return the digest of the artefact that the run made, and that of its data."""
    client = registry.store.client
    try:
        run = client.get_run(run_id)
        (version,) = client.search_model_versions(f"run_id = '{run.info.run_id}'")
    except (MlflowException, ValueError) as problem:
        raise UsageError(f"no run {run_id!r} in {registry.home} made a model; apualy train prints its run") from problem
    return version.tags[DIGEST_TAG], run.data.params["data_digest"]


def _kept(run_id: str, registry: Registry, name: str, into: Path) -> Path:
    try:
        found = mlflow.artifacts.download_artifacts(
            run_id=run_id, artifact_path=name, dst_path=str(into), tracking_uri=registry.store.uri
        )
    except (MlflowException, OSError) as problem:
        raise UsageError(
            f"run {run_id} kept no {name}: it is older than replay, or no run of apualy train"
        ) from problem
    return Path(found)


def _other_versions(then: dict[str, str]) -> dict[str, tuple[str, str]]:
    return {name: (was, now) for name, was in then.items() if (now := _installed(name)) != was}


def _installed(name: str) -> str:
    try:
        return installed_version(name)
    except PackageNotFoundError:
        return "none"

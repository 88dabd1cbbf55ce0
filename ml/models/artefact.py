"""A trained model on disk: JSON and LightGBM's text format, with a digest over all of it. No pickle.

    model.json         encoder, calibrators, bands, outcome, and the lines of a logistic model
    horizon-<n>.txt    one booster a horizon, in LightGBM's text format; trees only

Loading checks the digest before it parses anything, and executes nothing that the artefact brings.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import lightgbm as lgb
import numpy as np

from ml.contracts import Column, ColumnType, Kind, Outcome, Role
from ml.errors import GateError

from .calibrate import Calibrator
from .encode import Encoder, Input
from .scorers import LinearScorer, Scorer, TreeScorer
from .trained import TrainedModel

FORMAT = 1
FOLDER = "artefact"  # what a run calls the whole
MODEL_FILE = "model.json"


def save(model: TrainedModel, folder: Path) -> str:
    """Write the model into a new folder and return its digest."""
    folder.mkdir(parents=True)
    if isinstance(model.scorer, TreeScorer):
        for place, booster in enumerate(model.scorer.boosters):
            (folder / _booster_file(place)).write_text(booster.model_to_string(), encoding="utf-8")
    # Keys stay in the order of the declaration: a column's values are shown in it.
    text = json.dumps(_to_json(model), indent=1, ensure_ascii=False, allow_nan=False)
    (folder / MODEL_FILE).write_text(text + "\n", encoding="utf-8")
    return digest(folder)


def digest(folder: Path) -> str:
    """Return "sha256:…" over the names and the bytes of every file in the folder."""
    total = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            content = hashlib.sha256(path.read_bytes()).hexdigest()
            total.update(f"{path.relative_to(folder).as_posix()}\0{content}\n".encode())
    return f"sha256:{total.hexdigest()}"


def load(folder: Path, expected_digest: str) -> TrainedModel:
    """Return the model when the folder holds, byte for byte, what the digest was taken of.

    Raises GateError when it is missing, altered, or of a format this version does not read.
    """
    if not (folder / MODEL_FILE).is_file():
        raise GateError(f"no model artefact in {folder}; train again or restore it")
    found = digest(folder)
    if found != expected_digest:
        raise GateError(
            f"the artefact in {folder} is not what was approved: its digest is {found}, "
            f"approved was {expected_digest}; restore it or have the model reviewed again"
        )
    try:
        content = json.loads((folder / MODEL_FILE).read_text(encoding="utf-8"))
        if content["format"] != FORMAT:
            raise ValueError(f"its format is {content['format']}, this version reads {FORMAT}")
        return _from_json(content, folder)
    except (ValueError, KeyError, TypeError, OSError) as problem:
        raise GateError(f"the artefact in {folder} cannot be read ({problem}); train the model again") from problem


def _booster_file(place: int) -> str:
    return f"horizon-{place}.txt"


def _to_json(model: TrainedModel) -> dict[str, Any]:
    scorer = model.scorer
    line = None
    if isinstance(scorer, LinearScorer):
        line = {
            "weights": scorer.weights.tolist(),
            "base": scorer.base.tolist(),
            "mean": scorer.mean.tolist(),
        }
    return {
        "format": FORMAT,
        "name": model.name,
        "kind": scorer.kind,
        "inputs": [asdict(each) for each in model.encoder.inputs],
        "line": line,
        "calibrators": [asdict(each) for each in model.calibrators],
        "outcome": asdict(model.outcome),
        "low_below": model.low_below,
        "elevated_from": model.elevated_from,
    }


def _from_json(content: Mapping[str, Any], folder: Path) -> TrainedModel:
    encoder = Encoder(tuple(_input(each) for each in content["inputs"]))
    outcome = dict(content["outcome"])
    for name in ("horizons", "exit_when", "censored_when"):
        outcome[name] = tuple(outcome[name])
    return TrainedModel(
        name=content["name"],
        encoder=encoder,
        scorer=_scorer(content, encoder, folder),
        calibrators=tuple(_calibrator(each) for each in content["calibrators"]),
        outcome=Outcome(**outcome),
        low_below=content["low_below"],
        elevated_from=content["elevated_from"],
    )


def _scorer(content: Mapping[str, Any], encoder: Encoder, folder: Path) -> Scorer:
    if content["kind"] == LinearScorer.kind:
        line = content["line"]
        return LinearScorer(encoder, np.array(line["weights"]), np.array(line["base"]), np.array(line["mean"]))
    files = [folder / _booster_file(place) for place in range(len(content["calibrators"]))]
    return TreeScorer(tuple(lgb.Booster(model_str=file.read_text(encoding="utf-8")) for file in files))


def _input(content: Mapping[str, Any]) -> Input:
    column = dict(content["column"])
    column |= {
        "type": ColumnType(column["type"]),
        "role": Role(column["role"]),
        "kind": Kind(column["kind"]),
        "bands": tuple(column["bands"]),
    }
    return Input(**{**content, "column": Column(**column), "categories": tuple(content["categories"])})


def _calibrator(content: Mapping[str, Any]) -> Calibrator:
    (a, b), (c, d) = content["covariance"]
    return Calibrator(content["intercept"], content["slope"], ((a, b), (c, d)))

"""A service-need model on disk: JSON and LightGBM's text format, with a digest over all of it. No pickle.

    model.json   encoder, calibration, threshold, and the weights of a linear model or a base rate
    trees.txt    the booster, in LightGBM's text format; trees only

Loading checks the digest before it parses anything, and executes nothing that the artefact brings.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from ml.contracts import ENTITIES
from ml.errors import GateError
from ml.models.artefact import MODEL_FILE, digest, input_from, require_digest
from ml.models.encode import Encoder
from ml.models.forest import Forest

from .calibrate import VectorScaling
from .classifier import BaseRate, NeedLines, NeedScorer, NeedTrees
from .model import NeedModel

FORMAT = 1
SORT = "service-need"  # what model.json must say it holds
TREES_FILE = "trees.txt"


def save(model: NeedModel, folder: Path) -> str:
    """Write the model into a new folder and return its digest."""
    folder.mkdir(parents=True)
    if isinstance(model.scorer, NeedTrees):
        (folder / TREES_FILE).write_text(model.scorer.forest.text, encoding="utf-8")
    text = json.dumps(_to_json(model), indent=1, ensure_ascii=False, allow_nan=False)
    (folder / MODEL_FILE).write_text(text + "\n", encoding="utf-8")
    return digest(folder)


def load(folder: Path, expected_digest: str) -> NeedModel:
    """Return the model when the folder holds, byte for byte, what the digest was taken of.

    Raises GateError when it is missing, altered, or of a sort or format that this version does not read.
    """
    require_digest(folder, expected_digest)
    try:
        content = json.loads((folder / MODEL_FILE).read_text(encoding="utf-8"))
        if (content["sort"], content["format"], content["entities"]) != (SORT, FORMAT, list(ENTITIES)):
            raise ValueError(f"it is no {SORT} model of format {FORMAT} and these entities")
        return _from_json(content, folder)
    except (ValueError, KeyError, TypeError, OSError) as problem:
        raise GateError(f"the artefact in {folder} cannot be read ({problem}); train the model again") from problem


def _to_json(model: NeedModel) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "sort": SORT,
        "name": model.name,
        "entities": list(ENTITIES),
        "kind": model.scorer.kind,
        "inputs": [asdict(each) for each in model.encoder.inputs],
        "weights": _weights(model.scorer),
        "calibration": asdict(model.calibration),
        "threshold": model.threshold,
    }


def _weights(scorer: NeedScorer) -> dict[str, Any] | None:
    if isinstance(scorer, BaseRate):
        return {"margin": scorer.margin.tolist()}
    if isinstance(scorer, NeedLines):
        return {"weights": scorer.weights.tolist(), "base": scorer.base.tolist(), "mean": scorer.mean.tolist()}
    return None


def _from_json(content: Mapping[str, Any], folder: Path) -> NeedModel:
    encoder = Encoder(tuple(input_from(each) for each in content["inputs"]))
    calibration = content["calibration"]
    return NeedModel(
        name=content["name"],
        encoder=encoder,
        scorer=_scorer(content, encoder, folder),
        calibration=VectorScaling(
            calibration["slope"], tuple(calibration["bias"]), tuple(tuple(row) for row in calibration["covariance"])
        ),
        threshold=content["threshold"],
    )


def _scorer(content: Mapping[str, Any], encoder: Encoder, folder: Path) -> NeedScorer:
    kind, weights = content["kind"], content["weights"]
    if kind == BaseRate.kind:
        return BaseRate(np.array(weights["margin"]))
    if kind == NeedLines.kind:
        return NeedLines(encoder, *(np.array(weights[name]) for name in ("weights", "base", "mean")))
    if kind != NeedTrees.kind:
        raise ValueError(f"no model is of the kind {kind!r}")
    return NeedTrees(Forest((folder / TREES_FILE).read_text(encoding="utf-8")))

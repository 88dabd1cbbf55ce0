"""A trained model on disk: JSON and LightGBM's text format, with a digest over all of it. No pickle.

    model.json           what a person may want to read: inputs, outcome, kind, cuts of the bands
    numbers.json         calibrators, familiarity, and the numbers of models that are no trees, refits among them
    horizon-<n>.txt, refit-<m>-horizon-<n>.txt    boosters, in LightGBM's text format; trees only

Loading checks the digest before it parses anything, and executes nothing that the artefact brings.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict
from math import isnan, nan
from pathlib import Path
from typing import Any

import numpy as np

from ml.contracts import Column, ColumnType, Kind, Outcome, Reason, Role
from ml.errors import GateError

from . import additive
from .bands import Cuts
from .between import Between, Way
from .calibrate import Calibrator, Calibrators
from .encode import Encoder, Input
from .familiarity import Familiarity
from .forest import Forest
from .pace import Pace
from .scorers import LinearScorer, Scorer, TreeScorer
from .trained import Refit, TrainedModel
from .venn_abers import VennAbers

FORMAT = 4
POINTS_OF_WAY = ("days", "gone", "low_below", "elevated_from")
FOLDER = "artefact"  # what a run calls the whole
MODEL_FILE = "model.json"
NUMBERS_FILE = "numbers.json"


def save(model: TrainedModel, folder: Path) -> str:
    """Write the model into a new folder and return its digest."""
    folder.mkdir(parents=True)
    _write_boosters(model.scorer, folder, "")
    for number, refit in enumerate(model.refits):
        _write_boosters(refit.scorer, folder, f"refit-{number}-")
    # Keys stay in the order of the declaration: a column's values are shown in it.
    text = json.dumps(_declaration(model), indent=1, ensure_ascii=False, allow_nan=False)
    (folder / MODEL_FILE).write_text(text + "\n", encoding="utf-8")
    numbers = json.dumps(_numbers(model), separators=(",", ":"), allow_nan=False)
    (folder / NUMBERS_FILE).write_text(numbers + "\n", encoding="utf-8")
    return digest(folder)


def digest(folder: Path) -> str:
    """Return "sha256:…" over the names and the bytes of every file in the folder."""
    total = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            content = hashlib.sha256(path.read_bytes()).hexdigest()
            total.update(f"{path.relative_to(folder).as_posix()}\0{content}\n".encode())
    return f"sha256:{total.hexdigest()}"


def require_digest(folder: Path, expected_digest: str) -> None:
    """Raise GateError when the folder is missing, or does not hold, byte for byte, what the digest was taken of."""
    if not (folder / MODEL_FILE).is_file():
        raise GateError(f"no model artefact in {folder}; train again or restore it")
    found = digest(folder)
    if found != expected_digest:
        raise GateError(
            f"the artefact in {folder} is not what was approved: its digest is {found}, "
            f"approved was {expected_digest}; restore it or have the model reviewed again"
        )


def load(folder: Path, expected_digest: str) -> TrainedModel:
    """Return the model when the folder holds, byte for byte, what the digest was taken of.

    Raises GateError when it is missing, altered, or of a format this version does not read.
    """
    require_digest(folder, expected_digest)
    try:
        content = json.loads((folder / MODEL_FILE).read_text(encoding="utf-8"))
        if content["format"] != FORMAT:
            raise ValueError(f"its format is {content['format']}, this version reads {FORMAT}")
        numbers = json.loads((folder / NUMBERS_FILE).read_text(encoding="utf-8"))
        return _model(content, numbers, folder)
    except (ValueError, KeyError, TypeError, OSError) as problem:
        raise GateError(f"the artefact in {folder} cannot be read ({problem}); train the model again") from problem


def input_from(content: Mapping[str, Any]) -> Input:
    """Return an input from its JSON."""
    column = dict(content["column"])
    column |= {
        "type": ColumnType(column["type"]),
        "role": Role(column["role"]),
        "kind": Kind(column["kind"]),
        "bands": tuple(column["bands"]),
        "reason": None if column["reason"] is None else Reason(**column["reason"]),
    }
    return Input(**{**content, "column": Column(**column), "categories": tuple(content["categories"])})


def _declaration(model: TrainedModel) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "name": model.name,
        "kind": model.scorer.kind,
        "outcome": asdict(model.outcome),
        "cuts": [None if cuts is None else asdict(cuts) for cuts in model.cuts],
        "inputs": [asdict(each) for each in model.encoder.inputs],
    }


def _numbers(model: TrainedModel) -> dict[str, Any]:
    known = model.familiarity
    return {
        "scorer": _scorer_json(model.scorer),
        "calibrators": _calibrators_json(model.calibrators),
        "refits": [
            {"scorer": _scorer_json(refit.scorer), "calibrators": _calibrators_json(refit.calibrators)}
            for refit in model.refits
        ],
        "pace": None if model.pace is None else asdict(model.pace),
        "between": None if model.between is None else _between_json(model.between),
        "familiarity": {"mean": known.mean.tolist(), "root": known.root.tolist(), "limit": known.limit},
    }


def _model(content: Mapping[str, Any], numbers: Mapping[str, Any], folder: Path) -> TrainedModel:
    encoder = Encoder(tuple(input_from(each) for each in content["inputs"]))
    outcome = dict(content["outcome"])
    for name in ("horizons", "exit_when", "censored_when"):
        outcome[name] = tuple(outcome[name])
    kind, known = content["kind"], numbers["familiarity"]

    def scorer(found: Any, prefix: str) -> Scorer:
        return _scorer(kind, found, encoder, folder, prefix, len(outcome["horizons"]))

    return TrainedModel(
        name=content["name"],
        encoder=encoder,
        scorer=scorer(numbers["scorer"], ""),
        calibrators=_calibrators(numbers["calibrators"]),
        refits=tuple(
            Refit(scorer(each["scorer"], f"refit-{number}-"), _calibrators(each["calibrators"]))
            for number, each in enumerate(numbers["refits"])
        ),
        outcome=Outcome(**outcome),
        cuts=tuple(None if cuts is None else Cuts(**cuts) for cuts in content["cuts"]),
        familiarity=Familiarity(np.array(known["mean"]), np.array(known["root"]), known["limit"]),
        pace=None if numbers["pace"] is None else Pace(**numbers["pace"]),
        between=None if numbers["between"] is None else _between(numbers["between"]),
    )


def _write_boosters(scorer: Scorer, folder: Path, prefix: str) -> None:
    if isinstance(scorer, TreeScorer):
        for place, forest in enumerate(scorer.forests):
            (folder / _booster_file(prefix, place)).write_text(forest.text, encoding="utf-8")


def _booster_file(prefix: str, place: int) -> str:
    return f"{prefix}horizon-{place}.txt"


def _scorer_json(scorer: Scorer) -> dict[str, Any] | None:
    if isinstance(scorer, LinearScorer):
        return {"weights": scorer.weights.tolist(), "base": scorer.base.tolist(), "mean": scorer.mean.tolist()}
    return additive.to_json(scorer) if isinstance(scorer, additive.AdditiveScorer) else None


def _scorer(kind: str, content: Any, encoder: Encoder, folder: Path, prefix: str, horizons: int) -> Scorer:
    if kind == LinearScorer.kind:
        return LinearScorer(encoder, *(np.array(content[name]) for name in ("weights", "base", "mean")))
    if kind == TreeScorer.kind:
        files = [folder / _booster_file(prefix, place) for place in range(horizons)]
        return TreeScorer(tuple(Forest(file.read_text(encoding="utf-8")) for file in files))
    return additive.from_json(content)


def _between_json(between: Between) -> dict[str, Any]:
    def told(way: Way) -> dict[str, Any]:
        # JSON knows no NaN: there are no bands where the main horizon was reached.
        points = {name: [None if isnan(each) else each for each in getattr(way, name)] for name in POINTS_OF_WAY}
        return {"asked": way.asked, "latest": way.latest, **points}

    return {"place": between.place, "ways": [None if way is None else told(way) for way in between.ways]}


def _between(content: Mapping[str, Any]) -> Between:
    def way(told: Mapping[str, Any]) -> Way:
        points = [tuple(nan if each is None else each for each in told[name]) for name in POINTS_OF_WAY]
        return Way(told["asked"], told["latest"], *points)

    return Between(content["place"], tuple(None if each is None else way(each) for each in content["ways"]))


def _calibrators_json(calibrators: Calibrators) -> list[list[dict[str, Any] | None]]:
    return [[None if each is None else asdict(each) for each in horizons] for horizons in calibrators]


def _calibrators(content: Any) -> Calibrators:
    return tuple(tuple(None if each is None else _calibrator(each) for each in horizons) for horizons in content)


def _calibrator(content: Mapping[str, Any]) -> Calibrator:
    pair = content["venn_abers"]
    found = None if pair is None else VennAbers(**{name: tuple(values) for name, values in pair.items()})
    return Calibrator(**{**content, "venn_abers": found})

"""What a service without promises would be: FastAPI and LightGBM, prediction and `pred_contrib`, nothing else.

A route as FastAPI's and LightGBM's own pages show it: inputs by name, validated by pydantic, put in order as numbers,
three boosters' raw scores, and the contributions of one. No interval, no words, no identity, no database, no log.

Started by the benchmark in a process of its own: `python -m experiments.benchmarks.serving.bare FOLDER PORT`.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import lightgbm as lgb
import numpy as np
import uvicorn
from fastapi import FastAPI
from pydantic import BaseModel, create_model

from ml.models import artefact
from ml.models.trained import TrainedModel

NO_TELEMETRY: Any = {
    "tracing": False,
    "metrics": False,
    "logs": False,
    "operation_spans": False,
    "auto_configure": False,
}


def app(model: TrainedModel, boosters: list[lgb.Booster]) -> FastAPI:
    """Return the application."""
    bare = FastAPI(telemetry=NO_TELEMETRY)
    names = model.encoder.names
    inputs: Any = dict.fromkeys(names, (float | bool | str | None, None))
    row_model = create_model("Row", **inputs)
    rows_model = create_model("Rows", rows=(list[row_model], ...))
    known = [
        {text: float(place) for place, text in enumerate(each.categories)} if each.is_category else None
        for each in model.encoder.inputs
    ]

    def code(place: int, value: Any) -> float:
        codes = known[place]
        if value is None:
            return np.nan
        return float(value) if codes is None else codes.get(value, np.nan)

    def predict(asked: BaseModel) -> dict[str, Any]:
        rows: Any = asked
        codes = np.array([[code(place, getattr(row, name)) for place, name in enumerate(names)] for row in rows.rows])
        threads = 1 if len(codes) < 1000 else 0
        margins = [each.predict(codes, raw_score=True, num_threads=threads) for each in boosters]
        contributions = boosters[model.place].predict(codes, pred_contrib=True, num_threads=threads)
        return {"margins": np.array(margins).tolist(), "contributions": np.asarray(contributions).tolist()}

    predict.__annotations__["asked"] = rows_model  # FastAPI reads the body's model from here
    bare.post("/predict")(predict)
    return bare


def main() -> None:
    """Serve the boosters of an artefact's folder."""
    folder, port = Path(sys.argv[1]), int(sys.argv[2])
    model = artefact.load(folder, artefact.digest(folder))
    boosters = [lgb.Booster(model_file=str(file)) for file in sorted(folder.glob("horizon-*.txt"))]
    uvicorn.run(app(model, boosters), host="127.0.0.1", port=port, log_level="error", access_log=False)


if __name__ == "__main__":
    main()

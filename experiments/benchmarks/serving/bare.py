"""What a service without promises would be: FastAPI and LightGBM, prediction and `pred_contrib`, nothing else.

Started by the benchmark in a process of its own: `python -m experiments.benchmarks.serving.bare FOLDER PORT`.
Inputs arrive as the codes that the booster takes, so that not even encoding is done here.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import lightgbm as lgb
import numpy as np
import uvicorn
from fastapi import FastAPI
from pydantic import BaseModel


class Rows(BaseModel):
    """Codes of so many people."""

    rows: list[list[float | None]]


def app(boosters: list[lgb.Booster], main: int) -> FastAPI:
    """Return the application."""
    bare = FastAPI(telemetry={"tracing": False, "metrics": False, "logs": False, "auto_configure": False})

    @bare.post("/predict")
    async def predict(asked: Rows) -> dict[str, Any]:
        codes = np.array(asked.rows, dtype=np.float64)
        threads = 1 if len(codes) < 1000 else 0
        margins = [each.predict(codes, raw_score=True, num_threads=threads) for each in boosters]
        contributions = boosters[main].predict(codes, pred_contrib=True, num_threads=threads)
        return {"margins": np.array(margins).tolist(), "contributions": np.asarray(contributions).tolist()}

    return bare


def main() -> None:
    """Serve the boosters of an artefact's folder: `bare FOLDER PORT MAIN FILE…`."""
    folder, port, place, *files = sys.argv[1:]
    boosters = [lgb.Booster(model_file=str(Path(folder, file))) for file in files]
    uvicorn.run(app(boosters, int(place)), host="127.0.0.1", port=int(port), log_level="error", access_log=False)


if __name__ == "__main__":
    main()

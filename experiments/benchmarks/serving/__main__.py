"""What advice costs beside MLflow's own model server, and beside a route that promises nothing.

One run, one machine, one after the other, several times in turn, each server as it comes (ours: a worker for each core;
MLflow and uvicorn: one), and ours with one worker, too; the same trees:

    ours    POST /v1/advice: identity, the caseworker's judgement, rights, gate, three horizons with intervals, band,
            reasons and words, kept in the database and in the log; and POST /v1/hints for 1,000 people at once
    MLflow  `mlflow models serve` of the same artefact as a pyfunc that returns probabilities, and nothing else
    bare    FastAPI and LightGBM as their own pages show them: prediction and pred_contrib of the same inputs

    python -m experiments.benchmarks.serving [--home DIR] [--seconds S] [--rounds N] [--json]

The home holds an approved ltu-risk, its cohort and its key (`make demo` leaves one); it is copied, never changed. The
ratios are of one row a request; the worst of 1, 8 and 32 connections is what is promised, the others are printed.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
from pathlib import Path
from typing import Any

from .compare import CONNECTIONS, compare
from .told import lines


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--home", type=Path, default=Path("var"))
    parser.add_argument("--seconds", type=float, default=5.0, help="of load for each number of connections")
    parser.add_argument("--rounds", type=int, default=3, help="each side is started so often; told is the median")
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    if asked.rounds < 1:
        parser.error("--rounds must be 1 or more")
    with tempfile.TemporaryDirectory() as scratch:
        figures: dict[str, Any] = {"cores": os.cpu_count(), "load_before": os.getloadavg()[0]}
        figures |= compare(asked.home.absolute(), Path(scratch), asked.seconds, asked.rounds)
    print(json.dumps(figures) if asked.json else "\n".join(lines(figures, CONNECTIONS)))


if __name__ == "__main__":
    main()

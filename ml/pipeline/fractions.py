"""From people unemployed on one day to client groups for planning, in one MLflow run. Only aggregates are written."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from ml.governance.registry import Registry
from ml.models.fractions import FULL, Effort, Fractions, figures, fractions, lines, picture
from ml.models.tracking import RunRecord, open_run
from ml.progress import Say, silent
from ml.register.cohort import read_stock

NAME = "fractions"


@dataclass(frozen=True)
class FractionsRequest:
    """Which cohort folder of purpose planning to group, and how."""

    cohort: Path
    seed: int
    at: datetime
    effort: Effort = FULL


@dataclass(frozen=True)
class FractionsResult:
    """What `apualy fractions` found, and the run that keeps it."""

    found: Fractions
    run_id: str

    def summary(self) -> dict[str, Any]:
        """Return what `--json` prints."""
        return {"run_id": self.run_id, **figures(self.found)}

    def lines(self) -> list[str]:
        """Return what is told to people."""
        return [*lines(self.found), "", f"run {self.run_id}"]


def make_fractions(request: FractionsRequest, registry: Registry, say: Say = silent) -> FractionsResult:
    """Return the client groups of a cohort folder, kept in an MLflow run: figures, fractions.json and a picture.

    Raises DataError when the folder is damaged or of another purpose: then nothing has been written.
    """
    say("reading the people")
    stock = read_stock(request.cohort)
    found = fractions(stock, request.seed, say, request.effort)
    told = figures(found)
    record = RunRecord(
        parameters={"seed": request.seed, "data_digest": found.digest, "as_of": told["as_of"],
                    "groups": found.chosen or "insufficient evidence"},
        figures={f"groups_{each['groups']}": each for each in told["tried"]},
        texts={"cohort.toml": stock.source},
        documents={"fractions.json": told},
        plots={"fractions": picture(found)},
    )  # fmt: skip
    say("recording the run")
    with open_run(registry.store.uri, registry.store.experiment(NAME), f"{request.at:%Y-%m-%d %H:%M:%S}") as run:
        run.keep(record)
    return FractionsResult(found, run.run_id)

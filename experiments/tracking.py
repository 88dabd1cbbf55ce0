"""An experiment's figures and pictures, kept in MLflow where a home is named."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from matplotlib.figure import Figure

from ml.governance.policy import read_policy
from ml.governance.registry import Registry
from ml.models.tracking import RunRecord, open_run

POLICY = Path(__file__).parents[1] / "model_cards" / "policy.toml"


def track(
    home: Path | None,
    experiment: str,
    parameters: Mapping[str, object],
    figures: Mapping[str, Any],
    pictures: Mapping[str, Figure],
) -> None:
    """Keep parameters, numbers as metrics, all figures as JSON, and pictures, in a run of its own.

    home     None: nothing is kept
    figures  plain, as `--json` prints them
    """
    if home is None:
        return
    registry = Registry(home, read_policy(POLICY))
    name = f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S}"
    with open_run(registry.tracking_uri, registry.experiment(experiment), name) as run:
        run.keep(RunRecord(parameters, figures, {}, {f"{experiment}.json": figures}, pictures))

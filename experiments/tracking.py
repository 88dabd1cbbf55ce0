"""An experiment's figures and pictures, kept in MLflow where a home is named."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from matplotlib.figure import Figure

from ml.governance.policy import POLICY, read_policy
from ml.governance.registry import Registry
from ml.models.tracking import RunRecord, open_run

NOT_IN_NAMES = re.compile(r"[^A-Za-z0-9_. :/-]")


def track(
    home: Path | None,
    experiment: str,
    parameters: Mapping[str, object],
    metrics: Mapping[str, Any],
    figures: Mapping[str, Any],
    pictures: Mapping[str, Figure],
) -> None:
    """Keep parameters, metrics, all figures as JSON, and pictures, in a run of its own.

    home     None: nothing is kept
    metrics  nested; MLflow has room for a thousand
    figures  plain, as `--json` prints them
    """
    if home is None:
        return
    registry = Registry(home, read_policy(POLICY))
    name = f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S}"
    with open_run(registry.store.uri, registry.store.experiment(experiment), name) as run:
        run.keep(RunRecord(parameters, _named(metrics), {}, {f"{experiment}.json": figures}, pictures))


def _named(metrics: Mapping[str, Any]) -> dict[str, Any]:
    """Return metrics under names that MLflow takes: an age of 25–29 is 25_29 there."""
    return {
        NOT_IN_NAMES.sub("_", name): _named(each) if isinstance(each, Mapping) else each
        for name, each in metrics.items()
    }

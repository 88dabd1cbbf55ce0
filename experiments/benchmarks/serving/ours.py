"""Our service as it is served, but for the model: trees of this run stand in the place of what training kept.

The gate asks for the approval of the home's own version, with every signature, as it does in earnest. Started by the
benchmark: `python -m experiments.benchmarks.serving.ours HOME ARTEFACT PORT WORKERS`.
"""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache, partial
from pathlib import Path

from ml.governance.deployment import open_registry
from ml.models import artefact
from ml.models.trained import TrainedModel
from serving.hints.risk import compute_risk
from serving.http.limits import Limiter, Rate
from serving.models.held import Models
from serving.models.loading import InUse, load
from serving.run import Serving, serve
from serving.service import Service
from serving.settings import Settings

UNHURRIED = Rate(per_second=1e6, burst=10**6)  # one identity asks for all of them here


@dataclass(frozen=True)
class WithTrees(Serving):
    """The service with another model behind the same gate."""

    artefact: Path = Path()

    def service(self) -> Service:
        """Return the parts of a worker, with the trees for the model."""
        found, loaded = super().service(), cache(self._loaded)  # as Loader does: a look does not load the same again
        return replace(found, models=Models(self.names, loaded), limits=Limiter(UNHURRIED))

    def _loaded(self, name: str) -> InUse[TrainedModel]:
        used = load(self.registry(), name, datetime.now(UTC))
        trees = artefact.load(self.artefact, artefact.digest(self.artefact))
        if not isinstance(used.model, TrainedModel):
            raise TypeError(f"{name} is no risk model")
        compute_risk(trees, {}, weak=used.weak)  # as `load` does: laid out before anybody asks
        return replace(used, model=trees)


def main() -> None:
    """Serve until stopped."""
    home, folder, port, workers = sys.argv[1:]
    environ = {**os.environ, "APUALY_HOME": home, "APUALY_ENV": "demo"}
    settings = Settings.from_environ(environ).with_address("127.0.0.1", int(port), int(workers))
    serve(WithTrees(settings, partial(open_registry, environ), ["ltu-risk"], artefact=Path(folder)))


if __name__ == "__main__":
    main()

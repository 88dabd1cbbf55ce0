"""A night's work: as many people as were unemployed in Helsinki in May 2020, scored for both models and stored.

Real approved models of a home and its current cohorts, whose people are drawn until there are as many as wanted, each
with a pseudonym of their own; all of them known here and consenting, so that nobody is left out of the work. A fresh
database, SQLite unless an address is given. The bound of the project: under 120 s on two cores.

    python -m experiments.benchmarks.nightly [--home var] [--people N] [--database URL] [--trees] [--json]

--trees puts trees, trained on the home's cohort, in the place of the risk model: none costs more to ask and explain.
"""

from __future__ import annotations

import argparse
import json
import secrets
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from sqlalchemy import delete, func, select

from ml.contracts import CurrentCohort
from ml.governance.deployment import open_registry
from ml.governance.registry import Registry
from ml.models.trained import TrainedModel
from ml.pipeline.current import read_any_current
from ml.progress import progress
from serving.batch.scoring import Night, Scored, score
from serving.edge import Edge
from serving.models.held import Loaded
from serving.models.loading import load
from serving.store.clients import Assigned, assign
from serving.store.database import Database
from serving.store.imports import record_consents
from serving.store.log import Event
from serving.store.schema import upgrade
from serving.store.tables import batches, clients, hints, rights

from .people import UNEMPLOYED
from .tree_model import tree_model

SEED = 1
ALLOWED_SECONDS = 120
RISK, NEEDS = "ltu-risk", "service-need"
KIB = 1024
MIB = 1024 * 1024


def main() -> None:
    """Print what the night took."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--home", type=Path, default=Path("var"), help="with two approved models and current cohorts")
    parser.add_argument("--people", type=int, default=UNEMPLOYED)
    parser.add_argument("--database", help="address of an empty database; without it SQLite in a scratch folder")
    parser.add_argument("--trees", action="store_true", help="trees in the place of the approved risk model")
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    registry = open_registry({"APUALY_HOME": str(asked.home), "APUALY_ENV": "demo"})
    trees = tree_model(asked.home / "cohorts" / RISK).model if asked.trees else None
    with fresh(asked.database) as database:
        figures = measure(partial(loaded, registry, trees), asked.home, asked.people, database)
    print(json.dumps(figures) if asked.json else told(figures))


@contextmanager
def fresh(url: str | None) -> Iterator[Database]:
    """Yield a database with tables."""
    with tempfile.TemporaryDirectory() as scratch:
        database = Database(url or f"sqlite:///{scratch}/service.db")
        upgrade(database)
        try:
            yield database
        finally:
            database.close()


def loaded(registry: Registry, trees: TrainedModel | None, name: str) -> Loaded:
    """Return the approved version; of the risk, the trees in its place where there are some."""
    used = load(registry, name, datetime.now(UTC))
    return replace(used, model=trees) if trees is not None and name == RISK else used  # type: ignore[arg-type]


def measure(load_one: Callable[[str], Loaded], home: Path, people: int, database: Database) -> dict[str, Any]:
    """Return the figures of one night."""
    cohorts = [drawn(read_any_current(home / "current" / purpose), people) for purpose in (RISK, NEEDS)]
    known_here(database, cohorts)
    night = Night(
        database=database,
        load=load_one,
        edge=Edge(None),
        needs_consent=True,
        who="benchmark",
    )
    _forget_peak()
    work_before = time.process_time()
    parts: dict[str, float] = {}
    found: list[Scored] = []
    with progress() as say:
        for cohort in cohorts:
            began = time.perf_counter()
            found.append(score(replace(night, say=say), cohort))
            parts[cohort.purpose] = time.perf_counter() - began
    whole, worked = sum(parts.values()), time.process_time() - work_before
    return {
        "people": people,
        "hints": sum(each.hints for each in found),
        "seconds": whole,
        "seconds_by_model": parts,
        "cpu_seconds": worked,
        "peak_mib": _peak_mib(),
        "content_mib": content_bytes(database) / MIB,
        "database": database.engine.dialect.name,
        "share_of_allowed": whole / ALLOWED_SECONDS,
    }


def drawn(cohort: CurrentCohort, people: int) -> CurrentCohort:
    """Return a cohort of so many people: each one's facts those of somebody, drawn, the pseudonym their own."""
    rng = np.random.default_rng(SEED)
    places = rng.choice(len(cohort), people, replace=len(cohort) < people)
    pseudonyms = tuple(sorted(secrets.token_hex(16) for _ in range(people)))
    plans = {
        name: cohort.plans[cohort.pseudonyms[place]]
        for name, place in zip(pseudonyms, places.tolist(), strict=True)
        if cohort.pseudonyms[place] in cohort.plans
    }
    features = cohort.features.iloc[places].reset_index(drop=True)
    return replace(cohort, pseudonyms=pseudonyms, features=features, plans=plans, digest=f"sha256:{len(pseudonyms)}")


def known_here(database: Database, cohorts: Sequence[CurrentCohort]) -> None:
    """Let everybody be known, and consent."""
    day = "2026-11-02"
    those = [
        Assigned(secrets.token_hex(16), f"cw-{place // 150:03d}", "Itä", day, risk, needs)
        for place, (risk, needs) in enumerate(zip(*(each.pseudonyms for each in cohorts), strict=True))
    ]
    with database.recording(Event("benchmark", "benchmark", "operator")) as entry:
        for table in (hints, batches, rights, clients):
            entry.connection.execute(delete(table))
        assign(entry, those)
        record_consents(entry, {each.client: day for each in those}, in_force=True)


def content_bytes(database: Database) -> int:
    """Return how long all hints are together."""
    with database.reading() as connection:
        return int(connection.execute(select(func.sum(func.length(hints.c.content)))).scalar() or 0)


def _forget_peak() -> None:
    """Let the peak begin anew: what came before was the benchmark's own making of people (Linux)."""
    Path("/proc/self/clear_refs").write_text("5")


def _peak_mib() -> float:
    status = Path("/proc/self/status").read_text()
    return next(float(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM")) / KIB


def told(figures: dict[str, Any]) -> str:
    """Return the figures in words."""
    by_model = ", ".join(f"{name} {seconds:.1f} s" for name, seconds in figures["seconds_by_model"].items())
    return (
        f"{figures['people']} people, {figures['hints']} hints with reasons, stored in {figures['database']}\n"
        f"  whole            {figures['seconds']:.1f} s  ({by_model}), {figures['cpu_seconds']:.1f} s of work\n"
        f"  whole / allowed  {figures['share_of_allowed']:.2f}  (allowed: {ALLOWED_SECONDS} s)\n"
        f"  peak memory      {figures['peak_mib']:.0f} MiB\n"
        f"  hints            {figures['content_mib']:.0f} MiB of text"
    )


if __name__ == "__main__":
    main()

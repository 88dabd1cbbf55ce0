"""DuckDB in memory, as everything in the register opens it: it fetches no extension and prints no progress bar."""

from __future__ import annotations

import duckdb


def open_database(**settings: str | bool | int) -> duckdb.DuckDBPyConnection:
    """Return a new connection; close it, or use it in a `with`.

    The bar is on by itself where Python runs without a script, and would print between the lines of `--json`.
    """
    offline = {"autoinstall_known_extensions": False, "autoload_known_extensions": False}
    db = duckdb.connect(config={**offline, **settings})
    db.execute("SET enable_progress_bar = false")
    return db

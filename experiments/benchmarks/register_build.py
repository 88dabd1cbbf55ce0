"""What `apualy register build` costs: rows a second, memory, against a plain scan and against pandas.

A synthetic register of the default size is made, taken in and pseudonymised once; registers of other sizes are parts
of its people, or its people several times over under fresh pseudonyms. Each build runs in a process of its own. The
plain scan hashes every value of the same Parquet files with DuckDB. The pandas side computes most of
the features (all but those of earlier spells) for the same looks, is checked to give the same numbers, and is timed
against the SQL that computes the same.

    python -m experiments.benchmarks.register_build [--persons N ...] [--pandas N] [--json]
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Any

import duckdb

from experiments.benchmarks.register_pandas import compare
from ml.progress import silent
from ml.pseudonym import make_key_file, read_key
from ml.register.build.source import NEEDED
from ml.register.intake import read_extract
from ml.register.pseudonymise.deliver import pseudonymise
from ml.register.pseudonymise.manifest import FILE
from ml.register.synthetic.extract import write_register

SIZES = (10_000, 100_000, 1_000_000)
QUICK = 200_000  # persons up to which a build is run three times
BUILD = """
import json, sys, time
from pathlib import Path
from ml.register.build import build
began = time.perf_counter()
built = build(Path(sys.argv[1]), Path(sys.argv[2]))
seconds = time.perf_counter() - began
status = dict(line.split(":", 1) for line in open("/proc/self/status"))  # getrusage would count the parent's peak
peak = int(status["VmHWM"].split()[0]) / 1024
print(json.dumps({"seconds": seconds, "peak_mb": peak, "looks": built.rows}))
"""


def main() -> None:
    """Print the figures of each size."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--persons", type=int, nargs="+", default=list(SIZES))
    parser.add_argument("--pandas", type=int, default=100_000, metavar="N", help="persons of that comparison; 0: none")
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=Path.cwd() / "var" if (Path.cwd() / "var").is_dir() else None) as name:
        figures = measure(Path(name), arguments.persons, arguments.pandas)
    if arguments.json:
        print(json.dumps(figures))
        return
    print("persons      rows        looks      build s   rows/s     s per M rows  peak MB  scan s   build/scan")
    for size in figures["sizes"]:
        print(
            f"{size['persons']:<12} {size['rows']:<11} {size['looks']:<10} {size['build_seconds']:<9.1f} "
            f"{size['rows_per_second']:<10.0f} {size['seconds_per_million_rows']:<13.2f} {size['peak_mb']:<8.0f} "
            f"{size['scan_seconds']:<8.2f} {size['ratio_to_scan']:.0f}"
        )
    if figures["pandas"]:
        found = figures["pandas"]
        print(
            f"pandas on {found['persons']} persons, {found['looks']} looks, {found['features']} features: "
            f"{found['pandas_seconds']:.1f} s; SQL {found['sql_seconds']:.1f} s ({found['ratio']:.1f} times as fast), "
            f"{found['sql_seconds_of_all_features']:.1f} s for all features; the same numbers"
        )


def measure(scratch: Path, sizes: list[int], with_pandas: int) -> dict[str, Any]:
    """Return the figures of each size, and of pandas."""
    base = _base(scratch / "base")
    found = []
    for persons in sizes:
        folder = sized(base, scratch / "sized", persons)
        found.append(_figures(folder, scratch / "cohort", persons))
        shutil.rmtree(folder)
    pandas: dict[str, Any] | None = None
    if with_pandas:
        pandas = compare(sized(base, scratch / "sized", with_pandas), scratch, with_pandas)
    return {"sizes": found, "pandas": pandas}


def _base(folder: Path) -> Path:
    """Return a pseudonymised synthetic register of the default size."""
    write_register(folder / "raw")
    make_key_file(folder / "key")
    key = read_key({"APUALY_PSEUDONYM_KEY_FILE": str(folder / "key")})
    raw = read_extract(folder / "raw", None, silent)
    pseudonymise(raw, folder / "extract", "ltu-risk", key, made_at=datetime(2026, 1, 1, tzinfo=UTC), say=silent)
    return folder / "extract"


def sized(base: Path, out: Path, persons: int) -> Path:
    """Write a register of so many people: some of the base's, or all of them several times."""
    db = duckdb.connect()
    people = f"'{base}/inputs/jobseekers.parquet'"
    found = db.execute(f"SELECT count(DISTINCT pseudonym) FROM {people}").fetchone()  # noqa: S608
    copies = -(-persons // int(found[0] if found else 1))
    db.execute(
        f"CREATE TABLE chosen AS SELECT pseudonym, md5(concat(pseudonym, ' ', copy)) AS fresh "  # noqa: S608
        f"FROM (SELECT DISTINCT pseudonym FROM {people}), range({copies}) AS copies(copy) "
        f"ORDER BY copy, fresh LIMIT {persons}"
    )
    for file in NEEDED:
        (out / file).parent.mkdir(parents=True, exist_ok=True)
        db.execute(
            f"COPY (SELECT * EXCLUDE (fresh) REPLACE (fresh AS pseudonym) FROM '{base}/{file}' "  # noqa: S608
            f"JOIN chosen USING (pseudonym) ORDER BY pseudonym) "
            f"TO '{out}/{file}' (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 100000)"
        )
    db.close()
    shutil.copy(base / FILE, out / FILE)
    return out


def _figures(folder: Path, cohort: Path, persons: int) -> dict[str, Any]:
    runs = [_run(folder, cohort) for _ in range(3 if persons <= QUICK else 1)]
    scans = [_scan(folder) for _ in range(3)]
    rows, build_seconds, scan_seconds = scans[0][0], median(run["seconds"] for run in runs), median(s for _, s in scans)
    return {
        "persons": persons,
        "rows": rows,
        "looks": runs[0]["looks"],
        "build_seconds": build_seconds,
        "rows_per_second": rows / build_seconds,
        "seconds_per_million_rows": build_seconds / rows * 1e6,
        "peak_mb": max(run["peak_mb"] for run in runs),
        "scan_seconds": scan_seconds,
        "ratio_to_scan": build_seconds / scan_seconds,
    }


def _run(folder: Path, cohort: Path) -> dict[str, float]:
    command = [sys.executable, "-c", BUILD, str(folder), str(cohort)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603
    result: dict[str, float] = json.loads(done.stdout)
    return result


def _scan(folder: Path) -> tuple[int, float]:
    """Return the rows of the register, and the seconds of a scan of all columns."""
    rows = 0
    with duckdb.connect() as db:
        began = time.perf_counter()
        for file in NEEDED:
            found = db.execute(f"SELECT count(*), bit_xor(hash(COLUMNS(*))) FROM '{folder}/{file}'").fetchone()  # noqa: S608
            rows += int(found[0]) if found else 0
        return rows, time.perf_counter() - began


if __name__ == "__main__":
    main()

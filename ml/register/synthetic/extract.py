"""The synthetic register on disk: a raw extract as a Finnish office writes it, and the oracle beside it."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import ExitStack
from datetime import date
from pathlib import Path
from typing import IO, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

from ml.errors import UsageError
from ml.progress import Say, silent
from ml.register.extract import MANIFEST, Manifest
from ml.register.folder import whole_folder
from ml.register.schema import TABLES, Table, ValueType
from ml.register.synthetic.clients import FILE, unemployed, write_clients
from ml.register.synthetic.lots import Lot, Order, lots
from ml.register.synthetic.truth import INPUTS, PLACEMENTS, SPELLS
from ml.register.synthetic.unfairness import Unfairness

FEWEST, MOST = 100, 400_000  # people of the target group
FEWEST_YEARS = 6
YEARS = 11  # features look back over five of them, which leaves six to learn from
EARLIEST, LATEST = date(2014, 1, 31), date(2026, 12, 31)
MARK = b"\xef\xbb\xbf"  # of UTF-8, as Finnish offices' spreadsheets write it
WRITTEN = pa_csv.WriteOptions(include_header=False, delimiter=";", quoting_style="none")
DAY_ZERO = date(1900, 1, 1).toordinal() - date(1970, 1, 1).toordinal()


def oracle_folder(out: Path) -> Path:
    """Return where the truth about an extract lies: beside it, never in it."""
    return out.with_name(out.name + ".oracle")


def clients_file(out: Path) -> Path:
    """Return where the clients of an extract lie: with the truth, for they are the customer system's and no input."""
    return oracle_folder(out) / FILE


def write_register(
    out: Path,
    target_group: int = 37_439,
    seed: int = 1,
    as_of: date = date(2020, 1, 31),
    unfairness: tuple[Unfairness, ...] = (),
    years: int = YEARS,
    say: Say = silent,
) -> Path:
    """Return the folder of a raw register extract of people who do not exist, written whole or not at all.

    Seven CSV files (semicolons, UTF-8 with its mark, dd.mm.yyyy) and `register.toml`; the oracle goes to
    `<out>.oracle`, mode 0700. The target group at the as-of date has exactly `target_group` members; the register
    holds everybody who was a jobseeker in the `years` before. The same arguments give the same bytes. With the oracle
    lies `clients.csv`: who looks after those unemployed on that date (`ml.register.synthetic.clients`).

    Raises UsageError for a number, a date or a folder that cannot be.
    """
    order = Order(target_group, seed, as_of, unfairness, years)
    _check(out, order)
    with whole_folder(oracle_folder(out), "making") as oracle, whole_folder(out, "making") as extract:
        _write(extract, oracle, order, say)
        source = "apualy register synth, people who do not exist"
        (extract / MANIFEST).write_text(Manifest(as_of, source, target_group).as_toml(), encoding="utf-8")
    return out


def _check(out: Path, order: Order) -> None:
    if not FEWEST <= order.target_group <= MOST:
        raise UsageError(f"a target group of {order.target_group} cannot be; ask for {FEWEST} to {MOST:,} people")
    if order.years < FEWEST_YEARS:
        raise UsageError(f"{order.years} years are too few for a register; ask for {FEWEST_YEARS} or more")
    if not EARLIEST <= order.as_of <= LATEST:
        raise UsageError(f"no world is known for {order.as_of}; ask for an as-of date from {EARLIEST} to {LATEST}")
    if out.exists() and not (out.is_dir() and ((out / MANIFEST).is_file() or not any(out.iterdir()))):
        raise UsageError(f"{out} is something else than a register extract; name a new folder")


def _write(extract: Path, oracle: Path, order: Order, say: Say) -> None:
    with ExitStack() as stack:
        files = {name: stack.enter_context((extract / f"{name}.csv").open("wb")) for name in TABLES}
        for name, table in TABLES.items():
            files[name].write(MARK + (";".join(table.names) + "\n").encode())
        schemas = {"spells": SPELLS, "inputs": INPUTS, "placements": PLACEMENTS}
        truths = {
            name: stack.enter_context(pq.ParquetWriter(oracle / f"{name}.parquet", schema))
            for name, schema in schemas.items()
        }
        clients = []
        for lot in lots(order, say):
            _write_lot(lot, files)
            clients += unemployed(lot.tables["employment_codes"])
            for name, writer in truths.items():
                writer.write_table(getattr(lot.truth, name))
    write_clients(oracle / FILE, clients, order.seed, order.as_of)


def _write_lot(lot: Lot, files: Mapping[str, IO[bytes]]) -> None:
    dates = _date_texts()
    for name, table in TABLES.items():
        pa_csv.write_csv(_as_text(lot.tables[name], table, dates), files[name], WRITTEN)


def _as_text(rows: Any, table: Table, dates: Any) -> Any:
    """Return the rows as their texts stand in the file: dd.mm.yyyy, 1 or 0, nothing where nothing is known."""
    arrays = []
    for column in table.columns:
        values = rows[column.name].combine_chunks()
        if column.type is ValueType.DATE:
            values = dates.take(pc.subtract(values.cast(pa.int32()), DAY_ZERO))
        elif column.type is ValueType.BOOLEAN:
            values = values.cast(pa.int8())
        arrays.append(values)
    return pa.table(arrays, names=list(table.names))


def _date_texts() -> Any:
    """Return dd.mm.yyyy of every day since 1900."""
    days = np.arange(DAY_ZERO, date(2100, 1, 1).toordinal() - date(1970, 1, 1).toordinal()).astype("datetime64[D]")
    return pa.array([f"{text[8:]}.{text[5:7]}.{text[:4]}" for text in days.astype(str).tolist()])

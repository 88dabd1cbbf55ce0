"""An extract as it would have been on an earlier day: everything entered later is removed, file by file.

This is written without the SQL of the features and the loading of the build, whose work it checks.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from ml.register.build.source import NEEDED, Source
from ml.register.pseudonymise.manifest import FILE, read_pseudonymised

KNOWN_WITH_END = ("end", "ended", "end_entered")


def cut(source: Source, as_of: date, out: Path) -> None:
    """Write what the extract held on the day, as a pseudonymised extract of that day; one row group at a time."""
    for file in NEEDED:
        (out / file).parent.mkdir(parents=True, exist_ok=True)
        with pq.ParquetFile(source.folder / file) as given, pq.ParquetWriter(out / file, given.schema_arrow) as kept:
            for group in range(given.num_row_groups):
                kept.write_table(_known(given.read_row_group(group), as_of))
    said = replace(read_pseudonymised(source.folder), as_of=as_of)
    (out / FILE).write_text(said.as_toml(), encoding="utf-8")


def _known(table: pa.Table, as_of: date) -> pa.Table:
    day = pa.scalar(as_of, pa.date32())
    table = table.filter(pc.less_equal(table["entered"], day))
    if "end_entered" not in table.column_names:
        return table
    ended = pc.fill_null(pc.less_equal(table["end_entered"], day), False)
    for name in KNOWN_WITH_END:
        if name in table.column_names:
            hidden = pc.if_else(ended, table[name], pa.scalar(None, table[name].type))
            table = table.set_column(table.column_names.index(name), name, hidden)
    return table

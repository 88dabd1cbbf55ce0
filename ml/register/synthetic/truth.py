"""What only nature knows: true hazards and risks of each spell, and what planted unfairness took away."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from ml.contracts import Bools
from ml.register.synthetic import nature
from ml.register.synthetic.lives import NEVER, Index, Lives
from ml.register.synthetic.months import Days
from ml.register.synthetic.risk import true_risks
from ml.register.synthetic.rows import Rows

SPELLS = pa.schema(
    [
        ("identity_code", pa.string()),
        ("start", pa.date32()),
        ("opening", pa.string()),  # employment code
        ("end", pa.date32()),  # the true first day after the spell; missing while it lasts at the as-of date
        ("recorded_end", pa.date32()),  # what the register will say of it
        ("is_planted", pa.bool_()),  # the two differ on purpose
        ("exit_kind", pa.string()),
        ("employability", pa.float32()),
        ("risk_12", pa.float32()),  # at registration, of lasting 12 months or more
        ("hazards", pa.list_(pa.float32())),  # faced in the spell's first, second, … month
    ]
)
INPUTS = pa.schema(
    [("identity_code", pa.string()), ("valid_from", pa.date32()), ("column", pa.string()), ("value", pa.string())]
)
PLACEMENTS = pa.schema(
    [
        ("identity_code", pa.string()),
        ("date", pa.date32()),
        ("caseworker", pa.int32()),  # who judged; missing where the rule placed
        ("is_again", pa.bool_()),  # another caseworker had placed this client some weeks before
        ("need", pa.float32()),  # for rehabilitative services, as only nature knows it
    ]
)


@dataclass(frozen=True)
class Truth:
    """The oracle's three tables, as SPELLS, INPUTS and PLACEMENTS type them."""

    spells: Any
    inputs: Any
    placements: Any


def spell_truth(lives: Lives, spells: Index, ends: Days, identity: Any) -> Any:
    """Return the truth of the given spells, rising numbers; `ends` are all spells' ends as the register has them."""
    of, last = lives.spells, lives.months.last
    known = of.end[spells]
    exit_kinds = pa.array(nature.EXIT_KINDS)
    kind = np.where(known <= last, of.exit_kind[spells], -1).astype(np.int32)
    columns = [
        identity.take(pa.array(of.person[spells])),
        _dates(of.start[spells], of.start[spells] < 0),
        pa.array(nature.CODE_OF).take(pa.array(of.opening[spells].astype(np.int32))),
        _dates(known, known > last),
        _dates(ends[spells], ends[spells] >= NEVER),
        pa.array((ends != of.end)[spells]),
        exit_kinds.take(pa.array(kind, mask=kind < 0)),
        pa.array(lives.people.employability[of.person[spells]].astype(np.float32)),
        pa.array(true_risks(lives, spells).astype(np.float32)),
        _hazards(lives, spells),
    ]
    return pa.Table.from_arrays(columns, schema=SPELLS)


def _dates(days: Days, absent: Bools) -> Any:
    return pa.array(days.astype(np.int32), mask=absent).cast(pa.date32())


def _hazards(lives: Lives, spells: Index) -> Any:
    """Return each spell's hazards in order; `faced` stands by spell and month."""
    faced = lives.faced
    size = np.bincount(faced.spell, minlength=len(lives.spells.person))
    wanted = np.zeros(len(size), bool)
    wanted[spells] = True
    offsets = np.append(0, np.cumsum(size[spells])).astype(np.int32)
    return pa.ListArray.from_arrays(pa.array(offsets), pa.array(faced.hazard[wanted[faced.spell]]))


def placement_truth(rows: Rows, identity: Any) -> Any:
    """Return who judged each placement of the register, and the true need, in the order of the rows."""
    columns = rows.columns
    arrays = [
        identity.take(pa.array(rows.person)),
        pa.array(columns["date"]).cast(pa.date32()),
        pa.array(columns["caseworker"], mask=columns["caseworker"] < 0),
        pa.array(columns["again"] == 1),
        pa.array((columns["need"] / 1000).astype(np.float32)),
    ]
    return pa.Table.from_arrays(arrays, schema=PLACEMENTS)


def input_truth(rows: Rows, table: Any, taken: dict[str, NDArray[np.bool_]]) -> tuple[Any, Index]:
    """Return the inputs of the jobseekers' versions that are about to be taken, and whose they are."""
    parts: list[Any] = [INPUTS.empty_table()]
    persons: list[Index] = [np.zeros(0, np.int32)]
    for name, lost in taken.items():
        has = lost & (rows.columns[name] >= 0)
        part = table.select(["identity_code", "valid_from", name]).filter(pa.array(has))
        column = pa.array([name] * part.num_rows, pa.string())
        arrays = [part["identity_code"], part["valid_from"], column, part[name]]
        parts.append(pa.Table.from_arrays(arrays, schema=INPUTS))
        persons.append(rows.person[has])
    return pa.concat_tables(parts), np.concatenate(persons)

"""An old cohort and its rebuild from a later extract: what differs, and why."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb

from ml.errors import DataError, UsageError
from ml.progress import Say, silent
from ml.register.build import Limits, build
from ml.register.build.facts import database, parts_of
from ml.register.build.source import Source, read_source
from ml.register.build.spells import find_spells, first_end
from ml.register.cohort.folder import FIGURES
from ml.register.guard.cut import cut
from ml.register.guard.late import Late, counted, find_late, listed
from ml.register.guard.pairs import OUTCOMES, ROW, counts, pair
from ml.register.outcomes import TOLERATED_DAYS

HISTORY_DAYS = 1826 + TOLERATED_DAYS  # how far back a look reads, with a gap that may lie across the edge
MOST_SHOWN = 10  # late records that are shown; JSON has more


@dataclass(frozen=True)
class Guard:
    """What a rebuild found. Whoever holds one knows: no leak, and every difference is explained.

    rows         looks compared;  same: those of them whose numbers are the same
    changed      column → looks whose numbers differ, all explained by late records; "row": looks new or gone
    generalised  column → looks where one of the two extracts suppressed what the other tells
    not_kept     looks left out, as the later extract no longer holds their history whole
    late         table → late records;  listed: the first of them
    """

    as_of: str
    later_as_of: str
    rows: int
    same: int
    changed: Mapping[str, int]
    generalised: Mapping[str, int]
    not_kept: int
    late: Mapping[str, int]
    listed: tuple[Late, ...]

    def as_json(self) -> dict[str, Any]:
        """Return the findings as JSON's types."""
        return asdict(self)

    def as_lines(self) -> Iterator[str]:
        """Yield the findings as text for people."""
        yield f"no leak; {self.same} of {self.rows} looks of {self.as_of} are the same, rebuilt from {self.later_as_of}"
        for name, count in self.changed.items():
            yield f"  explained by late records: {name} in {count}"
        for name, count in self.generalised.items():
            yield f"  suppressed in one of the two extracts: {name} in {count}"
        if self.not_kept:
            yield f"  not compared, as the later extract no longer holds their history: {self.not_kept}"
        for name, count in self.late.items():
            yield f"  entered late: {count} of {name}"
        for late in self.listed[:MOST_SHOWN]:
            yield f"    {late.table}: person {late.person}, {late.happened}, entered {late.entered}"


def rebuilt(cohort: Path, later: Path, say: Say = silent) -> Guard:
    """Rebuild an old cohort from a later pseudonymised extract and return what differs.

    Raises DataError: a leak, or a difference that no late record explains; the two are of different keys, or have
    nothing in common. UsageError: the later extract is not later.
    """
    limits, key = _old(cohort)
    as_of, opens = limits.as_of, limits.opens
    source = read_source(later)
    if source.as_of < as_of:
        raise UsageError(f"{later} knows up to {source.as_of}, the cohort up to {as_of}; give a later extract")
    if source.key != key:
        raise DataError(f"{later}: its pseudonyms are of another key than those of {cohort}; give one of the same key")
    with tempfile.TemporaryDirectory(prefix=f".{cohort.name}.guard.", dir=cohort.parent) as name:
        scratch = Path(name)
        with database(scratch) as db:
            say("cutting the later extract at the old as-of date")
            cut(source, as_of, scratch / "cut")
            since = _kept_since(db, read_source(scratch / "cut"), as_of, opens, say)
            for folder, out in ((scratch / "cut", "rebuilt"), (later, "whole")):
                build(folder, scratch / out, as_of, say, opens=opens,
                      settled_days=limits.settled_days, history_years=limits.history_years)  # fmt: skip
            say("comparing")
            _refuse_leak(db, scratch)
            return _compared(db, cohort, scratch / "rebuilt", source, as_of, since)


def _old(cohort: Path) -> tuple[Limits, str]:
    """Return limits and key of a cohort folder."""
    try:
        figures = json.loads((cohort / FIGURES).read_text(encoding="utf-8"))
        if "purpose" in figures:
            raise DataError(
                f"{cohort}: is a cohort for {figures['purpose']}; the guard rebuilds cohorts of spells only"
            )
        opens = date.fromisoformat(figures["opens"]) if figures["opens"] else None
        as_of = date.fromisoformat(figures["as_of"])
        return Limits(as_of, opens, figures["settled_days"], figures["history_years"]), figures["key"]
    except (OSError, ValueError, KeyError, TypeError):
        raise DataError(f"{cohort}: has no {FIGURES} of a cohort; give a folder of apualy register build") from None


def _kept_since(db: duckdb.DuckDBPyConnection, known: Source, as_of: date, opens: date | None, say: Say) -> date | None:
    """Return the first day of a look whose history the later extract holds whole; None: it holds all of it."""
    find_spells(db, known, parts_of(db, known), as_of, say)
    later_opens = first_end(db)
    if opens is None or later_opens is None or later_opens <= opens:
        return None
    return later_opens + timedelta(days=HISTORY_DAYS)


def _refuse_leak(db: duckdb.DuckDBPyConnection, scratch: Path) -> None:
    pair(db, "leaks", scratch / "rebuilt", scratch / "whole")
    found = counts(db, "leaks", "differs")
    if found:
        raise DataError(
            f"a leak: records entered after the as-of date change {', '.join(found)}; "
            "find what reads them in ml/register"
        )


def _compared(
    db: duckdb.DuckDBPyConnection, cohort: Path, rebuilt: Path, source: Source, as_of: date, since: date | None
) -> Guard:
    pair(db, "everything", cohort, rebuilt)
    pair(db, "pairs", cohort, rebuilt, since)
    find_late(db, source, as_of)
    every, rows, same = (
        _count(db, f"SELECT count(*) FROM {what}")  # noqa: S608
        for what in ("everything", "pairs", "pairs WHERE len(differs) = 0")
    )
    if not rows:
        raise DataError(f"{source.folder}: holds the history of no look of {cohort}; give an extract that reaches back")
    _refuse_unexplained(db, cohort)
    return Guard(
        as_of=as_of.isoformat(),
        later_as_of=source.as_of.isoformat(),
        rows=rows,
        same=same,
        changed=counts(db, "pairs", "differs"),
        generalised=counts(db, "pairs", "generalised"),
        not_kept=every - rows,
        late=counted(db),
        listed=listed(db),
    )


def _count(db: duckdb.DuckDBPyConnection, query: str) -> int:
    found = db.execute(query).fetchone()
    return int(found[0]) if found else 0


def _refuse_unexplained(db: duckdb.DuckDBPyConnection, cohort: Path) -> None:
    """Raise DataError when a look differs though no late record of the person had happened by then.

    A look that is new or gone, or whose outcome differs, may be explained by whatever had happened by the as-of date.
    """
    found = db.execute(
        """
        SELECT left(pseudonym, 8), start, landmark_months, differs FROM pairs
        WHERE len(differs) > 0 AND NOT EXISTS (
            SELECT 1 FROM late
            WHERE late.pseudonym = pairs.pseudonym
            AND (late.happened <= pairs.look OR list_has_any(pairs.differs, $outcomes))
        )
        ORDER BY ALL
        """,
        {"outcomes": [ROW, *OUTCOMES]},
    ).fetchall()
    if found:
        person, start, months, columns = found[0]
        raise DataError(
            f"{cohort}: {len(found)} looks differ from the rebuilt ones and no late record explains it, the first: "
            f"person {person}, spell of {start}, {months} months ({', '.join(columns)}); "
            "a leak into the old cohort, or records rewritten without a new day of entry"
        )

"""Those unemployed now, written as a folder to be scored: pseudonyms, inputs and plans in force, nothing more."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from ml.errors import DataError, UsageError
from ml.progress import Say, silent
from ml.register.build.check import check_no_leak
from ml.register.build.cohort import Limits
from ml.register.build.facts import RECORDS_TOGETHER, Part, parts_of
from ml.register.build.needs_declaration import current_toml
from ml.register.build.pace import find_paces
from ml.register.build.parquet import Writer
from ml.register.build.placements import SEED, features_lines
from ml.register.build.source import LTU_RISK, PLANS_NOW, SERVICE_NEED, Source, chosen_as_of, read_source_now
from ml.register.build.spells import find_spells, first_end
from ml.register.build.stock import check_history, compute_part
from ml.register.build.workshop import workshop
from ml.register.cohort.current import read_current
from ml.register.cohort.folder import CURRENT, INPUTS, PLANS
from ml.register.features import PACE, Feature
from ml.register.features.purposes import Allowed, allowed_features
from ml.register.outcomes import HISTORY_YEARS
from ml.register.schema.tables.jobseekers import PLAN_DAYS

TOO_OLD = "whose spell began before the register's window opened: how long it has lasted is not known"


@dataclass(frozen=True)
class CurrentBuilt:
    """What was built: how many people are to be scored, who is not, and which features the purpose may not have.

    left_out  reason → people
    plans     people with an integration plan in force
    leaving_share  of new spells, how many would end within a year as times are; None where nobody knows
    """

    folder: Path
    purpose: str
    as_of: date
    opens: date | None
    history_years: int
    rows: int
    plans: int
    leaving_share: float | None
    left_out: Mapping[str, int]
    features_left_out: Mapping[str, str]
    digests: Mapping[str, str]
    key: str

    def as_json(self) -> dict[str, Any]:
        """Return the figures as they stand in build.json."""
        content = {**asdict(self), "as_of": self.as_of.isoformat()}
        del content["folder"]
        return {**content, "opens": self.opens.isoformat() if self.opens else None}

    def as_lines(self) -> Iterator[str]:
        """Yield the figures as text for people."""
        yield f"{self.rows} people unemployed on {self.as_of}, to be scored for {self.purpose}"
        if self.purpose == SERVICE_NEED:
            yield f"  with an integration plan in force: {self.plans}"
        if self.leaving_share is not None:
            yield f"  as times are, {self.leaving_share:.1%} of new spells would end within a year (leaving_share)"
        for reason, count in self.left_out.items():
            yield f"  left out   {count} {reason}"
        yield from features_lines(self.features_left_out)


def build_current(
    folder: Path,
    out: Path,
    as_of: date | None = None,
    say: Say = silent,
    *,
    opens: date | None = None,
    together: int = RECORDS_TOGETHER,
    history_years: int = HISTORY_YEARS,
) -> CurrentBuilt:
    """Write the folder of those unemployed on the as-of date (codes 02 and 03), and return what was built.

    Each row has the person's pseudonym of the extract's purpose and the features of the purpose's training cohort, as
    known at the end of that day. No outcome, placement or protected attribute is read; for the rule of the integration
    entity the plan in force lies in a file of its own, and so service needs are of the extract's own day alone.
    The folder is read back before it appears. Parameters, other errors and how it appears: as
    `ml.register.build.build`.
    """
    purpose, source = read_source_now(folder)
    day = chosen_as_of(source, as_of)
    if purpose == SERVICE_NEED and day != source.as_of:
        raise UsageError(f"{folder}: knows integration plans as at {source.as_of} alone; leave --as-of out")
    allowed = allowed_features(purpose, source.bases)
    with workshop(out, CURRENT) as shop:
        parts = parts_of(shop.db, source, together)
        find_spells(shop.db, source, parts, day, say)
        limits = Limits(day, opens or first_end(shop.db), 0, history_years)
        check_history(source, limits)
        pace = find_paces(shop.db, day, limits.opens)
        times = (PACE,) if purpose == LTU_RISK else ()
        rows, too_old = _write(shop.db, source, parts, limits, allowed, times, shop.aside, say)
        plans = _write_plans(shop.db, source, shop.aside) if purpose == SERVICE_NEED else 0
        built = CurrentBuilt(out, purpose, day, limits.opens, history_years, rows, plans, pace if times else None,
                             {TOO_OLD: too_old}, allowed.left_out, source.digests(), source.key)  # fmt: skip
        columns = (*allowed.features, *times)
        shop.declare(current_toml(purpose, day, columns, source.key, source.quality), built.as_json())
        say("reading it back")
        read_current(shop.aside, purpose)
    return built


def _write(
    db: duckdb.DuckDBPyConnection,
    source: Source,
    parts: list[Part],
    limits: Limits,
    allowed: Allowed,
    times: Sequence[Feature],
    aside: Path,
    say: Say,
) -> tuple[int, int]:
    """Write the inputs and make `scored` (pseudonym); return how many people there are, and how many were left out.

    times  what is told of the times, of `paces`
    """
    db.execute("CREATE TEMP TABLE scored (pseudonym VARCHAR)")
    told = [f"features.{feature.name}" for feature in allowed.features]
    names = ", ".join((*told, *(f"paces.{feature.name}" for feature in times)))
    rows = too_old = 0
    with Writer(aside / INPUTS) as inputs:
        for part in parts:
            say(f"computing features, part {part.number + 1} of {len(parts)}")
            compute_part(db, source, part, limits.as_of, allowed)
            check_no_leak(db, SEED, features=allowed.features)
            kept: Any = db.sql(
                f"SELECT pseudonym, {names} FROM looks JOIN people USING (person) JOIN features USING (moment) "  # noqa: S608
                "LEFT JOIN paces ON paces.month = date_trunc('month', looks.look) "
                "WHERE looks.start > $opens ORDER BY pseudonym",
                params={"opens": limits.opens or date.min},
            ).to_arrow_table()
            inputs.write(kept)
            db.register("kept", kept)
            db.execute("INSERT INTO scored SELECT pseudonym FROM kept")
            db.unregister("kept")
            ((there,),) = db.execute("SELECT count(*) FROM looks").fetchall()
            rows, too_old = rows + kept.num_rows, too_old + there - kept.num_rows
    if not rows:
        raise DataError(f"{source.folder}: nobody is unemployed on {limits.as_of}; give another --as-of")
    return rows, too_old


def _write_plans(db: duckdb.DuckDBPyConnection, source: Source, aside: Path) -> int:
    """Write the plans in force of those to be scored; return how many there are."""
    plans: Any = db.sql(
        f"SELECT pseudonym, {', '.join(PLAN_DAYS)} "  # noqa: S608
        f"FROM read_parquet({source.path(PLANS_NOW)}) JOIN scored USING (pseudonym) ORDER BY pseudonym"
    ).to_arrow_table()
    with Writer(aside / PLANS) as file:
        file.write(plans)
    return int(plans.num_rows)

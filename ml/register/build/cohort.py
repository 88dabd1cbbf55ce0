"""The cohort of spells and looks, written as a folder: inputs and protected attributes apart."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb

from ml.errors import DataError
from ml.progress import Say, silent
from ml.register.build.check import check_no_leak
from ml.register.build.declaration import cohort_toml
from ml.register.build.facts import (
    KNOWN,
    RECORDS_TOGETHER,
    Part,
    load_fact,
    load_people,
    load_protected,
    parts_of,
)
from ml.register.build.groups import attributes, compute_groups
from ml.register.build.pace import find_paces
from ml.register.build.parquet import Writer
from ml.register.build.shares import Share, long_term_shares
from ml.register.build.source import Source, chosen_as_of, read_source
from ml.register.build.spells import find_spells, first_end, follow_until
from ml.register.build.workshop import workshop
from ml.register.cohort.folder import INPUTS, PROTECTED
from ml.register.features import FEATURES, PACE
from ml.register.features.query import compute, sql
from ml.register.outcomes import HISTORY_YEARS, SETTLED_DAYS, UNDER_WAY

SEED = 1  # of the sample of people on whom the leak check is run


@dataclass(frozen=True)
class Limits:
    """Which spells belong to a cohort, and how long they are followed.

    opens          the day on which the register's window opens, as far as known
    settled_days   how long before the as-of date follow-up ends: later ends are not all certain yet
    history_years  how long the register must have been open when a spell begins
    """

    as_of: date
    opens: date | None
    settled_days: int
    history_years: int

    @property
    def followed_until(self) -> date:
        """The day on which follow-up ends."""
        return self.as_of - timedelta(days=self.settled_days)

    @property
    def since(self) -> date | None:
        """The day after which spells must begin; None: nobody knows when the window opened."""
        return self.opens and self.opens + timedelta(days=round(365.25 * self.history_years))

    def as_json(self) -> dict[str, Any]:
        """Return the limits as they stand in build.json."""
        days = {"as_of": self.as_of, "opens": self.opens, "since": self.since, "followed_until": self.followed_until}
        return {
            **{name: day.isoformat() if day else None for name, day in days.items()},
            "settled_days": self.settled_days,
            "history_years": self.history_years,
        }


@dataclass(frozen=True)
class Built:
    """What was built: counts, and what was left out and why.

    left_out  reason → spells or looks
    digests   file of the extract → "sha256:…"
    key       fingerprint of the key of the pseudonyms
    shares    the long-term share by months since registration, over spells
    """

    folder: Path
    limits: Limits
    rows: int
    persons: int
    spells: int
    left_out: Mapping[str, int]
    digests: Mapping[str, str]
    key: str
    shares: tuple[Share, ...]

    def as_json(self) -> dict[str, Any]:
        """Return the figures as they stand in build.json."""
        content = asdict(self)
        for name in ("folder", "limits", "shares"):
            del content[name]
        return {
            **self.limits.as_json(),
            **content,
            "long_term_share": [asdict(share) for share in self.shares],
        }

    def as_lines(self) -> Iterator[str]:
        """Yield the figures as text for people."""
        yield f"{self.rows} looks at {self.spells} spells of {self.persons} persons, as known on {self.limits.as_of}"
        for reason, count in self.left_out.items():
            yield f"  left out   {count} {reason}"
        yield "  months unemployed → share still unemployed at 12 months (95 %)"
        for share in self.shares:
            yield f"  {share.months:6}     {share.value:.3f} ({share.low:.3f} to {share.high:.3f})"


def build(
    folder: Path,
    out: Path,
    as_of: date | None = None,
    say: Say = silent,
    *,
    opens: date | None = None,
    together: int = RECORDS_TOGETHER,
    settled_days: int = SETTLED_DAYS,
    history_years: int = HISTORY_YEARS,
) -> Built:
    """Write the cohort folder of a pseudonymised extract, whole or not at all, and return what was built.

    opens          the first day of the register's window, where somebody knows it; else found in the spells
    together       employment records worked on at a time; what memory allows, not what comes out, depends on it
    settled_days   how long before `as_of` follow-up ends (`ml.register.outcomes`)
    history_years  how long the register must have been open when a spell begins (there too)

    Raises DataError: the extract cannot be used, or a feature looks into the future; UsageError: `as_of` is later than
    the extract knows, or `out` is something else than a cohort folder.
    """
    source = read_source(folder)
    day = chosen_as_of(source, as_of)
    with workshop(out) as shop:
        limits = Limits(day, opens, settled_days, history_years)
        built = _write(shop.db, source, limits, out, shop.aside, say, together)
        shop.declare(cohort_toml(day, source.special, source.quality), built.as_json())
    return built


def _write(
    db: duckdb.DuckDBPyConnection, source: Source, limits: Limits, out: Path, aside: Path, say: Say, together: int
) -> Built:
    parts = parts_of(db, source, together)
    find_spells(db, source, parts, limits.as_of, say)
    limits = replace(limits, opens=limits.opens or first_end(db))
    find_paces(db, limits.as_of, limits.opens)
    too_new = follow_until(db, limits.followed_until)
    rows = persons = too_late = 0
    with Writer(aside / INPUTS) as inputs, Writer(aside / PROTECTED) as protected:
        for part in parts:
            say(f"computing features, part {part.number + 1} of {len(parts)}")
            compute_part(db, source, part, limits.as_of, limits.since)
            check_no_leak(db, SEED)
            compute_groups(db, source.as_of)
            inputs.write(inputs_of(db))
            protected.write(_protected_of(db, source.special))
            counted = db.execute("SELECT count(*), count(DISTINCT person) FROM cohort_rows").fetchone() or (0, 0)
            late = db.execute(LATE).fetchone() or (0,)
            rows, persons, too_late = rows + counted[0], persons + counted[1], too_late + late[0]
    if not rows:
        raise DataError(
            f"{source.folder}: holds no spell that began after {limits.since} and was known; give a longer extract, or "
            f"ask for fewer years of history than {limits.history_years}"
        )
    spells, early, short = _counts(db, limits)
    say("counting shares")
    return Built(
        folder=out,
        limits=limits,
        rows=rows,
        persons=persons,
        spells=spells,
        left_out={
            "spells that began before the register's window opened": early,
            "spells that began before the register held the history that features look back on": short,
            "spells that began too close to the as-of date": too_new,
            "looks that came over 28 days late, as the spell was entered late": too_late,
        },
        digests=source.digests(),
        key=source.key,
        shares=_shares(db, limits.since),
    )


LATE = "SELECT count(*) FROM planned WHERE look <= as_of AND duration_days > look - start AND look - due > 28"


def compute_part(db: duckdb.DuckDBPyConnection, source: Source, part: Part, as_of: date, since: date | None) -> None:
    """Make `cohort_rows`, `looks` and `features` of the people of one part from `all_spells` and the facts."""
    load_people(db, source, part)
    for name in KNOWN:
        load_fact(db, source, part, as_of, name)
    load_protected(db, source, part)
    db.execute(
        "CREATE OR REPLACE TEMP TABLE cohort_spells AS SELECT *, $as_of::DATE AS as_of FROM all_spells "
        "WHERE part = $part AND ($since::DATE IS NULL OR start > $since)",
        {"part": part.number, "since": since, "as_of": as_of},
    )
    db.execute(sql("looks"))
    compute(db)


def inputs_of(db: duckdb.DuckDBPyConnection) -> Any:
    """Return the rows of a part as an Arrow table: keys, features, outcome."""
    features = ", ".join(f"features.{feature.name}" for feature in FEATURES)
    return db.sql(
        f"""
        SELECT pseudonym, cohort_rows.start, cohort_rows.landmark_months::INTEGER AS landmark_months, {features},
            paces.{PACE.name}, cohort_rows.duration_days::INTEGER AS duration_days, cohort_rows.ended
        FROM cohort_rows JOIN people USING (person) JOIN features USING (moment)
            LEFT JOIN paces ON paces.month = date_trunc('month', cohort_rows.look)
        ORDER BY moment
        """  # noqa: S608
    ).to_arrow_table()


def _protected_of(db: duckdb.DuckDBPyConnection, special: bool) -> Any:
    names = ", ".join(f"groups.{attribute.name}" for attribute in attributes(special))
    return db.sql(
        f"""
        SELECT pseudonym, cohort_rows.start, cohort_rows.landmark_months::INTEGER AS landmark_months, {names}
        FROM cohort_rows JOIN people USING (person) JOIN groups USING (moment) ORDER BY moment
        """  # noqa: S608
    ).to_arrow_table()


def _counts(db: duckdb.DuckDBPyConnection, limits: Limits) -> tuple[int, int, int]:
    """Return the spells of the cohort, those that began before the window opened, and those too soon after."""
    found = db.execute(
        "SELECT count(*) FILTER ($since::DATE IS NULL OR start > $since), count(*) FILTER (start <= $opens), "
        "count(*) FILTER (start > $opens AND start <= $since) FROM all_spells",
        {"opens": limits.opens, "since": limits.since},
    ).fetchone()
    return (found[0], found[1], found[2]) if found else (0, 0, 0)


def _shares(db: duckdb.DuckDBPyConnection, since: date | None) -> tuple[Share, ...]:
    ends: Sequence[tuple[int, int, int]] = db.execute(
        "SELECT (finish - start)::INTEGER AS days, count(*), count(*) FILTER (ended <> $under_way) FROM all_spells "
        "WHERE $since::DATE IS NULL OR start > $since GROUP BY days",
        {"under_way": UNDER_WAY, "since": since},
    ).fetchall()
    return long_term_shares(ends)

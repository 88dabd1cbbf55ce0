"""The cohort of people unemployed on one day, written as a folder: for counts and shares, tied back to nobody."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from ml.errors import DataError
from ml.progress import Say, silent
from ml.register.build.check import check_no_leak
from ml.register.build.cohort import Limits
from ml.register.build.facts import KNOWN, RECORDS_TOGETHER, Part, load_fact, load_people, load_ratings, parts_of
from ml.register.build.needs_declaration import stock_toml
from ml.register.build.parquet import Writer
from ml.register.build.placements import SEED, features_lines
from ml.register.build.source import PLANNING, Source, chosen_as_of, read_source
from ml.register.build.spells import find_spells, first_end, spells_of_people
from ml.register.build.workshop import workshop
from ml.register.cohort.folder import INPUTS
from ml.register.features.purposes import Allowed, allowed_features
from ml.register.features.query import compute, rates
from ml.register.outcomes import HISTORY_YEARS


@dataclass(frozen=True)
class StockBuilt:
    """What was built: how many people are unemployed on the day, and which features the purpose may not have."""

    folder: Path
    as_of: date
    opens: date | None
    rows: int
    features_left_out: Mapping[str, str]
    digests: Mapping[str, str]
    key: str

    def as_json(self) -> dict[str, Any]:
        """Return the figures as they stand in build.json."""
        content = {**asdict(self), "purpose": PLANNING, "as_of": self.as_of.isoformat()}
        del content["folder"]
        return {**content, "opens": self.opens.isoformat() if self.opens else None}

    def as_lines(self) -> Iterator[str]:
        """Yield the figures as text for people."""
        yield f"{self.rows} people unemployed on {self.as_of}; no row tells whose it is"
        yield from features_lines(self.features_left_out)


def build_stock(
    folder: Path,
    out: Path,
    as_of: date | None = None,
    say: Say = silent,
    *,
    opens: date | None = None,
    together: int = RECORDS_TOGETHER,
    history_years: int = HISTORY_YEARS,
) -> StockBuilt:
    """Write the cohort folder of those unemployed on the as-of date (codes 02 and 03), and return what was built.

    The rows carry no pseudonym and are sorted by what they say: nothing leads back to a person. No protected
    attribute is read. Parameters, errors and how the folder appears: as `ml.register.build.build`.
    """
    source = read_source(folder, PLANNING)
    day = chosen_as_of(source, as_of)
    allowed = allowed_features(PLANNING, source.bases)
    with workshop(out) as shop:
        parts = parts_of(shop.db, source, together)
        find_spells(shop.db, source, parts, day, say)
        limits = Limits(day, opens or first_end(shop.db), 0, history_years)
        check_history(source, limits)
        rows = _write(shop.db, source, parts, limits, allowed, shop.aside, say)
        built = StockBuilt(out, day, limits.opens, rows, allowed.left_out, source.digests(), source.key)
        shop.declare(stock_toml(day, allowed.features, source.quality), built.as_json())
    return built


def check_history(source: Source, limits: Limits) -> None:
    """Raise DataError unless the register was open for as many years before the as-of date as features look back."""
    if limits.since is not None and limits.as_of <= limits.since:
        raise DataError(
            f"{source.folder}: holds less than {limits.history_years} years before {limits.as_of}; give a later "
            "--as-of, a longer extract, or ask for fewer years of history"
        )


def _write(
    db: duckdb.DuckDBPyConnection,
    source: Source,
    parts: list[Part],
    limits: Limits,
    allowed: Allowed,
    aside: Path,
    say: Say,
) -> int:
    """Write the inputs, sorted by what they say; return how many rows there are."""
    for part in parts:
        say(f"computing features, part {part.number + 1} of {len(parts)}")
        compute_part(db, source, part, limits.as_of, allowed)
        check_no_leak(db, SEED, features=allowed.features)
        columns = ", ".join(feature.name for feature in allowed.features)
        made = f"SELECT {columns} FROM features"  # noqa: S608
        db.execute(f"INSERT INTO stock {made}" if part.number else f"CREATE OR REPLACE TEMP TABLE stock AS {made}")
    stock = db.sql("SELECT * FROM stock ORDER BY ALL").to_arrow_table() if parts else None
    if stock is None or not stock.num_rows:
        raise DataError(f"{source.folder}: nobody is unemployed on {limits.as_of}; give another --as-of")
    with Writer(aside / INPUTS) as inputs:
        inputs.write(stock)
    return int(stock.num_rows)


def compute_part(db: duckdb.DuckDBPyConnection, source: Source, part: Part, as_of: date, allowed: Allowed) -> None:
    """Make `looks` and `features` of those people of one part who are unemployed on the day."""
    load_people(db, source, part)
    for name in KNOWN:
        load_fact(db, source, part, as_of, name)
    if rates(allowed.features):
        load_ratings(db, source, part, as_of)
    spells_of_people(db, as_of)
    db.execute(
        """
        CREATE OR REPLACE TEMP TABLE looks AS
        SELECT moment, moment AS person, spells.start, $as_of::DATE AS look, opening_code,
            $as_of::DATE - spells.start AS days_unemployed
        FROM spells JOIN (SELECT moment FROM records WHERE code IN ('02', '03') AND until = day) USING (moment)
        WHERE ended = 'under way'
        """,
        {"as_of": as_of},
    )
    compute(db, allowed.features)

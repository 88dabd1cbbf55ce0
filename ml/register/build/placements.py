"""The cohort of placements in service entities, written as a folder: inputs and protected attributes apart."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import date
from importlib.resources import files
from pathlib import Path
from typing import Any

import duckdb

from ml.errors import DataError
from ml.progress import Say, silent
from ml.register.build.check import check_no_leak
from ml.register.build.cohort import Limits
from ml.register.build.facts import (
    KNOWN,
    RECORDS_TOGETHER,
    Part,
    load_fact,
    load_people,
    load_placements,
    load_protected,
    load_ratings,
    parts_of,
)
from ml.register.build.groups import attributes, compute_groups
from ml.register.build.needs_declaration import NONE, PLAN, SUPPRESSED, placements_toml
from ml.register.build.parquet import Writer
from ml.register.build.source import SERVICE_NEED, Source, chosen_as_of, read_source
from ml.register.build.spells import find_spells, first_end
from ml.register.build.workshop import workshop
from ml.register.cohort.folder import INPUTS, PROTECTED
from ml.register.features.purposes import Allowed, allowed_features
from ml.register.features.query import compute, rates, sql
from ml.register.outcomes import HISTORY_YEARS
from ml.register.pseudonymise.attributes import SUPPRESSED as PLAN_SUPPRESSED
from ml.register.pseudonymise.placed import NOT_IN_FORCE

SEED = 1  # of the sample of people on whom the leak check is run
LEFT_OUT = {
    "too early": "before the register held the history that features look back on",
    "no spell": "of people of whom no spell of unemployment was known on the day before",
    "began before": "in spells that began before the register's window opened",
}
# All that a feature may know of a placement: nothing here comes from after the day before it.
LOOKS = """
CREATE OR REPLACE TEMP TABLE cohort_rows AS SELECT * FROM considered WHERE fate = 'kept';
CREATE OR REPLACE TEMP TABLE looks AS
SELECT moment, person, start, look, opening_code, look - start AS days_unemployed FROM cohort_rows;
"""
PLANS_THEN = {NOT_IN_FORCE: NONE, PLAN_SUPPRESSED: SUPPRESSED}  # as pseudonymise writes it → as the cohort does


@dataclass(frozen=True)
class PlacementsBuilt:
    """What was built: counts, and what was left out and why.

    left_out           reason → placements
    features_left_out  feature → why the purpose may not have it
    entities           who placed → service entity → placements
    """

    folder: Path
    as_of: date
    opens: date | None
    history_years: int
    rows: int
    persons: int
    entities: Mapping[str, Mapping[str, int]]
    left_out: Mapping[str, int]
    features_left_out: Mapping[str, str]
    digests: Mapping[str, str]
    key: str

    def as_json(self) -> dict[str, Any]:
        """Return the figures as they stand in build.json."""
        content = {**asdict(self), "purpose": SERVICE_NEED, "as_of": self.as_of.isoformat()}
        del content["folder"]
        return {**content, "opens": self.opens.isoformat() if self.opens else None}

    def as_lines(self) -> Iterator[str]:
        """Yield the figures as text for people."""
        yield f"{self.rows} placements of {self.persons} persons, as known on {self.as_of}"
        for reason, count in self.left_out.items():
            yield f"  left out   {count} {reason}"
        for who, counts in self.entities.items():
            yield f"  by {who}: {', '.join(f'{name} {count}' for name, count in counts.items())}"
        yield from features_lines(self.features_left_out)


def features_lines(left_out: Mapping[str, str]) -> Iterator[str]:
    """Yield which features were left out, told by their reason."""
    for reason in dict.fromkeys(left_out.values()):
        yield f"  no feature {', '.join(name for name, why in left_out.items() if why == reason)}: {reason}"


def build_placements(
    folder: Path,
    out: Path,
    as_of: date | None = None,
    say: Say = silent,
    *,
    opens: date | None = None,
    together: int = RECORDS_TOGETHER,
    history_years: int = HISTORY_YEARS,
) -> PlacementsBuilt:
    """Write the cohort folder of the placements of a pseudonymised extract, and return what was built.

    One row a placement that was entered by the as-of date; its features are as known on the day before it.
    Parameters, errors and how the folder appears: as `ml.register.build.build`.
    """
    source = read_source(folder, SERVICE_NEED)
    day = chosen_as_of(source, as_of)
    allowed = allowed_features(SERVICE_NEED, source.bases)
    with workshop(out) as shop:
        parts = parts_of(shop.db, source, together)
        find_spells(shop.db, source, parts, day, say)
        limits = Limits(day, opens or first_end(shop.db), 0, history_years)
        _write(shop.db, source, parts, limits, allowed, shop.aside, say)
        built = _built(shop.db, source, limits, allowed, out)
        declared = placements_toml(day, allowed.features, source.special, source.quality)
        shop.declare(declared, built.as_json())
    return built


def _write(
    db: duckdb.DuckDBPyConnection,
    source: Source,
    parts: list[Part],
    limits: Limits,
    allowed: Allowed,
    aside: Path,
    say: Say,
) -> None:
    """Write inputs and protected attributes, and make `tally` (part, fate, placed_by, service_entity, person)."""
    db.execute("CREATE TEMP TABLE tally (part INTEGER, person BIGINT, fate VARCHAR, placed_by VARCHAR, entity VARCHAR)")
    with Writer(aside / INPUTS) as inputs, Writer(aside / PROTECTED) as protected:
        for part in parts:
            say(f"computing features, part {part.number + 1} of {len(parts)}")
            compute_part(db, source, part, limits, allowed)
            check_no_leak(db, SEED, features=allowed.features)
            compute_groups(db, source.as_of)
            inputs.write(_inputs_of(db, allowed))
            protected.write(_protected_of(db, source.special))
            db.execute(
                "INSERT INTO tally SELECT $part, person, fate, placed_by, service_entity FROM considered",
                {"part": part.number},
            )


def compute_part(db: duckdb.DuckDBPyConnection, source: Source, part: Part, limits: Limits, allowed: Allowed) -> None:
    """Make `considered`, `cohort_rows`, `looks` and `features` of the people of one part."""
    load_people(db, source, part)
    for name in KNOWN:
        load_fact(db, source, part, limits.as_of, name)
    if rates(allowed.features):
        load_ratings(db, source, part, limits.as_of)
    load_protected(db, source, part)
    load_placements(db, source, part, limits.as_of)
    db.execute(
        "CREATE OR REPLACE TEMP TABLE moments AS SELECT row_number() OVER (ORDER BY person, day) AS moment, person, "
        "day - 1 AS day, day AS bound FROM placed"
    )
    for name in ("records", "spells"):
        db.execute(sql(name))
    never = date.min
    db.execute(
        files(__package__).joinpath("placements.sql").read_text(encoding="utf-8"),
        {"since": limits.since or never, "opens": limits.opens or never},
    )
    db.execute(LOOKS)
    compute(db, allowed.features)


def _inputs_of(db: duckdb.DuckDBPyConnection, allowed: Allowed) -> Any:
    names = ", ".join(f"features.{feature.name}" for feature in allowed.features)
    return db.sql(
        f"SELECT pseudonym, day, {names}, service_entity, placed_by "  # noqa: S608
        "FROM cohort_rows JOIN people USING (person) JOIN features USING (moment) ORDER BY moment"
    ).to_arrow_table()


def _protected_of(db: duckdb.DuckDBPyConnection, special: bool) -> Any:
    names = ", ".join(f"groups.{attribute.name}" for attribute in attributes(special))
    plan = " ".join(f"WHEN '{given}' THEN '{written}'" for given, written in PLANS_THEN.items())
    return db.sql(
        f"SELECT pseudonym, day, CASE {PLAN} {plan} ELSE {PLAN} END AS {PLAN}, {names} "  # noqa: S608
        "FROM cohort_rows JOIN people USING (person) JOIN groups USING (moment) ORDER BY moment"
    ).to_arrow_table()


def _built(
    db: duckdb.DuckDBPyConnection, source: Source, limits: Limits, allowed: Allowed, out: Path
) -> PlacementsBuilt:
    fates = dict(db.execute("SELECT fate, count(*) FROM tally GROUP BY fate").fetchall())
    if not fates.get("kept"):
        raise DataError(
            f"{source.folder}: holds no placement after {limits.since} in a known spell; give a longer extract, or "
            f"ask for fewer years of history than {limits.history_years}"
        )
    kept = "FROM tally WHERE fate = 'kept'"
    persons = db.execute(f"SELECT count(DISTINCT (part, person)) {kept}").fetchone() or (0,)
    entities: dict[str, dict[str, int]] = {}
    for who, entity, count in db.execute(
        f"SELECT placed_by, entity, count(*) {kept} GROUP BY placed_by, entity ORDER BY placed_by, entity"
    ).fetchall():
        entities.setdefault(who, {})[entity] = count
    return PlacementsBuilt(
        folder=out,
        as_of=limits.as_of,
        opens=limits.opens,
        history_years=limits.history_years,
        rows=fates["kept"],
        persons=persons[0],
        entities=entities,
        left_out={words: fates.get(fate, 0) for fate, words in LEFT_OUT.items()},
        features_left_out=allowed.left_out,
        digests=source.digests(),
        key=source.key,
    )

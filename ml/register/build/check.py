"""The leak check of every build: what is removed from before the eyes of a feature must not change it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import duckdb

from ml.errors import DataError
from ml.register.duck import open_database
from ml.register.features import FEATURES, Feature
from ml.register.features.catalogue.abilitator import RATED
from ml.register.features.query import compute, rates

SAMPLE = 200  # people of each part
# What one person's records look like to somebody who stands on the day of a look: not entered yet is not there.
ENDS = ("end", "end_entered", "ended")
SEEN = {
    "employment": ("code", "start", "entered", *ENDS[:2]),
    "services": ("kind", "start", "entered", *ENDS),
    "benefits": ("kind", "start", '"end"', "days_paid", "entered"),
    "plans": ("kind", "date", "entered"),
    "jobseekers": ("education_level", "occupation", "valid_from", "entered"),
}
RATINGS = {"abilitator": ("date", "entered", *RATED)}


def check_no_leak(
    db: duckdb.DuckDBPyConnection, seed: int, sample: int = SAMPLE, features: Sequence[Feature] = FEATURES
) -> None:
    """Recompute the features of a sample of people from a register that ends at each look.

    Every look of the sample becomes a person of its own, whose records that were entered after the look are gone; so
    are the spells, which know how they ended. The tables of `db` stay as they are.
    Raises DataError naming the features that changed: they knew what came later.
    """
    looks = _sample(db, seed, sample)
    if not len(looks):
        return
    with open_database() as small:
        small.register("sample", looks)
        for name in (*SEEN, *(RATINGS if rates(features) else ())):
            facts = db.sql(f"SELECT * FROM {name} WHERE person IN (SELECT person FROM sampled)").to_arrow_table()  # noqa: S608
            small.register("facts", facts)
            small.execute(f"CREATE TEMP TABLE {name} AS {_seen(name)}")
            small.unregister("facts")
        small.execute("CREATE TEMP TABLE looks AS SELECT * REPLACE (moment AS person) FROM sample")
        try:
            compute(small, features)
        except duckdb.CatalogException as error:
            raise DataError(f"a feature reads a table that is not there on the day of a look: {error}") from None
        small.register("before", _features(db))
        changed = _changed(small, features)
    if changed:
        raise DataError(
            f"features that know what was entered after the look: {', '.join(changed)}; "
            "correct their SQL in ml/register/features/sql"
        )


def _seen(name: str) -> str:
    """Return the query of a table of `facts` as it stood on the day of each look of the sample."""
    columns = (f'CASE WHEN end_entered <= look THEN "{column}" END AS "{column}"' if column in ENDS else column
               for column in {**SEEN, **RATINGS}[name])  # fmt: skip
    return (
        f"SELECT moment AS person, {', '.join(columns)} FROM facts "  # noqa: S608
        "JOIN (SELECT moment, person, look FROM sample) USING (person) WHERE entered <= look"
    )


def _sample(db: duckdb.DuckDBPyConnection, seed: int, sample: int) -> Any:
    """Return the looks of some people as an Arrow table, chosen by a hash of seed and number; make `sampled`."""
    db.execute(
        "CREATE OR REPLACE TEMP TABLE sampled AS SELECT person FROM (SELECT DISTINCT person FROM looks) "
        "ORDER BY md5(concat($seed, ' ', person)) LIMIT $sample",
        {"seed": str(seed), "sample": sample},
    )
    return db.sql("SELECT * FROM looks WHERE person IN (SELECT person FROM sampled) ORDER BY moment").to_arrow_table()


def _features(db: duckdb.DuckDBPyConnection) -> Any:
    return db.sql(
        "SELECT features.* FROM features JOIN looks USING (moment) WHERE person IN (SELECT person FROM sampled)"
    ).to_arrow_table()


def _changed(small: duckdb.DuckDBPyConnection, features: Sequence[Feature]) -> list[str]:
    """Return the features that differ in some row of `before` and `features`."""
    differs = ", ".join(f"bool_or(before.{each.name} IS DISTINCT FROM features.{each.name})" for each in features)
    found = small.execute(f"SELECT {differs} FROM before JOIN features USING (moment)").fetchone() or ()  # noqa: S608
    return [feature.name for feature, differs in zip(features, found, strict=True) if differs]

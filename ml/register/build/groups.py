"""The groups that the audit compares: how each reads, in the cohort contract's words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from importlib.resources import files

import duckdb

from ml.register.build.source import OPTIONAL
from ml.register.pseudonymise.attributes import EU
from ml.register.schema import TABLES, Words

SUPPRESSED = "suppressed"


@dataclass(frozen=True)
class Attribute:
    """One protected attribute of the cohort. Without `groups` the data tells which there are."""

    name: str
    words: Words
    groups: tuple[str, ...] = ()
    reference: str | None = None


ATTRIBUTES = (
    Attribute(
        "age",
        Words("Age at the look", "Ikä tarkasteluhetkellä", "Ålder vid tidpunkten"),
        ("under 25", "25–29", "30–49", "50 and over", SUPPRESSED),
        "30–49",
    ),
    Attribute("gender", TABLES["jobseekers"]["gender"].words, ("men", "women", SUPPRESSED), "men"),
    Attribute(
        "mother_tongue_group",
        Words("Mother tongue", "Äidinkieli", "Modersmål"),
        ("Finnish", "Swedish", "foreign", SUPPRESSED),
        "Finnish",
    ),
    Attribute(
        "citizenship_group",
        Words("Citizenship", "Kansalaisuus", "Medborgarskap"),
        ("Finnish", "EU", "other", SUPPRESSED),
        "Finnish",
    ),
    Attribute(
        "origin",
        Words("Origin", "Alkuperä", "Ursprung"),
        ("no arrival recorded", "arrived in Finland", SUPPRESSED),
        "no arrival recorded",
    ),
    Attribute("district", Words("Major district", "Suurpiiri", "Stordistrikt")),
    Attribute(
        OPTIONAL,
        TABLES["jobseekers"][OPTIONAL].words,
        ("not limited", "limited", SUPPRESSED),
        "not limited",
    ),
)


def attributes(special: bool) -> Sequence[Attribute]:
    """Return the protected attributes of a cohort, the special category among them only when it was delivered."""
    return [attribute for attribute in ATTRIBUTES if special or attribute.name != OPTIONAL]


def compute_groups(db: duckdb.DuckDBPyConnection, extract_as_of: date) -> None:
    """Make the table `groups` from `looks` and `protected`: one row a look. Ages are as at the extract's day."""
    db.execute(
        files(__package__).joinpath("groups.sql").read_text(encoding="utf-8"),
        {"age_at": extract_as_of, "eu": sorted(EU)},
    )

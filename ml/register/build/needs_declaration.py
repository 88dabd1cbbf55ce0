"""The declarations of the cohorts of service needs, of planning and of those unemployed now, as TOML."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from ml.contracts import Role
from ml.register.build.declaration import (
    category_table,
    day_table,
    feature_tables,
    id_table,
    protected_tables,
    quality_line,
)
from ml.register.build.source import PLANNING, SERVICE_NEED
from ml.register.features import REASONS, Feature
from ml.register.features.catalogue.abilitator import SELF_ASSESSMENT
from ml.register.schema import Words
from ml.register.schema.tables.placements import PLACED_BY, PLACEMENTS, SERVICE_ENTITIES

PLAN = "integration_plan"
PLAN_WORDS = Words("Integration plan", "Kotoutumissuunnitelma", "Integrationsplan")
IN_FORCE, NONE, SUPPRESSED = "in force", "none", "suppressed"
PLAN_VALUES = {
    IN_FORCE: Words(IN_FORCE, "voimassa", "i kraft"),
    NONE: Words(NONE, "ei ole", "ingen"),
    SUPPRESSED: Words(SUPPRESSED, "peitetty", "dold"),
}
ALL_REASONS = {**REASONS, "self_assessment": SELF_ASSESSMENT}


def placements_toml(as_of: date, features: Sequence[Feature], special: bool, quality: str | None = None) -> str:
    """Return the declaration of a cohort of placements.

    special  whether the work-ability limitation stands among the protected attributes
    quality  digest of the data-quality report of the register's intake; None: it came without one
    """
    rows = "Placements in service entities, each with what was known on the day before"
    tables = [
        _cohort(SERVICE_NEED, "one row a placement", rows, as_of, quality),
        '[time]\nstart = "day"\n',
        id_table(),
        day_table("day", PLACEMENTS["date"].words),
        category_table("service_entity", PLACEMENTS["service_entity"].words, Role.OUTCOME, SERVICE_ENTITIES),
        category_table("placed_by", PLACEMENTS["placed_by"].words, Role.OUTCOME, PLACED_BY),
        category_table(PLAN, PLAN_WORDS, Role.PROTECTED, PLAN_VALUES),
        *protected_tables(special),
        *feature_tables(features, ALL_REASONS),
    ]
    return "\n".join(tables)


def stock_toml(as_of: date, features: Sequence[Feature], quality: str | None = None) -> str:
    """Return the declaration of a cohort of people unemployed on one day; `quality` as of `placements_toml`."""
    rows = "People unemployed on one day, for counts and shares only"
    tables = [
        _cohort(PLANNING, "one row a person, tied back to nobody", rows, as_of, quality),
        *feature_tables(features, ALL_REASONS),
    ]
    return "\n".join(tables)


def current_toml(purpose: str, as_of: date, features: Sequence[Feature], key: str, quality: str | None = None) -> str:
    """Return the declaration of the people unemployed now, for the scoring of a purpose; `quality` as above.

    key  fingerprint of the key that made the pseudonyms
    """
    rows = "People unemployed on one day, each with what was known then, for advice to their own caseworkers"
    tables = [
        _cohort(purpose, "one row a person unemployed now", rows, as_of, quality) + f'key = "{key}"\n',
        id_table(),
        *feature_tables(features, ALL_REASONS),
    ]
    return "\n".join(tables)


def _cohort(purpose: str, row: str, description: str, as_of: date, quality: str | None) -> str:
    return (
        f"# Made by `apualy register build`; {row}.\n"
        "[cohort]\n"
        f'name = "{purpose}"\n'
        f'purpose = "{purpose}"\n'
        f"as_of = {as_of.isoformat()}\n"
        f'description = "{description}"\n'
        'licence = "not for publication: pseudonymised personal data"\n' + quality_line(quality)
    )

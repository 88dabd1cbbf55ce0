"""A pseudonymised extract on disk: what it says of itself, and which tables it holds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from ml.errors import DataError, UsageError
from ml.register.digest import digest_of
from ml.register.pseudonymise.manifest import FILE, Pseudonymised, read_pseudonymised
from ml.register.schema import TABLES
from ml.register.schema.tables.jobseekers import PLAN_DAYS

LTU_RISK, SERVICE_NEED, PLANNING = "ltu-risk", "service-need", "planning"
PROTECTED = "protected/jobseekers.parquet"
PLACED, PLANS_THEN = "inputs/placements.parquet", "protected/placements.parquet"
ABILITATOR = "inputs/abilitator.parquet"  # delivered only on a legal basis of its own
OPTIONAL = "work_ability_limited"  # this, too
_FACTS_OF_ALL = {
    "inputs/jobseekers.parquet": ("pseudonym", "education_level", "occupation", "valid_from", "entered"),
    "inputs/employment_codes.parquet": ("pseudonym", "code", "start", "end", "entered", "end_entered"),
    "inputs/services.parquet": ("pseudonym", "kind", "start", "end", "entered", "end_entered"),
    "inputs/benefits.parquet": ("pseudonym", "kind", "start", "end", "days_paid", "entered"),
}
NEEDED = {
    **_FACTS_OF_ALL,
    "inputs/services.parquet": ("pseudonym", "kind", "start", "end", "ended", "entered", "end_entered"),
    "inputs/plans.parquet": ("pseudonym", "kind", "date", "entered"),
    PROTECTED: (
        "pseudonym", "age", "gender", "mother_tongue", "citizenship", "district", "years_in_finland",
        "valid_from", "entered",
    ),
}  # fmt: skip
NEEDED_FOR = {
    LTU_RISK: NEEDED,
    SERVICE_NEED: {
        **NEEDED,
        PLACED: ("pseudonym", "service_entity", "date", "placed_by", "entered"),
        PLANS_THEN: ("pseudonym", "date", "entered", "integration_plan"),
    },
    PLANNING: _FACTS_OF_ALL,  # and nothing of anybody's protected attributes: no count asks for them
}
PLANS_NOW = "rule/jobseekers.parquet"  # delivered only on a legal basis of its own
_INPUTS_NOW = {file: names for file, names in NEEDED.items() if file != PROTECTED}
NEEDED_NOW = {  # for the scoring of those unemployed now: nothing of the audit's attributes, no placement
    LTU_RISK: _INPUTS_NOW,
    SERVICE_NEED: {**_INPUTS_NOW, PLANS_NOW: ("pseudonym", *PLAN_DAYS)},
}
FACTS = tuple(name for name in TABLES if f"inputs/{name}.parquet" in NEEDED)


@dataclass(frozen=True)
class Source:
    """A pseudonymised extract.

    as_of    the day up to which it knows
    key      fingerprint of the key that made the pseudonyms; empty when it does not say
    special  whether it brings the work-ability limitation
    files    file → its columns, of those that are read
    bases    special-category column ("table.column") → legal basis on which it was delivered
    quality  digest of the data-quality report of the register's intake; None when it came without one
    """

    folder: Path
    as_of: date
    key: str
    special: bool
    files: Mapping[str, Sequence[str]]
    bases: Mapping[str, str]
    quality: str | None = None

    def path(self, file: str) -> str:
        """Return the path of one of its files as SQL text, quoted."""
        return "'" + str(self.folder / file).replace("'", "''") + "'"

    def digests(self) -> dict[str, str]:
        """Return the SHA-256 of each of its files that is read."""
        return {file: digest_of(self.folder / file) for file in (FILE, *self.files)}


def purpose_of(folder: Path) -> str:
    """Return the purpose of a pseudonymised extract. Raises DataError when it is none, or of an unknown purpose."""
    purpose = read_pseudonymised(folder).purpose
    if purpose not in NEEDED_FOR:
        raise DataError(
            f"{folder / FILE}: was made for the purpose {purpose!r}, for which no cohort is built; "
            f"pseudonymise the extract for one of {', '.join(NEEDED_FOR)}"
        )
    return purpose


def read_source(folder: Path, purpose: str = LTU_RISK) -> Source:
    """Return what the folder says of itself.

    Raises DataError, one line: no such folder, another purpose, a file or a column is missing.
    """
    said = read_pseudonymised(folder)
    if said.purpose != purpose:
        raise DataError(
            f"{folder / FILE}: was made for the purpose {said.purpose!r}, and this cohort is for {purpose!r}; "
            "pseudonymise the extract for it"
        )
    return _source(folder, said, NEEDED_FOR[purpose])


def read_source_now(folder: Path) -> tuple[str, Source]:
    """Return a folder's purpose, and what it says of itself as far as the scoring of those unemployed now may read it.

    Raises DataError as `read_source`, or where the days of integration plans were not delivered and the rule asks for
    them; UsageError for a purpose that advises on nobody.
    """
    said = read_pseudonymised(folder)
    if said.purpose not in NEEDED_NOW:
        raise UsageError(
            f"{folder}: was made for the purpose {said.purpose!r}, which advises on nobody; give an extract "
            f"pseudonymised for {' or '.join(NEEDED_NOW)}"
        )
    if said.purpose == SERVICE_NEED and said.plan_days is None:
        raise DataError(
            f"{folder}: has no days of integration plans, and the rule of the integration entity asks for them; "
            "pseudonymise the extract again with --plan-days and their legal basis"
        )
    return said.purpose, _source(folder, said, NEEDED_NOW[said.purpose])


def _source(folder: Path, said: Pseudonymised, needed: Mapping[str, Sequence[str]]) -> Source:
    columns = {file: _columns(folder, file) for file in needed}
    for file, names in needed.items():
        missing = [name for name in names if name not in columns[file]]
        if missing:
            raise DataError(f"{folder / file}: lacks the columns {', '.join(missing)}; pseudonymise the extract again")
    if any(name.startswith("abilitator.") for name in said.special):
        columns[ABILITATOR] = _columns(folder, ABILITATOR)
    special = OPTIONAL in columns.get(PROTECTED, ())
    return Source(folder, said.as_of, said.key, special, columns, said.special, said.quality)


def chosen_as_of(source: Source, as_of: date | None) -> date:
    """Return the as-of date asked for, the extract's own when none is.

    Raises UsageError when the extract does not know that far.
    """
    if as_of is None:
        return source.as_of
    if as_of > source.as_of:
        raise UsageError(
            f"--as-of {as_of.isoformat()} is later than {source.folder} knows ({source.as_of.isoformat()}); "
            "give an earlier day or a later extract"
        )
    return as_of


def _columns(folder: Path, file: str) -> list[str]:
    try:
        return list(pq.read_schema(folder / file).names)
    except FileNotFoundError:
        raise DataError(f"{folder}: lacks {file}; pseudonymise the extract again") from None
    except (pa.ArrowException, OSError) as error:
        reason = str(error).splitlines()[0][:160] if str(error) else type(error).__name__
        raise DataError(f"{folder / file}: is damaged Parquet ({reason}); pseudonymise the extract again") from None

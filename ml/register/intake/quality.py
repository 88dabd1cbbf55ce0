"""What an intake found: counts per rule, missing shares, periods and delays, without anything that names a person."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from ml.register.extract import Manifest
from ml.register.intake.check import Checked
from ml.register.intake.days import NONE, as_date
from ml.register.intake.finding import Example, Finding, examples
from ml.register.intake.raw import RawRecords
from ml.register.intake.records import Records
from ml.register.intake.rulebook import RECORD_RULES
from ml.register.intake.value_rules import VALUE_RULES
from ml.register.schema import TABLES
from ml.register.wording import counted

MADE_BY = "apualy register intake"
MOST_EXAMPLES = 5


@dataclass(frozen=True)
class Broken:
    """A rule that is broken in a table: by how many rows, which share of those read, and a few of them."""

    rule: str
    words: str
    to_do: str
    hard: bool
    table: str
    columns: tuple[str, ...]
    rows: int
    share: float
    examples: tuple[Example, ...]


@dataclass(frozen=True)
class Period:
    """The first and last day of a column, ISO; None where it has none."""

    column: str
    first: str | None
    last: str | None


@dataclass(frozen=True)
class TableQuality:
    """What was read of a table and taken in; counts are rows.

    missing       column → share of rows taken in that have no value, 0 to 1
    delay_median, delay_95  days from happening to entry, of rows taken in; None without rows
    """

    name: str
    where: str
    digest: str | None
    read: int
    kept: int
    set_aside: int
    persons: int
    happened: Period
    entered: Period
    delay_median: float | None
    delay_95: float | None
    missing: Mapping[str, float]


@dataclass(frozen=True)
class Quality:
    """The quality report of one intake."""

    source: str
    as_of: str
    tables: tuple[TableQuality, ...]
    broken: tuple[Broken, ...]
    held: tuple[str, ...]
    remarks: tuple[str, ...]

    @property
    def warnings(self) -> tuple[str, ...]:
        """What the person who runs the intake should know, a line each."""
        said = (
            f"{each.table}: {counted(each.rows, 'row', 'rows')} "
            + ("set aside: " if each.hard else "taken in all the same: ")
            + f"'{each.rule}'"
            for each in self.broken
        )
        return (*self.remarks, *said)

    def as_json(self) -> dict[str, Any]:
        """Return the report as it is written to quality.json."""
        return {"made_by": MADE_BY, **asdict(self)}


def quality_of(
    checked: Checked, raws: Mapping[str, RawRecords], manifest: Manifest, remarks: tuple[str, ...]
) -> Quality:
    """Return the quality report of tables that were checked."""
    broken = tuple(_broken(finding, raws[finding.table]) for finding in checked.findings)
    names = dict.fromkeys([*VALUE_RULES, *(each.rule.name for each in RECORD_RULES)])
    return Quality(
        source=manifest.source,
        as_of=checked.as_of.isoformat(),
        tables=tuple(_table(raws[name], checked.tables[name]) for name in TABLES),
        broken=broken,
        held=tuple(name for name in names if name not in {each.rule for each in broken}),
        remarks=(*remarks, *(said for raw in raws.values() for said in raw.remarks), *_artificial(checked)),
    )


def _artificial(checked: Checked) -> tuple[str, ...]:
    here = np.unique(checked.tables["jobseekers"].person)
    if not checked.persons.artificial[here].all():
        return ()
    return ("every person is made up (individual numbers 900–999): this is no register of real people",)


def _broken(finding: Finding, raw: RawRecords) -> Broken:
    rule = finding.rule
    share = round(len(finding.rows) / len(raw), 6)
    few = examples(finding, raw, MOST_EXAMPLES)
    return Broken(
        rule.name, rule.words, rule.to_do, rule.hard, finding.table, finding.columns, len(finding.rows), share, few
    )


def _table(raw: RawRecords, records: Records) -> TableQuality:
    table = raw.table
    happened, entered = records.days(table.happened), records.days(table.entered)
    delays = np.percentile(entered.astype(np.int64) - happened, [50, 95]) if len(records) else (None, None)
    return TableQuality(
        name=table.name,
        where=raw.where,
        digest=raw.digest,
        read=len(raw),
        kept=len(records),
        set_aside=len(raw) - len(records),
        persons=len(np.unique(records.person)),
        happened=_period(table.happened, happened),
        entered=_period(table.entered, entered),
        delay_median=_figure(delays[0]),
        delay_95=_figure(delays[1]),
        missing={name: _share(~records.has(name)) for name in table.names},
    )


def _period(column: str, days: Any) -> Period:
    days = days[days != NONE]
    if not len(days):
        return Period(column, None, None)
    return Period(column, as_date(days.min()).isoformat(), as_date(days.max()).isoformat())


def _share(where: Any) -> float:
    return round(float(where.mean()), 6) if len(where) else 0.0


def _figure(value: Any) -> float | None:
    return None if value is None else round(float(value), 1)

"""What a rule says, and which records break it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ml.contracts import Rows
from ml.errors import DataError
from ml.register.intake.raw import RawRecords
from ml.register.schema import RegisterColumn, Sensitivity, ValueType
from ml.register.wording import counted, quoted

MOST_NAMED = 10  # records that an error names
MOST_TOLD = 8  # broken rules that an error names
# A value may have slipped in from another column. So what is shown is one word, or figures; without long numbers
# (an identity code with a slip of the pen is still someone's), and without days where a code belongs.
SHOWN = re.compile(r"\S{1,30}|[0-9 .,:/TZ+-]{1,30}")
LONG_NUMBER = re.compile(r"[0-9]{5,}[\s\W_]?[0-9A-Za-z]*")
DAY = re.compile(r"[0-9]{1,4}[./-][0-9]{1,2}[./-][0-9]{1,4}")
STRUCK = "[struck out]"


@dataclass(frozen=True)
class Rule:
    """One rule of the intake.

    words  what is wrong with a record that breaks it, to go on from "in these records"
    to_do  what the people who deliver the data can do
    hard   whether a record that breaks it is refused; a soft rule only warns
    """

    name: str
    words: str
    to_do: str
    hard: bool = True


@dataclass(frozen=True)
class Finding:
    """The records of one table that break one rule.

    columns  the columns that the rule looks at, the offending one when it is one
    rows     (n,) positions in the table as read, ascending, at least one
    """

    rule: Rule
    table: str
    columns: tuple[str, ...]
    rows: Rows


@dataclass(frozen=True)
class Example:
    """One record that breaks a rule, without anything that points at a person.

    row     its number as a reader of the source counts
    values  column → text, for ordinary columns alone; None where there is none
    """

    row: int
    values: Mapping[str, str | None]


def examples(finding: Finding, raw: RawRecords, most: int) -> tuple[Example, ...]:
    """Return the first records that break a rule."""
    rows = finding.rows[:most]
    ordinary = [name for name in finding.columns if raw.table[name].sensitivity is Sensitivity.ORDINARY]
    texts = {name: raw.columns[name].taken(rows).to_pylist() for name in ordinary}
    return tuple(
        Example(int(row) + raw.first_row, {name: _harmless(texts[name][index], raw.table[name]) for name in ordinary})
        for index, row in enumerate(rows)
    )


def refusal(findings: Sequence[Finding], raws: Mapping[str, RawRecords]) -> DataError:
    """Return the error that names the broken rules, with ten records at most, and what to do."""
    each = max(1, MOST_NAMED // len(findings))
    told = [_told(finding, raws[finding.table], each) for finding in findings[:MOST_TOLD]]
    if len(findings) > MOST_TOLD:
        told.append(f"And {counted(len(findings) - MOST_TOLD, 'more rule is', 'more rules are')} broken.")
    return DataError(f"{' '.join(told)} Nothing was taken in; --quarantine sets such rows aside and takes in the rest")


def _told(finding: Finding, raw: RawRecords, most: int) -> str:
    count, rule = len(finding.rows), finding.rule
    breaks = "row breaks" if count == 1 else "rows break"
    where = f" in {finding.columns[0]}" if len(finding.columns) == 1 else ""
    show = len(finding.columns) == 1
    named = ", ".join(_named(example, show) for example in examples(finding, raw, most))
    rest = f" and {count - most} more" if count > most else ""
    return f"{finding.table}: {count} {breaks} '{rule.name}'{where} (row{'s' * (count > 1)} {named}{rest}). " \
           f"To do: {rule.to_do}."  # fmt: skip


def _named(example: Example, show: bool) -> str:
    """Return a record's number, with its value when the rule is of one ordinary column."""
    value = next(iter(example.values.values()), None) if show else None
    return str(example.row) if value is None else f"{example.row}: {quoted(value)}"


def _harmless(text: str | None, column: RegisterColumn) -> str | None:
    """Return a text as it may be shown."""
    if text is None:
        return None
    if not SHOWN.fullmatch(text):
        return "[text]"
    struck = LONG_NUMBER.sub(STRUCK, text)
    struck = struck if column.type is ValueType.DATE else DAY.sub(STRUCK, struck)
    return quoted(struck)[1:-1]

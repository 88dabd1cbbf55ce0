"""The data dictionary and the purpose register, as Markdown pages made from the declarations."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from ml.register.schema import PURPOSES, TABLES
from ml.register.schema.column import RegisterColumn, Sensitivity, Table, ValueType, Words
from ml.register.schema.purposes import AUDIT_BASIS, Purpose
from ml.register.schema.tables.jobseekers import JOBSEEKERS, PLAN_DAYS

MADE = "<!-- Made by `make pages` from ml/register/schema; a test compares. Do not edit. -->"
READS_AS = {
    ValueType.IDENTITY_CODE: "identity code",
    ValueType.INTEGER: "whole number",
    ValueType.BOOLEAN: "1 or 0",
    ValueType.DATE: "date, dd.mm.yyyy",
}
MOST_LISTED = 12  # codes that a cell can show


def data_dictionary() -> str:
    """Return the page that tells what stands in each column of each table."""
    parts = [
        MADE,
        "# Data dictionary of the register",
        "One row a column, in the order of the extract. *Missing* says whether a value may be absent; *for* names the "
        "purposes that receive the column, and as what ([purposes](PURPOSES.md)). "
        "A column that is for no purpose never leaves the raw register.",
        *(_table_section(table) for table in TABLES.values()),
        *(_codes_section(name, codes) for name, codes in _closed_sets()),
    ]
    return "\n\n".join(parts) + "\n"


def purpose_register() -> str:
    """Return the page that tells what data is used for, on what legal basis, and what each purpose receives."""
    parts = [
        MADE,
        "# Purpose register",
        "Data collected for one purpose is not used for another (report 4.2.1): each purpose has a key of its own, so "
        "that pseudonyms of two purposes cannot be joined, and receives only the columns listed here. Legal bases are "
        "the project's reading; counsel confirms them.",
        *(_purpose_section(purpose) for purpose in PURPOSES.values()),
    ]
    return "\n\n".join(parts) + "\n"


PAGES = {"DATA_DICTIONARY.md": data_dictionary, "PURPOSES.md": purpose_register}


def _table_section(table: Table) -> str:
    end = f"; it ended on `{table.end}`" if table.end else ""
    known = f", which was known from `{table.end_entered}`" if table.end_entered else ""
    about = (
        f"{_sentences(table.words)}\n\n"
        f"A record is named by {_listed(table.key)}. It happened on `{table.happened}` and was known from "
        f"`{table.entered}`{end}{known}." + (" One person's records never overlap." if table.alone else "")
    )
    header = ("column", "English", "suomi", "svenska", "type", "missing", "sensitivity", "for", "kind")
    return f"## {table.name}\n\n{about}\n\n{_grid(header, map(_row, table.columns))}"


def _row(column: RegisterColumn) -> tuple[str, ...]:
    words = column.words
    return (
        f"`{column.name}`",
        words.en,
        words.fi,
        words.sv,
        _reads(column),
        "no" if column.required else "yes",
        column.sensitivity.value,
        ", ".join(f"{purpose} ({role.value})" for purpose, role in column.roles.items()),
        column.kind.value.replace("_", " ") if column.kind else "",
    )


def _reads(column: RegisterColumn) -> str:
    if column.type is not ValueType.CODE:
        limits = "" if column.minimum is None else f", {column.minimum} to {column.maximum}"
        return READS_AS[column.type] + limits
    if column.codes is None:
        return f"code like `{column.pattern}`"
    if isinstance(column.codes, Mapping):
        return f"code: {', '.join(column.codes)}"
    return f"code, one of {len(column.codes)}" if len(column.codes) > MOST_LISTED else ", ".join(sorted(column.codes))


def _closed_sets() -> Iterable[tuple[str, Mapping[str, Words]]]:
    for table in TABLES.values():
        for column in table.columns:
            if isinstance(column.codes, Mapping):
                yield f"{table.name}.{column.name}", column.codes


def _codes_section(name: str, codes: Mapping[str, Words]) -> str:
    rows = ((f"`{code}`", words.en, words.fi, words.sv) for code, words in codes.items())
    return f"### Codes of {name}\n\n{_grid(('code', 'English', 'suomi', 'svenska'), rows)}"


def _purpose_section(purpose: Purpose) -> str:
    rows = [
        (f"`{table.name}`", _columns_of(table, purpose.name))
        for table in TABLES.values()
        if _carries(table, purpose.name)
    ]
    return (
        f"## {purpose.name}\n\n{_sentences(purpose.words)}\n\n"
        f"* Legal basis: {purpose.legal_basis}.\n"
        f"* Protected attributes are delivered apart, for the audit: {AUDIT_BASIS}.\n"
        f"* Special categories (GDPR 9) are marked * and stay out unless named with a legal basis of their own.\n"
        f"{_plan_days(purpose)}"
        f"* Pseudonymised data is kept for at most {purpose.retention_months} months.\n\n"
        f"{_grid(('table', 'columns'), rows)}"
    )


def _plan_days(purpose: Purpose) -> str:
    if any(purpose.name not in JOBSEEKERS[name].roles for name in PLAN_DAYS):
        return ""
    return (
        "* Integration plans are generalised like every protected attribute. The days of plans in force, exact and for "
        "the rule on those unemployed now alone, stay out unless a legal basis of their own is named.\n"
    )


def _carries(table: Table, purpose: str) -> bool:
    """Whether a table says more to a purpose than whose record it is and when it was written."""
    return len(table.for_purpose(purpose)) > len({"identity_code", table.entered, table.end_entered} - {None})


def _columns_of(table: Table, purpose: str) -> str:
    return ", ".join(
        f"`{column.name}`{'*' if column.sensitivity is Sensitivity.SPECIAL_CATEGORY else ''}"
        for column in table.for_purpose(purpose)
        if column.sensitivity is not Sensitivity.IDENTIFIER
    )


def _sentences(words: Words) -> str:
    return f"{words.en}.<br>{words.fi}.<br>{words.sv}."


def _listed(names: Iterable[str]) -> str:
    return " and ".join(f"`{name}`" for name in names)


def _grid(header: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = (header, tuple("---" for _ in header), *rows)
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def main() -> None:
    """Write the pages beside the declarations that they are made from."""
    for name, made in PAGES.items():
        (Path(__file__).parent / name).write_text(made(), encoding="utf-8")


if __name__ == "__main__":
    main()

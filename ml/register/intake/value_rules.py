"""The rules of single values, as one pandera schema a table, made from the register's declarations."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import pandera.pandas as pn
import pyarrow as pa
import pyarrow.compute as pc
from pandera.errors import SchemaErrors

from ml.contracts import Bools
from ml.register.intake.days import NONE, ReadDays, read_days
from ml.register.intake.finding import Finding, Rule
from ml.register.intake.identity import Parts, take_apart
from ml.register.intake.raw import RawRecords
from ml.register.schema import TABLES, RegisterColumn, Table, ValueType

TRUE = ("1", "true", "t", "k", "kyllä")
FALSE = ("0", "false", "f", "e", "ei")
WHOLE = r"^[+-]?[0-9]{1,9}$"

MISSING = Rule("missing value", "a value is missing that must be there", "fill it in at the source")
NOT_A_DATE = Rule("not a date", "a value is no day of the calendar", "write days as 31.1.2020 or 2020-01-31")
AMBIGUOUS = Rule(
    "ambiguous date",
    "a day can be read in two ways, like 03/04/2020 or 1.2.20",
    "write days as 31.1.2020 or 2020-01-31",
)
OTHER_FORM = Rule(
    "another date form", "a day is written in another form than most of its column", "write one column in one form"
)
NOT_WHOLE = Rule("not a whole number", "a value is not a whole number", "write digits alone")
OUT_OF_RANGE = Rule(
    "out of range", "a number is smaller or larger than it can be", "see DATA_DICTIONARY.md for the limits"
)
NOT_BOOLEAN = Rule("not yes or no", "a value is neither yes nor no", "write 1 or 0, true or false, K or E")
UNKNOWN_CODE = Rule(
    "unknown code",
    "a code is not among those that the column knows",
    "see DATA_DICTIONARY.md for the codes, and keep leading zeros",
)
CODE_FORM = Rule("identity code form", "an identity code is not written as DVV gives them",
                 "write it as ddmmyy, century sign, three digits and check character")  # fmt: skip
CODE_SIGN = Rule("identity code century sign", "the sign after the day of birth is none of + - Y X W V U A B C D E F",
                 "correct the code at the source")  # fmt: skip
CODE_DAY = Rule("identity code date", "the identity code begins with no day of the calendar",
                "correct the code at the source")  # fmt: skip
CODE_CHECK = Rule("identity code check character", "the last character does not fit the digits",
                  "correct the code at the source")  # fmt: skip
VALUE_RULES = {
    rule.name: rule
    for rule in (MISSING, NOT_A_DATE, AMBIGUOUS, OTHER_FORM, NOT_WHOLE, OUT_OF_RANGE, NOT_BOOLEAN, UNKNOWN_CODE,
                 CODE_FORM, CODE_SIGN, CODE_DAY, CODE_CHECK)
}  # fmt: skip


@cache
def value_schema(name: str) -> pn.DataFrameSchema:
    """Return the pandera schema of a table's texts: one check a rule, named as the rule."""
    table = TABLES[name]
    return pn.DataFrameSchema(
        {
            column.name: pn.Column(
                str, [_check(rule, holds) for rule, holds in _checks(column)], nullable=not column.required
            )
            for column in table.columns
        },
        name=table.name,
        strict=True,
    )


def value_findings(raw: RawRecords) -> list[Finding]:
    """Return which records have values that cannot stand, by column and rule.

    Each distinct text is checked once, however often it stands in the table.
    """
    schema = value_schema(raw.table.name)
    return [finding for column in raw.table.columns for finding in _column_findings(schema, raw, column.name)]


def _column_findings(schema: pn.DataFrameSchema, raw: RawRecords, name: str) -> list[Finding]:
    given = raw.columns[name]
    has_none = bool((given.codes < 0).any())
    texts = [*given.texts.to_pylist(), *[None] * has_none]
    try:
        schema.columns[name].validate(pd.DataFrame({name: pd.Series(texts, dtype="str")}), lazy=True)
    except SchemaErrors as errors:
        failures = errors.failure_cases
    else:
        return []
    if failures["index"].isna().any():  # pandera took a fault of ours for one of the data
        raise RuntimeError(f"a rule of {raw.table.name}.{name} cannot be checked")
    found = []
    for check, cases in failures.groupby("check", sort=False):
        wrong = np.zeros(len(texts) + (not has_none), dtype=bool)  # the last is for records without a text
        wrong[cases["index"].to_numpy(dtype=np.int64)] = True
        rule = MISSING if check == "not_nullable" else VALUE_RULES[str(check)]
        found.append(Finding(rule, raw.table.name, (name,), np.flatnonzero(wrong[given.codes])))
    return found


Holds = Callable[["pd.Series[str]"], Bools]


def _check(rule: Rule, holds: Holds) -> pn.Check:
    return pn.Check(lambda texts: pd.Series(holds(texts), index=texts.index, dtype=bool), name=rule.name)


def _checks(column: RegisterColumn) -> list[tuple[Rule, Holds]]:
    """Return the rules of a column. Of rules that build on each other at most one is broken by a text."""
    match column.type:
        case ValueType.IDENTITY_CODE:
            return [
                (CODE_FORM, lambda texts: _parts(texts).well_formed),
                (CODE_SIGN, lambda texts: _sign_holds(_parts(texts))),
                (CODE_DAY, lambda texts: _day_holds(_parts(texts))),
                (CODE_CHECK, lambda texts: _check_holds(_parts(texts))),
            ]
        case ValueType.DATE:
            return [
                (AMBIGUOUS, lambda texts: ~_days(texts).ambiguous),
                (NOT_A_DATE, lambda texts: _is_day(_days(texts))),
                (OTHER_FORM, lambda texts: ~_days(texts).other_form | (_days(texts).days == NONE)),
            ]
        case ValueType.INTEGER:
            return [(NOT_WHOLE, _is_whole), (OUT_OF_RANGE, lambda texts: _in_range(texts, column))]
        case ValueType.BOOLEAN:
            return [(NOT_BOOLEAN, lambda texts: np.asarray(texts.str.lower().isin(TRUE + FALSE), dtype=bool))]
        case ValueType.CODE:
            return [(UNKNOWN_CODE, lambda texts: _is_known(texts, column))]


def _array(texts: pd.Series[str]) -> Any:
    return pa.array(texts.tolist(), pa.string())


def _parts(texts: pd.Series[str]) -> Parts:
    return take_apart(_array(texts))


def _sign_holds(parts: Parts) -> Bools:
    return parts.known_sign | ~parts.well_formed


def _day_holds(parts: Parts) -> Bools:
    return parts.real_day | ~(parts.well_formed & parts.known_sign)


def _check_holds(parts: Parts) -> Bools:
    return parts.right_check | ~(parts.well_formed & parts.known_sign & parts.real_day)


def _days(texts: pd.Series[str]) -> ReadDays:
    return read_days(_array(texts))


def _is_day(read: ReadDays) -> Bools:
    return np.asarray(read.days != NONE, dtype=bool) | read.ambiguous


def _is_whole(texts: pd.Series[str]) -> Bools:
    return np.array(pc.match_substring_regex(_array(texts), WHOLE).to_numpy(zero_copy_only=False), dtype=bool)


def _in_range(texts: pd.Series[str], column: RegisterColumn) -> Bools:
    whole = _is_whole(texts)
    numbers = np.array([int(text) if is_whole else 0 for text, is_whole in zip(texts, whole, strict=True)])
    low = numbers >= (column.minimum if column.minimum is not None else -np.inf)
    high = numbers <= (column.maximum if column.maximum is not None else np.inf)
    return (low & high) | ~whole


def _is_known(texts: pd.Series[str], column: RegisterColumn) -> Bools:
    known = np.ones(len(texts), dtype=bool)
    if column.codes is not None:
        known &= np.asarray(texts.isin(list(column.codes)), dtype=bool)
    if column.pattern is not None:
        known &= np.asarray(texts.str.fullmatch(column.pattern), dtype=bool)
    return known


def typed(table: Table, name: str, texts: Any) -> Any:
    """Return texts that keep the rules of their column as Arrow values of its type; null where they do not."""
    column = table[name]
    match column.type:
        case ValueType.DATE:
            days = read_days(texts).days
            return pa.array(days, pa.int32(), mask=days == NONE).cast(pa.date32())
        case ValueType.INTEGER:
            whole = pc.match_substring_regex(texts, WHOLE)
            return pc.if_else(whole, texts, pa.scalar(None, pa.string())).cast(pa.int32())
        case ValueType.BOOLEAN:
            lower = pc.utf8_lower(texts)
            known = pc.is_in(lower, pa.array(TRUE + FALSE))
            return pc.if_else(known, pc.is_in(lower, pa.array(TRUE)), pa.scalar(None, pa.bool_()))
        case _:
            return texts

"""A [columns.<name>] table of the contract as a Column."""

from __future__ import annotations

from itertools import pairwise

from ml.contracts import Column, ColumnType, Kind, Role
from ml.register.cohort.declaration.toml import Table
from ml.register.cohort.groups import known_groups
from ml.register.cohort.values.truth import truth_of
from ml.register.wording import listed, quoted

KEYS = (
    "type", "role", "kind", "label", "missing", "min", "max", "values", "translations", "bands", "reference",
    "use_in_model", "justification", "reason", "why", "pace",
)  # fmt: skip
LANGUAGES = ("en", "fi", "sv")


def read_column(table: Table, name: str, demanded: Role | None) -> Column:
    """Return the column that the table declares.

    `demanded` is the role that naming the column in [outcome] or [time] gives it. Raises ContractError.
    """
    table.only(KEYS)
    role = _role(table, demanded)
    type_ = _type(table, role)
    column = Column(
        name=name,
        type=type_,
        role=role,
        kind=Kind(table.choice("kind", list(Kind), Kind.CONTEXT)),
        label=read_label(table),
        missing_allowed=_missing_allowed(table, role, demanded),
        minimum=_limit(table, "min", type_),
        maximum=_limit(table, "max", type_),
        values=_values(table, type_),
        translations=_translations(table),
        bands=_bands(table, type_, role),
        reference=table.optional_text("reference"),
        use_in_model=_use_in_model(table, role),
        justification=table.optional_text("justification"),
        why=table.optional_text("why"),
        pace=table.flag("pace"),
    )
    if column.minimum is not None and column.maximum is not None and column.minimum > column.maximum:
        table.fail("min", f"is above max = {quoted(column.maximum)}")
    _check_reference(table, column)
    _check_pace(table, column)
    return column


def _role(table: Table, demanded: Role | None) -> Role:
    role = Role(table.choice("role", list(Role)))
    if demanded is not None and role is not demanded:
        place = "[outcome]" if demanded is Role.OUTCOME else "[time]"
        table.fail("role", f'leaks: {place} names this column; write role = "{demanded}"')
    if demanded is None and role is Role.TIME:
        table.fail("role", 'is only for the column that [time] start names; write "ignore" to leave it out')
    return role


def _type(table: Table, role: Role) -> ColumnType:
    free = role in (Role.ID, Role.IGNORE)  # read as text, or not at all
    type_ = ColumnType(table.choice("type", list(ColumnType), ColumnType.CATEGORY if free else None))
    if role is Role.PROTECTED and type_ is ColumnType.DATE:
        table.fail("type", "has no groups that could be audited; give a number with bands, or a category")
    return type_


def read_label(table: Table) -> dict[str, str]:
    """Return language → words of a table's `label`; a text alone is English. Raises ContractError."""
    if isinstance(table.content.get("label"), str):
        return {"en": table.text("label")}
    label = table.table("label")
    label.only(LANGUAGES)
    return {language: label.text(language) for language in label.content}


def _missing_allowed(table: Table, role: Role, demanded: Role | None) -> bool:
    if "missing" not in table.content:
        return False
    table.choice("missing", ["allowed"])
    if demanded is not None or role is Role.ID:
        table.fail("missing", "is not possible: duration, exit, start and id are never missing; leave it out")
    return True


def _limit(table: Table, key: str, type_: ColumnType) -> float | None:
    limit = table.optional_number(key)
    if limit is not None and type_ is not ColumnType.NUMBER:
        table.fail(key, f"is only for numbers, and the type is {type_}; leave it out")
    return limit


def _values(table: Table, type_: ColumnType) -> dict[str, str] | None:
    if "values" not in table.content:
        return None
    if type_ not in (ColumnType.CATEGORY, ColumnType.BOOLEAN):
        table.fail("values", f"are only for categories and booleans, and the type is {type_}; leave them out")
    given = table.table("values")
    values = {code.strip(): given.text(code).strip() for code in given.content}
    if not values or "" in values or len(values) < len(given.content):
        table.fail("values", 'must map distinct codes to words: { "1" = "yes", "0" = "no" }')
    if type_ is ColumnType.CATEGORY:
        return values
    truths = {truth_of(code): words for code, words in values.items()}
    if set(truths) != {True, False} or len(values) > len(truths):
        table.fail("values", 'of a boolean must say how 1 and 0 read: { "1" = "yes", "0" = "no" }')
    return {"0": truths[False], "1": truths[True]}


def _translations(table: Table) -> dict[str, dict[str, str]]:
    """Return language → value as it reads → words, from language → code → words."""
    given = table.table("translations")
    given.only(LANGUAGES[1:])
    values = table.table("values")
    if given.content and not values.content:
        table.fail("translations", "are of the values; give values too")
    translations = {}
    for language in given.content:
        words = given.table(language)
        words.only(list(values.content))
        translations[language] = {values.text(code).strip(): words.text(code).strip() for code in words.content}
    return translations


def _bands(table: Table, type_: ColumnType, role: Role) -> tuple[float, ...]:
    bands = table.numbers("bands")
    if bands and (type_ is not ColumnType.NUMBER or role is not Role.PROTECTED):
        table.fail("bands", "are the audit's groups: only for a protected number; leave them out")
    if any(low >= high for low, high in pairwise(bands)):
        table.fail("bands", "must rise from one cut point to the next")
    return bands


def _use_in_model(table: Table, role: Role) -> bool:
    used = table.flag("use_in_model")
    if used and role is not Role.PROTECTED:
        table.fail("use_in_model", f"is only for protected columns, and the role is {role}; leave it out")
    if used and "justification" not in table.content:
        table.fail("justification", "is missing: use_in_model = true needs the reason in words")
    return used


def _check_reference(table: Table, column: Column) -> None:
    if column.reference is None:
        return
    if column.role is not Role.PROTECTED:
        table.fail("reference", f"is only for protected columns, and the role is {column.role}; leave it out")
    groups = known_groups(column)
    if groups is not None and column.reference not in groups:
        table.fail("reference", f"is not one of the groups: {listed(groups, most=len(groups))}")


def _check_pace(table: Table, column: Column) -> None:
    if not column.pace:
        return
    if column.type is not ColumnType.NUMBER or column.role is not Role.FEATURE:
        what = f'it is a {column.type}, role = "{column.role}"'
        table.fail("pace", f'is for a number with role = "feature": {what}; leave it out')
    if column.kind is not Kind.CONTEXT:
        table.fail("pace", f'tells of no person, and kind is "{column.kind}"; leave the kind out, or make it "context"')
    if (column.minimum, column.maximum) != (0, 1):
        table.fail("pace", "is for a share: give the column min = 0 and max = 1")

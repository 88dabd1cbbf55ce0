"""The register's tables are declared whole: nothing about a column is left to be guessed."""

from __future__ import annotations

import pytest

from ml.contracts import Role
from ml.register.schema import PURPOSES, TABLES, RegisterColumn, Sensitivity, Table, ValueType

COLUMNS = [pytest.param(t, c, id=f"{t.name}.{c.name}") for t in TABLES.values() for c in t.columns]


def test_the_tables_of_the_report():
    assert list(TABLES) == [
        "jobseekers",
        "employment_codes",
        "services",
        "benefits",
        "plans",
        "abilitator",
        "placements",
    ]


@pytest.mark.parametrize(("table", "column"), COLUMNS)
def test_a_column_says_all_that_follows_from_it(table: Table, column: RegisterColumn):
    assert all(column.words.as_labels().values())
    assert column.roles.keys() <= PURPOSES.keys()
    assert (column.kind is not None) == (Role.FEATURE in column.roles.values()), "inputs have a kind, and only inputs"
    if column.type is ValueType.CODE:
        assert (column.codes is None) != (column.pattern is None)


@pytest.mark.parametrize(("table", "column"), COLUMNS)
def test_what_points_at_a_person_or_can_harm_one_is_no_input_of_the_risk_model(table: Table, column: RegisterColumn):
    if column.sensitivity in (Sensitivity.PROTECTED, Sensitivity.SPECIAL_CATEGORY, Sensitivity.IDENTIFIER):
        assert column.roles.get("ltu-risk") is not Role.FEATURE


@pytest.mark.parametrize("table", TABLES.values(), ids=TABLES)
def test_each_record_says_whose_it_is_when_it_happened_and_when_it_was_entered(table: Table):
    assert [c.name for c in table.columns if c.sensitivity is Sensitivity.IDENTIFIER] == ["identity_code"]
    named = {*table.key, table.happened, table.entered, table.end, table.end_entered} - {None}
    assert named <= set(table.names)
    dates = {table.happened, table.entered, table.end, table.end_entered} - {None}
    assert all(table[name].type is ValueType.DATE for name in dates)
    assert table[table.happened].required
    assert table[table.entered].required


def test_the_protected_grounds_of_the_law_reach_the_audit_of_each_model():
    grounds = {"birth_date", "gender", "mother_tongue", "citizenship", "postal_code", "arrived_in_finland"}
    for purpose in ("ltu-risk", "service-need"):
        delivered = {c.name for c in TABLES["jobseekers"].for_purpose(purpose) if c.roles[purpose] is Role.PROTECTED}
        assert grounds | {"work_ability_limited"} <= delivered

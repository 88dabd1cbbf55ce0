"""The catalogue of features: complete, in three languages, of allowed sources."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest

from ml.contracts import ColumnType, Role
from ml.register.build.declaration import cohort_toml
from ml.register.build.groups import attributes
from ml.register.cohort.declaration import read_contract
from ml.register.features import FEATURES, PACE, REASONS, WINDOWS, Feature
from ml.register.features.query import SUBJECTS, sql
from ml.register.features.table import PAGE, feature_page, feature_table, reason_table
from ml.register.schema import PURPOSES, TABLES, Sensitivity


@pytest.mark.parametrize("feature", [*FEATURES, PACE], ids=lambda feature: feature.name)
def test_a_feature_is_told_in_three_languages_and_made_from_what_the_purpose_receives(feature: Feature) -> None:
    words = feature.words
    assert all((words.en, words.fi, words.sv, feature.why, feature.sources))
    assert len({words.en, words.fi, words.sv}) == 3
    assert words.en[0].isupper()
    assert feature.is_for("ltu-risk")
    columns = [TABLES[table][column] for table, column in (source.split(".") for source in feature.sources)]
    for column in columns:
        assert column.roles["ltu-risk"] in (Role.FEATURE, Role.TIME)
        assert column.sensitivity not in (
            Sensitivity.PROTECTED, Sensitivity.SPECIAL_CATEGORY, Sensitivity.IDENTIFIER,
        )  # fmt: skip
    assert (feature.values is not None) == (feature.type is ColumnType.CATEGORY)


def test_purposes_follow_from_the_sources() -> None:
    for_planning = {feature.name for feature in FEATURES if feature.is_for("planning")}
    assert "unemployed_days_1y" in for_planning
    assert not for_planning & {"interviews_1y", "last_service_ending"}  # plans and endings are not for planning
    assert all(feature.is_for("service-need") for feature in FEATURES)
    assert set(PURPOSES) == {"ltu-risk", "service-need", "planning"}


def test_names_are_told_apart() -> None:
    names = [feature.name for feature in FEATURES]
    assert len(set(names)) == len(names)
    labels = [feature.words.fi for feature in FEATURES]
    assert len(set(labels)) == len(labels)


@pytest.mark.parametrize("name", REASONS)
def test_a_reason_is_told_in_three_languages_and_is_of_one_kind(name: str) -> None:
    words = REASONS[name]
    assert all((words.en, words.fi, words.sv))
    assert len({words.en, words.fi, words.sv}) == 3
    assert words.en[0].isupper()
    assert len({feature.kind for feature in FEATURES if feature.reason == name}) == 1


def test_every_feature_is_part_of_a_reason_and_reasons_are_told_apart() -> None:
    assert {feature.reason for feature in FEATURES} == set(REASONS)
    assert 10 <= len(REASONS) <= 14
    for language in ("en", "fi", "sv"):
        assert len({words.as_labels()[language] for words in REASONS.values()}) == len(REASONS)


def test_windows_of_one_fact_are_told_together() -> None:
    by_fact: dict[str, set[str | None]] = {}
    for feature in FEATURES:
        by_fact.setdefault(re.sub(r"_\dy$", "", feature.name), set()).add(feature.reason)
    assert by_fact["unemployed_days"] == {"unemployment_history"}
    assert all(len(reasons) == 1 for reasons in by_fact.values())


def test_each_window_is_written_out_of_one_line() -> None:
    text = sql("history")
    assert "{" not in text.replace("{'", "")
    for years in WINDOWS:
        assert f"AS unemployed_days_{years}y" in text
    assert all(sql(subject).startswith("--") for subject in SUBJECTS)


@pytest.mark.parametrize("special", [False, True])
def test_the_contract_declares_features_groups_and_outcome(tmp_path: Path, special: bool) -> None:
    (tmp_path / "cohort.toml").write_text(cohort_toml(date(2020, 1, 31), special), encoding="utf-8")
    contract = read_contract(tmp_path / "cohort.toml")
    assert (contract.name, contract.start) == ("risk", "start")
    assert (contract.outcome.duration, contract.outcome.exit, contract.outcome.entry) == (
        "duration_days", "ended", "days_unemployed",
    )  # fmt: skip
    assert (contract.outcome.censored_when, contract.outcome.horizon) == (("under way",), 365)
    assert [column.name for column in contract.inputs] == [feature.name for feature in (*FEATURES, PACE)]
    assert [column.name for column in contract.inputs if column.pace] == [PACE.name]
    for feature in FEATURES:
        column = contract.columns[feature.name]
        assert (column.type, column.kind, column.missing_allowed) == (feature.type, feature.kind, feature.missing)
        assert column.label == feature.words.as_labels()
        assert (column.values is None) == (feature.values is None)
        assert column.reason is not None
        assert (column.reason.name, column.reason.label) == (feature.reason, REASONS[column.reason.name].as_labels())
    protected = [column.name for column in contract.with_role(Role.PROTECTED)]
    assert protected == [attribute.name for attribute in attributes(special)]
    assert ("work_ability_limited" in protected) is special
    assert not any(contract.columns[name].use_in_model for name in protected)
    assert contract.columns["landmark_months"].role is Role.IGNORE


def test_the_page_has_a_row_a_feature() -> None:
    header, dashes, *rows = feature_table().splitlines()
    assert header.startswith("| feature | English | suomi | svenska |")
    assert set(dashes) == set("| -")
    assert [row.split("`")[1] for row in rows] == [feature.name for feature in FEATURES]
    assert len({row.count(" | ") for row in (header, *rows)}) == 1


def test_the_page_has_a_row_a_reason() -> None:
    rows = reason_table().splitlines()[2:]
    assert [row.split("`")[1] for row in rows] == list(REASONS)
    assert reason_table() in feature_page()


def test_the_page_is_as_made() -> None:
    assert PAGE.read_text(encoding="utf-8") == feature_page(), "run make pages to renew it"

"""What a purpose may not have, no feature of it is made from; self-ratings need a legal basis each."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from ml.contracts import Kind, Role
from ml.errors import DataError
from ml.register.build.declaration import cohort_toml
from ml.register.build.needs_declaration import placements_toml, stock_toml
from ml.register.build.source import NEEDED_FOR
from ml.register.cohort.declaration import read_contract
from ml.register.cohort.needs import read_declared
from ml.register.features import FEATURES, Feature
from ml.register.features.catalogue.abilitator import ABILITATOR
from ml.register.features.purposes import allowed_features
from ml.register.features.table import feature_page, feature_table
from ml.register.schema import PURPOSES, TABLES, Sensitivity

AS_OF = date(2020, 1, 31)
EVERY_BASIS = tuple(source for feature in ABILITATOR for source in feature.sources)


@pytest.mark.parametrize("feature", ABILITATOR, ids=lambda feature: feature.name)
def test_a_self_rating_is_for_service_needs_alone(feature: Feature) -> None:
    words = feature.words
    assert len({words.en, words.fi, words.sv}) == 3
    assert feature.why
    assert (feature.kind, feature.missing, feature.reason) == (Kind.SERVICE_CAN_CHANGE, True, "self_assessment")
    assert [purpose for purpose in PURPOSES if feature.is_for(purpose)] == ["service-need"]
    sensitive = {
        TABLES[table][column].sensitivity for table, column in (source.split(".") for source in feature.sources)
    }
    assert Sensitivity.SPECIAL_CATEGORY in sensitive
    assert "abilitator.health" not in feature.sources


@pytest.mark.parametrize("purpose", PURPOSES)
def test_a_feature_is_made_of_columns_that_its_purpose_receives(purpose: str) -> None:
    allowed = allowed_features(purpose, EVERY_BASIS)
    assert {*(feature.name for feature in allowed.features), *allowed.left_out} == {
        feature.name for feature in (*FEATURES, *ABILITATOR)
    }
    assert all(feature.is_for(purpose) for feature in allowed.features)
    assert not any(f"protected/{table}" in file for file in NEEDED_FOR["planning"] for table in TABLES)


def test_one_basis_brings_one_side_of_life(tmp_path: Path) -> None:
    some = allowed_features("service-need", ("abilitator.skills",))
    assert [feature.name for feature in some.features if feature in ABILITATOR] == ["skills_rating", "skills_change"]
    assert "abilitator.inclusion is a special category" in some.left_out["inclusion_change"]
    none = allowed_features("service-need", ())
    assert none.features == FEATURES


def test_planning_says_what_it_leaves_out_and_why() -> None:
    left_out = allowed_features("planning", EVERY_BASIS).left_out
    assert left_out["interview_trips_1y"] == "plans.kind is not for the purpose planning"
    assert left_out["last_service_ending"] == "services.ended is not for the purpose planning"
    assert left_out["skills_rating"] == "abilitator.skills is not for the purpose planning"


@pytest.mark.parametrize("bases", [(), ("abilitator.skills",), EVERY_BASIS])
def test_the_declaration_of_placements_reads_back(tmp_path: Path, bases: tuple[str, ...]) -> None:
    features = allowed_features("service-need", bases).features
    (tmp_path / "cohort.toml").write_text(placements_toml(AS_OF, features, special=True), encoding="utf-8")
    declared = read_declared(tmp_path, "service-need")
    assert (declared.name, declared.as_of) == ("service-need", AS_OF)
    assert [column.name for column in declared.with_role(Role.FEATURE)] == [feature.name for feature in features]
    for feature in features:
        column = declared.columns[feature.name]
        assert (column.type, column.missing_allowed, column.label) == (
            feature.type, feature.missing, feature.words.as_labels(),
        )  # fmt: skip
        assert column.reason is not None
        assert column.reason.name == feature.reason
        assert column.minimum in (None, float(feature.minimum))
        if feature.values is not None:
            assert {"fi", "sv"} <= set(column.translations)


def test_the_declaration_of_the_stock_has_features_and_nothing_else(tmp_path: Path) -> None:
    features = allowed_features("planning", ()).features
    (tmp_path / "cohort.toml").write_text(stock_toml(AS_OF, features), encoding="utf-8")
    declared = read_declared(tmp_path, "planning")
    assert {column.role for column in declared.columns.values()} == {Role.FEATURE}
    assert list(declared.columns) == [feature.name for feature in features]


@pytest.mark.parametrize("digest", [None, f"sha256:{'0a' * 32}"])
def test_declarations_name_the_data_quality_report_where_there_is_one(tmp_path: Path, digest: str | None) -> None:
    path = tmp_path / "cohort.toml"
    path.write_text(cohort_toml(AS_OF, True, digest), encoding="utf-8")
    assert read_contract(path).quality_report == (digest or "")
    made = {
        "service-need": placements_toml(AS_OF, allowed_features("service-need", ()).features, True, digest),
        "planning": stock_toml(AS_OF, allowed_features("planning", ()).features, digest),
    }
    for purpose, text in made.items():
        path.write_text(text, encoding="utf-8")
        assert read_declared(tmp_path, purpose).quality_report == (digest or "")


def test_a_declaration_with_something_else_in_its_place_is_refused(tmp_path: Path) -> None:
    text = stock_toml(AS_OF, allowed_features("planning", ()).features, "sha256:12")
    (tmp_path / "cohort.toml").write_text(text, encoding="utf-8")
    with pytest.raises(DataError, match='quality_report = "sha256:12" must be "sha256:" and 64 hexadecimal digits'):
        read_declared(tmp_path, "planning")


def test_the_page_tells_of_self_ratings() -> None:
    assert feature_table(ABILITATOR) in feature_page()

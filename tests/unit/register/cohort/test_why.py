"""Why the model needs a column: from the catalogue of features, through the contract, to the declaration."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from ml.errors import ContractError
from ml.register.build.declaration import cohort_toml
from ml.register.cohort.declaration import read_contract
from ml.register.features import FEATURES, PACE

FLAT = """\
[cohort]
name = "flat"
description = "Made up"
licence = "none"

[outcome]
duration = "weeks"
unit = "week"
horizon = 26
horizons = [26]

[columns.weeks]
type = "number"
role = "outcome"

[columns.age]
type = "number"
role = "feature"
"""


def test_each_feature_of_the_register_says_why(tmp_path: Path) -> None:
    path = tmp_path / "cohort.toml"
    path.write_text(cohort_toml(date(2020, 1, 31), special=True), encoding="utf-8")
    columns = read_contract(path).columns
    assert {feature.name: feature.why for feature in (*FEATURES, PACE)} == {
        name: column.why for name, column in columns.items() if column.in_model
    }


@pytest.mark.parametrize(
    ("line", "why"), [("", None), ('why = "older people wait longer"', "older people wait longer")]
)
def test_a_flat_file_may_say_why(tmp_path: Path, line: str, why: str | None) -> None:
    path = tmp_path / "cohort.toml"
    path.write_text(FLAT + line + "\n", encoding="utf-8")
    assert read_contract(path).columns["age"].why == why


@pytest.mark.parametrize("line", ['why = ""', 'why = " "', "why = 3"])
def test_a_reason_is_words(tmp_path: Path, line: str) -> None:
    path = tmp_path / "cohort.toml"
    path.write_text(FLAT + line + "\n", encoding="utf-8")
    with pytest.raises(ContractError, match=r"\[columns\.age\] why"):
        read_contract(path)

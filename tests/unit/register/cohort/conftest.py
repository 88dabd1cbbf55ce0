"""A small contract, and a way to write it and a file of spells."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from ml.contracts import Cohort
from ml.register.cohort import build_cohort
from ml.register.cohort.declaration import read_contract

CONTRACT = """
[cohort]
name = "small"
[outcome]
duration = "weeks"
unit = "week"
exit = "how"
exit_when = ["work"]
horizon = 10
[columns.age]
type = "number"
role = "protected"
bands = [25, 50]
[columns.skill]
type = "category"
role = "feature"
"""
SPELLS = "weeks;how;age;skill\n3;work;20;a\n12;work;30;b\n10;open;60;a\n2;open;25;b\n"


@pytest.fixture
def build(tmp_path: Path) -> Callable[..., Cohort]:
    """Return a function from the file's content and the contract to the cohort."""

    def from_content(content: str | bytes = SPELLS, contract: str = CONTRACT, name: str = "spells.csv") -> Cohort:
        declared, data = tmp_path / "cohort.toml", tmp_path / name
        declared.write_text(contract, encoding="utf-8")
        data.write_bytes(content if isinstance(content, bytes) else content.encode())
        return build_cohort(read_contract(declared), data)

    return from_content


@pytest.fixture
def contract_text() -> str:
    """Return the small contract."""
    return CONTRACT


@pytest.fixture
def spells_text() -> str:
    """Return four spells that keep to the small contract."""
    return SPELLS

"""A small synthetic register, made once a session, read as a stranger would read it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from ml.register.schema import TABLES, ValueType
from ml.register.synthetic import write_register

AS_OF = pd.Timestamp(2020, 1, 31)
SMALL = 2_500  # of the target group

Tables = Mapping[str, pd.DataFrame]


def read_raw(folder: Path) -> dict[str, pd.DataFrame]:
    """Return the texts of each table, missing where nothing stands."""
    return {
        name: pd.read_csv(folder / f"{name}.csv", sep=";", encoding="utf-8-sig", dtype=str, na_values=[""])
        for name in TABLES
    }


def read_typed(folder: Path) -> dict[str, pd.DataFrame]:
    """Return each table with dates and numbers."""
    tables = read_raw(folder)
    for name, table in TABLES.items():
        for column in table.columns:
            values = tables[name][column.name]
            if column.type is ValueType.DATE:
                tables[name][column.name] = pd.to_datetime(values, format="%d.%m.%Y")
            elif column.type is ValueType.INTEGER:
                tables[name][column.name] = pd.to_numeric(values)
    return tables


@pytest.fixture(scope="session")
def small_register(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a register whose target group is SMALL."""
    return write_register(tmp_path_factory.mktemp("helsinki") / "raw", SMALL, 3, date(2020, 1, 31))


@pytest.fixture(scope="session")
def raw(small_register: Path) -> Tables:
    return read_raw(small_register)


@pytest.fixture(scope="session")
def tables(small_register: Path) -> Tables:
    return read_typed(small_register)


@pytest.fixture(scope="session")
def full_register(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a register as large as Helsinki's; for slow tests."""
    return write_register(tmp_path_factory.mktemp("full") / "raw", seed=1)

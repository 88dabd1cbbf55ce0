"""The pages in the repository are those that the declarations make."""

from __future__ import annotations

from pathlib import Path

import ml.register.schema
from ml.register.schema import PURPOSES, TABLES
from ml.register.schema.pages import PAGES

FOLDER = Path(ml.register.schema.__file__).parent


def test_the_pages_are_as_made():
    for name, made in PAGES.items():
        assert (FOLDER / name).read_text(encoding="utf-8") == made(), f"run make pages to renew {name}"


def test_each_column_and_purpose_has_its_row():
    dictionary, purposes = (PAGES[name]() for name in ("DATA_DICTIONARY.md", "PURPOSES.md"))
    for table in TABLES.values():
        assert f"## {table.name}" in dictionary
        for column in table.columns:
            assert f"| `{column.name}` | {column.words.en} | {column.words.fi} | {column.words.sv} |" in dictionary
    assert all(f"## {name}" in purposes for name in PURPOSES)
    assert "`work_ability_limited`*" in purposes
    assert "identity_code" not in purposes

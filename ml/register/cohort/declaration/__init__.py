"""A contract in TOML → the declaration of every column."""

from ml.register.cohort.declaration.contract import read_contract, renamed

__all__ = ["read_contract", "renamed"]

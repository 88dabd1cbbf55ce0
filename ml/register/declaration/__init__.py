"""A contract in TOML → the declaration of every column."""

from ml.register.declaration.contract import read_contract, renamed

__all__ = ["read_contract", "renamed"]

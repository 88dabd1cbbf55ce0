"""Spells of people who do not exist."""

from ml.register.synthetic.write import write_synthetic

__all__ = ["write_synthetic"]

"""Spells, placements, or people of one day, as files with their declaration → checked, protected attributes apart."""

from ml.register.cohort.build import build_cohort
from ml.register.cohort.current import read_current
from ml.register.cohort.placements import read_placements
from ml.register.cohort.stock import read_stock

__all__ = ["build_cohort", "read_current", "read_placements", "read_stock"]

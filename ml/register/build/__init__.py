"""A pseudonymised extract → the cohort folder of its purpose: spells, placements, or the stock of one day."""

from ml.register.build.cohort import Built, Limits, build
from ml.register.build.placements import PlacementsBuilt, build_placements
from ml.register.build.source import purpose_of
from ml.register.build.stock import StockBuilt, build_stock

__all__ = [
    "Built",
    "Limits",
    "PlacementsBuilt",
    "StockBuilt",
    "build",
    "build_placements",
    "build_stock",
    "purpose_of",
]

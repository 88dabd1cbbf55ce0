"""A pseudonymised extract → the cohort folder of its purpose: spells, placements, the stock, those to be scored."""

from ml.register.build.cohort import Built, Limits, build
from ml.register.build.current import CurrentBuilt, build_current
from ml.register.build.placements import PlacementsBuilt, build_placements
from ml.register.build.source import purpose_of
from ml.register.build.stock import StockBuilt, build_stock

__all__ = [
    "Built",
    "CurrentBuilt",
    "Limits",
    "PlacementsBuilt",
    "StockBuilt",
    "build",
    "build_current",
    "build_placements",
    "build_stock",
    "purpose_of",
]

"""A flat file of spells and its contract → a checked cohort, inputs and protected attributes apart."""

from ml.register.cohort.build import build_cohort

__all__ = ["build_cohort"]

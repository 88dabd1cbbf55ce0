"""What was known of a jobseeker on the day of a look → the inputs of the risk model, each declared once."""

from ml.register.features.catalogue import FEATURES, PACE, REASONS, WINDOWS
from ml.register.features.feature import Feature

__all__ = ["FEATURES", "PACE", "REASONS", "WINDOWS", "Feature"]

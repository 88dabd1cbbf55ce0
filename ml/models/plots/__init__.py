"""Pictures of a model, each readable at a glance; colours are Okabe and Ito's, safe for colour-blind eyes."""

from ml.models.plots.explanation import beeswarm, dependence, interaction
from ml.models.plots.model import calibration, gain, survival

__all__ = ["beeswarm", "calibration", "dependence", "gain", "interaction", "survival"]

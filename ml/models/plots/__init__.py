"""Pictures of a model, each readable at a glance; colours are Okabe and Ito's, safe for colour-blind eyes."""

from ml.models.plots.model import beeswarm, calibration, gain, survival

__all__ = ["beeswarm", "calibration", "gain", "survival"]

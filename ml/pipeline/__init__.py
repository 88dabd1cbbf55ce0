"""The rooms in their order, each way in one MLflow run. Knows the order, and no maths."""

from ml.pipeline.ltu import TrainRequest, TrainResult, train_cohort

__all__ = ["TrainRequest", "TrainResult", "train_cohort"]

"""The artefact as an MLflow model from code: MLflow's own server can run it, and nothing is pickled.

`predict` takes a frame of inputs and returns probabilities, one column an entity, and the answer. The integration rule
is not part of it: it is no learned score, and needs what no input may hold.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import mlflow
import pandas as pd

from ml.models.artefact import FOLDER, digest
from ml.models.needs import artefact
from ml.models.needs.answer import answers, unlike_training


class ServiceNeed(mlflow.pyfunc.PythonModel):  # type: ignore[misc, name-defined]  # MLflow ships no types here
    """Which entity caseworkers would choose, or "interview_first"."""

    def load_context(self, context: Any) -> None:
        """Read the artefact that the run logged."""
        folder = Path(context.artifacts[FOLDER])
        self.model = artefact.load(folder, digest(folder))

    def predict(self, context: Any, model_input: pd.DataFrame, params: dict[str, Any] | None = None) -> pd.DataFrame:
        """Return probability_<entity>, one column an entity, and answer."""
        model = self.model
        probability = model.calibration.probability(model.scorer.margins(model.encoder.frame(model_input)))
        answer = answers(probability, unlike_training(model.encoder, model_input), model.threshold)
        return pd.DataFrame(probability, columns=model.output_names, index=model_input.index).assign(answer=answer)


mlflow.models.set_model(ServiceNeed())

"""The artefact as an MLflow model from code: MLflow's own server can run it, and nothing is pickled.

`predict` takes a frame of inputs and returns probabilities, one column a horizon.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import mlflow
import pandas as pd

from ml.models import artefact


class StillUnemployed(mlflow.pyfunc.PythonModel):  # type: ignore[misc, name-defined]  # MLflow ships no types here
    """Chances of still being unemployed at each horizon."""

    def load_context(self, context: Any) -> None:
        """Read the artefact that the run logged."""
        folder = Path(context.artifacts[artefact.FOLDER])
        self.model = artefact.load(folder, artefact.digest(folder))

    def predict(self, context: Any, model_input: pd.DataFrame, params: dict[str, Any] | None = None) -> pd.DataFrame:
        """Return one column a horizon: still_unemployed_at_<horizon>."""
        probability = self.model.probability(self.model.encoder.frame(model_input))
        return pd.DataFrame(probability, columns=self.model.output_names, index=model_input.index)


mlflow.models.set_model(StillUnemployed())

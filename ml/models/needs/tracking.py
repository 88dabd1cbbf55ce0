"""The service-need model in an MLflow run: its signature, and the code that MLflow reads it by."""

from __future__ import annotations

from pathlib import Path

from mlflow.models import ModelSignature
from mlflow.types.schema import ColSpec, Schema, TensorSpec

from ml.models.tracking import Logged, Run, RunRecord

from .artefact import save
from .model import NeedModel

CODE = Path(__file__).with_name("mlflow_model.py")  # run by MLflow, never imported here


def log_needs(run: Run, record: RunRecord, model: NeedModel, scratch: Path) -> Logged:
    """Keep the record and the model; `scratch` is a folder that does not exist yet."""
    run.keep(record)
    digest = save(model, scratch)
    return Logged(run.keep_model(CODE, scratch, _signature(model)), digest)


def _signature(model: NeedModel) -> ModelSignature:
    inputs: list[ColSpec | TensorSpec] = [
        ColSpec("string" if each.is_category else "double", each.column.name, required=not each.column.missing_allowed)
        for each in model.encoder.inputs
    ]
    outputs: list[ColSpec | TensorSpec] = [ColSpec("double", name) for name in model.output_names]
    return ModelSignature(Schema(inputs), Schema([*outputs, ColSpec("string", "answer")]))

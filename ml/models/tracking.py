"""One MLflow run: what went in, what came out, and the model as an artefact that any MLflow server can run."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import mlflow
from matplotlib.figure import Figure
from mlflow.models import ModelSignature
from mlflow.types.schema import ColSpec, Schema, TensorSpec

from . import artefact
from .trained import TrainedModel

CODE = Path(__file__).with_name("mlflow_model.py")  # run by MLflow, never imported here
REQUIREMENTS = ("apualy",)  # named, so that MLflow does not start a process to guess them


@dataclass(frozen=True)
class RunRecord:
    """What a run keeps beside the model."""

    parameters: Mapping[str, object]
    figures: Mapping[str, Any]  # nested; numbers become metrics under dotted names
    texts: Mapping[str, str]
    documents: Mapping[str, Any]
    plots: Mapping[str, Figure]


@dataclass(frozen=True)
class Logged:
    """Where the model went."""

    model_id: str
    digest: str


@dataclass(frozen=True)
class Run:
    """An MLflow run that is open."""

    run_id: str

    def log(self, record: RunRecord, model: TrainedModel, scratch: Path) -> Logged:
        """Keep the record and the model; `scratch` is a folder that does not exist yet."""
        self.keep(record)
        digest = artefact.save(model, scratch)
        return Logged(self.keep_model(CODE, scratch, signature(model)), digest)

    def keep(self, record: RunRecord) -> None:
        """Keep the record."""
        mlflow.log_params(dict(record.parameters))
        mlflow.log_metrics(flat(record.figures))
        for name, text in record.texts.items():
            mlflow.log_text(text, name)
        for name, content in record.documents.items():
            mlflow.log_dict(content, name)
        for name, figure in record.plots.items():
            mlflow.log_figure(figure, f"plots/{name}.png")

    def keep_model(self, code: Path, folder: Path, signature: ModelSignature) -> str:
        """Keep the artefact in a folder, with the code that MLflow reads it by, and return the logged model's id."""
        with warnings.catch_warnings():
            # The signature is made from the contract: an example would keep a real person's inputs.
            warnings.filterwarnings("ignore", ".*An input example was not provided", UserWarning)
            info = mlflow.pyfunc.log_model(
                name="model",
                python_model=str(code),
                artifacts={artefact.FOLDER: str(folder)},
                pip_requirements=list(REQUIREMENTS),
                signature=signature,
            )
        return str(info.model_id)


@contextmanager
def open_run(tracking_uri: str, experiment_id: str, name: str) -> Iterator[Run]:
    """Yield a run that is marked FAILED when anything in it raises.

    The name is for people; left out, MLflow would draw one from global randomness.
    """
    mlflow.set_tracking_uri(tracking_uri)
    with mlflow.start_run(experiment_id=experiment_id, run_name=name) as run:
        yield Run(run.info.run_id)


def flat(figures: Mapping[str, Any], prefix: str = "") -> dict[str, float]:
    """Return the numbers of nested figures under dotted names."""
    found: dict[str, float] = {}
    for key, value in figures.items():
        if isinstance(value, Mapping):
            found |= flat(value, f"{prefix}{key}.")
        elif isinstance(value, int | float):
            found[f"{prefix}{key}"] = float(value)
    return found


def signature(model: TrainedModel) -> ModelSignature:
    """Return what MLflow is told of a model: its inputs, and a probability a horizon."""
    inputs: list[ColSpec | TensorSpec] = [
        ColSpec(
            "string" if each.is_category else "double",
            each.column.name,
            required=not each.column.missing_allowed,
        )
        for each in model.encoder.inputs
    ]
    outputs: list[ColSpec | TensorSpec] = [ColSpec("double", name) for name in model.output_names]
    return ModelSignature(Schema(inputs), Schema(outputs))

"""Models in use, on the wire."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import Field

from ml.contracts import Column, ColumnType, Kind

from .wire import Wire


class InputDescription(Wire):
    """One input of a model, as POST /v1/advice takes it."""

    name: str
    label: str
    kind: Kind | Literal["times"] = Field(description="who can change it; times: it is the same for everybody on a day")
    type: ColumnType
    allowed: list[str] | None
    minimum: float | None
    maximum: float | None
    missing_allowed: bool


class HorizonTime(Wire):
    """A time after the start of the spell: in units of the cohort, and in days."""

    units: float
    unit: str
    days: float


class ModelLine(Wire):
    """A model in use, on whose approval until when, and where its card is."""

    name: str
    task: str
    version: int
    digest: str
    approved_by: str
    expires: datetime
    stopped: str | None = Field(description="why it gives no advice now; null: it does")
    card: str
    page: str
    public: dict[str, str] = Field(description="language → the description for everybody")


class ModelsAnswer(Wire):
    """The models in use; `refused` says of those that are not why."""

    models: list[ModelLine]
    refused: dict[str, str]


class ModelAnswer(ModelLine):
    """A model in use, and what it takes."""

    horizons: list[HorizonTime]
    inputs: list[InputDescription]


def allowed_values(column: Column) -> list[str] | None:
    """Return the values that a category may take, as they read; None when its set is open."""
    return None if column.values is None else list(dict.fromkeys(column.values.values()))


def describe(column: Column, language: str) -> InputDescription:
    """Return an input as a reader of a language sees it."""
    return InputDescription(
        name=column.name,
        label=column.words(language),
        kind=column.told_as,
        type=column.type,
        allowed=allowed_values(column),
        minimum=column.minimum,
        maximum=column.maximum,
        missing_allowed=column.missing_allowed,
    )

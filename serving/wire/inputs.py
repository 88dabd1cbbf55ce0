"""The inputs of a model on the wire: which columns it takes, and what each may hold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal, cast

from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ConfigDict, Field, ValidationError, create_model

from ml.contracts import Column, ColumnType

from .models import allowed_values

LONGEST_VALUE = 200
LARGEST_NUMBER = 1e15  # up to here doubles hold every whole number


def inputs_model(columns: Sequence[Column]) -> type[BaseModel]:
    """Return the wire model of a model's inputs, `{<column>: value}`."""
    strict = ConfigDict(extra="forbid", strict=True, frozen=True)
    # Columns are called what they are called; as fields of Python they carry numbers, so that no name can collide.
    fields = {f"input_{place}": _field(column) for place, column in enumerate(columns)}
    return create_model("Inputs", __config__=strict, **cast(Any, fields))


def checked(model: type[BaseModel], given: Mapping[str, Any], *place: str) -> Mapping[str, float | bool | str | None]:
    """Return column → value, as far as the model takes it. Raises RequestValidationError that names the columns."""
    try:
        read: dict[str, Any] = model.model_validate(given).model_dump(by_alias=True)
    except ValidationError as error:
        faults = error.errors(include_url=False, include_context=False, include_input=False)
        raise RequestValidationError([{**each, "loc": (*place, *each["loc"])} for each in faults]) from None
    return read


def _field(column: Column) -> tuple[Any, Any]:
    title = column.words("en")
    if column.missing_allowed:
        return (_type(column) | None, Field(default=None, alias=column.name, title=title))
    return (_type(column), Field(alias=column.name, title=title))


def _type(column: Column) -> Any:
    """Return the type of a value on the wire; dates are numbers here, as they are in the cohort."""
    if column.type is ColumnType.BOOLEAN:
        return bool
    if column.type is ColumnType.CATEGORY:
        allowed = allowed_values(column)
        return Annotated[str, Field(max_length=LONGEST_VALUE)] if allowed is None else Literal[tuple(allowed)]
    low = -LARGEST_NUMBER if column.minimum is None else column.minimum
    high = LARGEST_NUMBER if column.maximum is None else column.maximum
    return Annotated[float, Field(ge=low, le=high, allow_inf_nan=False)]

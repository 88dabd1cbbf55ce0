"""The inputs of a model on the wire: which columns it takes, and what each may hold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal, NotRequired, cast

from fastapi.exceptions import RequestValidationError
from pydantic import ConfigDict, Field, TypeAdapter, ValidationError, with_config
from typing_extensions import TypedDict

from ml.contracts import Column, ColumnType
from serving.hints.inputs import Row

from .models import allowed_values

LONGEST_VALUE = 200
LARGEST_NUMBER = 1e15  # up to here doubles hold every whole number


def inputs_model(columns: Sequence[Column]) -> TypeAdapter[Row]:
    """Return the wire model of a model's inputs, `{<column>: value}`."""
    fields = {column.name: _field(column) for column in columns}
    strict = with_config(ConfigDict(extra="forbid", strict=True))
    return TypeAdapter(strict(cast(Any, TypedDict)("Inputs", fields)))


def checked(model: TypeAdapter[Row], given: Mapping[str, Any], *place: str) -> Row:
    """Return column → value, as far as the model takes it. Raises RequestValidationError that names the columns."""
    try:
        return model.validate_python(given)
    except ValidationError as error:
        faults = error.errors(include_url=False, include_context=False, include_input=False)
        raise RequestValidationError([{**each, "loc": (*place, *each["loc"])} for each in faults]) from None


def _field(column: Column) -> Any:
    title = column.words("en")
    if column.missing_allowed:
        return NotRequired[Annotated[_type(column) | None, Field(default=None, title=title)]]
    return Annotated[_type(column), Field(title=title)]


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

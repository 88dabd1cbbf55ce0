"""The wire: what is posted, which follows from the model's inputs, and what is answered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any, Literal, cast

from pydantic import BaseModel, ConfigDict, Field, create_model

from ml.contracts import Column, ColumnType, Kind
from ml.models.trained import Band

LONGEST_TEXT = 200
LARGEST_NUMBER = 1e15  # up to here doubles hold every whole number
CARD_ADDRESS: Literal["/v1/model/card"] = "/v1/model/card"


class Wire(BaseModel):
    """Read from the frozen types of the service; frozen itself."""

    model_config = ConfigDict(from_attributes=True, frozen=True)


# ---------------------------------------------------------------- problems


class Fault(Wire):
    """One thing wrong with what was posted: where, and what; never the value itself."""

    loc: list[str | int]
    msg: str


class Problem(Wire):
    """RFC 9457 problem details."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str
    errors: list[Fault] | None = None


PROBLEMS = {
    400: "The body is no JSON that can be read, or says something twice",
    401: "Nobody showed who they are",
    403: "Their role may not do this",
    413: "The body is too large",
    415: "The body is no application/json",
    422: "The inputs are not what the model takes; `errors` says where",
    503: "The model may not be used: its approval expired, was revoked, or it was altered",
}

# ---------------------------------------------------------------- answers


class Health(Wire):
    """The server answers."""

    status: Literal["ok"] = "ok"


class Chance(Wire):
    """Probability of still being unemployed, and the 95 % interval of the share among people in a like situation."""

    probability: float = Field(ge=0, le=1)
    low: float = Field(ge=0, le=1)
    high: float = Field(ge=0, le=1)


class HorizonTime(Wire):
    """A time after the start of the spell: in units of the cohort, and in days."""

    units: float
    unit: str
    days: float


class Horizon(HorizonTime):
    """The chance at one horizon."""

    still_unemployed: Chance


class Hint(Wire):
    """Chances along time, where they stand among other jobseekers, and both in words.

    Horizons that the spell has reached already are left out. Without the main one there is no band; with none left
    there are no words either, and a caveat says why.
    """

    horizons: list[Horizon]
    band: Band | None
    band_words: str | None
    words: str | None


class WordedReason(Wire):
    """What goes together with a longer or a shorter spell, and of its inputs the one that says so most; no cause."""

    reason: str
    label: str
    column: str
    value: float | bool | str | None
    kind: Kind
    goes_with: Literal["longer", "shorter"]
    text: str


class ModelName(Wire):
    """Which model, and on whose approval until when."""

    name: str
    version: int
    digest: str
    approved_by: str
    expires: datetime


class AdviceAnswer(Wire):
    """A hint for a caseworker, who has a judgement of their own."""

    advice: Hint
    reasons: list[WordedReason]
    caveats: list[str]
    human_review_required: Literal[True] = True
    model: ModelName
    card: Literal["/v1/model/card"] = CARD_ADDRESS
    language: Literal["fi", "sv", "en"]


class InputDescription(Wire):
    """One input of the model, as POST /v1/advice takes it."""

    name: str
    label: str
    kind: Kind
    type: ColumnType
    allowed: list[str] | None
    minimum: float | None
    maximum: float | None
    missing_allowed: bool


class ModelDescription(ModelName):
    """The model in use."""

    horizons: list[HorizonTime]
    inputs: list[InputDescription]
    stopped: str | None = Field(description="Why no advice is given now; null: it is given")
    card: Literal["/v1/model/card"] = CARD_ADDRESS


# ---------------------------------------------------------------- the question


def advice_question(columns: Sequence[Column]) -> type[BaseModel]:
    """Return the wire model of POST /v1/advice, `{"inputs": {<column>: value}}`, for the inputs of a model."""
    strict = ConfigDict(extra="forbid", strict=True, frozen=True)
    # Columns are called what they are called; as fields of Python they carry numbers, so that no name can collide.
    fields = {f"input_{place}": _field(column) for place, column in enumerate(columns)}
    inputs = create_model("AdviceInputs", __config__=strict, **cast(Any, fields))
    return create_model("AdviceQuestion", __config__=strict, inputs=(inputs, ...))


def posted_inputs(question: BaseModel) -> Mapping[str, float | bool | str | None]:
    """Return column → value of a question."""
    posted: dict[str, Any] = question.model_dump(by_alias=True)["inputs"]
    return posted


def allowed_values(column: Column) -> list[str] | None:
    """Return the values that a category may take, as they read; None when its set is open."""
    return None if column.values is None else list(dict.fromkeys(column.values.values()))


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
        return Annotated[str, Field(max_length=LONGEST_TEXT)] if allowed is None else Literal[tuple(allowed)]
    low = -LARGEST_NUMBER if column.minimum is None else column.minimum
    high = LARGEST_NUMBER if column.maximum is None else column.maximum
    return Annotated[float, Field(ge=low, le=high, allow_inf_nan=False)]


def describe(column: Column, language: str) -> InputDescription:
    """Return an input as a reader of a language sees it."""
    return InputDescription(
        name=column.name,
        label=column.words(language),
        kind=column.kind,
        type=column.type,
        allowed=allowed_values(column),
        minimum=column.minimum,
        maximum=column.maximum,
        missing_allowed=column.missing_allowed,
    )

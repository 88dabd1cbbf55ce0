"""The kinds of values that a card holds: figures, counts, days, digests, words."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

_T = TypeVar("_T")


class Section(BaseModel):
    """Part of a card as a machine fills it: every key is there, no other is, and each value is of its type."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)


def _day(text: str) -> str:
    if not _is_iso(text, date):
        raise ValueError(f"is {text!r}, and must be a day: 2026-11-20")
    return text


def _moment(text: str) -> str:
    if not _is_iso(text, datetime):
        raise ValueError(f"is {text!r}, and must be a moment: 2026-11-20T12:00:05+00:00")
    return text


def _is_iso(text: str, kind: type[date]) -> bool:
    """Return whether a text is a day or a moment just as Python writes it."""
    try:
        return kind.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


Many = Annotated[tuple[_T, ...], Field(strict=False)]  # JSON knows lists, and no tuples
Count = Annotated[int, Field(ge=0)]
Shown = Count | None  # None: one to four people, who are not told of (ml/disclosure.py)
Share = Annotated[float, Field(ge=0, le=1)]
Number = float | None  # None: there is none, such as the mean of nobody
Day = Annotated[str, AfterValidator(_day)]  # ISO 8601
Moment = Annotated[str, AfterValidator(_moment)]  # ISO 8601, with its distance from UTC
Digest = Annotated[str, Field(pattern=r"^sha256:[0-9a-f]{64}$")]
Named = Annotated[str, Field(pattern=r"^sha256:[0-9a-z]+$")]  # a digest of what others made, under their name
Source = Annotated[str, Field(pattern=r"^[a-z_]+\.json#(/[\s\S]*)?$")]  # document and JSON pointer of the very place
Verdict = Literal["pass", "insufficient", "fail"]
Kind = Literal["can_change", "service_can_change", "context", "immutable"]


class Figure(Section):
    """A figure with its 95 % interval; None is an end, or a figure, that is not known or not shown."""

    value: Number
    low: Number
    high: Number


class Words(Section):
    """What is told to readers of three languages."""

    en: str
    fi: str
    sv: str

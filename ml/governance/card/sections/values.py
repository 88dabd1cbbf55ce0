"""The kinds of values that a card holds: figures, counts, days, digests, words."""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import Annotated, Literal, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

_T = TypeVar("_T")


class Section(BaseModel):
    """Part of a card as a machine fills it: every key is there, no other is, and each value is of its type."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)


def _like(pattern: str, words: str) -> AfterValidator:
    """Return what refuses a text that does not match; pydantic's own words would be the pattern."""
    compiled = re.compile(pattern, re.DOTALL)

    def check(text: str) -> str:
        if not compiled.fullmatch(text):
            raise ValueError(f"is {text!r}, and must be {words}")
        return text

    return AfterValidator(check)


def _iso(kind: type[date], words: str) -> AfterValidator:
    """Return what refuses a text that is no day, or no moment, just as Python writes it."""

    def check(text: str) -> str:
        try:
            known = kind.fromisoformat(text).isoformat() == text
        except ValueError:
            known = False
        if not known:
            raise ValueError(f"is {text!r}, and must be {words}")
        return text

    return AfterValidator(check)


Many = Annotated[tuple[_T, ...], Field(strict=False)]  # JSON knows lists, and no tuples
Count = Annotated[int, Field(ge=0)]
Shown = Count | None  # None: one to four people, who are not told of (ml/disclosure.py)
Share = Annotated[float, Field(ge=0, le=1)]
Number = float | None  # None: there is none, such as the mean of nobody
Day = Annotated[str, _iso(date, "a day: 2026-11-20")]
Moment = Annotated[str, _iso(datetime, "a moment: 2026-11-20T12:00:05+00:00")]
Digest = Annotated[str, _like("sha256:[0-9a-f]{64}", '"sha256:" and 64 hexadecimal digits')]
PerhapsDigest = Annotated[str, _like("(sha256:[0-9a-f]{64})?", '"sha256:" and 64 hexadecimal digits, or ""')]
Named = Annotated[str, _like("sha256:[0-9a-z]+", 'a digest: "sha256:…"')]  # by which another room names what it made
FindingId = Annotated[str, _like("F[1-9][0-9]*", "the number of a finding: F1")]
Source = Annotated[str, _like("[a-z_]+[.]json#(/.*)?", 'a document and a place in it: "audit.json#/findings/1"')]
Verdict = Literal["pass", "insufficient", "fail"]
Kind = Literal["can_change", "service_can_change", "context", "immutable", "times"]


class Figure(Section):
    """A figure with its 95 % interval; None is an end, or a figure, that is not known or not shown."""

    value: Number
    low: Number
    high: Number


class Known(Figure):
    """A figure that there always is; its ends may not be known."""

    value: float


class Whole(Figure):
    """A figure with both ends, or none of the three."""

    @model_validator(mode="after")
    def _all_or_none(self) -> Whole:
        if len({each is None for each in (self.value, self.low, self.high)}) > 1:
            raise ValueError("must have value, low and high, or none of them")
        return self


class Words(Section):
    """What is told to readers of three languages."""

    en: str
    fi: str
    sv: str

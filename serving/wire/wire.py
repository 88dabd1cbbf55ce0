"""What all wire models have in common."""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints
from pydantic_core import PydanticCustomError

from ml.errors import without_identity_codes

LONGEST_LINE = 200
LONGEST_TEXT = 2000
# Line ends and tabs, no other control characters; something besides blanks. JSON is read without halves of any.
_NONE = r"\x00-\x08\x0b-\x1f\x7f"
PLAIN = re.compile(rf"[^{_NONE}]*[^\s{_NONE}][^{_NONE}]*")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


class Wire(BaseModel):
    """Answered: read from the frozen types of the service; frozen itself."""

    model_config = ConfigDict(from_attributes=True, frozen=True)


class Posted(BaseModel):
    """Posted: nothing undeclared, nothing turned into what it is not."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


def _without_codes(text: str) -> str:
    """Refuse a text that holds an identity code: it would be kept and shown."""
    if without_identity_codes(text) != text:
        raise PydanticCustomError("identity_code", "There is an identity code in this text; leave it out")
    return text


def _plain(text: str) -> str:
    """Refuse what no keyboard writes, and what says nothing: PLAIN, with words for people."""
    if not text.strip():
        raise PydanticCustomError("blank", "There is nothing in this text")
    if not PLAIN.fullmatch(text):
        raise PydanticCustomError("control_character", "There is a control character in this text; leave it out")
    return text


def _text(longest: int) -> Any:
    return Annotated[
        str,
        StringConstraints(min_length=1, max_length=longest),
        AfterValidator(_plain),
        AfterValidator(_without_codes),
        Field(json_schema_extra={"pattern": f"^{PLAIN.pattern}$"}),
    ]


def whole(posted: Any) -> Any:
    """Return a whole number that was written as 12.0 as a whole number: to JSON Schema it is one."""
    return int(posted) if isinstance(posted, float) and posted.is_integer() else posted


def _day(posted: Any) -> date:
    """Return the day that a text names; pydantic alone would take a number of seconds for one."""
    try:
        if isinstance(posted, str) and _DAY.fullmatch(posted):
            return date.fromisoformat(posted)
    except ValueError:
        pass  # the thirtieth of February
    raise PydanticCustomError("day", "This is no day as 2026-11-02")


Line = _text(LONGEST_LINE)
Text = _text(LONGEST_TEXT)
Day = Annotated[date, BeforeValidator(_day)]
Pseudonym = Annotated[str, StringConstraints(pattern="^[0-9a-f]{32}$"), Field(description="32 hexadecimal digits")]
Id = Annotated[str, StringConstraints(pattern="^[0-9a-f]{32}$"), Field(description="as the service gave it")]
Staff = Annotated[
    str,
    StringConstraints(min_length=1, max_length=255, pattern=r"^[^\x00-\x20\x7f]+$"),
    AfterValidator(_without_codes),
]

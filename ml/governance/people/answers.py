"""The kinds of answers that a form asks for. Any may be left empty: that is a gap, and no mistake."""

from __future__ import annotations

import re
from datetime import date, datetime
from enum import Enum
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field
from pydantic.fields import FieldInfo

from ml.errors import IDENTITY_CODE

FEWEST_WORDS = 3  # "yes" is no answer
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")


class Wanted(Enum):
    """What an answer must hold to be one."""

    NAME = "something"
    TEXT = "a few words"
    VIEW = "nothing, or a few words"
    REPORT = "a digest, or a few words"


def _nobody_named(text: str) -> str:
    if IDENTITY_CODE.search(text):
        raise ValueError("holds an identity code; a card is read by everybody: take it out")
    return text


def _digest(text: str) -> str:
    if text and not _DIGEST.fullmatch(text):
        raise ValueError('must be "sha256:" and 64 hexadecimal digits; or name the file: document = "path"')
    return text


def _report(text: str) -> str:
    return _digest(text) if text.startswith("sha256:") else text


def _day(value: Any) -> Any:
    """Return a day, None for an empty answer. Raises ValueError for anything else."""
    if value is None or (isinstance(value, str) and not value.strip()):
        return None
    if isinstance(value, str):
        try:
            return date.fromisoformat(value.strip())
        except ValueError:
            raise ValueError(f"is {value!r}, and must be a day: 2026-11-20") from None
    if isinstance(value, datetime) or not isinstance(value, date):
        raise ValueError(f"is {value!s}, and must be a day: 2026-11-20")
    return value


_Said = Annotated[str, AfterValidator(_nobody_named)]
Name = Annotated[_Said, Wanted.NAME]
Text = Annotated[_Said, Wanted.TEXT]
View = Annotated[_Said, Wanted.VIEW]
Report = Annotated[_Said, AfterValidator(_report), Wanted.REPORT]
Digest = Annotated[str, AfterValidator(_digest), Wanted.NAME]
Day = Annotated[date | None, BeforeValidator(_day)]


def asked(title: str, question: str, example: str = "", default: Any = "") -> Any:
    """Return a field: what it is called in a gap, what the form asks, and an answer as an example."""
    return Field(default=default, title=title, description=question, examples=[example] if example else None)


class Section(BaseModel):
    """Answers that belong together; empty until people fill it."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)

    def told(self) -> dict[str, Any]:
        """Return what is filled in as plain JSON; what is not is left out."""
        return self.model_dump(mode="json", exclude_defaults=True)


class Row(Section):
    """One record of a list; what a blank form gives it (`key`) is not yet an answer."""

    @classmethod
    def key(cls) -> str:
        """Return the name of the field that a blank form fills in."""
        return next(iter(cls.model_fields))

    @property
    def blank(self) -> bool:
        """Whether nobody has filled anything in."""
        return self.told().keys() <= {self.key()}


class InLanguages(Section):
    """The same answer for readers of three languages."""

    fi: Text = asked("in Finnish", "In Finnish, as you would say it to a jobseeker.")
    sv: Text = asked("in Swedish", "In Swedish.")
    en: Text = asked("in English", "In English.")


def wanted(field: FieldInfo) -> Wanted | None:
    """Return what an answer to a field must hold; None where any answer does."""
    return next((each for each in field.metadata if isinstance(each, Wanted)), None)

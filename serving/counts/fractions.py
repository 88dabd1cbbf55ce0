"""Client groups for planning, as somebody published them: the `fractions.json` of a run, in the home.

Which run managers see is somebody's choice, never simply the newest. What is read is looked at again: a file that tells
of fewer than THRESHOLD people, or of an exact number of them, is refused.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ml.disclosure import ROUNDING, THRESHOLD
from ml.errors import UnavailableError
from serving.wire.counts import Fraction, Fractions

PLACE = Path("planning") / "fractions.json"  # in the home
People = Annotated[int, Field(ge=THRESHOLD, multiple_of=ROUNDING)]
Part = Annotated[float, Field(ge=0, le=1)]


class _Kept(BaseModel):
    """A part of the file; what else stands there is nothing for managers."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class _Interval(_Kept):
    value: Part
    low: Part
    high: Part


class _Mark(_Kept):
    words: Mapping[str, str]


class _Group(_Kept):
    name: Mapping[str, str]
    people: People
    share: _Interval
    stability: Literal["stable", "doubtful", "not stable"]
    marks: tuple[_Mark, ...]


class _Fractions(_Kept):
    as_of: date
    people: People | None
    groups: tuple[_Group, ...]
    hidden_groups: Annotated[int, Field(ge=0)]
    data_digest: str


def read_fractions(home: Path, language: str) -> Fractions | None:
    """Return the published client groups, in a language; None: nobody has published any.

    Raises UnavailableError where the file is not what `apualy fractions` writes, or tells more than may be told.
    """
    path = home / PLACE
    try:
        found = _Fractions.model_validate_json(path.read_bytes())
        groups = [_group(each, language) for each in found.groups]
    except FileNotFoundError:
        return None
    except (OSError, ValidationError, KeyError) as problem:
        raise UnavailableError(
            f"{path} is not the fractions.json of a run ({_why(problem)}); put another there"
        ) from None
    return Fractions(
        as_of=found.as_of,
        people=found.people,
        groups=groups,
        hidden=found.hidden_groups,
        data=found.data_digest,
    )


def _group(group: _Group, language: str) -> Fraction:
    return Fraction(
        name=group.name[language],
        people=group.people,
        share=group.share.value,
        low=group.share.low,
        high=group.share.high,
        stability=group.stability,
        marks=[each.words[language] for each in group.marks],
    )


def _why(problem: Exception) -> str:
    """Return where the file is odd, without what stands there."""
    if isinstance(problem, ValidationError):
        first = problem.errors(include_url=False, include_input=False)[0]
        return f"{'.'.join(map(str, first['loc']))}: {first['msg']}"
    return f"{type(problem).__name__}: {problem}"

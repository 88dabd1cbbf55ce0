"""What a hint says of inputs: the few that are spoken of, each with its value and its names in every language.

A hint is kept, and put into words later, when another model may be in use: it carries all that its words need, and of
the inputs that are not spoken of nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ml.contracts import Column, ColumnType, Floats, Kind, Reason
from ml.models.encode import Encoder, Input
from ml.models.explain import NOBODY, Strongest

if TYPE_CHECKING:
    import pandas as pd

Value = float | bool | str | None
Row = Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class Told:
    """One reason of a person, by the input of it that contributes most.

    value     of that input; None when it is missing, or is none that the model knows, which could hold anything
    given     something was given
    readings  language → how the value reads there, where it is a category that reads otherwise than it is written
    towards   whether it goes together with more: a longer spell, an entity chosen more often
    """

    reason: Reason
    column: Reason
    kind: Kind
    value: Value
    given: bool
    readings: Mapping[str, str]
    towards: bool

    def as_json(self) -> dict[str, Any]:
        """Return plain data."""
        return {
            "reason": _json(self.reason),
            "column": _json(self.column),
            "kind": str(self.kind),  # half as long as Enum's own `value`
            "value": self.value,
            "given": self.given,
            "readings": dict(self.readings),
            "towards": self.towards,
        }

    @classmethod
    def from_json(cls, content: Mapping[str, Any]) -> Told:
        """Return what `as_json` wrote."""
        return cls(
            _named(content["reason"]),
            _named(content["column"]),
            Kind(content["kind"]),
            content["value"],
            content["given"],
            content["readings"],
            content["towards"],
        )


@dataclass(frozen=True, slots=True)
class Case:
    """A case as a model reads it, each (inputs,).

    codes    NaN where missing or never seen
    given    something was given
    strange  training saw nothing like what is there, or nothing missing
    """

    encoder: Encoder
    codes: Sequence[float]
    given: Sequence[bool]
    strange: Sequence[bool]

    def never_seen(self) -> tuple[Reason, ...]:
        """Return the inputs whose value training saw nothing like."""
        both = zip(self.strange, self.given, strict=True)
        return self._alone([place for place, (strange, given) in enumerate(both) if strange and given])

    def missing(self) -> tuple[Reason, ...]:
        """Return the inputs that are not known."""
        return self._alone([place for place, given in enumerate(self.given) if not given])

    def told(self, reason: int, member: int, *, towards: bool) -> Told:
        """Return a reason as it is told: places among the reasons and the inputs of the model."""
        spec = self.encoder.inputs[member]
        column = spec.column
        value = _value(spec, self.codes[member])
        return Told(
            self.encoder.grouping.reasons[reason],
            column.alone,
            column.kind,
            value,
            self.given[member],
            _readings(column, value),
            towards,
        )

    def _alone(self, places: Sequence[int]) -> tuple[Reason, ...]:
        return tuple([self.encoder.inputs[place].column.alone for place in places])


def one_case(encoder: Encoder, row: Row) -> Case:
    """Return one case.

    row  input → value as of the wire: numbers, true/false, categories as they read, None or left out when missing
    """
    codes, given = encoder.row(row), [row.get(name) is not None for name in encoder.names]
    # A category never seen is, to the model, as good as missing: here it is known that it was given.
    each = zip(encoder.unfamiliar_row(codes), codes, given, strict=True)
    return Case(encoder, codes, given, [odd or (there and code != code) for odd, code, there in each])


def many_cases(encoder: Encoder, features: pd.DataFrame) -> tuple[list[Case], Floats]:
    """Return the cases of a frame of inputs (numbers, booleans as 0/1, categories as they read), and their codes."""
    codes, given = encoder.frame(features), features[list(encoder.names)].notna().to_numpy(dtype=bool)
    strange = encoder.unfamiliar(codes) | (np.isnan(codes) & given)
    parts = zip(codes.tolist(), given.tolist(), strange.tolist(), strict=True)
    return [Case(encoder, *each) for each in parts], codes


def told_of(case: Case, ways: tuple[Strongest, Strongest], rank: int) -> tuple[Told, ...]:
    """Return the reasons of a case, those towards more first.

    ways  the strongest reasons each way;  rank  of the case among them
    """
    return tuple(
        case.told(reason, member, towards=towards)
        for towards, way in zip((True, False), ways, strict=True)
        for reason, member in zip(way.reason[rank].tolist(), way.member[rank].tolist(), strict=True)
        if reason != NOBODY
    )


def listed(named: Sequence[Reason]) -> list[dict[str, Any]]:
    """Return the plain data of some names."""
    return [_json(each) for each in named]


def names_of(content: Sequence[Mapping[str, Any]]) -> tuple[Reason, ...]:
    """Return what `listed` wrote."""
    return tuple(_named(each) for each in content)


def _json(named: Reason) -> dict[str, Any]:
    return {"name": named.name, "label": dict(named.label)}


def _named(content: Mapping[str, Any]) -> Reason:
    return Reason(content["name"], content["label"])


def _value(spec: Input, code: float) -> Value:
    if code != code:  # NaN alone is not itself
        return None
    if spec.is_category:
        return spec.categories[int(code)]
    return bool(code) if spec.column.type is ColumnType.BOOLEAN else code


def _readings(column: Column, value: Value) -> Mapping[str, str]:
    if not isinstance(value, str):
        return {}
    return {language: words[value] for language, words in column.translations.items() if value in words}

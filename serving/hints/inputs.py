"""What a hint says of inputs: the few that are spoken of, each with its value and its names in every language.

A hint is kept, and put into words later, when another model may be in use: it carries all that its words need, and of
the inputs that are not spoken of nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ml.contracts import Column, ColumnType, Floats, Kind
from ml.models.encode import Encoder, Input
from ml.models.explain import NOBODY, Strongest

if TYPE_CHECKING:
    import pandas as pd

Value = float | bool | str | None
Row = Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class Named:
    """A column or a reason: its name, and language → label."""

    name: str
    label: Mapping[str, str]

    def words(self, language: str) -> str:
        """Return the label in a language, else in English, else the name."""
        return self.label.get(language) or self.label.get("en") or self.name

    def as_json(self) -> dict[str, Any]:
        """Return plain data."""
        return {"name": self.name, "label": dict(self.label)}

    @classmethod
    def from_json(cls, content: Mapping[str, Any]) -> Named:
        """Return what `as_json` wrote."""
        return cls(content["name"], content["label"])


@dataclass(frozen=True, slots=True)
class Told:
    """One reason of a person, by the input of it that contributes most.

    value     of that input; None when it is missing, or is none that the model knows, which could hold anything
    given     something was given
    readings  language → how the value reads there, where it is a category that reads otherwise than it is written
    towards   whether it goes together with more: a longer spell, an entity chosen more often
    """

    reason: Named
    column: Named
    kind: Kind
    value: Value
    given: bool
    readings: Mapping[str, str]
    towards: bool

    def as_json(self) -> dict[str, Any]:
        """Return plain data."""
        return {
            "reason": self.reason.as_json(),
            "column": self.column.as_json(),
            "kind": self.kind.value,
            "value": self.value,
            "given": self.given,
            "readings": dict(self.readings),
            "towards": self.towards,
        }

    @classmethod
    def from_json(cls, content: Mapping[str, Any]) -> Told:
        """Return what `as_json` wrote."""
        return cls(
            Named.from_json(content["reason"]),
            Named.from_json(content["column"]),
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

    def never_seen(self) -> tuple[Named, ...]:
        """Return the inputs whose value training saw nothing like."""
        both = zip(self.strange, self.given, strict=True)
        return self._named([place for place, (strange, given) in enumerate(both) if strange and given])

    def missing(self) -> tuple[Named, ...]:
        """Return the inputs that are not known."""
        return self._named([place for place, given in enumerate(self.given) if not given])

    def told(self, reason: int, member: int, *, towards: bool) -> Told:
        """Return a reason as it is told: places among the reasons and the inputs of the model."""
        group, spec = self.encoder.grouping.reasons[reason], self.encoder.inputs[member]
        column = spec.column
        value = _value(spec, self.codes[member])
        return Told(
            Named(group.name, group.label),
            Named(column.name, column.label),
            column.kind,
            value,
            self.given[member],
            _readings(column, value),
            towards,
        )

    def _named(self, places: Sequence[int]) -> tuple[Named, ...]:
        columns = [self.encoder.inputs[place].column for place in places]
        return tuple([Named(each.name, each.label) for each in columns])


def one_case(encoder: Encoder, row: Row) -> Case:
    """Return one case.

    row  input → value as of the wire: numbers, true/false, categories as they read, None or left out when missing
    """
    codes, given = encoder.row(row), [row.get(name) is not None for name in encoder.names]
    # A category never seen is, to the model, as good as missing: here it is known that it was given.
    new = [there and code != code for code, there in zip(codes, given, strict=True)]
    return Case(encoder, codes, given, [a or b for a, b in zip(new, encoder.unfamiliar_row(codes), strict=True)])


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


def listed(named: Sequence[Named]) -> list[dict[str, Any]]:
    """Return the plain data of some names."""
    return [each.as_json() for each in named]


def names_of(content: Sequence[Mapping[str, Any]]) -> tuple[Named, ...]:
    """Return what `listed` wrote."""
    return tuple(Named.from_json(each) for each in content)


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

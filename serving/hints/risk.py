"""A case and the risk model → a hint: chances, a band, reasons, and what it does not know. Free of any language."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from ml.contracts import Floats, Outcome, Reason
from ml.models.alone import RowHint
from ml.models.bands import Band
from ml.models.explain import Strongest, explain, explain_row
from ml.models.trained import Said, TrainedModel, row_hints

from .inputs import Case, Row, Told, listed, many_cases, names_of, one_case, told_of

if TYPE_CHECKING:
    import pandas as pd

MONTH_DAYS = 30.4375
MONTH_TOLERANCE = 0.01  # 365 days read as 12 months
DECIMALS = 4


class Doubt(StrEnum):
    """Why a band is uncertain, apart from values never seen."""

    WIDE = "wide"  # the interval says too little
    UNSTABLE = "unstable"  # models trained on other people do not agree
    UNLIKE = "unlike"  # these values were seldom seen together


@dataclass(frozen=True, slots=True)
class Span:
    """A time as people count it: 12 of "month"; also "week", "day"."""

    count: float
    word: str


@dataclass(frozen=True, slots=True)
class Chance:
    """Probability of still being unemployed, with the 95 % interval of the share in like situations."""

    probability: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Horizon:
    """A time after the start of the spell, in the contract's unit and in days, and the chance then."""

    units: float
    unit: str
    days: float
    still_unemployed: Chance

    def as_json(self) -> dict[str, Any]:
        """Return plain data."""
        chance = self.still_unemployed
        return {
            "units": self.units,
            "unit": self.unit,
            "days": self.days,
            "still_unemployed": {"probability": chance.probability, "low": chance.low, "high": chance.high},
        }

    @classmethod
    def from_json(cls, content: Mapping[str, Any]) -> Horizon:
        """Return what `as_json` wrote."""
        return cls(content["units"], content["unit"], content["days"], Chance(**content["still_unemployed"]))


@dataclass(frozen=True)
class RiskHint:
    """What the risk model says of one case.

    Horizons that the spell has reached already are left out. Bands are cut at the main horizon: without it there is
    none, for "uncertain" would say that the model could not tell. With no horizon left nothing is said but that.

    spoken_of  which of the horizons words and reasons are of, and that horizon as people count; None: none is left
    at
    reached    the longest horizon that the spell has reached, where the main one is among them
    never_seen, missing  inputs
    weak       what the model's card says of it
    """

    horizons: tuple[Horizon, ...]
    spoken_of: int | None
    at: Span | None
    reached: Span | None
    band: Band | None = None
    doubts: tuple[Doubt, ...] = ()
    reasons: tuple[Told, ...] = ()
    never_seen: tuple[Reason, ...] = ()
    missing: tuple[Reason, ...] = ()
    weak: bool = False
    answer: ClassVar[None] = None

    def as_json(self) -> dict[str, Any]:
        """Return plain data; `from_json` reads it back."""
        return {
            "horizons": [each.as_json() for each in self.horizons],
            "spoken_of": self.spoken_of,
            "at": _span_json(self.at),
            "reached": _span_json(self.reached),
            "band": None if self.band is None else self.band.value,
            "doubts": [each.value for each in self.doubts],
            "reasons": [each.as_json() for each in self.reasons],
            "never_seen": listed(self.never_seen),
            "missing": listed(self.missing),
            "weak": self.weak,
        }

    @classmethod
    def from_json(cls, content: Mapping[str, Any]) -> RiskHint:
        """Return what `as_json` wrote. Raises KeyError, TypeError or ValueError when it is no hint."""
        return cls(
            tuple(Horizon.from_json(each) for each in content["horizons"]),
            content["spoken_of"],
            _span(content["at"]),
            _span(content["reached"]),
            None if content["band"] is None else Band(content["band"]),
            tuple(Doubt(each) for each in content["doubts"]),
            tuple(Told.from_json(each) for each in content["reasons"]),
            names_of(content["never_seen"]),
            names_of(content["missing"]),
            content["weak"],
        )


def compute_risk(model: TrainedModel, row: Row, *, weak: bool) -> RiskHint:
    """Return the hint about one case.

    row   input → value as of the wire: numbers, true/false, categories as they read, None or left out when missing
    weak  what the model's card says of it
    Raises GateError when the explanation does not add up to the model's output.
    """
    case, alone = one_case(model.encoder, row), model.alone
    said = alone.said(case.codes)
    found = alone.hint(case.codes, said, strange=any(case.strange))
    spoken = max(found.landmark, model.place)
    reasons = explain_row(model, said, found.landmark, spoken) if spoken < len(model.outcome.horizons) else ()
    told = tuple([case.told(each.reason, each.member, towards=each.raises) for each in reasons])
    return _hint(model, case, found, told, weak)


def compute_risks(model: TrainedModel, features: pd.DataFrame, *, weak: bool) -> list[RiskHint]:
    """Return the hints about the cases of a frame of inputs, each as `compute_risk` has it; some 4 KB a case.

    Raises GateError when an explanation does not add up to the model's output.
    """
    cases, codes = many_cases(model.encoder, features)
    said = model.said(codes)
    curve = model.curve_of(said)
    found = row_hints(said.landmark, curve, model.bands_of(said, codes, curve))
    ways = _Ways(model, codes, said)
    return [
        _hint(model, case, hint, ways.told(place, case), weak)
        for place, (case, hint) in enumerate(zip(cases, found, strict=True))
    ]


def span(outcome: Outcome, horizon: float) -> Span:
    """Return a horizon in months when it is whole months to 1 %, else as the contract counts."""
    months = horizon * outcome.unit_days / MONTH_DAYS
    whole = round(months)
    if whole and abs(months - whole) <= MONTH_TOLERANCE * whole:
        return Span(whole, "month")
    return Span(*outcome.span(horizon))


def _hint(model: TrainedModel, case: Case, found: RowHint, told: tuple[Told, ...], weak: bool) -> RiskHint:
    """Return the hint of what was found; `told`: the reasons at the horizon that is spoken of."""
    outcome, landmark = model.outcome, found.landmark
    if landmark == len(outcome.horizons):
        return RiskHint((), None, None, span(outcome, outcome.horizons[-1]), weak=weak)
    spoken = max(landmark, model.place)  # the main horizon, or the first that is left
    strange = any(case.strange)
    return RiskHint(
        horizons=_left(outcome, found),
        spoken_of=spoken - landmark,
        at=span(outcome, outcome.horizons[spoken]),
        reached=None if spoken == model.place else span(outcome, outcome.horizons[landmark - 1]),
        band=Band.UNCERTAIN if strange and found.band is not None else found.band,
        doubts=_doubts(found, strange),
        reasons=told,
        never_seen=case.never_seen() if strange else (),
        missing=case.missing(),
        weak=weak,
    )


def _left(outcome: Outcome, found: RowHint) -> tuple[Horizon, ...]:
    """Return the horizons that the spell has not reached, with the chances then."""
    return tuple([
        Horizon(
            units,
            outcome.unit,
            units * outcome.unit_days,
            Chance(
                round(found.probability[place], DECIMALS),
                round(found.low[place], DECIMALS),
                round(found.high[place], DECIMALS),
            ),
        )
        for place, units in enumerate(outcome.horizons)
        if place >= found.landmark
    ])  # fmt: skip


def _doubts(found: RowHint, strange: bool) -> tuple[Doubt, ...]:
    """Return why the band of a case is uncertain; values never seen are told apart."""
    if found.band is None:
        return ()
    causes = (
        (Doubt.WIDE, found.wide),
        (Doubt.UNSTABLE, found.unstable),
        (Doubt.UNLIKE, found.unlike and not strange),
    )
    return tuple([doubt for doubt, holds in causes if holds])


class _Ways:
    """The reasons of all cases, each at the horizon that is spoken of."""

    def __init__(self, model: TrainedModel, codes: Floats, said: Said) -> None:
        spoken_of = np.maximum(said.landmark, model.place)
        self.spoken_of, self.ranks = spoken_of.tolist(), np.zeros(len(codes), dtype=np.int64)
        self.at: dict[int, tuple[Strongest, Strongest]] = {}
        for horizon in range(model.place, len(model.outcome.horizons)):
            rows = np.flatnonzero(spoken_of == horizon)
            if len(rows):
                found = explain(model, codes[rows], horizon, said.margins[rows])
                self.at[horizon] = (found.raising, found.lowering)
                self.ranks[rows] = np.arange(len(rows))

    def told(self, place: int, case: Case) -> tuple[Told, ...]:
        """Return the reasons of a case; none where no horizon is left."""
        ways = self.at.get(self.spoken_of[place])
        return () if ways is None else told_of(case, ways, int(self.ranks[place]))


def _span_json(time: Span | None) -> dict[str, Any] | None:
    return None if time is None else {"count": time.count, "word": time.word}


def _span(content: Mapping[str, Any] | None) -> Span | None:
    return None if content is None else Span(content["count"], content["word"])

"""A case and a model → advice, the reasons for it in words, and what it does not know. Knows no HTTP."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from ml.contracts import Bools, Column, ColumnType, Kind, Outcome
from ml.models.encode import Input
from ml.models.explain import PersonReason, reasons
from ml.models.trained import Band, Bands, Curve, TrainedModel

from .language import Language, marked

MONTH_DAYS = 30.4375
MONTH_TOLERANCE = 0.01  # 365 days read as 12 months
DECIMALS = 4

Value = float | bool | str | None
Row = Mapping[str, Value]

BAND_WORDS = {
    Band.LOW: marked("The chance of still being unemployed is smaller than for most who have been unemployed as long."),
    Band.TYPICAL: marked(
        "The chance of still being unemployed is about as usual among those who have been unemployed as long."
    ),
    Band.ELEVATED: marked(
        "The chance of still being unemployed is greater than for most who have been unemployed as long."
    ),
    Band.UNCERTAIN: marked("The model is too uncertain to say how this compares with other jobseekers."),
}

DOUBTS = (
    marked("People in a like situation were too few, or too unlike each other: the interval is wide."),
    marked("Models trained on other people do not agree on this case. The hint is uncertain."),
    marked("These values were seldom seen together in the data that the model learnt from. The hint is uncertain."),
)

# Association, never cause; the kind says who, if anyone, can change what the input says.
LONGER = {
    Kind.CAN_CHANGE: marked("This can change: {what} goes together with a longer spell of unemployment."),
    Kind.SERVICE_CAN_CHANGE: marked(
        "A service can change this: {what} goes together with a longer spell of unemployment."
    ),
    Kind.CONTEXT: marked("Background: {what} goes together with a longer spell of unemployment."),
    Kind.IMMUTABLE: marked("This cannot be changed: {what} goes together with a longer spell of unemployment."),
}
SHORTER = {
    Kind.CAN_CHANGE: marked("This can change: {what} goes together with a shorter spell of unemployment."),
    Kind.SERVICE_CAN_CHANGE: marked(
        "A service can change this: {what} goes together with a shorter spell of unemployment."
    ),
    Kind.CONTEXT: marked("Background: {what} goes together with a shorter spell of unemployment."),
    Kind.IMMUTABLE: marked("This cannot be changed: {what} goes together with a shorter spell of unemployment."),
}


@dataclass(frozen=True)
class Chance:
    """Probability of still being unemployed, with the 95 % interval of the share in like situations."""

    probability: float
    low: float
    high: float


@dataclass(frozen=True)
class Horizon:
    """A time after the start of the spell, in the contract's unit and in days, and the chance then."""

    units: float
    unit: str
    days: float
    still_unemployed: Chance


@dataclass(frozen=True)
class WordedReason:
    """One reason that goes together with a longer or a shorter spell, by its strongest input.

    reason  name in the contract; that of the column where it is a reason of its own
    label   of the reason
    column  the input that contributes most that way
    value   of that input; None when missing or not known
    """

    reason: str
    label: str
    column: str
    value: Value
    kind: Kind
    goes_with: Literal["longer", "shorter"]
    text: str


@dataclass(frozen=True)
class Advice:
    """What a caseworker is told: chances along time, a band, words, reasons, caveats.

    Horizons that the spell has reached already are left out. Bands are cut at the main horizon: without it there is
    none, for "uncertain" would say that the model could not tell. With no horizon left there is nothing to say but the
    caveat: no words, no reasons.
    """

    horizons: tuple[Horizon, ...]
    band: Band | None
    band_words: str | None
    words: str | None
    reasons: tuple[WordedReason, ...]
    caveats: tuple[str, ...]


def advise(model: TrainedModel, row: Row, language: Language, *, weak: bool) -> Advice:
    """Return the advice about one case, in a language.

    row   input → value as of the wire: numbers, true/false, categories as they read, None or left out when missing.
    weak  what the model's card says of it; makes a caveat.
    Raises GateError when the explanation does not add up to the model's output.
    """
    codes = model.encoder.rows([row])
    reached = model.reached(codes)[0]
    left = [place for place in range(len(reached)) if not reached[place]]
    if not left:
        return Advice((), None, None, None, (), (_already(model.outcome, reached, language),))
    inputs = model.encoder.inputs
    curve, bands = model.hints(codes)
    horizons = _horizons(model, curve)
    unfamiliar = [each for each in inputs if each.unfamiliar(row.get(each.column.name))]
    spoken_of = model.place if model.place in left else left[0]
    chance = horizons[spoken_of].still_unemployed
    band = None
    caveats = (*_caveats(row, inputs, unfamiliar, weak=weak, language=language), *_doubts(bands, unfamiliar, language))
    if spoken_of == model.place:
        # A category never seen is, to the model, as good as missing: here it is known that it was given.
        band = Band.UNCERTAIN if unfamiliar else bands.at(0)
    else:
        caveats = (_already(model.outcome, reached, language), *caveats)
    when = horizon_words(model.outcome, language, horizons[spoken_of].units)
    return Advice(
        horizons=tuple(horizons[place] for place in left),
        band=band,
        band_words=None if band is None else language.gettext(BAND_WORDS[band]),
        words=frequency_words(chance.probability, when, language),
        reasons=tuple(_worded(each, _input(inputs, each), language) for each in reasons(model, row, spoken_of)),
        caveats=caveats,
    )


def _horizons(model: TrainedModel, curve: Curve) -> list[Horizon]:
    """Return the chances at every horizon of the model, of one row."""
    outcome = model.outcome
    chances = [
        Chance(*(round(float(each), DECIMALS) for each in three))
        for three in zip(curve.probability[0], curve.low[0], curve.high[0], strict=True)
    ]
    return [
        Horizon(units, outcome.unit, units * outcome.unit_days, chance)
        for units, chance in zip(outcome.horizons, chances, strict=True)
    ]


def _already(outcome: Outcome, reached: Bools, language: Language) -> str:
    """Return that the spell has lasted to the longest of the horizons reached."""
    longest = max(horizon for horizon, gone in zip(outcome.horizons, reached, strict=True) if gone)
    count, word = _span(outcome, longest)
    if word == "month":
        time = language.ngettext("{count} month", "{count} months", count)
    elif word == "week":
        time = language.ngettext("{count} week", "{count} weeks", count)
    else:
        time = language.ngettext("{count} day", "{count} days", count)
    return language.gettext(
        "Already unemployed for {time} or longer: of that time there is nothing to predict.", time=time
    )


def frequency_words(probability: float, when: str, language: Language) -> str:
    """Return a probability as people out of ten; `when` is the horizon in words."""
    tenths = math.floor(probability * 10 + 0.5)
    if probability < 0.05:
        text = marked("Fewer than 1 in 20 people in a like situation are still unemployed {when}.")
    elif probability >= 0.95:
        text = marked("More than 19 in 20 people in a like situation are still unemployed {when}.")
    else:
        text = marked("About {tenths} in 10 people in a like situation are still unemployed {when}.")
    return language.gettext(text, tenths=str(tenths), when=when)


def horizon_words(outcome: Outcome, language: Language, horizon: float | None = None) -> str:
    """Return a horizon in words, the main one unless another is given."""
    count, word = _span(outcome, outcome.horizon if horizon is None else horizon)
    if word == "month":
        return language.ngettext("at {count} month", "at {count} months", count)
    if word == "week":
        return language.ngettext("at {count} week", "at {count} weeks", count)
    return language.ngettext("at {count} day", "at {count} days", count)


def _span(outcome: Outcome, horizon: float) -> tuple[float, str]:
    """Return a horizon in months when it is whole months to 1 %, else as the contract counts."""
    months = horizon * outcome.unit_days / MONTH_DAYS
    whole = round(months)
    if whole and abs(months - whole) <= MONTH_TOLERANCE * whole:
        return whole, "month"
    return outcome.span(horizon)


def _input(inputs: Sequence[Input], reason: PersonReason) -> Input:
    return next(each for each in inputs if each.column.name == reason.column.name)


def spoken(spec: Input, given: object, label: str, language: Language) -> tuple[Value, str]:
    """Return what may be repeated of a value, and a reason's label with the value in words.

    A category never seen is not repeated, for it could hold anything.
    """
    known = given is not None and not np.isnan(spec.code(given))
    value = given if known and isinstance(given, bool | int | float | str) else None
    column = spec.column
    return value, f"{label} ({told(column, label, value_words(value, given, column, language), language)})"


def _worded(reason: PersonReason, spec: Input, language: Language) -> WordedReason:
    """Return the reason in words."""
    column, label = reason.column, reason.reason.words(language.code)
    value, what = spoken(spec, reason.value, label, language)
    text = (LONGER if reason.raises else SHORTER)[column.kind]
    return WordedReason(
        reason=reason.reason.name,
        label=label,
        column=column.name,
        value=value,
        kind=column.kind,
        goes_with="longer" if reason.raises else "shorter",
        text=language.gettext(text, what=what),
    )


def told(column: Column, label: str, value: str, language: Language) -> str:
    """Return the value of a reason's strongest input, and which input that is unless the reason is called the same."""
    name = column.words(language.code)
    return value if name == label else f"{uncapitalised(name)}: {value}"


def uncapitalised(words: str) -> str:
    """Return a label as it reads within a sentence: "Days in work" → "days in work", but "ISCO group" stays."""
    first = words.split(maxsplit=1)[0] if words.strip() else ""
    return words if any(letter.isupper() or letter.isdigit() for letter in first[1:]) else words[:1].lower() + words[1:]


def value_words(value: Value, given: object, column: Column, language: Language) -> str:
    """Return a value in words; None, though something was given, is a value that the model does not know."""
    if given is None:
        return language.gettext("not known")
    if value is None:
        return language.gettext("a value that the model does not know")
    if column.type is ColumnType.BOOLEAN:
        return language.gettext("yes") if value else language.gettext("no")
    return column.value_words(value, language.code) if isinstance(value, str) else language.number(value)


def _caveats(
    row: Row, inputs: Sequence[Input], unfamiliar: Sequence[Input], *, weak: bool, language: Language
) -> tuple[str, ...]:
    missing = [each for each in inputs if row.get(each.column.name) is None]
    strange = [each for each in unfamiliar if each not in missing]
    said = [
        language.gettext("This is a statistical hint about people in a like situation; it does not know this person.")
    ]
    if weak:
        said.append(language.gettext("The model is weak: it tells people's situations apart only a little."))
    if strange:
        said.append(
            language.gettext(
                "The model has not learnt from values like these: {labels}. The hint is uncertain.",
                labels=labels(strange, language),
            )
        )
    if missing:
        said.append(language.gettext("The hint was made without knowing: {labels}.", labels=labels(missing, language)))
    return tuple(said)


def _doubts(bands: Bands, unfamiliar: Sequence[Input], language: Language) -> tuple[str, ...]:
    """Return why the band of one row is uncertain; values never seen have a caveat of their own."""
    if not bands.asked[0]:
        return ()
    causes = (bands.wide[0], bands.unstable[0], bands.unlike[0] and not unfamiliar)
    return tuple(language.gettext(words) for words, cause in zip(DOUBTS, causes, strict=True) if cause)


def labels(inputs: Sequence[Input], language: Language) -> str:
    """Return the labels of inputs, as they stand in a sentence."""
    return ", ".join(each.column.words(language.code) for each in inputs)

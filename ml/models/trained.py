"""A trained model: encoder, scorer, calibrators, refits and the cuts of its bands."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.special import expit

from ml.contracts import Bools, Floats, Outcome, Rows
from ml.measures.landmarks import landmarks
from ml.measures.shares import Z95, student95

from .alone import Alone, RowHint
from .bands import AGREED, WIDEST, Bands, Cuts, band_of
from .between import NOBODY, Between, Late, led_on, still_there, sure
from .calibrate import Calibrators, Lines, line, lines
from .encode import Encoder
from .familiarity import Familiarity
from .pace import Pace
from .panel import Panel, panel
from .scorers import Scorer


@dataclass(frozen=True)
class Refit:
    """The same kind of model, trained on other people: a bootstrap of the training part's persons."""

    scorer: Scorer
    calibrators: Calibrators


@dataclass(frozen=True)
class Curve:
    """Chances of still being unemployed at each horizon, each (n, horizons), non-increasing along a row.

    Counted from registration, given that the spell has lasted as long as its row says: 1 at a horizon reached already.
    """

    probability: Floats
    low: Floats
    high: Floats


@dataclass(frozen=True)
class Said:
    """What a model and its refits say of some rows, before it is made of chances.

    landmark  (n,) how many horizons each spell had reached
    margins   (n, horizons) of the kept scorer
    others    (refits, n, horizons) calibrated log-odds of each refit; NaN where a horizon was reached
    power     (n, 1) to which chances are raised, for the times have changed
    late      those who were looked at between landmarks
    """

    landmark: Rows
    margins: Floats
    others: Floats
    power: Floats
    late: Late


@dataclass(frozen=True)
class TrainedModel:
    """All that is needed to score a person.

    calibrators  landmark → horizon
    refits       at least ten, or none: then nothing is known of stability
    cuts         landmark → cuts of the bands at the main horizon; None where it is no question any more
    pace         of the times whose level the calibrators have; None: the level stays whatever the times are
    between      the ways from landmark to landmark; None: no input says how long a spell had lasted
    """

    name: str
    encoder: Encoder
    scorer: Scorer
    calibrators: Calibrators
    refits: tuple[Refit, ...]
    outcome: Outcome
    cuts: tuple[Cuts | None, ...]
    familiarity: Familiarity
    pace: Pace | None = None
    between: Between | None = None

    @property
    def place(self) -> int:
        """Return which of the horizons is the main one."""
        return self.outcome.place

    @property
    def output_names(self) -> list[str]:
        """Return the name of each horizon's probability."""
        return [f"still_unemployed_at_{horizon:g}" for horizon in self.outcome.horizons]

    def landmarks(self, codes: Floats) -> Rows:
        """Return how many horizons each spell had reached when its row was looked at, (n,)."""
        if self._entry is None:
            return np.zeros(len(codes), dtype=np.int64)
        return landmarks(codes[:, self._entry], self.outcome)

    def reached(self, codes: Floats) -> Bools:
        """Return which horizons each spell had reached when its row was looked at, (n, horizons)."""
        return np.asarray(self.landmarks(codes)[:, None] > np.arange(len(self.outcome.horizons)))

    def slopes(self, codes: Floats, place: int) -> Floats:
        """Return what a unit of the margin is worth in calibrated log-odds at a horizon, (n,); 0 where reached."""
        return np.asarray(self._slopes[self.landmarks(codes), place])

    def probability(self, codes: Floats) -> Floats:
        """Return the chances of still being unemployed, (n, horizons), as `curve` has them; refits are not asked."""
        margins, late = self.margins(codes), self.late(codes)
        chances = self._chances(self.landmarks(codes), margins)
        if len(late):
            there = self._chances(late.landmark + 1, margins[late.rows])
            chances[late.rows] = _between(chances[late.rows], there, late)
        return _falling(chances ** self.power(codes))

    def _chances(self, landmark: Rows, margins: Floats) -> Floats:
        odds = self._line.at(landmark).log_odds(margins)
        return np.where(np.isnan(odds), 1.0, expit(odds))

    def power(self, codes: Floats) -> Floats:
        """Return to which power chances are raised, for the times have changed since they were learnt, (n, 1)."""
        return np.ones((len(codes), 1)) if self.pace is None else self.pace.power(codes)

    def late(self, codes: Floats) -> Late:
        """Return those who were looked at between landmarks, later than training looked."""
        return NOBODY if self.between is None else self.between.late(codes, self.landmarks(codes))

    def margins(self, codes: Floats) -> Floats:
        """Return what the scorer says, (n, horizons)."""

        def ask(rows: Floats) -> Floats:
            return self.scorer.margins(rows)[None]

        return np.asarray(self._margins(ask, codes, self.late(codes))[0])

    def contributions(self, codes: Floats, place: int) -> Floats:
        """Return what each input adds to the margin at a horizon, and the base, (n, inputs + 1)."""
        late = self.late(codes)
        if self.between is None or not len(late):
            return self.scorer.contributions(codes, place)
        parts = self.scorer.contributions(self.between.as_of_landmark(codes, late), place)
        there = self.scorer.contributions(self.between.as_of_next(codes, late), place)
        ahead = late.landmark < place  # the next horizon is asked of as of the landmark alone
        rows = late.rows[ahead]
        parts[rows] = led_on(parts[rows], there[ahead], late.along[ahead, None])
        return parts

    def curve(self, codes: Floats) -> Curve:
        """Return the chances of still being unemployed, with the interval of each."""
        return self.curve_of(self.said(codes))

    def hints(self, codes: Floats) -> tuple[Curve, Bands]:
        """Return the chances, with intervals, and the bands."""
        said = self.said(codes)
        curve = self.curve_of(said)
        return curve, self.bands_of(said, codes, curve)

    def said(self, codes: Floats) -> Said:
        """Return what the model and its refits say, each asked once."""
        landmark, late = self.landmarks(codes), self.late(codes)
        margins = self._margins(self.panel.margins, codes, late)
        others = self._log_odds(self._other_lines, margins[1:], landmark, late) if self.refits else margins[1:]
        return Said(landmark, margins[0], others, self.power(codes), late)

    def curve_of(self, said: Said) -> Curve:
        """Return the chances, with the interval of each, of what was said."""
        margins, others = said.margins, said.others
        further = np.zeros(margins.shape)
        if len(others) > 1:
            # Of so few draws the spread is known roughly: Student's interval is wider than the normal one.
            apart = others - others.sum(axis=0) / len(others)
            further = (apart * apart).sum(axis=0) / (len(others) - 1) * (student95(len(others) - 1) / Z95) ** 2
        three = self._three(said.landmark, margins, further)
        if len(said.late):
            rows = said.late.rows
            there = self._three(said.late.landmark + 1, margins[rows], further[rows])
            three[:, rows] = _between(three[:, rows], there, said.late)
        return Curve(*_falling(three**said.power))

    def _three(self, landmark: Rows, margins: Floats, further: Floats) -> Floats:
        """Return chances and both ends of their intervals, (3, n, horizons), by the calibrators of landmarks."""
        ours = self._line.at(landmark)
        three = ours.chances(margins, further)
        three[:, np.isnan(ours.level)] = 1.0  # a horizon that was reached
        for stage, rows in _stages(landmark):
            for place, each in enumerate(self.calibrators[stage]):
                if each is not None:
                    low, high = three[1, rows, place], three[2, rows, place]
                    each.widen(margins[rows, place], low, high)
                    three[1, rows, place], three[2, rows, place] = low, high
        return three

    def _margins(self, ask: Callable[[Floats], Floats], codes: Floats, late: Late) -> Floats:
        """Return what scorers say, (scorers, n, horizons); of who is late, between this landmark and the next."""
        if self.between is None or not len(late):
            return ask(codes)
        margins = ask(self.between.as_of_landmark(codes, late)).copy()
        margins[:, late.rows] = late.led_on(margins[:, late.rows], ask(self.between.as_of_next(codes, late)))
        return margins

    def _log_odds(self, lines: Lines, margins: Floats, landmark: Rows, late: Late) -> Floats:
        """Return calibrated log-odds, (…, n, horizons); NaN where a horizon was reached."""
        odds = lines.at(landmark).log_odds(margins)
        if len(late):
            here = odds[..., late.rows, :]
            led = late.led_on(here, lines.at(late.landmark + 1).log_odds(margins[..., late.rows, :]))
            near = sure(still_there(expit(late.at_next(here)), late.gone))
            odds[..., late.rows, :] = late.with_next(led, near)
        return odds

    def bands_of(self, said: Said, codes: Floats, curve: Curve) -> Bands:
        """Return the bands at the main horizon, of what was said of the codes and the chances made of it."""
        place, cuts, asked = self.place, self._cuts[:, said.landmark], codes
        if self.between is not None and len(said.late):
            cuts[:, said.late.rows] = self.between.cuts(codes, said.late)
            asked = self.between.as_of_landmark(codes, said.late)
        low, high = curve.low[:, place], curve.high[:, place]
        band = band_of(curve.probability[:, place], cuts)
        wide = (high - low > WIDEST) | ((low < cuts[0]) & (high >= cuts[1]))
        agreed = np.ones(len(codes))
        if len(said.others):
            odds = np.fmin.accumulate(said.others[:, :, : place + 1], axis=2)[:, :, place]  # a refit's curve falls, too
            same = (band_of(expit(odds) ** said.power[:, 0], cuts) == band).sum(axis=0) / len(said.others)
            agreed = np.where(np.isnan(cuts[0]), 1.0, same)
        unlike = self.familiarity.unlike(self.encoder, asked)
        return Bands(band, said.landmark <= place, wide, unlike, agreed < AGREED, agreed)

    # ---------------------------------------------------------------- what never changes, worked out once

    @cached_property
    def alone(self) -> Alone:
        """Return the model, to be asked about one row."""
        others = tuple(each.calibrators for each in self.refits)
        return Alone(
            self.outcome,
            self.encoder,
            self.panel,
            self.familiarity,
            self.calibrators,
            others,
            self.cuts,
            self.pace,
            self.between,
        )

    @cached_property
    def _entry(self) -> int | None:
        """Return which input says how long a spell had lasted."""
        entry = self.outcome.entry
        return None if entry is None else self.encoder.names.index(entry)

    @cached_property
    def panel(self) -> Panel:
        """Return the scorer and those of the refits, to be asked at once."""
        return panel([self.scorer, *(each.scorer for each in self.refits)])

    @cached_property
    def _line(self) -> Lines:
        return line(self.calibrators)

    @cached_property
    def _other_lines(self) -> Lines:
        return lines([each.calibrators for each in self.refits])

    @cached_property
    def _slopes(self) -> Floats:
        return np.asarray(np.nan_to_num(self._line.slope, nan=0.0))

    @cached_property
    def _cuts(self) -> Floats:
        """Return where the bands begin, (low and elevated, landmarks); NaN where there are none."""
        return np.array(
            [(np.nan, np.nan) if each is None else (each.low_below, each.elevated_from) for each in self.cuts]
        ).T


def row_hints(landmark: Rows, curve: Curve, bands: Bands) -> list[RowHint]:
    """Return what was said of many rows, each as `Alone.hint` has it."""
    parts = (
        landmark.tolist(),
        *(each.tolist() for each in (curve.probability, curve.low, curve.high)),
        [bands.at(place) for place in range(len(landmark))],
        *(each.tolist() for each in (bands.wide, bands.unlike, bands.unstable)),
    )
    return [RowHint(*each) for each in zip(*parts, strict=True)]


def _stages(landmark: Rows) -> list[tuple[int, Rows]]:
    """Return each landmark with its rows."""
    return [(int(stage), np.flatnonzero(landmark == stage)) for stage in np.unique(landmark)]


def _between(here: Floats, there: Floats, late: Late) -> Floats:
    """Return the chances, (…, k, horizons), of those who are late, from those at this landmark and at the next."""
    led = np.where(here < 1, expit(late.led_on(sure(here), sure(there))), here)
    return late.with_next(led, still_there(late.at_next(here), late.gone))


def _falling(chances: Floats) -> Floats:
    """Return chances that never rise along the horizons: who is still unemployed at the later one was at the first."""
    return np.asarray(np.minimum.accumulate(chances, axis=-1))


def log_odds(calibrators: Calibrators, margins: Floats, landmark: Rows) -> Floats:
    """Return calibrated log-odds, (n, horizons); NaN where a horizon is no question at the row's landmark."""
    return line(calibrators).at(landmark).log_odds(margins)

"""Rolling origins inside the training part: what would have been learnt on a day, and how it then did.

Tuning by the last split rewards what suited one time; several origins ask for what suits most of them (Hyndman &
Athanasopoulos 2021, 5.10). Calibration and test parts are never looked at.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np

from ml.contracts import Bools, Cohort, Part, Rows
from ml.errors import DataError
from ml.measures.censoring import outcome_at

from .split import LEAST_OF_EACH_OUTCOME, spells_known_at

FIRST_IN_HORIZONS = 1.25  # of history before the first origin: a shorter one sees hardly anybody reach the horizon
LONGEST_WINDOW_IN_HORIZONS = 0.25
LEAST_ROOM_IN_HORIZONS = 0.1  # for all windows together: in less, the origins are one
SIDES = 3  # persons are dealt to so many; each origin judges one of them and learns from the others
STREAM = 1  # of random numbers: those of the split decided who is here at all, and would put them on one side
DAY = np.timedelta64(1, "D")
LONG_AGO = np.datetime64("0001-01-01", "D")


@dataclass(frozen=True)
class Origin:
    """A day on which a model could have been trained.

    learn   looks made by that day, of persons not judged, followed up as was knowable on it
    judged  looks made after it, until the end of its window, followed up as knowable at the training part's cut
    """

    day: date
    learn: Part
    judged: Part


def rolling_origins(cohort: Cohort, train: Part, seed: int, at_least: int = 4) -> tuple[Origin, ...]:
    """Return the origins of a training part, the earliest first, as late as its outcomes allow.

    Judged are looks whose whole horizon lies before the training part's cut; windows overlap where the part is short.
    Where training waits until outcomes are certain, an origin does: it learns nothing of spells that began less than a
    horizon before it. With weights in their place trees lost 0.69 instead of 0.58 (log loss, synthetic Helsinki).
    Raises DataError when the part cannot give so many origins.
    """
    if cohort.start is None or train.first is None or train.last is None or train.known_until is None:
        raise DataError(
            "tuning needs to know when spells began: add [time] to the contract, or train with the default settings"
        )
    horizon = _horizon(cohort)
    last, cut = np.datetime64(train.last, "D"), np.datetime64(train.known_until, "D")
    days, window = _days(np.datetime64(train.first, "D"), min(last, cut - horizon), horizon, at_least)
    age = horizon if last <= cut - horizon else 0 * DAY  # what training does not learn from, an origin does not either
    sides = _dealt(cohort.person, seed)
    found = []
    for number, day in enumerate(days):
        is_judged = sides[cohort.person] == number % SIDES
        learn = looks(cohort, train, ~is_judged, known=day, until=day, began=day - age)
        judged = looks(cohort, train, is_judged, known=cut, after=day, until=day + window)
        found.append(Origin(_date(day), learn, judged))
    if not found or not all(_serves(cohort, part) for origin in found for part in (origin.learn, origin.judged)):
        raise DataError(
            f"the training part, spells that began from {train.first} to {train.last}, is too short for {at_least} "
            "origins to tune at; choose a shorter horizon or a longer extract, or train with the default settings"
        )
    return tuple(found)


def looks(
    cohort: Cohort,
    train: Part,
    kept: Bools,
    *,
    known: np.datetime64,
    until: np.datetime64,
    after: np.datetime64 = LONG_AGO,
    began: np.datetime64 | None = None,
) -> Part:
    """Return the training part's looks made after one day and until another, followed up as knowable on a third.

    kept   (len(cohort),) True where a row may be taken
    began  the last day on which a spell may have begun; None: any
    """
    if cohort.start is None:
        raise DataError("looks have no days where the start of the spells is not known")
    start = cohort.start.astype("datetime64[D]")
    looked_on = start.astype(np.float64) + cohort.entry * cohort.contract.outcome.unit_days
    chosen = kept & (looked_on > after.astype(np.float64)) & (looked_on <= until.astype(np.float64))
    chosen &= start <= (until if began is None else began)
    rows = train.rows[chosen[train.rows]]
    spells = spells_known_at(cohort, start, rows, known)
    return Part(rows, spells, known_until=_date(known), person=cohort.person[rows])


def _horizon(cohort: Cohort) -> np.timedelta64:
    outcome = cohort.contract.outcome
    return np.timedelta64(round(max(outcome.horizons) * outcome.unit_days), "D")


def _days(
    begin: np.datetime64, end: np.datetime64, horizon: np.timedelta64, count: int
) -> tuple[list[np.datetime64], np.timedelta64]:
    """Return the days of the origins and how long the window after each is; no days where there is no room.

    begin  the first day of history;  end  the last day on which what is looked at still has a whole horizon ahead
    """
    room = int((end - begin) / DAY - FIRST_IN_HORIZONS * (horizon / DAY))
    if room < LEAST_ROOM_IN_HORIZONS * (horizon / DAY):
        return [], horizon
    window = min(int(LONGEST_WINDOW_IN_HORIZONS * (horizon / DAY)), room // 2)
    step = min(float(window), (room - window) / max(count - 1, 1))
    back = [window + round((count - 1 - number) * step) for number in range(count)]
    return [end - days * DAY for days in back], window * DAY


def _dealt(person: Rows, seed: int) -> Rows:
    """Return the side of each person, drawn whatever their spells are, and however many persons come after them."""
    rng = np.random.default_rng([seed, STREAM])
    sides: Rows = np.floor(rng.random(person.max() + 1) * SIDES).astype(np.int64)
    return sides


def _serves(cohort: Cohort, part: Part) -> bool:
    """Return whether enough spells of a part are known to have reached the main horizon, and not to have."""
    horizon = cohort.contract.outcome.horizon
    if not np.any(part.spells.asked(horizon) & (part.spells.duration >= horizon)):
        return False
    known = outcome_at(part.spells, horizon)
    still, gone = (int((known.known & side).sum()) for side in (known.outcome, ~known.outcome))
    return min(still, gone) >= LEAST_OF_EACH_OUTCOME


def _date(day: np.datetime64) -> date:
    return date.fromisoformat(str(day))

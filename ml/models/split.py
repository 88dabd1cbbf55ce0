"""Training, calibration and test parts: by time where time is known, and the test never across a person."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import numpy as np

from ml.contracts import Cohort, Dates, Floats, Part, Rows, Spells, Split
from ml.errors import DataError
from ml.measures.censoring import outcome_at

SHARES = (0.6, 0.2, 0.2)
REGISTER_ROWS = 10_000  # a smaller file cannot afford to leave out as much as a register can
FEW_COME_BACK = 0.1  # of the rows are of a person's later spells: leaving them out changes little
TRAINING = 0  # the number of the training part; calibration and test follow
DEAL = (0.4, 0.3, 0.3)  # of the persons, where many come back: enough to learn from, and as many to judge by
HANDS = (0, 0, 0, 1, 2)  # the shares in whole persons: of each five alike, three teach, one calibrates, one tests
PART_IN_HORIZONS = 1.5  # a part this long sees spells reach the horizon before its cut
LEAST_PART_IN_HORIZONS = 1.05  # a shorter one sees hardly any
LONG_IN_HORIZONS = 5  # a history this long waits a horizon after each part for outcomes to become known
LEAST_OF_EACH_OUTCOME = 5


def split(cohort: Cohort, seed: int) -> Split:
    """Return the parts: temporal when the start is known, else random and the same for the same seed.

    Raises DataError when a part would be too small to learn or to judge anything.
    """
    parts = _random(cohort, seed, 0) if cohort.start is None else _temporal(cohort, cohort.start, seed)
    _require(parts, cohort)
    return parts


def further_turns(cohort: Cohort, seed: int) -> Iterator[Split]:
    """Yield the random splits in which the other four of each five persons are the test part; none where time is known.

    With `split` of the same seed every person is tested once. Raises DataError as it does.
    """
    for turn in range(1, len(HANDS) if cohort.start is None else 1):
        parts = _random(cohort, seed, turn)
        _require(parts, cohort, f" of turn {turn + 1} of {len(HANDS)}")
        yield parts


def spells_of(cohort: Cohort, rows: Rows) -> Spells:
    """Return follow-up of the rows with all that the file says."""
    return Spells(cohort.duration[rows], cohort.exited[rows], cohort.entry[rows])


def spells_known_at(cohort: Cohort, start: Dates, rows: Rows, cut: np.datetime64) -> Spells:
    """Return follow-up as knowable on the day of the cut: what was under way then is censored there."""
    elapsed = _elapsed(cohort, start, cut)[rows]
    under_way = cohort.duration[rows] > elapsed
    duration = np.where(under_way, elapsed, cohort.duration[rows])
    return Spells(duration, cohort.exited[rows] & ~under_way, cohort.entry[rows])


def _elapsed(cohort: Cohort, start: Dates, cut: np.datetime64 | Dates) -> Floats:
    """Return how long before the cut each spell began, in the contract's unit, (n,)."""
    return np.asarray((cut - start) / np.timedelta64(1, "D") / cohort.contract.outcome.unit_days)


@dataclass(frozen=True)
class Times:
    """When the parts begin and end.

    begins      first day of the calibration and of the test part; the training part has all before
    known       until when training, calibration and test are followed up: what was known on the day of use
    gap         how long before its day of knowledge a spell must begin for its outcome to be certain then
    """

    begins: tuple[np.datetime64, np.datetime64]
    known: tuple[np.datetime64, np.datetime64, np.datetime64]
    gap: np.timedelta64


def _temporal(cohort: Cohort, start: Dates, seed: int) -> Split:
    register = _is_register(cohort, start)
    times = _times(cohort, start, register)
    period = np.where(start < times.begins[0], 0, np.where(start < times.begins[1], 1, 2))
    of_person = deal(cohort.person, seed) if register else _earliest(period, cohort.person)
    own = period == of_person[cohort.person]
    # Calibrators need many spells, and none that was learnt from: later ones of the same people are as good.
    lent = (period == 1) & (of_person[cohort.person] == TRAINING) & bool(times.gap)
    kept = own | lent
    known = np.array(times.known, dtype="datetime64[D]")
    # A look at a spell after the day of knowledge did not exist yet on that day.
    existed = cohort.entry <= _elapsed(cohort, start, known[period])
    ripe = known[period] - start >= times.gap
    judged = ripe | (period < 2)  # calibration finds a use for spells under way; a test of them would be half a test
    window = np.asarray(known[period] - times.gap, dtype="datetime64[D]")
    newest = np.maximum(_elapsed(cohort, start, window), 0) if times.gap else np.zeros(len(cohort))

    def part(number: int) -> Part:
        rows = np.flatnonzero(kept & judged & existed & (period == number))
        if not len(rows):
            raise DataError("a part of the temporal split is empty; the starts of the spells are too few or too alike")
        spells = spells_known_at(cohort, start, rows, known[number])
        first, last, until = (_day(day) for day in (start[rows].min(), start[rows].max(), known[number]))
        return Part(rows, spells, first, last, until, cohort.person[rows], ripe[rows], lent[rows], newest[rows])

    return Split(
        "temporal",
        part(0),
        part(1),
        part(2),
        left_out=int((~kept).sum()),
        unripe=int((kept & ~judged).sum()),
        not_yet=int((kept & judged & ~existed).sum()),
        dealt=register,
    )


def _is_register(cohort: Cohort, start: Dates) -> bool:
    """Return whether the file is large, and many of its rows are of people who had a spell in it before."""
    day = start.astype("datetime64[D]").astype(np.int64)
    first = np.full(cohort.person.max() + 1, day.max())
    np.minimum.at(first, cohort.person, day)
    return len(cohort) >= REGISTER_ROWS and bool(np.mean(day > first[cohort.person]) > FEW_COME_BACK)


def _earliest(period: Rows, person: Rows) -> Rows:
    """Return for each person the part in whose time their first spell began.

    Choosing a later one because they have spells there would let training know who comes back, and so who had left.
    """
    earliest = np.full(person.max() + 1, 2)
    np.minimum.at(earliest, person, period)
    return earliest


def deal(person: Rows, seed: int) -> Rows:
    """Return a part for each person, drawn whatever their spells are: each part has newcomers and returners alike."""
    drawn: Rows = np.random.default_rng(seed).choice(3, size=person.max() + 1, p=DEAL)
    return drawn


def _times(cohort: Cohort, start: Dates, register: bool) -> Times:
    """Return when the parts begin and end.

    Each part lasts 1.5 horizons, or a third of a short history while that still serves.

    A long register waits for outcomes, so that nothing hangs on weights, which are right only where those watched for a
    shorter time are like the others; in a register they are not, for times change. With horizons of a year and an
    end of 2 November 2019: the test part began in the year from 2 November 2017 on; calibration has the two years
    before, as known on that day (the follow-up of the second of them tells the level); training has all before
    2 November 2015, as known a year later. Parts of whole years have each season once.
    """
    outcome = cohort.contract.outcome
    horizon = np.timedelta64(round(max(outcome.horizons) * outcome.unit_days), "D")
    in_order = np.sort(start)
    begin, end = in_order[0], np.datetime64(cohort.as_of, "D")
    if register and end - begin >= horizon * LONG_IN_HORIZONS:
        test = end - 2 * horizon
        return Times((test - 2 * horizon, test), (test - horizon, test, end), horizon)
    lasts = min((end - begin) // 3, horizon * PART_IN_HORIZONS)
    second = min(in_order[int(len(start) * (SHARES[0] + SHARES[1]))], end - lasts)
    first = min(in_order[int(len(start) * SHARES[0])], second - lasts)
    if first - begin < horizon * LEAST_PART_IN_HORIZONS:
        raise DataError(
            f"the history is too short for a split by time: spells that began from {begin} to {in_order[-1]}, known "
            f"until {end}, do not make three parts that each see spells reach {outcome.words(max(outcome.horizons))}; "
            "choose a shorter horizon, a longer extract, or leave [time] out and accept a random split"
        )
    return Times((first, second), (first, second, end), np.timedelta64(0, "D"))


def _random(cohort: Cohort, seed: int, turn: int) -> Split:
    """Deal whole persons to the parts, evenly over short and long, seen and censored spells; a turn moves hands on."""
    rng = np.random.default_rng(seed)
    persons, first_row = np.unique(cohort.person, return_index=True)
    order = np.lexsort((rng.random(len(persons)), cohort.duration[first_row], cohort.exited[first_row]))
    dealt = np.concatenate([rng.permutation(len(HANDS)) for _ in range(-(-len(persons) // len(HANDS)))])
    part_of_person = np.empty(cohort.person.max() + 1, dtype=np.int64)
    part_of_person[persons[order]] = np.roll(HANDS, turn)[dealt[: len(persons)]]
    part_of_row = part_of_person[cohort.person]

    def part(number: int) -> Part:
        rows = np.flatnonzero(part_of_row == number)
        return Part(rows, spells_of(cohort, rows), person=cohort.person[rows])

    return Split("random", part(0), part(1), part(2))


def _require(parts: Split, cohort: Cohort, turn: str = "") -> None:
    for name, part in (("training", parts.train), ("calibration", parts.calibration), ("test", parts.test)):
        _require_both_outcomes(f"{name} part{turn}", part[part.judging], cohort)


def _require_both_outcomes(name: str, part: Part, cohort: Cohort) -> None:
    for horizon in cohort.contract.outcome.horizons:
        if not len(part):
            raise DataError(f"the {name} is empty: {len(cohort)} spells are too few")
        known = outcome_at(part.spells, horizon)
        still = int((known.known & known.outcome).sum())
        gone = int((known.known & ~known.outcome).sum())
        if min(still, gone) < LEAST_OF_EACH_OUTCOME:
            short = "reached it" if still < gone else "ended before it"
            raise DataError(
                f"the {name} knows too few outcomes at {horizon:g} units: fewer than {LEAST_OF_EACH_OUTCOME} "
                f"spells {short}; more spells or another horizon are needed"
            )


def _day(moment: np.datetime64) -> date:
    return date.fromisoformat(str(moment.astype("datetime64[D]")))

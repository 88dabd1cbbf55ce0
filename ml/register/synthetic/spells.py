"""Invented spells of invented people: registrations 2014–2022, watched until the day of the extract."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ml.contracts import Bools, Dates, Floats
from ml.register.synthetic.people import Codes, People

FIRST_DAY = np.datetime64("2014-01-01", "D")
LAST_DAY = np.datetime64("2022-12-31", "D")  # of registrations
EXTRACT = np.datetime64("2023-06-30", "D")
SHOCK = (np.datetime64("2020-03", "M"), np.datetime64("2020-09", "M"))
MONTH = 30.4375  # days
MOST_SPELLS = 5  # a person
MOST_MONTHS = 108
SEASONS = np.array(["winter", "spring", "summer", "autumn"], dtype=object)
# How exits are shared between work, education and leaving the labour force.
WAYS_OUT = (("01", 0.68), ("08", 0.18), ("05", 0.14))
# Open vacancies per jobseeker in a usual year, by ISCO major group 1 to 9.
VACANCIES = np.array([0.30, 0.55, 0.45, 0.20, 0.50, 0.35, 0.40, 0.35, 0.30])
# What one step of each input adds to the log-odds of leaving unemployment within a month.
LEVEL = -0.1
EDUCATION = np.array([-0.35, 0.0, 0.1, 0.25])
LANGUAGE = -0.10  # other than Finnish or Swedish
DECAY = 0.42  # per log(1 + months unemployed): the chance falls as time goes by


def draw_spells(people: People, rng: np.random.Generator) -> pd.DataFrame:
    """Return the spells that begin in 2014–2022, one row each in order of their start."""
    who = np.arange(len(people))
    days = (LAST_DAY - FIRST_DAY).astype(np.int64)
    # some begin before the window opens, so that returns are as frequent at its start as at its end
    start = FIRST_DAY + rng.integers(-700, int(days) + 1, size=len(people)).astype("timedelta64[D]")
    before = rng.poisson(np.exp(-0.55 - 0.55 * people.employability))
    unemployed_days = np.minimum(before * rng.exponential(110.0, size=len(people)), 900.0)
    drawn = []
    for _ in range(MOST_SPELLS):
        spells = _one_spell_each(people, who, start, before, unemployed_days, rng)
        drawn.append(spells)
        back, gap = _return(spells, people.employability[who], rng)
        start = (start + (spells["duration_days"].to_numpy() + gap).astype("timedelta64[D]"))[back]
        recent = gap[back] < 3 * 365
        before = np.where(recent, np.minimum(before[back] + 1, 8), 0)
        stayed = spells["duration_days"].to_numpy()[back]
        unemployed_days = np.where(recent, np.minimum(stayed + 0.5 * unemployed_days[back], 1096.0), 0.0)
        who = who[back]
    every = pd.concat(drawn, ignore_index=True)
    every = every[(every["start"] >= FIRST_DAY) & (every["start"] <= LAST_DAY)]
    return every.sort_values(["start", "person"], kind="stable", ignore_index=True)


def _one_spell_each(
    people: People, who: Codes, start: Dates, before: Codes, unemployed_days: Floats, rng: np.random.Generator
) -> pd.DataFrame:
    """Return one spell of each of these people: what is known at its start, and how it went on."""
    known = pd.concat(
        [
            _of_person(people, who, start),
            _of_history(_age(people, who, start), people.employability[who], start, before, unemployed_days, rng),
        ],
        axis=1,
    )
    known["vacancies"] = _vacancies(people.occupation[who], start, rng)
    log_odds = _log_odds(known, people.education[who], people.employability[who], rng)
    return _followed(known, log_odds, start, rng)


def _age(people: People, who: Codes, start: Dates) -> Floats:
    """Return the age in whole years at the start of a spell."""
    middle_of_year = start.astype("datetime64[Y]").astype(np.float64) + 1970.5
    age: Floats = np.clip(np.floor(middle_of_year - people.born[who]), 18, 64)
    return age


def _of_person(people: People, who: Codes, start: Dates) -> pd.DataFrame:
    education = pd.Series(people.education[who], dtype="Int64")
    return pd.DataFrame(
        {
            "person": people.pseudonym[who],
            "start": start.astype("datetime64[s]"),
            "age": _age(people, who, start).astype(np.int64),
            "gender": np.where(people.is_woman[who], "2", "1"),
            "mother_tongue": people.tongue[who],
            "education": education.where(people.education_known[who]),
            "occupation": people.occupation[who],
            "own_car": people.has_car[who],
            "part_time": people.seeks_part_time[who],
            "season": SEASONS[(start.astype("datetime64[M]").astype(np.int64) % 12 + 1) % 12 // 3],
        }
    )


def _of_history(
    age: Floats, employability: Floats, start: Dates, before: Codes, unemployed_days: Floats, rng: np.random.Generator
) -> pd.DataFrame:
    """Return what the person did before the spell; work and services go together with employability."""
    count = len(age)
    never = rng.random(count) < np.where(age < 25, 0.18, 0.02)
    since = rng.exponential(2.0 + 7.0 * np.exp(-0.6 * employability) * (1 + unemployed_days / 365.0))
    served = rng.random(count) < 0.1 + 0.5 * (unemployed_days > 90)
    ago = rng.integers(20, 700, size=count).astype("timedelta64[D]")
    has_plan = (before > 0) & (rng.random(count) < 0.85)
    return pd.DataFrame(
        {
            "months_since_job": np.where(never, np.nan, np.round(np.minimum(since, 240.0), 1)),
            "work_years": np.round(np.where(never, 0.0, (age - 18) * rng.beta(5.0, 2.5, size=count)), 1),
            "earlier_spells": before,
            "service_days": np.round(np.where(served, np.minimum(rng.gamma(1.5, 45.0, size=count), 1096), 0)).astype(
                np.int64
            ),
            "plan_date": pd.Series((start - ago).astype("datetime64[s]")).where(has_plan),
        }
    )


def _vacancies(occupation: Codes, start: Dates, rng: np.random.Generator) -> Floats:
    """Return open vacancies per jobseeker in the occupational group and month of the start."""
    fewer = np.where(_in_shock(start.astype("datetime64[M]")), 0.5, 1.0)
    noise = np.exp(rng.normal(scale=0.15, size=len(start)))
    vacancies: Floats = np.round(VACANCIES[occupation - 1] * fewer * noise, 2)
    return vacancies


def _log_odds(known: pd.DataFrame, education: Codes, employability: Floats, rng: np.random.Generator) -> Floats:
    """Return the log-odds of leaving within the first month in a usual time of the year."""
    age = known["age"].to_numpy(np.float64)
    since = known["months_since_job"].fillna(36.0).to_numpy(np.float64)
    log_odds: Floats = (
        LEVEL
        + EDUCATION[education - 1]
        + 0.25 * employability
        - 0.24 * np.log1p(since / 3.0)
        - 0.022 * np.maximum(age - 45.0, 0.0)
        + 0.15 * (age < 25)
        - 0.12 * np.minimum(known["earlier_spells"].to_numpy(np.float64), 4.0)
        - 0.003 * np.minimum(known["service_days"].to_numpy(np.float64), 180.0)
        + 0.9 * (known["vacancies"].to_numpy(np.float64) - 0.4)
        + 0.2 * known["own_car"].to_numpy(np.float64)
        + 0.12 * known["part_time"].to_numpy(np.float64)
        + np.where(known["mother_tongue"] == "other", LANGUAGE, 0.0)
        + rng.normal(scale=0.7, size=len(age))
    )
    return log_odds


def _followed(known: pd.DataFrame, log_odds: Floats, start: Dates, rng: np.random.Generator) -> pd.DataFrame:
    """Return the spells with how long they lasted and how they ended, as the extract's day knows it."""
    left = np.full(len(start), MOST_MONTHS, dtype=np.int64)
    waiting = np.arange(len(start))
    for month in range(MOST_MONTHS):
        now = start[waiting].astype("datetime64[M]") + month
        chance = 1.0 / (1.0 + np.exp(DECAY * np.log1p(month) - log_odds[waiting] - _of_calendar(now)))
        leaves = rng.random(len(waiting)) < chance
        left[waiting[leaves]] = month
        waiting = waiting[~leaves]
    lasted = np.floor((left + rng.random(len(start))) * MONTH).astype(np.int64) + 1
    watched = (EXTRACT - start).astype(np.int64)
    ways = rng.choice([code for code, _ in WAYS_OUT], size=len(start), p=[share for _, share in WAYS_OUT])
    return known.assign(duration_days=np.minimum(lasted, watched), ended=np.where(lasted <= watched, ways, "02"))


def _in_shock(month: NDArray[np.datetime64]) -> Bools:
    shocked: Bools = (month >= SHOCK[0]) & (month < SHOCK[1])
    return shocked


def _of_calendar(month: NDArray[np.datetime64]) -> Floats:
    """Return what the season and the shock of 2020 add to the log-odds of leaving in a month."""
    turn = 2.0 * np.pi * (month.astype(np.int64) % 12 - 5) / 12.0  # most leave in June, fewest in December
    added: Floats = 0.18 * np.cos(turn) - 0.40 * _in_shock(month)
    return added


def _return(spells: pd.DataFrame, employability: Floats, rng: np.random.Generator) -> tuple[Bools, Floats]:
    """Return who registers again, and how many days after the end of the spell."""
    gap = np.floor(30.0 + rng.exponential(500.0 * np.exp(0.3 * employability)))
    returns = (spells["ended"] != "02").to_numpy() & (rng.random(len(spells)) < 0.65)
    ended = spells["start"].to_numpy().astype("datetime64[D]") + spells["duration_days"].to_numpy().astype(
        "timedelta64[D]"
    )
    back: Bools = returns & (ended + gap.astype("timedelta64[D]") <= LAST_DAY)
    return back, gap

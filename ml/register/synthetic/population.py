"""Invented people of working age: who they are, and what of it bears on work."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np

from ml.contracts import Bools, Floats
from ml.register.schema.codes import EDUCATION_LEVELS, OCCUPATIONS
from ml.register.synthetic import nature
from ml.register.synthetic.months import MISSING, Days, Months, Whole

Codes = Whole  # indexes

YEAR = 365.25  # days
# Age at the as-of date: year → weight, straight lines between. People who were of working age at its beginning count.
AGES = ((16, 0.15), (18, 0.55), (22, 0.95), (26, 1.25), (32, 1.25), (40, 1.0), (50, 0.92), (60, 0.90), (64, 0.8),
        (71, 0.5), (76, 0.4))  # fmt: skip
MEN = 0.545
FOREIGN = ((16, 0.25), (25, 0.30), (35, 0.37), (45, 0.31), (55, 0.19), (71, 0.10))
BORN_HERE = 0.12  # of the speakers of other languages
YEARS_HERE = 9.0  # mean, of those who moved
# Language → weight, country of most of its speakers here.
TONGUES = {"fi": (0.935, "FI"), "sv": (0.065, "FI")}
FOREIGN_TONGUES = {
    "ru": (0.19, "RU"), "et": (0.16, "EE"), "so": (0.14, "SO"), "ar": (0.11, "IQ"), "en": (0.07, "GB"),
    "ku": (0.05, "IQ"), "fa": (0.05, "AF"), "zh": (0.035, "CN"), "vi": (0.03, "VN"), "es": (0.03, "ES"),
    "fr": (0.025, "CD"), "tr": (0.025, "TR"), "sq": (0.025, "XK"), "bn": (0.015, "BD"), "th": (0.015, "TH"),
    "ne": (0.01, "NP"), "ti": (0.005, "ER"), "uk": (0.005, "UA"), "pt": (0.01, "BR"), "de": (0.01, "DE"),
}  # fmt: skip
# Level of education 1 to 8, cumulated shares by what the person brings: latent level → code of EDUCATION_LEVELS.
LEVELS = tuple(EDUCATION_LEVELS)
EDUCATION_CUTS = np.array([-0.62, 0.68, 0.72, 0.86, 1.38, 2.55])
EDUCATION_CUTS_FOREIGN = np.array([-0.40, 0.02, 0.04, 0.12, 0.62, 2.0])
EDUCATION_OF_EMPLOYABILITY = 0.45  # how far one tells of the other
UNKNOWN_EDUCATION = (0.025, 0.333)  # others, speakers of foreign languages; some become known at an interview
UNKNOWN_OCCUPATION = 0.06
UNKNOWN_OCCUPATION_YOUNG = 0.25
FIELDS = ("01", "02", "03", "04", "05", "06", "07", "08", "09", "10")  # of education, ISCED-F 2013
# Occupational major group 0 to 9, by education: basic, upper secondary, lowest and lower higher, upper higher.
OCCUPATION_SHARES = np.array(
    [
        [0.002, 0.010, 0.02, 0.05, 0.05, 0.290, 0.01, 0.20, 0.12, 0.248],
        [0.003, 0.020, 0.05, 0.12, 0.10, 0.310, 0.01, 0.17, 0.10, 0.117],
        [0.002, 0.050, 0.26, 0.29, 0.13, 0.160, 0.008, 0.03, 0.02, 0.05],
        [0.001, 0.080, 0.58, 0.16, 0.06, 0.065, 0.004, 0.01, 0.01, 0.03],
    ]
)
# What goes with an occupation, major group 0 to 9: leaving unemployment, being prone to it, being laid off.
OCCUPATION_OUT = np.array([0.2, 0.0, 0.10, 0.05, -0.10, 0.10, 0.05, 0.08, 0.0, -0.12])
OCCUPATION_IN = np.array([-0.5, -0.2, -0.1, 0.0, 0.05, 0.10, 0.1, 0.20, 0.10, 0.25])
OCCUPATION_LAY_OFF = np.array([0.1, 0.9, 0.5, 0.9, 0.8, 1.7, 0.4, 1.2, 1.2, 1.3])
FOREIGN_OUT, LIMITED_OUT = -0.06, -0.50
NEWCOMER_OUT = -0.25  # in the first three years
NEWCOMER_DAYS = 3 * 365
MEMBER = 0.72  # of an unemployment fund, among those who have worked
ENTITLED = 0.715  # to labour-market subsidy, when nothing else is paid


@dataclass(frozen=True)
class People:
    """Invented people, arrays of one length. Indexes point into TONGUES + FOREIGN_TONGUES, LEVELS and so on.

    employability  what no register holds: a standard normal share of luck, health, networks
    out, begin     log of the monthly hazard of leaving and of beginning a spell, as far as the person decides it
    """

    born: Days
    gender: Codes  # 1 or 2
    tongue: Codes
    is_foreign: Bools
    citizenship: Codes
    arrived: Days  # MISSING when born in Finland
    education: Codes
    education_code: Codes
    education_known: Bools
    occupation: Codes
    occupation_known: Bools
    postal: Codes
    is_limited: Bools
    employability: Floats
    out: Floats
    begin: Floats
    lay_off: Floats
    services: Floats  # people × STARTABLE: monthly chances of beginning each, at full rate
    is_member: Bools
    is_entitled: Bools
    available: Days  # from when the person is in the labour market here

    def __len__(self) -> int:
        """Return the number of people."""
        return len(self.born)


def draw_people(count: int, months: Months, rng: np.random.Generator) -> People:
    """Return invented people who were of working age at some time before the as-of date."""
    born = months.last - (_ages(count, rng) * YEAR).astype(np.int32)
    age = (months.last - born) / YEAR
    gender = np.where(rng.random(count) < MEN, 1, 2).astype(np.int16)
    is_foreign = rng.random(count) < _line(FOREIGN, age)
    tongue = _tongues(is_foreign, rng)
    arrived = _arrivals(born, age, is_foreign, months, rng)
    employability = rng.normal(size=count)
    education = _education(employability, is_foreign, gender, rng)
    occupation = _occupations(education, rng)
    is_limited = rng.random(count) < 1 / (1 + np.exp(3.1 - 0.028 * (age - 30) + 0.95 * employability))
    major = occupation_major()[occupation]
    return People(
        born=born,
        gender=gender,
        tongue=tongue,
        is_foreign=is_foreign,
        citizenship=_citizenships(tongue, arrived, months, rng),
        arrived=arrived,
        education=education,
        education_code=_education_codes(education, major, rng),
        education_known=rng.random(count) >= np.where(is_foreign, UNKNOWN_EDUCATION[1], UNKNOWN_EDUCATION[0]),
        occupation=occupation,
        occupation_known=rng.random(count) >= np.where(age < 27, UNKNOWN_OCCUPATION_YOUNG, UNKNOWN_OCCUPATION),
        postal=_postal(count, rng),
        is_limited=is_limited,
        employability=employability,
        out=_out(employability, gender, is_foreign, is_limited, major),
        begin=_begin(employability, is_foreign, major, rng),
        lay_off=OCCUPATION_LAY_OFF[major] * np.exp(rng.normal(0, 0.6, count)),
        services=_services(employability, is_limited, is_foreign),
        is_member=rng.random(count) < MEMBER + 0.06 * employability - 0.12 * is_foreign,
        is_entitled=rng.random(count) < ENTITLED,
        available=np.maximum(_working_age(born, education, rng), np.where(arrived > MISSING, arrived + 60, MISSING)),
    )


def _line(points: tuple[tuple[float, float], ...], at: Floats) -> Floats:
    where, value = zip(*points, strict=True)
    found: Floats = np.interp(at, where, value)
    return found


def _ages(count: int, rng: np.random.Generator) -> Floats:
    """Return ages in years by the inverse of their cumulated weights."""
    grid = np.arange(AGES[0][0], AGES[-1][0], 0.05)
    cumulated = np.concatenate([[0.0], np.cumsum(_line(AGES, grid))])
    ages: Floats = np.interp(rng.random(count) * cumulated[-1], cumulated, np.append(grid, AGES[-1][0]))
    return ages


def tongues() -> tuple[str, ...]:
    """Return the languages that `People.tongue` points into."""
    return (*TONGUES, *FOREIGN_TONGUES)


def countries() -> tuple[str, ...]:
    """Return the countries that `People.citizenship` points into."""
    return tuple(dict.fromkeys(country for _, country in {**TONGUES, **FOREIGN_TONGUES}.values()))


def _choice(weights: Floats, count: int, rng: np.random.Generator) -> Codes:
    cumulated = np.cumsum(weights)
    return np.searchsorted(cumulated / cumulated[-1], rng.random(count), side="right").astype(np.int16)


def _tongues(is_foreign: Bools, rng: np.random.Generator) -> Codes:
    own = _choice(np.array([weight for weight, _ in TONGUES.values()]), len(is_foreign), rng)
    other = _choice(np.array([weight for weight, _ in FOREIGN_TONGUES.values()]), len(is_foreign), rng)
    return np.where(is_foreign, other + len(TONGUES), own).astype(np.int16)


def _arrivals(born: Days, age: Floats, is_foreign: Bools, months: Months, rng: np.random.Generator) -> Days:
    years = rng.exponential(YEARS_HERE, len(born))
    abroad = is_foreign & (years < age) & (rng.random(len(born)) >= BORN_HERE)
    return np.where(abroad, np.maximum(months.last - (years * YEAR).astype(np.int32), born), MISSING).astype(np.int32)


def _citizenships(tongue: Codes, arrived: Days, months: Months, rng: np.random.Generator) -> Codes:
    index = {country: number for number, country in enumerate(countries())}
    home = np.array([index[country] for _, country in {**TONGUES, **FOREIGN_TONGUES}.values()], dtype=np.int16)
    years = np.where(arrived > MISSING, (months.last - arrived) / YEAR, 30.0)
    naturalised = rng.random(len(tongue)) < np.clip((years - 4) / 18, 0, 0.8)
    return np.where(naturalised, 0, home[tongue]).astype(np.int16)


def _education(employability: Floats, is_foreign: Bools, gender: Codes, rng: np.random.Generator) -> Codes:
    told = EDUCATION_OF_EMPLOYABILITY
    level = told * employability + np.sqrt(1 - told**2) * rng.normal(size=len(gender)) + 0.15 * (gender == 2)
    cuts = np.where(is_foreign[:, None], EDUCATION_CUTS_FOREIGN, EDUCATION_CUTS)
    education: Codes = (level[:, None] > cuts).sum(axis=1).astype(np.int16)
    return education


def _education_codes(education: Codes, major: Codes, rng: np.random.Generator) -> Codes:
    """Return level and field as four digits: the level, the field that goes with the work, one digit within it."""
    usual = np.array([10, 4, 5, 7, 4, 10, 8, 7, 7, 1])[major]
    field = np.where(rng.random(len(major)) < 0.7, usual, rng.integers(1, 11, len(major)))
    level = np.array([int(code) for code in LEVELS])[education]
    return np.where(education == 0, 1001, level * 1000 + field * 10 + rng.integers(0, 4, len(major))).astype(np.int16)


@cache
def occupations() -> tuple[str, ...]:
    """Return the three-digit occupations that `People.occupation` points into."""
    return tuple(sorted(OCCUPATIONS))


@cache
def occupation_major() -> Codes:
    """Return occupation → its major group."""
    return np.array([int(code[0]) for code in occupations()])


def _occupations(education: Codes, rng: np.random.Generator) -> Codes:
    """Return occupations: the major group goes with the education, within it the first ones are the commonest."""
    row = np.array([0, 1, 1, 2, 2, 3, 3])[education]
    weights = np.zeros((len(OCCUPATION_SHARES), len(occupations())))
    for group in range(OCCUPATION_SHARES.shape[1]):
        members = np.flatnonzero(occupation_major() == group)
        inner = 1 / (1 + np.arange(len(members)) % 7)
        weights[:, members] = OCCUPATION_SHARES[:, [group]] * inner / inner.sum()
    cumulated = np.cumsum(weights / weights.sum(axis=1, keepdims=True), axis=1)
    steps = (cumulated + np.arange(len(cumulated))[:, None]).ravel()  # one search for all rows
    found = np.searchsorted(steps, row + rng.random(len(row)) * (1 - 1e-9), side="right")
    drawn: Codes = np.minimum(found - row * len(occupations()), len(occupations()) - 1).astype(np.int16)
    return drawn


@cache
def postal_codes() -> tuple[tuple[str, ...], tuple[float, ...]]:
    """Return Helsinki's postal codes and how many live in each (city statistics, 2022)."""
    with (files("ml.register.synthetic") / "postal_codes.csv").open(encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if int(row["population_2022"])]
    return tuple(row["postal_code"] for row in rows), tuple(float(row["population_2022"]) for row in rows)


def _postal(count: int, rng: np.random.Generator) -> Codes:
    return _choice(np.array(postal_codes()[1]), count, rng)


def _out(employability: Floats, gender: Codes, is_foreign: Bools, is_limited: Bools, major: Codes) -> Floats:
    drawn = nature.EMPLOYABILITY * employability + OCCUPATION_OUT[major]
    drawn = drawn + FOREIGN_OUT * is_foreign + LIMITED_OUT * is_limited + 0.03 * (gender == 2)
    return np.asarray(drawn)


def _begin(employability: Floats, is_foreign: Bools, major: Codes, rng: np.random.Generator) -> Floats:
    prone = rng.normal(0, nature.PRONE, len(major)) + nature.EMPLOYABILITY_IN * employability
    return np.asarray(nature.BEGINNING + prone + OCCUPATION_IN[major] - 0.05 * is_foreign)


def _services(employability: Floats, is_limited: Bools, is_foreign: Bools) -> Floats:
    need = np.exp(np.clip(employability[:, None] * nature.SELECTION, -2.0, 1.6))
    chances = nature.SERVICE_RATE * need
    chances[:, -1] *= np.where(is_limited, 2.5, 0.8)
    chances[:, 2] *= np.where(is_foreign, 1.3, 0.95)
    return np.asarray(chances * np.minimum(1, 0.35 / chances.sum(axis=1))[:, None])


def _working_age(born: Days, education: Codes, rng: np.random.Generator) -> Days:
    """Return from when people seek work: the longer the education, the later."""
    years = np.array([16.8, 18.5, 19, 20, 22, 24, 27])[education] + rng.exponential(1.2, len(born))
    return (born + years * YEAR).astype(np.int32)

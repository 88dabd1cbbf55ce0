"""Invented people: who they are, and what of it bears on finding work."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ml.contracts import Bools, Floats

Codes = NDArray[np.int64]
Texts = NDArray[np.object_]

WOMEN = 0.45  # city statistics: 55 % men among the unemployed
TONGUES = {"fi": 0.70, "sv": 0.05, "other": 0.25}
EDUCATION_UNKNOWN = 0.25  # of speakers of other languages (report 3.1.1)
# Occupational group (ISCO major groups 1 to 9) by level of education, 1 to 4.
OCCUPATIONS = np.array(
    [
        [0.01, 0.02, 0.06, 0.07, 0.30, 0.01, 0.18, 0.12, 0.23],
        [0.02, 0.04, 0.12, 0.11, 0.31, 0.01, 0.17, 0.10, 0.12],
        [0.05, 0.25, 0.30, 0.14, 0.16, 0.01, 0.03, 0.02, 0.04],
        [0.08, 0.58, 0.16, 0.07, 0.06, 0.01, 0.01, 0.01, 0.02],
    ]
)


@dataclass(frozen=True)
class People:
    """Invented people, arrays of one length.

    employability is what no register holds: a standard normal share of luck, health, networks.
    """

    pseudonym: Texts
    born: Floats  # decimal year
    is_woman: Bools
    tongue: Texts
    education: Codes  # 1 to 4, the true level
    education_known: Bools
    occupation: Codes  # 1 to 9
    employability: Floats
    has_car: Bools
    seeks_part_time: Bools

    def __len__(self) -> int:
        """Return the number of people."""
        return len(self.born)


def draw_people(count: int, rng: np.random.Generator) -> People:
    """Return invented people."""
    employability = rng.normal(size=count)
    is_woman = rng.random(count) < WOMEN
    tongue = rng.choice(np.array(list(TONGUES), dtype=object), size=count, p=list(TONGUES.values()))
    born = 2019.0 - (18.0 + 44.0 * rng.beta(1.3, 1.7, size=count))
    level = 0.45 * employability + 0.15 * is_woman + rng.normal(size=count)
    education = 1 + np.digitize(level, [-0.75, 0.55, 1.15]).astype(np.int64)
    return People(
        pseudonym=_pseudonyms(count, rng),
        born=born,
        is_woman=is_woman,
        tongue=tongue,
        education=education,
        education_known=(tongue != "other") | (rng.random(count) >= EDUCATION_UNKNOWN),
        occupation=_occupations(education, rng),
        employability=employability,
        has_car=rng.random(count) < 0.30 + 0.12 * (employability > 0) + 0.15 * (born < 1985),
        seeks_part_time=rng.random(count) < 0.25 + 0.15 * is_woman,
    )


def _pseudonyms(count: int, rng: np.random.Generator) -> Texts:
    """Return distinct texts of 16 hexadecimal digits."""
    high = rng.permutation(count).astype(np.uint64)
    low = rng.integers(0, 2**32, size=count, dtype=np.uint64)
    mixed = (high << np.uint64(32) | low) * np.uint64(0x9E3779B97F4A7C15)  # odd: keeps them distinct
    return np.array([f"{number:016x}" for number in mixed.tolist()], dtype=object)


def _occupations(education: Codes, rng: np.random.Generator) -> Codes:
    cumulated = OCCUPATIONS[education - 1].cumsum(axis=1)
    drawn = rng.random(len(education))[:, None] * cumulated[:, -1:]
    group: Codes = 1 + (drawn > cumulated).sum(axis=1).astype(np.int64)
    return group

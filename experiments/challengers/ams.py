"""The short-term formula of the Austrian labour-market service (AMS 2018), as published in part: a known-bad reference.

It takes gender, age, citizenship and health directly, which the law of this project forbids. It is never trained, lives
in `experiments` alone, and is the only thing here that reads protected attributes to say something of a person.
Source: Holl, Kernbeiß & Wagner-Pinter (2018), in the reading of ams_2018.md among the shared references.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import expit

from ml.contracts import Bools, Cohort, Floats, Rows

INTERCEPT = 0.10
LONG_CASE_DAYS = 180
SUPPORTIVE = ("job coaching", "guidance centre for the young")
QUALIFYING = ("labour-market training", "self-motivated study")
EMPLOYMENT = ("wage-subsidised work", "work trial", "rehabilitative work", "start-up grant")
PRODUCTION = ("agricultural and forestry workers", "craft and trades workers", "plant and machine operators")
NOT_MAPPED = {
    "apprenticeship, +0.28": "the register does not tell it from other upper-secondary education",
    "care duties, women only, -0.15": "the register does not have them, and this project would not use them",
    "region type, -0.18 to -0.83": "Helsinki is one labour market",
    "few days of employment, -0.74": "the register sees work only between spells, so that nearly all would have few",
}


@dataclass(frozen=True)
class Term:
    """One term: its coefficient, what of the synthetic register stands for it, and where it holds."""

    name: str
    coefficient: float
    stands_for: str
    holds: Bools


def chance_of_staying(cohort: Cohort, rows: Rows) -> Floats:
    """Return 1 less the formula's chance of at least 90 days of work within seven months, (rows,).

    Of another outcome than ours, so that it can rank people here, and no more.
    """
    return np.asarray(1 - chance_of_work(cohort.features.iloc[rows], cohort.protected.iloc[rows]))


def chance_of_work(inputs: pd.DataFrame, protected: pd.DataFrame) -> Floats:
    """Return the formula's chance of at least 90 days of unsubsidised work within seven months, (n,)."""
    found = terms(inputs, protected)
    return np.asarray(expit(INTERCEPT + sum(term.coefficient * term.holds for term in found)))


def covers(cohort: Cohort) -> bool:
    """Return whether the cohort has what the formula asks for."""
    needed = {"spells_3y", "longest_spell_days_5y", "last_service", "occupation_group", "education"}
    protected = {"gender", "age", "citizenship_group", "work_ability_limited"}
    return needed <= set(cohort.features) and protected <= set(cohort.protected)


def terms(inputs: pd.DataFrame, protected: pd.DataFrame) -> list[Term]:
    """Return the terms that can be mapped. Where a value is missing or suppressed, none holds: the reference person.

    inputs     (n, …) inputs of the model
    protected  (n, …) protected attributes, row by row beside them
    """

    def is_of(frame: pd.DataFrame, column: str, *values: str) -> Bools:
        return np.asarray(frame[column].isin(values))

    cases, longest = inputs["spells_3y"].to_numpy(), inputs["longest_spell_days_5y"].to_numpy()
    return [
        Term("woman", -0.14, "gender", is_of(protected, "gender", "women")),
        Term("age 30–49", -0.13, "age", is_of(protected, "age", "30–49")),
        Term("age 50 and over", -0.70, "age", is_of(protected, "age", "50 and over")),
        Term("EU citizen", 0.16, "citizenship_group", is_of(protected, "citizenship_group", "EU")),
        Term("third-country citizen", -0.05, "citizenship_group", is_of(protected, "citizenship_group", "other")),
        Term("health restriction", -0.67, "work_ability_limited", is_of(protected, "work_ability_limited", "limited")),
        Term("upper secondary or more", 0.01, "education",
             is_of(inputs, "education", "upper secondary", "higher education")),
        Term("production occupation", 0.17, "occupation_group, ISCO 6 to 8",
             is_of(inputs, "occupation_group", *PRODUCTION)),
        Term("one earlier case", 0.65, "spells_3y", cases == 1),
        Term("two earlier cases", 1.19, "spells_3y", cases == 2),
        Term("three or more earlier cases", 1.98, "spells_3y", cases >= 3),
        Term("long case", -0.80, "longest_spell_days_5y over 180", longest > LONG_CASE_DAYS),
        Term("supportive measure", -0.57, "last_service", is_of(inputs, "last_service", *SUPPORTIVE)),
        Term("qualifying measure", -0.21, "last_service", is_of(inputs, "last_service", *QUALIFYING)),
        Term("employment measure", -0.43, "last_service", is_of(inputs, "last_service", *EMPLOYMENT)),
    ]  # fmt: skip

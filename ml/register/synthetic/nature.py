"""How finding and losing work goes in the simulated world: every number that shapes it stands here.

Chances are monthly. Effects are on the log of a hazard, so that exp(effect) multiplies the chance.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ml.contracts import Floats
from ml.register.synthetic.months import Months

# ---------------------------------------------------------------- what a jobseeker can be doing

UNEMPLOYED, LAID_OFF, EDUCATION = 0, 1, 2
FIRST_SERVICE = 3
SERVICE_STATES = (
    "job_coaching",
    "training",
    "start_up_grant",
    "self_motivated_study",
    "wage_subsidy",
    "work_trial",
    "rehabilitative_work",
)
STATES = 3 + len(SERVICE_STATES)
CODE_OF = ("02", "03", "08", "07", "07", "00", "07", "00", "07", "07")  # state → employment code
IS_PAID = np.array([True, True, False, True, True, False, True, False, True, True])  # state → a benefit is paid
STARTABLE = STATES - EDUCATION  # education and the services: what begins from unemployment

# ---------------------------------------------------------------- leaving a spell

LEAVING = -1.12
EMPLOYABILITY = 0.80
DURATION = -0.25  # per log of the spell's months; the rest of the fall comes of who stays
LATE, LATE_FROM = -0.46, 12.0  # once more over the second year
STATE_EFFECT = np.array([0.0, 0.55, -0.7, -0.5, -0.8, -0.5, -1.1, -0.9, -0.5, -0.9])  # locked in while it lasts
GAIN = 0.30  # after a completed course or subsidised job, for the rest of the spell
GAINS = np.array([False, False, True, False, True, False, True, True, True, False])  # state → completing it helps
COMPLETED = 0.85
MEAN_MONTHS = np.array([0, 0, 6, 3.5, 4.5, 8, 13, 6, 3, 8.0])  # of a state, when nothing else ends it
ENDING = np.array([0, 0.03, *(1 / MEAN_MONTHS[2:])])  # back to unemployment; a lay-off becomes one
TOO_OLD = 65  # years: the spell ends
TOO_OLD_HAZARD = 3.0
# From January: work is found in spring and at the start of the autumn term, little at midsummer and Christmas.
SEASON_OUT = np.array([0.05, 0.0, 0.05, 0.10, 0.20, 0.15, -0.15, 0.20, 0.10, -0.05, -0.15, -0.30])
SEASON_IN = np.array([0.25, -0.05, -0.10, -0.05, 0.05, 0.30, 0.15, 0.0, 0.0, 0.0, 0.05, 0.20])
# Year → effect, straight lines between.
CYCLE_OUT = ((2009.0, -0.05), (2012.0, 0.0), (2015.0, -0.20), (2017.0, -0.02), (2019.5, 0.10), (2020.1, 0.05),
             (2020.2, -0.55), (2020.4, -0.52), (2020.6, -0.40), (2021.2, -0.46), (2021.7, -0.16), (2022.5, 0.0),
             (2023.5, -0.10), (2024.5, -0.28), (2026.0, -0.45))  # fmt: skip
CYCLE_IN = ((2009.0, 0.05), (2012.0, 0.0), (2015.0, 0.10), (2017.0, 0.0), (2019.5, -0.05), (2020.1, 0.0),
            (2020.2, 0.72), (2020.4, 0.50), (2020.9, 0.15), (2021.5, 0.03), (2022.5, 0.08), (2023.5, 0.16),
            (2024.5, 0.28), (2026.0, 0.40))  # fmt: skip
RECALL = ((2020.15, 0.0), (2020.2, -0.55), (2020.40, -0.35), (2020.45, 0.65), (2020.7, 0.3), (2020.9, 0.0))
EXIT_KINDS = ("work", "leave", "outside", "pension", "short_week")
EXIT_SHARES = {"young": (0.60, 0.28, 0.11, 0.0, 0.01), "prime": (0.68, 0.18, 0.12, 0.0, 0.02),
               "old": (0.50, 0.17, 0.28, 0.03, 0.02)}  # fmt: skip

# ---------------------------------------------------------------- beginning a spell

BEGINNING = -3.75
EMPLOYABILITY_IN = -0.42
PRONE = 0.75  # standard deviation of how prone a person's line of work is to spells
RECENT = 1.20  # just out of a spell: jobs are temporary
RECENT_MONTHS = 8.0  # how fast that wears off
LAY_OFF = 0.0024
LAY_OFFS = ((2020.16, 1.0), (2020.17, 97.0), (2020.25, 82.0), (2020.34, 26.0), (2020.5, 5.0), (2020.75, 3.0),
            (2021.0, 3.5), (2021.3, 1.8), (2021.7, 0.9), (2022.0, 0.7), (2023.0, 0.8), (2026.0, 1.0))  # fmt: skip
SERVICE_TIME = ((2020.15, 1.0), (2020.2, 0.45), (2020.5, 0.6), (2021.0, 0.9), (2021.5, 1.0))

# ---------------------------------------------------------------- beginning a service

# Education, then the services.
SERVICE_RATE = np.array([0.0175, 0.0225, 0.0218, 0.0048, 0.0146, 0.0128, 0.0195, 0.0155])
SELECTION = np.array([0.0, -0.30, -0.05, 0.60, 0.15, -0.30, -0.20, -0.75])  # per step of employability
SERVICE_RAMP = 3.0  # months unemployed until services are offered at full rate
REHABILITATION_FROM = 9  # months unemployed
SUBSIDY_FROM = 4


def _line(points: tuple[tuple[float, float], ...], years: Floats) -> Floats:
    at, value = zip(*points, strict=True)
    effect: Floats = np.interp(years, at, value)
    return effect


@dataclass(frozen=True)
class Times:
    """What a calendar month adds, step → effect; `lay_off` and `service` are factors."""

    out: Floats
    begin: Floats
    recall: Floats
    lay_off: Floats
    service: Floats


def times(months: Months) -> Times:
    """Return what the season and the cycle add in each month of a world."""
    return Times(
        out=SEASON_OUT[months.of_year] + _line(CYCLE_OUT, months.years),
        begin=SEASON_IN[months.of_year] + _line(CYCLE_IN, months.years),
        recall=_line(RECALL, months.years),
        lay_off=LAY_OFF * _line(LAY_OFFS, months.years) * (1 + 0.3 * np.cos(2 * np.pi * months.of_year / 12)),
        service=_line(SERVICE_TIME, months.years),
    )


def _by_age(points: tuple[tuple[float, float], ...]) -> Floats:
    return _line(points, np.arange(121, dtype=float))


AGE_OUT = _by_age(((16, 0.30), (24, 0.25), (30, 0.08), (45, 0.0), (52, -0.18), (58, -0.43), (61, -0.68)))
AGE_IN = _by_age(((16, -0.15), (20, 0.08), (26, 0.20), (32, 0.08), (45, -0.02), (55, 0.0), (60, 0.0), (63, -0.8)))
_MONTHS = np.arange(1, 1201, dtype=float)
DURATION_OUT = DURATION * np.log(_MONTHS) + LATE * np.clip((_MONTHS - LATE_FROM) / 12, 0, 1)


def hazard(log_hazard: Floats) -> Floats:
    """Return the chance within a month from the log of a hazard."""
    chance: Floats = -np.expm1(-np.exp(log_hazard))
    return chance

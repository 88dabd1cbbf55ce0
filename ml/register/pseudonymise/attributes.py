"""The attributes by which a person could be recognised: how each reads at each level of detail, declared once.

What stands in the output (never two meanings for one text; null is missing in the register, "*" was suppressed):

    attribute               frame      level 1                     level 2                      level 3
    gender                  protected  1 men, 2 women
    age                     protected  under 25, 25–29, 30–49,     under 20, 20–24, … 60–64,    20 … 64
                                       50 and over                 65 and over
    mother_tongue           protected  fi, sv, foreign             ru, et, … (ISO 639-1)
    citizenship             protected  FI, EU, other               EE, SO, … (ISO 3166-1)
    municipality            protected  Helsinki, elsewhere
    district                protected  the eight major districts,
                                       outside Helsinki
    years_in_finland        protected  under 3, 3–5, over 5
    integration_plan        protected  in force, not in force
    integration_plan_since  protected  2019                        2019-03
    education_level         inputs     basic, secondary, higher    1, 3, … 8
    education_code          inputs     38                          3841
    occupation              inputs     5                           51                           512

Ages and years are whole ones at the extract's as-of date. Sami counts as "foreign": its speakers are too few to be a
group of their own in most combinations. "EU" is without Finland.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from ml.contracts import Role
from ml.register.pseudonymise.dates import in_force, whole_years, year_and_month
from ml.register.pseudonymise.districts import HELSINKI, district_of
from ml.register.schema import RegisterColumn, Sensitivity
from ml.register.schema.tables.jobseekers import JOBSEEKERS

SUPPRESSED = "*"
DELIVERED = (Sensitivity.QUASI_IDENTIFIER, Sensitivity.PROTECTED)
EU = frozenset(re.findall("..", "ATBEBGCYCZDEDKEEESFRGRHRHUIEITLTLULVMTNLPLPTROSESISK"))  # without Finland
Value = Any  # of a derived column before it has a level: text or a whole number
Columns = Mapping[str, Any]  # name → Arrow array


@dataclass(frozen=True)
class Level:
    """One level of detail: how it is called in the report, and the text of a value there."""

    words: str
    text: Callable[[Value], str]


@dataclass(frozen=True)
class Attribute:
    """One attribute of the output frames, made from columns of `jobseekers`.

    sources  the register's columns that it is made from; all must be for the purpose
    levels   from the coarsest to the finest
    derive   the sources and the as-of date → one value a row, null where the register has none
    """

    name: str
    sources: tuple[str, ...]
    levels: tuple[Level, ...]
    derive: Callable[[Columns, date], Any]

    @property
    def columns(self) -> tuple[RegisterColumn, ...]:
        """The declarations of the sources."""
        return tuple(JOBSEEKERS[name] for name in self.sources)

    def role(self, purpose: str) -> Role | None:
        """Return what the attribute is for a purpose; None when a source is not for it."""
        roles = [column.roles.get(purpose) for column in self.columns]
        return None if None in roles else roles[0]


def _as_it_is(name: str) -> Callable[[Columns, date], Any]:
    return lambda columns, _: columns[name]


def _plain(name: str, *levels: Level) -> Attribute:
    return Attribute(name, (name,), levels, _as_it_is(name))


def _digits(count: int, of: str) -> Level:
    return Level(f"{count} digit{'s' if count > 1 else ''} of the {of}", lambda code: str(code)[:count])


def age_band(age: int) -> str:
    """Return the band of an age as the audit reads it."""
    return "under 25" if age < 25 else "25–29" if age < 30 else "30–49" if age < 50 else "50 and over"


def five_years(age: int) -> str:
    """Return the band of five years of an age; few people are younger than 20 or older than 64."""
    low = age // 5 * 5
    return "under 20" if age < 20 else "65 and over" if age >= 65 else f"{low}–{low + 4}"


def years_band(years: int) -> str:
    """Return the band of whole years in Finland: integration lasts three to five."""
    return "under 3" if years < 3 else "3–5" if years < 6 else "over 5"


def _education_group(level: str) -> str:
    return "basic" if level < "3" else "secondary" if level < "5" else "higher"


ATTRIBUTES = (
    Attribute(
        "age",
        ("birth_date",),
        (
            Level("audit band", age_band),
            Level("five years", five_years),
            Level("whole years", lambda age: str(age) if 20 <= age < 65 else five_years(age)),
        ),
        lambda columns, as_of: whole_years(columns["birth_date"], as_of),
    ),
    _plain("gender", Level("as in the register", str)),
    _plain(
        "mother_tongue",
        Level("Finnish, Swedish, foreign", lambda code: code if code in ("fi", "sv") else "foreign"),
        Level("language", str),
    ),
    _plain(
        "citizenship",
        Level("Finland, EU, other", lambda code: "FI" if code == "FI" else "EU" if code in EU else "other"),
        Level("country", str),
    ),
    _plain("municipality", Level("Helsinki, elsewhere", lambda code: "Helsinki" if code == HELSINKI else "elsewhere")),
    Attribute("district", ("postal_code",), (Level("major district", district_of),), lambda c, _: c["postal_code"]),
    _plain("education_level", Level("basic, secondary, higher", _education_group), Level("level", str)),
    _plain("education_code", _digits(2, "education"), _digits(4, "education")),
    _plain("occupation", *(_digits(count, "occupation") for count in (1, 2, 3))),
    Attribute(
        "years_in_finland",
        ("arrived_in_finland",),
        (Level("under 3, 3–5, over 5 years", years_band),),
        lambda columns, as_of: whole_years(columns["arrived_in_finland"], as_of),
    ),
    Attribute(
        "integration_plan",
        ("integration_plan_start", "integration_plan_end"),
        (Level("in force or not at the as-of date", str),),
        lambda columns, as_of: in_force(columns["integration_plan_start"], columns["integration_plan_end"], as_of),
    ),
    Attribute(
        "integration_plan_since",
        ("integration_plan_start",),
        (Level("year", lambda month: month[:4]), Level("month", str)),
        lambda columns, _: year_and_month(columns["integration_plan_start"]),
    ),
)


@dataclass(frozen=True)
class Step:
    """One step from less to more detail: the attribute goes to the level where k people still share it.

    given  an attribute and the level that it must have reached first, lest the detail tell what was suppressed there
    """

    attribute: str
    level: int
    given: tuple[str, int] | None = None


# What the audit and the models need most comes first, and so is kept by most people; the finest detail comes last.
STEPS = (
    Step("gender", 1),
    Step("age", 1),
    Step("mother_tongue", 1),
    Step("education_level", 1),
    Step("integration_plan", 1),  # the rule of the integration entity needs it; only its purpose receives it
    Step("occupation", 1),
    Step("citizenship", 1),
    Step("education_level", 2),
    Step("years_in_finland", 1),
    Step("municipality", 1),
    Step("district", 1, ("municipality", 1)),
    Step("integration_plan_since", 1, ("integration_plan", 1)),
    Step("occupation", 2),
    Step("age", 2),
    Step("education_code", 1, ("education_level", 2)),
    Step("mother_tongue", 2),
    Step("citizenship", 2),
    Step("integration_plan_since", 2),
    Step("occupation", 3),
    Step("age", 3),
    Step("education_code", 2),
)

"""Benefits, services, plans and a person's facts, as known on the day of a look."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

Looks = Callable[..., list[dict[str, Any]]]

# Everybody registers on 1 June 2018. Each case is a person: records → features at registration.
BENEFITS = {
    "none": ("", {"earnings_related_days_5y": 0, "benefit_kind": None, "on_payment_list": False}),
    "a period within a year": (
        "earnings_related 2018-01-01 2018-03-31 64 2018-04-02",
        {"earnings_related_days_1y": 64, "earnings_related_days_3y": 64, "subsidy_days_1y": 0,
         "benefit_kind": "earnings_related"},
    ),
    "half of it before the window: half of the days": (
        "basic_allowance 2017-05-02 2017-06-30 43 2017-07-01",
        {"basic_allowance_days_1y": 22, "basic_allowance_days_3y": 43},  # 30 of 60 days
    ),
    "over five years ago": (
        "basic_allowance 2013-01-01 2013-05-31 100 2013-06-01",
        {"basic_allowance_days_5y": 0, "benefit_kind": None},
    ),
    "entered after the look": (
        "basic_allowance 2018-03-01 2018-05-31 66 2018-06-02",
        {"basic_allowance_days_1y": 0, "benefit_kind": None},
    ),
    "entered on the day of the look": (
        "basic_allowance 2018-03-01 2018-05-31 66 2018-06-01",
        {"basic_allowance_days_1y": 66, "benefit_kind": "basic_allowance"},
    ),
    "299 days of labour-market subsidy": (
        "labour_market_subsidy 2017-01-01 2017-12-31 299 2018-01-01",
        {"subsidy_days_3y": 299, "on_payment_list": False},
    ),
    "300 days": (
        "labour_market_subsidy 2017-01-01 2017-12-31 300 2018-01-01",
        {"subsidy_days_3y": 300, "on_payment_list": True},
    ),
    "300 days, and an allowance since": (
        "labour_market_subsidy 2017-01-01 2017-12-31 300 2018-01-01\n"
        "earnings_related 2018-04-01 2018-04-30 21 2018-05-02",
        {"subsidy_days_3y": 300, "on_payment_list": False, "benefit_kind": "earnings_related"},
    ),
}  # fmt: skip
SERVICES = {
    "none": ("", {"services_5y": 0, "service_days_5y": 0, "last_service": None, "last_service_ending": None,
                  "months_since_service": None}),
    "one that was completed": (
        "training 2018-01-01 2018-03-31 completed 2018-01-01 2018-04-01",
        {"services_1y": 1, "service_days_1y": 90, "last_service": "training", "last_service_ending": "completed",
         "months_since_service": 2.0},
    ),
    "its end was entered after the look: it seems to go on": (
        "training 2018-01-01 2018-03-31 completed 2018-01-01 2018-06-02",
        {"services_1y": 1, "service_days_1y": 151, "last_service_ending": "under_way", "months_since_service": 0.0},
    ),
    "nobody wrote down how it ended": (
        "training 2018-01-01 2018-03-31 - 2018-01-01 2018-04-01",
        {"last_service": "training", "last_service_ending": None},
    ),
    "entered after the look": (
        "training 2018-01-01 2018-03-31 completed 2018-06-02 2018-06-02",
        {"services_5y": 0, "last_service": None},
    ),
    "begun before the window, its days count inside": (
        "work_trial 2017-05-01 2017-06-30 interrupted 2017-05-01 2017-07-01",
        {"services_1y": 0, "service_days_1y": 30, "services_3y": 1, "service_days_3y": 61},
    ),
    "the latest of two": (
        "training 2017-09-01 2017-10-31 completed 2017-09-01 2017-11-01\n"
        "job_coaching 2018-01-01 2018-01-31 found_work 2018-01-01 2018-02-01",
        {"services_1y": 2, "service_days_1y": 92, "last_service": "job_coaching",
         "last_service_ending": "found_work"},
    ),
}  # fmt: skip
PLANS = {
    "none": ("", {"months_since_plan": None, "interviews_1y": 0, "contacts_1y": 0, "interview_trips_1y": 0}),
    "the latest plan counts": (
        "employment_plan 2017-01-01 2017-01-01\nemployment_plan 2018-03-01 2018-03-02",
        {"months_since_plan": 3.0},
    ),
    "a plan entered after the look does not": (
        "employment_plan 2017-06-01 2017-06-01\nemployment_plan 2018-03-01 2018-06-02",
        {"months_since_plan": 12.0},
    ),
    "each kind for itself, within a year": (
        "interview 2018-05-01 2018-05-01\ninterview 2017-06-01 2017-06-01\ninterview 2017-05-31 2017-05-31\n"
        "contact 2018-02-01 2018-02-01\ninterview_trip 2018-02-01 2018-02-10",
        {"interviews_1y": 2, "contacts_1y": 1, "interview_trips_1y": 1},
    ),
    "on the day of the look": ("contact 2018-06-01 2018-06-01", {"contacts_1y": 1}),
    "after the look": ("contact 2018-06-02 2018-06-02", {"contacts_1y": 0}),
    "arranged before the look for a day after it": (
        "interview 2018-06-15 2018-05-20\nemployment_plan 2018-06-15 2018-05-20",
        {"interviews_1y": 0, "months_since_plan": None},
    ),
}
PERSON = {
    "nothing known": ("", {"education": None, "occupation_group": None}),
    "level and major group": ("6 512 2018-01-01 2018-01-01", {"education": "higher", "occupation_group": "5"}),
    "generalised": ("secondary 51 2018-01-01 2018-01-01", {"education": "secondary", "occupation_group": "5"}),
    "suppressed": ("* * 2018-01-01 2018-01-01", {"education": None, "occupation_group": None}),
    "basic": ("1 0 2018-01-01 2018-01-01", {"education": "basic", "occupation_group": "0"}),
    "specialist vocational": ("4 9 2018-01-01 2018-01-01", {"education": "secondary", "occupation_group": "9"}),
    "missing in the register": ("- 512 2018-01-01 2018-01-01", {"education": None, "occupation_group": "5"}),
    "the latest version that holds": (
        "3 512 2017-01-01 2017-01-01\n6 251 2018-01-01 2018-01-01\n8 251 2018-06-02 2018-05-01",
        {"education": "higher", "occupation_group": "2"},
    ),
    "older facts put right later do not hold again": (
        "3 512 2017-01-01 2018-03-01\n6 251 2018-01-01 2018-01-02",
        {"education": "higher", "occupation_group": "2"},
    ),
    "a version entered after the look is not known": (
        "3 512 2017-01-01 2017-01-01\n6 251 2018-01-01 2018-06-02",
        {"education": "secondary", "occupation_group": "5"},
    ),
}
HEADERS = {
    "benefits": "kind start end days_paid entered",
    "services": "kind start end ended entered end_entered",
    "plans": "kind date entered",
    "jobseekers": "education_level occupation valid_from entered",
}
SUBJECTS = {"benefits": BENEFITS, "services": SERVICES, "plans": PLANS, "jobseekers": PERSON}
CASES = [(table, case) for table, cases in SUBJECTS.items() for case in cases]


@pytest.fixture(scope="module")
def rows(looks: Looks, people: Callable[..., str]) -> dict[tuple[str, str], dict[str, Any]]:
    """Return the row at registration of each case, one person each."""
    persons = {f"case_{number:02}": case for number, case in enumerate(CASES)}
    tables = {
        table: people(
            header,
            {person: SUBJECTS[table][case][0] for person, (of, case) in persons.items() if of == table},
        )
        for table, header in HEADERS.items()
    }
    unemployed = people("code start end", dict.fromkeys(persons, "02 2018-06-01 -"))
    found = looks("2019-01-31", employment=unemployed, **tables)
    return {persons[row["pseudonym"]]: row for row in found if row["landmark_months"] == 0}


@pytest.mark.parametrize(("table", "case"), CASES, ids=[f"{table}: {case}" for table, case in CASES])
def test_at_registration(rows: dict[tuple[str, str], dict[str, Any]], table: str, case: str) -> None:
    _, features = SUBJECTS[table][case]
    row = rows[table, case]
    assert str(row["start"]) == "2018-06-01"
    assert {name: row[name] for name in features} == features

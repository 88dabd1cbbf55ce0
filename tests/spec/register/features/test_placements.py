"""A row a placement: what was known on the day before it, which are kept, and what nobody may know."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

import ml.register.features.query
from ml.errors import DataError
from ml.register.build import build_placements
from ml.register.features.query import sql

Record = dict[str, Any]
Placed = Callable[..., list[Record]]
Write = Callable[..., Path]
LONG_AGO = date(1990, 1, 1)
AS_OF = "2019-06-30"

# Anna registers on 1 March 2018 and is placed on 1 June; her record is open to the end.
CODES = "code start end entered end_entered"
ANNA = {
    "employment": f"{CODES}\n02 2018-03-01 - 2018-03-01 -",
    "placements": "service_entity date placed_by entered\nskills 2018-06-01 caseworker 2018-06-01",
    "plans_then": "date entered integration_plan\n2018-06-01 2018-06-01 not_in_force",
}

# what happened → what the row says; the day before the placement is 31 May
KNOWN = {
    "the day before counts": ({}, {"days_unemployed": 91, "code_now": "02", "opening_code": "02", "season": "spring"}),
    "a contact entered the day before": (
        {"plans": "kind date entered\ncontact 2018-05-31 2018-05-31"},
        {"contacts_1y": 1},
    ),
    "a contact entered on the day itself": (
        {"plans": "kind date entered\ncontact 2018-05-31 2018-06-01"},
        {"contacts_1y": 0},
    ),
    "a service that begins with the placement": (
        {"services": "kind start end ended entered end_entered\njob_coaching 2018-06-01 - - 2018-06-01 -"},
        {"last_service": None, "services_1y": 0},
    ),
    "a service known before it": (
        {"services": "kind start end ended entered end_entered\njob_coaching 2018-05-31 - - 2018-05-31 -"},
        {"last_service": "job_coaching", "last_service_ending": "under_way"},
    ),
    "a degree learnt of at the placement": (
        {
            "jobseekers": """
            education_level occupation valid_from entered
            1               911        2018-03-01 2018-03-01
            6               251        2018-05-01 2018-06-01
            """
        },
        {"education": "basic", "occupation_group": "9"},
    ),
}


@pytest.mark.parametrize("case", KNOWN)
def test_a_placement_has_what_was_known_on_the_day_before(placed: Placed, case: str) -> None:
    more, expected = KNOWN[case]
    (row,) = placed(AS_OF, **{**ANNA, **more})
    assert {name: row[name] for name in expected} == expected
    assert (row["day"], row["service_entity"], row["placed_by"]) == (date(2018, 6, 1), "skills", "caseworker")


# plan on the day as pseudonymise tells it → as the cohort does
@pytest.mark.parametrize(("given", "told"), [("in_force", "in force"), ("not_in_force", "none"), ("*", "suppressed")])
def test_the_plan_in_force_stands_with_the_protected_attributes(placed: Placed, given: str, told: str) -> None:
    plans = f"date entered integration_plan\n2018-06-01 2018-06-01 {given}"
    (row,) = placed(AS_OF, **{**ANNA, "plans_then": plans})
    assert row["integration_plan"] == told


# records of employment → whether the placement of 1 June is kept
SPELLS = {
    "under way": ("02 2018-03-01 - 2018-03-01 -", True),
    "in a service": ("02 2018-03-01 2018-04-30 2018-03-01 2018-05-01\n07 2018-05-01 - 2018-05-01 -", True),
    "in work for 27 days: not certain yet": (
        "02 2018-03-01 2018-05-04 2018-03-01 2018-05-05\n01 2018-05-05 - 2018-05-05 -",
        True,
    ),
    "in work for 28 days": ("02 2018-03-01 2018-05-03 2018-03-01 2018-05-04\n01 2018-05-04 - 2018-05-04 -", False),
    "the registration was entered on the day itself": ("02 2018-03-01 - 2018-06-01 -", False),
    "over for months": ("02 2018-01-01 2018-03-31 2018-01-01 2018-04-01", False),
    "its end was entered on the day itself": ("02 2018-03-01 2018-04-15 2018-03-01 2018-06-01", True),
}


@pytest.mark.parametrize("case", SPELLS)
def test_a_placement_is_kept_when_a_spell_was_known_to_be_under_way(extract: Write, placed: Placed, case: str) -> None:
    records, kept = SPELLS[case]
    tables = {**ANNA, "employment": f"{CODES}\n{records}"}
    if kept:
        assert len(placed(AS_OF, **tables)) == 1
    else:
        with pytest.raises(DataError, match="holds no placement"):
            placed(AS_OF, **tables)


def test_what_is_left_out_is_counted_and_a_person_may_be_placed_twice(extract: Write) -> None:
    """Zoe's spell of 2010 opens the window; Bo was placed before five years of it were over."""
    folder = extract(
        AS_OF,
        purpose="service-need",
        employment=f"""pseudonym {CODES}
        zoe  02 2010-01-01 2010-02-28 2010-01-01 2010-03-01
        bo   02 2014-01-01 2014-12-31 2014-01-01 2015-01-01
        anna 02 2018-03-01 -          2018-03-01 -
        carl 02 2019-01-01 2019-02-28 2019-01-01 2019-03-01
        """,
        placements="""
        pseudonym service_entity  date       placed_by  entered
        bo        skills          2014-03-01 caseworker 2014-03-01
        anna      rehabilitation  2018-04-10 caseworker 2018-04-10
        anna      interview_first 2018-04-30 caseworker 2018-05-02
        carl      skills          2019-05-01 caseworker 2019-05-01
        """,
        plans_then="""
        pseudonym date       entered    integration_plan
        bo        2014-03-01 2014-03-01 not_in_force
        anna      2018-04-10 2018-04-10 not_in_force
        anna      2018-04-30 2018-05-02 not_in_force
        carl      2019-05-01 2019-05-01 not_in_force
        """,
    )
    built = build_placements(folder, folder.parent / "cohort")
    assert (built.rows, built.persons, built.opens) == (2, 1, date(2010, 3, 1))
    assert list(built.left_out.values()) == [1, 1, 0]
    assert built.entities == {"caseworker": {"interview_first": 1, "rehabilitation": 1}}
    assert set(built.features_left_out.values()) == {
        f"abilitator.{name} is a special category, and no legal basis was named"
        for name in ("work_ability", "daily_life", "inclusion", "skills")
    }
    assert any("left out   1 before the register held" in line for line in built.as_lines())


def test_a_placement_entered_after_the_as_of_date_is_not_known(extract: Write) -> None:
    placements = "service_entity date placed_by entered\nskills 2018-06-01 caseworker 2018-06-20"
    folder = extract(AS_OF, purpose="service-need", **{**ANNA, "placements": placements})
    with pytest.raises(DataError, match="holds no placement"):
        build_placements(folder, folder.parent / "a", date(2018, 6, 19), opens=LONG_AGO, history_years=0)
    assert build_placements(folder, folder.parent / "a", date(2018, 6, 20), opens=LONG_AGO, history_years=0).rows == 1


# ---------------------------------------------------------------- self-ratings

HEADER = "date entered work_ability daily_life inclusion skills"
RATINGS = {
    "none": ("", {"work_ability_rating": None, "work_ability_change": None}),
    "one says nothing": (
        "2018-04-02 2018-04-02 6 7 5 8",
        {"work_ability_rating": None, "work_ability_change": None, "skills_rating": None},
    ),
    "two: the latest, and the change": (
        "2018-04-02 2018-04-02 6 7 5 8\n2018-05-02 2018-05-02 4 9 5 8",
        {"work_ability_rating": 4, "work_ability_change": -2, "daily_life_rating": 9, "daily_life_change": 2,
         "inclusion_change": 0, "skills_rating": 8},
    ),
    "three: the change is since the one before": (
        "2017-04-02 2017-04-02 1 1 1 1\n2018-04-02 2018-04-02 6 7 5 8\n2018-05-02 2018-05-02 4 9 5 8",
        {"work_ability_change": -2},
    ),
    "a side of life that was skipped": (
        "2018-04-02 2018-04-02 6 7 5 8\n2018-05-02 2018-05-02 - 9 5 8",
        {"work_ability_rating": None, "work_ability_change": None, "daily_life_rating": 9},
    ),
    "the second entered on the day of the placement": (
        "2018-04-02 2018-04-02 6 7 5 8\n2018-05-02 2018-06-01 4 9 5 8",
        {"work_ability_rating": None},
    ),
    "the first over five years ago": (
        "2013-05-29 2013-05-29 6 7 5 8\n2018-05-02 2018-05-02 4 9 5 8",
        {"work_ability_rating": None},
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", RATINGS)
def test_a_rating_counts_when_it_is_repeated(placed: Placed, case: str) -> None:
    records, expected = RATINGS[case]
    (row,) = placed(AS_OF, **ANNA, abilitator=f"{HEADER}\n{records}")
    assert {name: row[name] for name in expected} == expected


def test_nobody_reads_how_people_rate_their_health(placed: Placed) -> None:
    (row,) = placed(AS_OF, **ANNA, abilitator=f"{HEADER}\n2018-04-02 2018-04-02 6 7 5 8")
    assert not [name for name in row if "health" in name]
    (without,) = placed(AS_OF, **ANNA)
    assert not [name for name in without if name.endswith(("_rating", "_change"))]


# ---------------------------------------------------------------- nothing of what came later

# Everything that had happened by 31 May and was entered in the summer.
LATE = {
    **ANNA,
    "employment": f"""{CODES}
        02 2017-01-01 2017-03-31 2017-01-01 2017-04-01
        01 2017-04-01 2018-02-28 2018-07-02 2018-07-02
        02 2018-03-01 -          2018-03-01 -
        """,
    "services": """
        kind     start      end        ended     entered    end_entered
        training 2018-04-01 2018-04-30 completed 2018-07-02 2018-07-02
        """,
    "benefits": """
        kind            start      end        days_paid entered
        basic_allowance 2018-03-01 2018-04-30 40        2018-07-02
        """,
    "plans": "kind date entered\ncontact 2018-05-01 2018-07-02",
    "jobseekers": """
        education_level occupation valid_from entered
        3               512        2018-01-01 2018-01-01
        6               251        2018-05-01 2018-07-02
        """,
    "abilitator": f"{HEADER}\n2018-04-02 2018-04-02 6 7 5 8\n2018-05-02 2018-07-02 4 9 5 8",
}
# SQL file, what is broken in it, what it becomes → a feature that is then named
LEAKS = {
    "codes entered later": ("records", " AND fact.entered <= moment.day", "", "work_days_1y"),
    "services entered later": ("services", "fact.entered <= look AND ", "", "services_1y"),
    "benefits entered later": ("benefits", "fact.entered <= look AND ", "", "basic_allowance_days_1y"),
    "plans entered later": ("plans", "fact.entered <= look AND ", "", "contacts_1y"),
    "facts entered later": ("person", "fact.entered <= look AND ", "", "education"),
    "ratings entered later": ("abilitator", "fact.entered <= look AND ", "", "work_ability_rating"),
    "the placement itself": (
        "plans",
        "coalesce(contacts_1y, 0) AS contacts_1y",
        "(SELECT count(*) FROM placed WHERE service_entity = 'skills') AS contacts_1y",
        "a feature reads a table that is not there",
    ),
}


@pytest.mark.parametrize("leak", LEAKS)
def test_a_build_refuses_a_feature_that_knows_more_than_the_day_before(
    extract: Write, monkeypatch: pytest.MonkeyPatch, leak: str
) -> None:
    file, right, wrong, named = LEAKS[leak]
    assert right in sql(file)
    folder = extract(AS_OF, purpose="service-need", **LATE)
    build_placements(folder, folder.parent / "cohort", opens=LONG_AGO, history_years=0)
    broken = sql(file).replace(right, wrong)
    monkeypatch.setattr(ml.register.features.query, "sql", lambda name: broken if name == file else sql(name))
    with pytest.raises(DataError, match=named):
        build_placements(folder, folder.parent / "leaky", opens=LONG_AGO, history_years=0)
    assert not (folder.parent / "leaky").exists()


def _days(first: date, last: date) -> st.SearchStrategy[date]:
    return st.dates(first, last)


BEFORE = _days(date(2014, 1, 1), date(2018, 5, 31))
FROM_THE_DAY = _days(date(2018, 6, 1), date(2019, 6, 30))
late_records = st.fixed_dictionaries(
    {
        "employment": st.lists(st.tuples(st.sampled_from(["01", "02", "05", "07"]), BEFORE, FROM_THE_DAY), max_size=3),
        "services": st.lists(st.tuples(st.sampled_from(["training", "work_trial"]), BEFORE, FROM_THE_DAY), max_size=3),
        "benefits": st.lists(st.tuples(st.just("basic_allowance"), BEFORE, FROM_THE_DAY), max_size=3),
        "plans": st.lists(st.tuples(st.sampled_from(["contact", "interview"]), BEFORE, FROM_THE_DAY), max_size=3),
        "abilitator": st.lists(st.tuples(st.just("rating"), BEFORE, FROM_THE_DAY), max_size=3),
        "jobseekers": st.lists(st.tuples(st.sampled_from(["1", "6"]), BEFORE, FROM_THE_DAY), max_size=3),
    }
)


def _with_late(late: dict[str, list[tuple[str, date, date]]]) -> dict[str, Any]:
    """Return Anna's records and those that were entered on the day of the placement or later."""

    def lines(name: str, line: Callable[[str, date, date], str]) -> str:
        distinct = {happened: (what, happened, entered) for what, happened, entered in late[name]}
        return "\n".join(line(*record) for record in distinct.values() if record[1] != date(2018, 3, 1))

    def until(day: date) -> date:
        return min(day + timedelta(days=30), date(2018, 5, 31))

    return {
        "employment": f"{ANNA['employment']}\n" + lines("employment", lambda c, d, e: f"{c} {d} {until(d)} {e} {e}"),
        "services": "kind start end ended entered end_entered\nwork_trial 2018-03-05 2018-04-05 - 2018-03-05 -\n"
        + lines("services", lambda c, d, e: f"{c} {d} {until(d)} completed {e} {e}"),
        "benefits": "kind start end days_paid entered\nlabour_market_subsidy 2018-03-01 2018-03-31 21 2018-04-02\n"
        + lines("benefits", lambda c, d, e: f"{c} {d} {until(d)} 20 {e}"),
        "plans": "kind date entered\nemployment_plan 2018-04-01 2018-04-02\n"
        + lines("plans", lambda c, d, e: f"{c} {d} {e}"),
        "abilitator": f"{HEADER}\n2018-03-20 2018-03-20 6 7 5 8\n2018-05-02 2018-05-02 4 9 5 8\n"
        + lines("abilitator", lambda c, d, e: f"{d} {e} 1 1 1 1"),
        "jobseekers": "education_level occupation valid_from entered\n3 512 2013-01-01 2013-01-01\n"
        + lines("jobseekers", lambda c, d, e: f"{c} 251 {d} {e}"),
        "placements": ANNA["placements"],
        "plans_then": ANNA["plans_then"],
    }


NOTHING: dict[str, list[tuple[str, date, date]]] = {
    name: [] for name in ("employment", "services", "benefits", "plans", "abilitator", "jobseekers")
}


@pytest.fixture(scope="module")
def undisturbed(placed: Placed) -> list[Record]:
    return placed(AS_OF, **_with_late(NOTHING))


@settings(max_examples=12, deadline=None, phases=(Phase.generate,))
@given(late=late_records)
def test_what_was_entered_later_changes_nothing_of_a_placement(
    placed: Placed, undisturbed: list[Record], late: Any
) -> None:
    assert placed(AS_OF, **_with_late(late)) == undisturbed
    assert (undisturbed[0]["contacts_1y"], undisturbed[0]["work_ability_rating"]) == (0, 4)

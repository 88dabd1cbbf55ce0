"""History of unemployment, work and education, as known on the day of a look."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

Looks = Callable[..., list[dict[str, Any]]]

PAST = """
code start      end        entered    end_entered
02   2012-01-01 2012-12-31 2012-01-01 2012-12-31
01   2013-01-01 2014-12-31 2013-01-01 2014-12-31
02   2015-01-01 2015-06-30 2015-01-01 2015-06-30
08   2015-07-01 2015-12-31 2015-07-01 2015-12-31
05   2016-01-01 2016-12-31 2016-01-01 2016-12-31
03   2017-09-01 2017-11-30 2017-09-01 2017-11-30
01   2017-12-01 2018-05-31 2017-12-01 2018-05-31
02   2018-06-01 -          2018-06-01 -
"""
# at registration on 1 June 2018: the windows begin on 1 June 2017, 1 June 2015 and 1 June 2013
AT_REGISTRATION = {
    "days_unemployed": 0,
    "opening_code": "02",
    "season": "summer",
    "code_now": "02",
    "unemployed_days_1y": 91,
    "unemployed_days_3y": 121,
    "unemployed_days_5y": 272,
    "work_days_1y": 182,
    "work_days_3y": 182,
    "work_days_5y": 761,
    "education_days_1y": 0,
    "education_days_3y": 184,
    "education_days_5y": 184,
    "spells_1y": 1,
    "spells_3y": 1,
    "spells_5y": 2,
    "longest_spell_days_5y": 365,
    "months_since_job": 0.0,
    "worked": True,
    "returned": True,
    "repeatedly_unemployed": False,
    "previous_ending": "01",
    "first_registration": False,
}


@pytest.fixture(scope="module")
def latest(looks: Looks) -> dict[str, Any]:
    return next(row for row in looks("2019-12-31", employment=PAST) if str(row["start"]) == "2018-06-01")


@pytest.mark.parametrize("feature", AT_REGISTRATION)
def test_at_registration(latest: dict[str, Any], feature: str) -> None:
    assert latest["landmark_months"] == 0
    assert latest[feature] == AT_REGISTRATION[feature]


def test_a_newcomer_has_no_history(looks: Looks) -> None:
    row = looks("2018-12-31", employment="code start end\n03 2018-01-31 -")[0]
    assert (row["unemployed_days_5y"], row["work_days_5y"], row["spells_5y"]) == (0, 0, 0)
    assert (row["longest_spell_days_5y"], row["months_since_job"], row["previous_ending"]) == (0, None, None)
    assert (row["worked"], row["returned"], row["first_registration"]) == (False, False, True)
    assert (row["opening_code"], row["season"], row["code_now"]) == ("03", "winter", "03")


def test_the_days_of_the_spell_itself_count_at_later_looks(looks: Looks) -> None:
    rows = looks("2018-12-31", employment="code start end\n02 2018-01-01 2018-01-31\n07 2018-02-01 -")
    told = [(r["days_unemployed"], r["unemployed_days_1y"], r["code_now"], r["spells_1y"]) for r in rows]
    assert told == [(0, 0, "02", 0), (91, 31, "07", 0), (182, 31, "07", 0)]


def test_work_shorter_than_28_days_counts_as_work_and_ends_no_spell(looks: Looks) -> None:
    rows = looks(
        "2018-12-31",
        employment="""
        code start      end
        02   2018-01-01 2018-01-31
        01   2018-02-01 2018-02-20
        02   2018-02-21 -
        """,
    )
    told = [(r["landmark_months"], r["work_days_1y"], r["months_since_job"], r["spells_1y"]) for r in rows]
    assert told == [(0, 0, None, 0), (3, 20, 1.3, 0), (6, 20, 4.3, 0)]


# an earlier spell, and what followed on it; the next begins on 1 September 2018 → how the earlier one ended, returned
ENDINGS = {
    "work": ("02 2018-01-01 2018-03-31\n01 2018-04-01 2018-08-31", "01", True),
    "shortened week": ("02 2018-01-01 2018-03-31\n04 2018-04-01 2018-08-31", "04", True),
    "outside the labour force": ("02 2018-01-01 2018-03-31\n05 2018-04-01 2018-08-31", "05", True),
    "unemployment pension": ("02 2018-01-01 2018-03-31\n06 2018-04-01 2018-08-31", "06", True),
    "left": ("02 2018-01-01 2018-03-31", "left", True),
    "a year ago": ("02 2017-01-01 2017-08-31", "left", True),
    "over a year ago": ("02 2017-01-01 2017-08-30", "left", False),
    "five years ago": ("02 2013-01-01 2013-09-01", "left", False),
    "over five years ago": ("02 2013-01-01 2013-08-30", None, False),
    "the latest of two": ("02 2017-01-01 2017-03-31\n05 2017-06-01 2017-07-31\n02 2018-01-01 2018-03-31", "left", True),
}
# days of unemployment, all of them in the 487 days before 1 September 2018
REPEATED = {
    "365 days": ("02 2017-05-02 2018-05-01\n01 2018-05-02 2018-08-31", False),
    "366 days": ("02 2017-05-02 2018-05-02\n01 2018-05-03 2018-08-31", True),
    "365 of them, and one before": ("02 2017-05-01 2018-05-01\n01 2018-05-02 2018-08-31", False),
}


@pytest.fixture(scope="module")
def at_return(looks: Looks, people: Callable[..., str]) -> dict[str, dict[str, Any]]:
    """Return the row at registration on 1 September 2018 of each case."""
    cases = {case: past for table in (ENDINGS, REPEATED) for case, (past, *_) in table.items()}
    rows = looks(
        "2018-12-31",
        employment=people("code start end", {case: f"{past}\n02 2018-09-01 -" for case, past in cases.items()}),
    )
    found = [row for row in rows if str(row["start"]) == "2018-09-01" and row["landmark_months"] == 0]
    return {row["pseudonym"].replace("_", " "): row for row in found}


@pytest.mark.parametrize("case", ENDINGS)
def test_how_the_previous_spell_ended(at_return: dict[str, dict[str, Any]], case: str) -> None:
    _, ending, returned = ENDINGS[case]
    row = at_return[case]
    assert (row["previous_ending"], row["returned"], row["first_registration"]) == (ending, returned, ending is None)


@pytest.mark.parametrize("case", REPEATED)
def test_repeatedly_unemployed(at_return: dict[str, dict[str, Any]], case: str) -> None:
    assert at_return[case]["repeatedly_unemployed"] is REPEATED[case][1]


def test_what_was_entered_after_the_look_is_not_known(looks: Looks) -> None:
    """Registered on 1 June; the job before it was entered on 1 July, the end of the earlier spell on 20 June."""
    rows = looks(
        "2018-12-31",
        employment="""
        code start      end        entered    end_entered
        02   2018-01-01 2018-01-31 2018-01-01 2018-06-20
        01   2018-02-01 2018-05-31 2018-07-01 2018-07-01
        02   2018-06-01 -          2018-06-01 -
        """,
    )
    at_registration, after_three_months = (
        r for r in rows if str(r["start"]) == "2018-06-01" and r["landmark_months"] < 6
    )
    assert (at_registration["work_days_1y"], after_three_months["work_days_1y"]) == (0, 120)
    assert (at_registration["unemployed_days_1y"], after_three_months["unemployed_days_1y"]) == (151, 122)
    assert (at_registration["previous_ending"], after_three_months["previous_ending"]) == (None, "01")

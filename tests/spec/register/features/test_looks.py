"""On which days a spell is looked at, and what of its history is counted there."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import duckdb
import pytest

from ml.register.build import Built

Records = list[dict[str, Any]]
Looks = Callable[..., Records]

# opening record: first..last day, entered; as-of date → landmark (months), days unemployed when looked at
WHEN = {
    "at registration, 3 and 6 months": ("2018-01-01..2018-12-31 2018-01-01", "2019-06-30", "0:0 3:91 6:182"),
    "entered two days late: looked at then": ("2018-01-01..2018-12-31 2018-01-03", "2019-06-30", "0:2 3:91 6:182"),
    "entered 28 days late: still looked at": ("2018-01-01..2018-12-31 2018-01-29", "2019-06-30", "0:28 3:91 6:182"),
    "entered 29 days late: too late for the first look": ("2018-01-01..2018-12-31 2018-01-30", "2019-06-30",
                                                          "3:91 6:182"),
    "entered 100 days late: too late for the second, nearly": ("2018-01-01..2018-12-31 2018-04-11", "2019-06-30",
                                                               "3:100 6:182"),
    "over before the look": ("2018-01-01..2018-03-20 2018-01-01", "2019-06-30", "0:0"),
    "over on the day of the look": ("2018-01-01..2018-04-01 2018-01-01", "2019-06-30", "0:0"),
    "over the day after it": ("2018-01-01..2018-04-02 2018-01-01", "2019-06-30", "0:0 3:91"),
    "the as-of date is the day of the look: nobody knows how it goes on":
        ("2018-01-01..2018-12-31 2018-01-01", "2018-04-02", "0:0"),
    "the as-of date is the day after it": ("2018-01-01..2018-12-31 2018-01-01", "2018-04-03", "0:0 3:91"),
    "three months are 91 days, whatever their length": ("2017-11-30..2018-12-31 2017-11-30", "2018-04-02", "0:0 3:91"),
    "and whether or not there is a leap day": ("2015-12-01..2016-12-31 2015-12-01", "2016-06-30", "0:0 3:91 6:182"),
}  # fmt: skip


@pytest.mark.parametrize("case", WHEN)
def test_when_a_spell_is_looked_at(looks: Looks, case: str) -> None:
    opening, as_of, expected = WHEN[case]
    days, entered = opening.split()
    first, last = days.split("..")
    rows = looks(
        as_of,
        employment=f"""
        code start end entered
        02   {first} {last} {entered}
        """,
    )
    found = " ".join(f"{row['landmark_months']}:{row['days_unemployed']:.0f}" for row in rows)
    assert found == expected


def test_the_rows_of_two_spells(cohort: Callable[..., tuple[Built, Records]]) -> None:
    built, rows = cohort(
        "2019-12-31",
        employment="""
        pseudonym code start      end        entered
        anna      02   2018-01-01 2018-04-30 2018-01-01
        anna      01   2018-05-01 2018-08-31 2018-05-01
        anna      03   2018-09-01 2018-09-20 2018-10-15
        boris     02   2019-12-01 -          2019-12-02
        """,
    )
    told = [(r["pseudonym"], str(r["start"]), r["landmark_months"], r["duration_days"], r["ended"]) for r in rows]
    assert told == [
        ("anna", "2018-01-01", 0, 120, "01"),
        ("anna", "2018-01-01", 3, 120, "01"),
        ("boris", "2019-12-01", 0, 30, "under way"),
    ]
    assert (built.rows, built.persons, built.spells) == (3, 2, 3)
    assert built.left_out == {
        "spells that began before the register's window opened": 0,
        "spells that began before the register held the history that features look back on": 0,
        "spells that began too close to the as-of date": 0,
        "looks that came over 28 days late, as the spell was entered late": 0,
    }


def test_who_was_unemployed_when_the_window_opened_is_left_out(extract: Any, tmp_path: Any) -> None:
    """The first spell ends on 15 January 2018: by then the window was open, and two spells had begun before."""
    from ml.register.build import build

    built = build(
        extract(
            "2018-12-31",
            employment="""
            pseudonym code start      end
            anna      02   2017-06-01 2018-03-31
            boris     02   2018-01-01 2018-01-14
            carla     02   2018-01-15 2018-03-31
            daniel    02   2018-01-16 2018-03-31
            """,
        ),
        tmp_path / "cohort",
        settled_days=0,
        history_years=0,
    )
    assert (str(built.limits.opens), built.spells, built.persons) == ("2018-01-15", 1, 1)
    assert built.left_out["spells that began before the register's window opened"] == 3


def test_follow_up_ends_when_all_ends_are_settled(extract: Any, tmp_path: Any) -> None:
    """Of the last 90 days (from 2 October) not all is told: who ended then and who went on are censored alike."""
    from ml.register.build import build

    built = build(
        extract(
            "2018-12-31",
            employment="""
            pseudonym code start      end
            anna      02   2018-01-02 2018-09-30
            anna      01   2018-10-01 2018-12-31
            boris     02   2018-01-02 2018-10-15
            boris     01   2018-10-16 2018-12-31
            carla     02   2018-01-02 -
            daniel    02   2018-10-02 -
            edit      02   2018-10-01 -
            """,
        ),
        tmp_path / "cohort",
        opens=date(2018, 1, 1),
        history_years=0,
    )
    rows = duckdb.sql(
        f"SELECT DISTINCT pseudonym, duration_days, ended FROM '{built.folder}/inputs.parquet' ORDER BY 1"
    ).fetchall()
    assert rows == [
        ("anna", 272, "01"),
        ("boris", 273, "under way"),
        ("carla", 273, "under way"),
        ("edit", 1, "under way"),
    ]
    assert built.limits.followed_until == date(2018, 10, 2)
    assert built.left_out["spells that began too close to the as-of date"] == 1


def test_a_spell_needs_a_register_that_was_open_long_enough_to_know_its_history(extract: Any, tmp_path: Any) -> None:
    built = build_of(extract, tmp_path, opens=date(2012, 1, 1))
    rows = duckdb.sql(f"SELECT DISTINCT pseudonym FROM '{built.folder}/inputs.parquet' ORDER BY 1").fetchall()
    assert (built.limits.since, rows) == (date(2016, 12, 31), [("boris",)])
    assert built.left_out["spells that began before the register held the history that features look back on"] == 1


def build_of(extract: Any, tmp_path: Any, **limits: Any) -> Any:
    from ml.register.build import build

    folder = extract(
        "2018-12-31",
        employment="""
        pseudonym code start      end
        anna      02   2016-12-31 2017-03-31
        boris     02   2017-01-01 2017-03-31
        """,
    )
    return build(folder, tmp_path / "cohort", **limits)

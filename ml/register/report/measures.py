"""What an extract says of a day: counts of jobseekers, and how new spells last, as SQL over the tables.

An unbroken spell begins with code 02 or 03; codes 00, 02, 03, 07 and 08 carry it on. Code 01 or 04 of 28 days or
more, 05, 06, or more than 28 days without a record end it on their first day; shorter work and gaps do not.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from ml.register.target_group import JOBSEEKERS_NOW

SPELLS = """
CREATE TEMP TABLE spells AS
WITH known AS (
    SELECT identity_code, code, start,
           CASE WHEN coalesce(end_entered, $day) <= $day THEN least("end", $day) END AS ended,
           coalesce(ended, $day) AS until,
           code IN ('05', '06') OR (code IN ('01', '04') AND until - start + 1 >= 28) AS breaks
    FROM employment_codes WHERE start <= $day AND entered <= $day
), ordered AS (
    SELECT *, lag(until) OVER person AS before, lag(breaks) OVER person AS after_break,
           breaks OR after_break IS NOT FALSE OR start - before > 29 AS opens
    FROM known WINDOW person AS (PARTITION BY identity_code ORDER BY start)
), numbered AS (
    SELECT *, sum(opens::INTEGER) OVER (PARTITION BY identity_code ORDER BY start) AS number FROM ordered
)
SELECT identity_code, min(start) FILTER (code IN ('02', '03')) AS start, max(until) AS until,
       lead(number) OVER (PARTITION BY identity_code ORDER BY number) IS NOT NULL OR max(until) < $day - 28 AS is_over
FROM numbered WHERE NOT breaks GROUP BY identity_code, number
HAVING min(start) FILTER (code IN ('02', '03')) IS NOT NULL
"""
# The municipality pays its part after 300 days on labour-market subsidy.
NOW = f"""
SELECT count(*) FILTER (in_target) AS target_group,
       count(*) FILTER (unemployed) AS unemployed,
       avg(is_long::INTEGER) FILTER (unemployed) AS long_term_share,
       avg((gender = '1')::INTEGER) FILTER (unemployed) AS men_share,
       avg(is_foreign::INTEGER) FILTER (unemployed) AS foreign_language_share,
       avg((age < 25)::INTEGER) FILTER (unemployed) AS under_25_share,
       avg((age >= 50)::INTEGER) FILTER (unemployed) AS from_50_share,
       count(*) FILTER (benefit = 'labour_market_subsidy' AND subsidy_days >= 300) AS payment_list
FROM (
    SELECT person.*, person.code IN ('02', '03') AS unemployed,
           coalesce(spell.start + INTERVAL 12 MONTH <= $day, FALSE) AS is_long
    FROM ({JOBSEEKERS_NOW}) person
    LEFT JOIN (SELECT identity_code, max(start) AS start FROM spells GROUP BY identity_code) spell USING (identity_code)
)
"""  # noqa: S608
# Life table of the spells of six years: complete months, those who left in them, those who are watched only so far.
MONTHS = """
SELECT datesub('month', start, until + 1) AS month, count(*) FILTER (is_over) AS left_now,
       count(*) FILTER (NOT is_over) AS watched
FROM spells WHERE start > $day - INTERVAL 6 YEAR
GROUP BY month ORDER BY month
"""


def measures(connection: Any, as_of: date) -> dict[str, float]:
    """Return the figures of a day by name; NaN where a share has no denominator.

    connection  DuckDB, with the tables `jobseekers`, `employment_codes` and `benefits` as the schema types them
    """
    day = {"day": as_of}
    connection.execute(SPELLS, day)
    found = connection.execute(NOW, day)
    names = [column[0] for column in found.description]
    values = dict(zip(names, found.fetchone(), strict=True))
    values["new_spells_reaching_12_months"] = _survival(connection.execute(MONTHS, day).fetchall(), 12)
    return {name: float("nan") if value is None else float(value) for name, value in values.items()}


def _survival(months: list[tuple[int, int, int]], until: int) -> float:
    """Return the share of spells that reach a month (actuarial life table)."""
    at_risk, share = float(sum(left + watched for _, left, watched in months)), 1.0
    if not at_risk:
        return float("nan")
    for month, left, watched in months:
        if month < until:
            share *= 1 - left / (at_risk - watched / 2)
            at_risk -= left + watched
    return share

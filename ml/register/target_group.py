"""Who belongs to the target group of the employment experiment on a day (report 3.1.1), as SQL over the tables."""

from __future__ import annotations

# One row a person who is a jobseeker on the day `$day`, as it was known then: code, facts, the benefit drawn.
# Benefits are paid in arrears, for up to three months together: one counts as drawn until 100 days after the last
# payment period. A right to earnings-related allowance shows only in its being drawn.
JOBSEEKERS_NOW = """
WITH facts AS (
    SELECT identity_code, birth_date, gender, mother_tongue, education_level
    FROM jobseekers WHERE entered <= $day
    QUALIFY row_number() OVER (PARTITION BY identity_code ORDER BY valid_from DESC, entered DESC) = 1
), now AS (
    SELECT identity_code, max(code) AS code
    FROM employment_codes
    WHERE start <= $day AND entered <= $day AND coalesce("end", DATE '9999-12-31') >= $day
      AND code IN ('00', '02', '03', '07', '08')
    GROUP BY identity_code
), paid AS (
    SELECT identity_code, arg_max(kind, "end") AS kind,
           coalesce(sum(days_paid) FILTER (kind = 'labour_market_subsidy'), 0) AS subsidy_days
    FROM benefits WHERE entered <= $day
    GROUP BY identity_code
    HAVING max("end") >= $day - INTERVAL 100 DAY
)
SELECT now.identity_code, now.code, facts.gender, facts.education_level,
       facts.mother_tongue NOT IN ('fi', 'sv') AS is_foreign,
       datesub('year', facts.birth_date, $day) AS age,
       paid.kind AS benefit, coalesce(paid.subsidy_days, 0) AS subsidy_days,
       coalesce(paid.kind, '') <> 'earnings_related' OR age < 30 OR is_foreign AS in_target
FROM now JOIN facts USING (identity_code) LEFT JOIN paid USING (identity_code)
"""

-- How fast people have left of late, month by month: what somebody who looks in a month can know for certain.
--
-- Hazards are counted by duration, a twelfth of a year at a time, so that who is unemployed does not matter, and
-- summed over the first year of a spell. The newest quarter is told from its season: it is held against its year as
-- such quarters were in the two years before; of one with fewer than {fewest} exits chance would tell more than the
-- times do, and the year stands alone. Looks in a month know months that ended {settled} whole months before.
CREATE OR REPLACE TEMP TABLE paces AS
WITH twelfths AS (
    SELECT number, (number * 365 // 12)::INTEGER AS low, ((number + 1) * 365 // 12)::INTEGER AS high
    FROM range(12) AS all_twelfths (number)
),
stretches AS (
    SELECT number, start + low AS since, least(start + high, finish) AS until,
        finish <= start + high AND ended <> 'under way' AS leaves
    FROM all_spells JOIN twelfths ON finish > start + low
    WHERE $opens::DATE IS NULL OR start > $opens -- how long the others had lasted is not known
),
parted AS (
    SELECT number, since, until, leaves,
        unnest(generate_series(date_trunc('month', since), date_trunc('month', until - 1), INTERVAL 1 MONTH))::DATE AS month
    FROM stretches
),
counted AS (
    SELECT number, month,
        sum(least(until, (month + INTERVAL 1 MONTH)::DATE) - greatest(since, month)) AS days,
        count(*) FILTER (leaves AND month = date_trunc('month', until - 1)) AS exits
    FROM parted
    GROUP BY number, month
),
months AS (
    SELECT unnest(generate_series(min(month)::TIMESTAMP, date_trunc('month', $as_of::DATE) - INTERVAL {after} MONTH,
        INTERVAL 1 MONTH))::DATE AS month
    FROM counted
),
running AS (
    SELECT months.month, number, twelfths.high - twelfths.low AS width,
        sum(exits) OVER year AS exits_year, sum(days) OVER year AS days_year,
        sum(exits) OVER quarter AS exits_quarter, sum(days) OVER quarter AS days_quarter
    FROM months CROSS JOIN twelfths LEFT JOIN counted USING (month, number)
    WINDOW year AS (PARTITION BY number ORDER BY months.month ROWS 11 PRECEDING),
        quarter AS (PARTITION BY number ORDER BY months.month ROWS 2 PRECEDING)
),
hazards AS (
    SELECT month, row_number() OVER (ORDER BY month) AS known_months,
        CASE WHEN count(days_year) = 12 THEN sum(width * coalesce(exits_year, 0) / days_year ORDER BY number) END AS year,
        CASE WHEN count(days_quarter) = 12 THEN sum(width * coalesce(exits_quarter, 0) / days_quarter ORDER BY number)
        END AS quarter,
        sum(exits_quarter) AS exits
    FROM running
    GROUP BY month
),
seasonal AS (
    SELECT month, known_months, exits, nullif(year, 0) AS year, ln(nullif(quarter, 0) / nullif(year, 0)) AS above
    FROM hazards
)
SELECT (month + INTERVAL {after} MONTH)::DATE AS month,
    -- four years: the first spells are a year old in the second, and quarters of two years are compared with
    CASE WHEN known_months > 48 AND exits < {fewest} THEN 1 - exp(-year)
        WHEN known_months > 48
        THEN 1 - exp(-year * exp(above - (lag(above, 12) OVER in_order + lag(above, 24) OVER in_order) / 2))
    END AS leaving_share
FROM seasonal
WINDOW in_order AS (ORDER BY month);

-- Unbroken spells among the records before the day `bound` of each moment; ml/register/outcomes.py tells the rules.
--
-- Records are cut into segments wherever a spell would end: before a long gap, and at a record that stops one. A
-- segment holds a spell when it holds code 02 or 03, and the spell ends where the next segment begins.
CREATE OR REPLACE TEMP TABLE spells AS
WITH runs AS (
    -- work that follows on work without a day between counts as one run
    SELECT *, code IN ('01', '04') AS is_work,
        max(start) FILTER (
            WHERE code IN ('01', '04')
            AND NOT coalesce(previous_code IN ('01', '04') AND previous_until = start - 1, FALSE)
        ) OVER (PARTITION BY moment ORDER BY start ROWS UNBOUNDED PRECEDING) AS run_start
    FROM records
    WHERE start < bound
),
cuts AS (
    SELECT *, coalesce(start - previous_until - 1 > {tolerated}, FALSE) AS after_gap,
        code IN ('05', '06') OR (is_work AND until - run_start >= {tolerated} - 1) AS stops
    FROM runs
),
numbered AS (
    SELECT *, sum((after_gap OR stops)::INTEGER) OVER (PARTITION BY moment ORDER BY start ROWS UNBOUNDED PRECEDING)
        AS segment
    FROM cuts
),
segments AS (
    SELECT moment, segment, any_value(bound) - 1 AS edge,
        min(start) FILTER (WHERE code IN ('02', '03')) AS start,
        arg_min(code, start) FILTER (WHERE code IN ('02', '03')) AS opening_code,
        max(until) AS until,
        bool_or(after_gap) AS after_gap,
        arg_min(code, start) AS first_code,
        arg_min(CASE WHEN is_work THEN run_start ELSE start END, start) AS first_day,
        arg_max(CASE WHEN is_work THEN run_start END, start) FILTER (WHERE is_work) AS last_work,
        arg_max(is_work, start) AS in_work
    FROM numbered
    GROUP BY moment, segment
),
followed AS (
    SELECT *, lead(after_gap) OVER in_order AS gap_follows, lead(first_day) OVER in_order AS next_day,
        lead(first_code) OVER in_order AS next_code
    FROM segments
    WINDOW in_order AS (PARTITION BY moment ORDER BY segment)
)
SELECT moment, start, opening_code,
    CASE
        WHEN gap_follows THEN until + 1
        WHEN next_day IS NOT NULL THEN next_day
        WHEN edge > until THEN until + 1 -- a gap, long enough to have left or too young to tell
        WHEN in_work THEN last_work -- work too young to tell
        ELSE edge
    END AS finish,
    CASE
        WHEN gap_follows THEN 'left'
        WHEN next_day IS NOT NULL THEN next_code
        WHEN edge - until > {tolerated} THEN 'left'
        ELSE 'under way'
    END AS ended
FROM followed
WHERE start IS NOT NULL;

-- Each placement with the spell that was known to be under way on the day before it, and whether it is kept.
--
-- `spells` holds the spells known on the day before, as `moments` asked for them; `placed` the placements.
CREATE OR REPLACE TEMP TABLE considered AS
WITH under_way AS (
    SELECT moment, max(start) AS start, arg_max(opening_code, start) AS opening_code
    FROM spells WHERE ended = 'under way' GROUP BY moment
)
SELECT moment, placed.*, placed.day - 1 AS look, under_way.start, under_way.opening_code,
    CASE
        WHEN placed.day - 1 <= $since THEN 'too early'
        WHEN under_way.start IS NULL THEN 'no spell'
        WHEN under_way.start <= $opens THEN 'began before'
        ELSE 'kept'
    END AS fate
FROM moments
JOIN placed ON placed.person = moments.person AND placed.day = moments.bound
LEFT JOIN under_way USING (moment);

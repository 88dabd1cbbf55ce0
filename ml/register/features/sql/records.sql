-- Employment records as they were known on the day `day` of each moment, in the order of their first days.
--
-- A record is known from the day it was entered, its end from the day that was entered. A person has one code at a
-- time: a record whose end is not known yet ends, at the latest, on the day before the next known one.
CREATE OR REPLACE TEMP TABLE records AS
WITH known AS (
    SELECT moment.moment, moment.day, moment.bound, fact.code, fact.start,
        CASE WHEN fact.end_entered <= moment.day THEN fact.end END AS known_end
    FROM moments AS moment
    JOIN employment AS fact ON fact.person = moment.person AND fact.start <= moment.day AND fact.entered <= moment.day
)
SELECT moment, day, bound, code, start,
    least(known_end, lead(start) OVER in_order - 1, day) AS until,
    lag(code) OVER in_order AS previous_code,
    least(lag(known_end) OVER in_order, CASE WHEN lag(start) OVER in_order IS NOT NULL THEN start - 1 END)
        AS previous_until
FROM known
WINDOW in_order AS (PARTITION BY moment ORDER BY start);

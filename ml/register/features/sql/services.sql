-- Employment services before each look; how one ended is known from the day that was entered.
CREATE OR REPLACE TEMP TABLE service_facts AS
WITH known AS (
    SELECT moment, look, kind, start,
        CASE WHEN fact.end_entered <= look THEN fact.end END AS known_end,
        CASE WHEN fact.end_entered <= look AND fact.end <= look THEN coalesce(fact.ended, 'unknown') ELSE 'under_way' END
            AS ended
    FROM (SELECT moment, person, look FROM looks)
    JOIN services AS fact USING (person)
    WHERE fact.entered <= look AND fact.start <= look
),
lasting AS (
    SELECT *, least(known_end, look) AS until FROM known WHERE least(known_end, look) >= oldest(look)
),
sums AS (
    SELECT moment,
        sum(days_within(start, until, look, {years})) AS service_days_{years}y,
        count(*) FILTER (WHERE start >= window_start(look, {years})) AS services_{years}y,
        arg_max(kind, (start, kind)) AS last_service,
        nullif(arg_max(ended, (start, kind)), 'unknown') AS last_service_ending,
        max(until) AS last_day
    FROM lasting
    GROUP BY moment
)
SELECT moment,
    coalesce(service_days_{years}y, 0) AS service_days_{years}y,
    coalesce(services_{years}y, 0) AS services_{years}y,
    last_service, last_service_ending,
    months_between(last_day, look) AS months_since_service
FROM looks
LEFT JOIN sums USING (moment);

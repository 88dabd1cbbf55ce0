-- Plans, interviews, contacts and reimbursed interview trips before each look.
CREATE OR REPLACE TEMP TABLE plan_facts AS
WITH sums AS (
    SELECT moment,
        max(fact.date) FILTER (WHERE kind = 'employment_plan') AS last_plan,
        count(*) FILTER (WHERE kind = 'interview' AND fact.date >= window_start(look, 1)) AS interviews_1y,
        count(*) FILTER (WHERE kind = 'contact' AND fact.date >= window_start(look, 1)) AS contacts_1y,
        count(*) FILTER (WHERE kind = 'interview_trip' AND fact.date >= window_start(look, 1)) AS interview_trips_1y
    FROM (SELECT moment, person, look FROM looks)
    JOIN plans AS fact USING (person)
    WHERE fact.entered <= look AND fact.date <= look AND fact.date >= oldest(look)
    GROUP BY moment
)
SELECT moment,
    months_between(last_plan, look) AS months_since_plan,
    coalesce(interviews_1y, 0) AS interviews_1y,
    coalesce(contacts_1y, 0) AS contacts_1y,
    coalesce(interview_trips_1y, 0) AS interview_trips_1y
FROM looks
LEFT JOIN sums USING (moment);

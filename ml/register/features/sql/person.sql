-- A person's facts as they were known at each look: the latest version that had been entered and already held.
CREATE OR REPLACE TEMP TABLE person_facts AS
WITH latest AS (
    SELECT moment,
        arg_max((education_level, occupation), (fact.valid_from, fact.entered)) AS version
    FROM (SELECT moment, person, look FROM looks)
    JOIN jobseekers AS fact USING (person)
    WHERE fact.entered <= look AND fact.valid_from <= look
    GROUP BY moment
)
SELECT moment,
    -- three classes, so that a value generalised for k-anonymity reads like the others
    CASE
        WHEN version[1] IN ('1', 'basic') THEN 'basic'
        WHEN version[1] IN ('3', '4', 'secondary') THEN 'secondary'
        WHEN version[1] IN ('5', '6', '7', '8', 'higher') THEN 'higher'
    END AS education,
    nullif(left(version[2], 1), '*') AS occupation_group
FROM looks
LEFT JOIN latest USING (moment);

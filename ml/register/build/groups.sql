-- The groups of the audit at each look. Where no version of a person's facts was known yet, their first one counts:
-- these groups are evidence of how people were treated, never an input.
CREATE OR REPLACE TEMP TABLE groups AS
WITH versions AS (
    SELECT moment, look, fact.entered <= look AND valid_from <= look AS is_known, valid_from - DATE '1900-01-01' AS since,
        fact.entered, age, gender, mother_tongue, citizenship, district, years_in_finland, work_ability_limited
    FROM (SELECT moment, person, look FROM looks)
    JOIN protected AS fact USING (person)
),
latest AS (
    SELECT moment,
        arg_max(
            {'age': age, 'gender': gender, 'mother_tongue': mother_tongue, 'citizenship': citizenship,
             'district': district, 'years_in_finland': years_in_finland, 'work_ability_limited': work_ability_limited},
            (is_known, CASE WHEN is_known THEN since ELSE -since END, entered)
        ) AS fact
    FROM versions
    GROUP BY moment
),
aged AS (
    -- the middle of what the text says: "34" is 34.5, "30–34" is 32.5; people of working age are 15 to 67
    SELECT moment, fact, ($age_at - look) / 365.25 AS years_later,
        regexp_extract_all(fact.age, '[0-9]+')::INTEGER[] AS numbers
    FROM latest JOIN looks USING (moment)
),
middled AS (
    SELECT *,
        CASE
            WHEN fact.age LIKE 'under%' THEN (15 + numbers[1]) / 2
            WHEN fact.age LIKE '%over' THEN (numbers[1] + 68) / 2
            WHEN len(numbers) = 2 THEN (numbers[1] + numbers[2] + 1) / 2
            ELSE numbers[1] + 0.5
        END - years_later AS age
    FROM aged
)
SELECT moment,
    CASE
        WHEN fact.age = '*' THEN 'suppressed'
        WHEN age < 25 THEN 'under 25'
        WHEN age < 30 THEN '25–29'
        WHEN age < 50 THEN '30–49'
        WHEN age >= 50 THEN '50 and over'
    END AS age,
    CASE fact.gender WHEN '1' THEN 'men' WHEN '2' THEN 'women' WHEN '*' THEN 'suppressed' END AS gender,
    CASE
        WHEN fact.mother_tongue = '*' THEN 'suppressed'
        WHEN fact.mother_tongue = 'fi' THEN 'Finnish'
        WHEN fact.mother_tongue = 'sv' THEN 'Swedish'
        WHEN fact.mother_tongue IS NOT NULL THEN 'foreign'
    END AS mother_tongue_group,
    CASE
        WHEN fact.citizenship = '*' THEN 'suppressed'
        WHEN fact.citizenship = 'FI' THEN 'Finnish'
        WHEN fact.citizenship = 'EU' OR list_contains($eu, fact.citizenship) THEN 'EU'
        WHEN fact.citizenship IS NOT NULL THEN 'other'
    END AS citizenship_group,
    CASE
        WHEN fact.years_in_finland = '*' THEN 'suppressed'
        WHEN fact.years_in_finland IS NULL THEN 'no arrival recorded'
        ELSE 'arrived in Finland'
    END AS origin,
    CASE WHEN fact.district = '*' THEN 'suppressed' ELSE fact.district END AS district,
    CASE
        WHEN fact.work_ability_limited = '*' THEN 'suppressed'
        WHEN fact.work_ability_limited IN ('true', '1') THEN 'limited'
        WHEN fact.work_ability_limited IN ('false', '0') THEN 'not limited'
    END AS work_ability_limited
FROM looks LEFT JOIN middled USING (moment);

-- Self-ratings (Kykyviisari) before each look. One alone says little: a rating counts from the second one on.
CREATE OR REPLACE TEMP TABLE ability_facts AS
WITH latest AS (
    SELECT moment,
        arg_max(fact.work_ability, fact.date, 2) FILTER (WHERE fact.work_ability IS NOT NULL) AS work_ability,
        arg_max(fact.daily_life, fact.date, 2) FILTER (WHERE fact.daily_life IS NOT NULL) AS daily_life,
        arg_max(fact.inclusion, fact.date, 2) FILTER (WHERE fact.inclusion IS NOT NULL) AS inclusion,
        arg_max(fact.skills, fact.date, 2) FILTER (WHERE fact.skills IS NOT NULL) AS skills
    FROM (SELECT moment, person, look FROM looks)
    JOIN abilitator AS fact USING (person)
    WHERE fact.entered <= look AND fact.date <= look AND fact.date >= oldest(look)
    GROUP BY moment
)
SELECT moment,
    CASE WHEN len(work_ability) = 2 THEN work_ability[1] END AS work_ability_rating,
    work_ability[1] - work_ability[2] AS work_ability_change,
    CASE WHEN len(daily_life) = 2 THEN daily_life[1] END AS daily_life_rating,
    daily_life[1] - daily_life[2] AS daily_life_change,
    CASE WHEN len(inclusion) = 2 THEN inclusion[1] END AS inclusion_rating,
    inclusion[1] - inclusion[2] AS inclusion_change,
    CASE WHEN len(skills) = 2 THEN skills[1] END AS skills_rating,
    skills[1] - skills[2] AS skills_change
FROM looks
LEFT JOIN latest USING (moment);

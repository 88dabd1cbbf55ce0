-- Unemployment, work and education before each look, from the employment records known then.
CREATE OR REPLACE TEMP TABLE history AS
WITH days AS (
    SELECT moment,
        sum(days_within(start, until, day, {years})) FILTER (WHERE code IN ('02', '03')) AS unemployed_days_{years}y,
        sum(days_within(start, until, day, {years})) FILTER (WHERE code IN ('01', '04')) AS work_days_{years}y,
        sum(days_within(start, until, day, {years})) FILTER (WHERE code = '08') AS education_days_{years}y,
        sum(overlap(start, until, day - 487, day - 1)) FILTER (WHERE code IN ('02', '03')) AS unemployed_days_16m,
        max(until) FILTER (WHERE code IN ('01', '04') AND until >= oldest(day)) AS last_work,
        arg_max(code, start) FILTER (WHERE until = day) AS code_now,
        any_value(day) AS day
    FROM records
    GROUP BY moment
),
earlier AS (
    SELECT spells.moment,
        count(*) FILTER (WHERE spells.start >= window_start(look, {years})) AS spells_{years}y,
        max(overlap(spells.start, finish - 1, oldest(look), look - 1)) AS longest_spell_days_5y,
        max(finish) AS last_finish,
        arg_max(ended, finish) AS last_ended
    FROM spells JOIN looks USING (moment)
    WHERE finish > oldest(look)
    GROUP BY spells.moment
)
SELECT looks.moment, looks.days_unemployed, looks.opening_code,
    ['winter', 'spring', 'summer', 'autumn'][month(looks.start) % 12 // 3 + 1] AS season,
    coalesce(code_now, 'none') AS code_now,
    coalesce(unemployed_days_{years}y, 0) AS unemployed_days_{years}y,
    coalesce(work_days_{years}y, 0) AS work_days_{years}y,
    coalesce(education_days_{years}y, 0) AS education_days_{years}y,
    coalesce(spells_{years}y, 0) AS spells_{years}y,
    coalesce(longest_spell_days_5y, 0) AS longest_spell_days_5y,
    months_between(last_work, looks.look) AS months_since_job,
    last_work IS NOT NULL AS worked,
    coalesce(looks.start - last_finish <= 365, FALSE) AS returned,
    -- 12 of the last 16 months: over 365 of 487 days
    coalesce(unemployed_days_16m, 0) > 365 AS repeatedly_unemployed,
    nullif(last_ended, 'under way') AS previous_ending,
    last_finish IS NULL AS first_registration
FROM looks
LEFT JOIN days USING (moment)
LEFT JOIN earlier USING (moment);

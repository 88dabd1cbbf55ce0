-- The days on which each spell is looked at: registration and the landmarks after it.
--
-- Landmarks are the horizons of the contract, in days: three calendar months may be 89 days, and a look then would
-- come before the horizon of 91, and be taken for one at registration.
-- Nobody can look before the opening record was entered. A look that comes over {latest} days late is left out.
CREATE OR REPLACE TEMP TABLE planned AS
SELECT spell.person, spell.start, spell.opening_code, spell.finish - spell.start AS duration_days, spell.ended, spell.as_of,
    landmark.months AS landmark_months,
    greatest(spell.start + landmark.days, opening.entered) AS look,
    spell.start + landmark.days AS due
FROM cohort_spells AS spell
JOIN employment AS opening ON opening.person = spell.person AND opening.start = spell.start
CROSS JOIN (VALUES {landmarks}) AS landmark (months, days);

CREATE OR REPLACE TEMP TABLE cohort_rows AS
SELECT row_number() OVER (ORDER BY person, start, landmark_months) AS moment, *
FROM planned
WHERE look <= as_of AND duration_days > look - start AND look - due <= {latest};

-- All that a feature may know of a look: nothing here comes from after the look.
CREATE OR REPLACE TEMP TABLE looks AS
SELECT moment, person, start, landmark_months, look, opening_code, look - start AS days_unemployed
FROM cohort_rows;

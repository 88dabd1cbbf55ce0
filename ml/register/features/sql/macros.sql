-- Days and windows. A window of some years before a look ends on the day before it.
CREATE OR REPLACE TEMP MACRO overlap(first_day, last_day, window_first, window_last) AS
    greatest(0, least(last_day, window_last) - greatest(first_day, window_first) + 1);
CREATE OR REPLACE TEMP MACRO window_start(look, years) AS look - round(365.25 * years)::INTEGER;
CREATE OR REPLACE TEMP MACRO oldest(look) AS look - 1826; -- five years: nothing older is read
CREATE OR REPLACE TEMP MACRO days_within(first_day, last_day, look, years) AS
    overlap(first_day, last_day, window_start(look, years), look - 1);
CREATE OR REPLACE TEMP MACRO paid_within(first_day, last_day, days, look, years) AS
    (days * days_within(first_day, last_day, look, years) + (last_day - first_day + 1) // 2)
    // (last_day - first_day + 1);
CREATE OR REPLACE TEMP MACRO months_between(day, look) AS round((look - day) / 30.4375, 1);

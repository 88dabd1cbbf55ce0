-- Benefit days before each look. A payment period that reaches out of the window counts by its days inside.
CREATE OR REPLACE TEMP TABLE benefit_facts AS
WITH paid AS (
    SELECT moment, kind, start, fact.end, look,
        paid_within(start, fact.end, days_paid, look, {years}) AS days_{years}y
    FROM (SELECT moment, person, look FROM looks)
    JOIN benefits AS fact USING (person)
    WHERE fact.entered <= look AND fact.start <= look AND fact.end >= oldest(look)
),
sums AS (
    SELECT moment,
        sum(days_{years}y) FILTER (WHERE kind = 'earnings_related') AS earnings_related_days_{years}y,
        sum(days_{years}y) FILTER (WHERE kind = 'basic_allowance') AS basic_allowance_days_{years}y,
        sum(days_{years}y) FILTER (WHERE kind = 'labour_market_subsidy') AS subsidy_days_{years}y,
        arg_max(kind, (start, kind)) AS benefit_kind
    FROM paid
    GROUP BY moment
)
SELECT moment,
    coalesce(earnings_related_days_{years}y, 0) AS earnings_related_days_{years}y,
    coalesce(basic_allowance_days_{years}y, 0) AS basic_allowance_days_{years}y,
    coalesce(subsidy_days_{years}y, 0) AS subsidy_days_{years}y,
    benefit_kind,
    -- 300 days of labour-market subsidy put a person on the municipal payment list
    coalesce(subsidy_days_5y >= 300 AND benefit_kind = 'labour_market_subsidy', FALSE) AS on_payment_list
FROM looks
LEFT JOIN sums USING (moment);

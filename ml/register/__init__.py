"""Raw register → cohort: schema, intake, pseudonymise, features and outcomes, cohort; and a synthetic Helsinki."""

"""Raw register to cohort: declaration, intake, validation, groups, outcomes; and a synthetic Helsinki."""

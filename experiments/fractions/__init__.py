"""Client groups of the synthetic Helsinki, and whether they are there."""

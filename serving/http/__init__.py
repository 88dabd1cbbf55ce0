"""How anything is asked and answered: endpoints, bodies, problems, headers, limits."""

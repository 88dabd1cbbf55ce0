"""How near the kept model comes to what can be attained on the synthetic register."""

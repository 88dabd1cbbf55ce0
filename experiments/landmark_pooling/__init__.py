"""One model for all landmarks beside one of its own for each."""

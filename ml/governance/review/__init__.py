"""The review of a model version: steps that named people take, what must hold for each, and what they sign."""

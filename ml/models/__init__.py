"""Cohort → model: split, train, calibrate, evaluate, explain, artefact."""

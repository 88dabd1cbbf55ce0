"""Predictions and protected attributes → evidence."""

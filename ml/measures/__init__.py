"""Predictions and what came true → figures with intervals. Knows neither models nor protected attributes."""

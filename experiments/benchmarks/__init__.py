"""Benchmarks: two things in one run on one machine, and the ratio."""

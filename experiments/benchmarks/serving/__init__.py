"""Advice side by side with MLflow's own model server and with a bare route, in one run on one machine."""

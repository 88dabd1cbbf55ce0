"""Advice over HTTP: it never decides."""

"""Hints: computed once, free of language, and put into words when they are shown."""

"""Hints about people who are looked at between the days on which the model learnt to look."""

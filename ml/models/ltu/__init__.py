"""Training: the risk of still being unemployed, one model a horizon.

Nothing here has a parameter that could receive a protected attribute: training sees codes of inputs and the
follow-up of spells.
"""

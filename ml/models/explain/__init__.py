"""Why a model says what it says: of a person, of all inputs, and whether a refit would say the same.

Interactions stand apart in `pairs`, for they load shap, and a server has no use for it.
"""

from .inputs import importance
from .people import NOBODY, Explanation, Strongest, contributions, explain
from .person import PersonReason, RowReason, explain_row, reasons
from .refits import ExplanationStability, stability

__all__ = [
    "NOBODY",
    "Explanation",
    "ExplanationStability",
    "PersonReason",
    "RowReason",
    "Strongest",
    "contributions",
    "explain",
    "explain_row",
    "importance",
    "reasons",
    "stability",
]

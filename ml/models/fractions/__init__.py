"""People unemployed on one day → client groups for planning ("fractions"), as aggregates; nobody is in them by name."""

from ml.models.fractions.figures import figures, lines
from ml.models.fractions.find import fractions
from ml.models.fractions.number import FULL, Effort
from ml.models.fractions.picture import picture
from ml.models.fractions.report import Fractions, Group, Mark, Tried

__all__ = ["FULL", "Effort", "Fractions", "Group", "Mark", "Tried", "figures", "fractions", "lines", "picture"]

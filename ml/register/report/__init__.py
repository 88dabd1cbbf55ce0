"""An extract held against the city's figures."""

from ml.register.report.report import Figure, RegisterReport, report

__all__ = ["Figure", "RegisterReport", "report"]

"""A raw register → an extract in which every hard rule holds, with a report of its quality."""

from ml.register.intake.quality import Quality
from ml.register.intake.source import Source, source_of
from ml.register.intake.take import Intake, read_extract, take_in
from ml.register.intake.write import check_report, write_intake

__all__ = ["Intake", "Quality", "Source", "check_report", "read_extract", "source_of", "take_in", "write_intake"]

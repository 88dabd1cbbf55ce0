"""All findings as a CSV (RFC 4180), also those that the page leaves out."""

from __future__ import annotations

import csv
import math
from dataclasses import fields
from enum import Enum
from io import StringIO

from ml.contracts.audit import Audit, Finding
from ml.disclosure import redact

COLUMNS = tuple(each.name for each in fields(Finding))
# A spreadsheet runs a cell that begins so as a formula. An apostrophe of the text's own is doubled, so that what
# was written can be read back exactly.
RISKY = ("=", "+", "-", "@", "\t", "\r", "\n", "'")


def findings_csv(audit: Audit) -> str:
    """Return a header and a row a finding, those that are shown and not judged last, with an empty verdict.

    What is not known or not shown is an empty cell. Text that a spreadsheet would run as a formula, or that begins with
    an apostrophe, has an apostrophe before it.
    """
    file = StringIO()
    table = csv.writer(file, lineterminator="\r\n")
    table.writerow(COLUMNS)
    for each in (*audit.findings, *audit.figures):
        table.writerow([_cell(name, getattr(each, name)) for name in COLUMNS])
    return file.getvalue()


def _cell(name: str, value: object) -> str:
    if name == "n":
        value = None if value is None else redact(int(str(value)))
    if value is None or (isinstance(value, float) and not math.isfinite(value)):
        return ""
    if isinstance(value, Enum):
        return str(value.value)
    if isinstance(value, str):
        return f"'{value}" if value.lstrip(" ").startswith(RISKY) else value
    return repr(float(value)) if isinstance(value, float) else str(value)

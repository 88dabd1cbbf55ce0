"""A cohort folder of those unemployed on one day → checked rows for counts and shares, tied back to nobody."""

from __future__ import annotations

from pathlib import Path

from ml.contracts import Role, Stock
from ml.errors import DataError
from ml.register.cohort.folder import INPUTS, read_file
from ml.register.cohort.frames import feature_frame
from ml.register.cohort.needs import AGAIN, read_declared
from ml.register.cohort.values.validate import check_columns
from ml.register.files import RawTable

PURPOSE = "planning"


def read_stock(folder: Path) -> Stock:
    """Return the people unemployed on one day, as `apualy register build` wrote them, one row each.

    Raises DataError, one line: the folder is damaged, or of another purpose, or says more than features.
    """
    declared = read_declared(folder, PURPOSE)
    features = declared.with_role(Role.FEATURE)
    if not features or len(features) < len(declared.columns):
        raise DataError(f"{folder}: a cohort for planning has features and nothing else; {AGAIN}")
    rows, digest = read_file(folder, INPUTS, [column.name for column in features])
    raw = RawTable(folder.name, rows, 1, True, digest)
    checked = check_columns(raw, features)
    return Stock(
        declared.name, features, feature_frame(features, checked, None), declared.as_of, digest, declared.source
    )

"""What is odd in a cohort without being wrong: printed, kept in the run and in the card."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from ml.contracts import CohortContract, ColumnType, Dates
from ml.register.cohort.values.validate import Checked
from ml.register.wording import counted, listed


def remarks(
    contract: CohortContract,
    checked: Mapping[str, Checked],
    features: pd.DataFrame,
    start: Dates | None,
) -> tuple[str, ...]:
    """Return one line an oddity: duplicate rows, constant columns, inputs known too late.

    What is odd about groups, the audit says: it knows which of them it can compare.
    """
    return (
        *_duplicates(checked),
        *_constants(features),
        *_known_late(contract, checked, start),
    )


def _duplicates(checked: Mapping[str, Checked]) -> list[str]:
    codes = pd.DataFrame({name: given.codes.astype(np.int32) for name, given in checked.items()})
    count = int(codes.duplicated().sum())
    rows = counted(count, "row is an exact duplicate", "rows are exact duplicates")
    return [f"{rows} of an earlier row"] if count else []


def _constants(features: pd.DataFrame) -> list[str]:
    constant = [str(name) for name in features if features[name].nunique(dropna=False) == 1]
    return [f"the same in every row, so nothing can be learned from: {listed(constant)}"] if constant else []


def _known_late(contract: CohortContract, checked: Mapping[str, Checked], start: Dates | None) -> list[str]:
    """Return a warning for each input date that lies after the start of the spell."""
    if start is None:
        return []
    dates = [column for column in contract.inputs if column.type is ColumnType.DATE]
    late = {column.name: int((checked[column.name].values > start).sum()) for column in dates}
    return [
        f"column {name} lies after the start in {counted(count, 'row', 'rows')}: not known at registration"
        for name, count in late.items()
        if count
    ]

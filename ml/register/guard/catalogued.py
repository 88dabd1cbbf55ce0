"""Inputs of the register's own cohort must come from the catalogue: of others nobody has shown when they were known."""

from __future__ import annotations

from ml.contracts import CohortContract
from ml.errors import DataError
from ml.register.features import FEATURES


def require_catalogued(contract: CohortContract) -> None:
    """Raise DataError that names the inputs that build did not make: its own it recomputes without the future."""
    known = {feature.name for feature in FEATURES}
    strangers = [column.name for column in contract.inputs if column.name not in known and not column.use_in_model]
    if strangers:
        raise DataError(
            f"the guard refuses {', '.join(strangers)}: no feature of the catalogue, and nothing shows that it was "
            "known on the day of the look; declare it in ml/register/features/catalogue and build again, or take it out"
        )

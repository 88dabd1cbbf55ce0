"""Inputs of the register's own cohort must come from the catalogue: of others nobody has shown when they were known."""

from __future__ import annotations

from collections.abc import Sequence

from ml.contracts import CohortContract, Column, Placements
from ml.errors import DataError
from ml.register.features import FEATURES, PACE, Feature
from ml.register.features.catalogue.abilitator import ABILITATOR


def require_catalogued(contract: CohortContract) -> None:
    """Raise DataError that names the inputs that build did not make: its own it recomputes without the future."""
    _refuse([column.name for column in contract.inputs if not column.use_in_model], (*FEATURES, PACE))


def require_catalogued_needs(placements: Placements) -> None:
    """Raise DataError that names the inputs that the build of placements did not make."""
    require_catalogued_columns(placements.columns)


def require_catalogued_columns(columns: Sequence[Column]) -> None:
    """Raise DataError that names the inputs that no build makes, self-ratings being among those that one may."""
    _refuse([column.name for column in columns], (*FEATURES, *ABILITATOR, PACE))


def _refuse(names: Sequence[str], features: Sequence[Feature]) -> None:
    known = {feature.name for feature in features}
    strangers = [name for name in names if name not in known]
    if strangers:
        raise DataError(
            f"the guard refuses {', '.join(strangers)}: no feature of the catalogue, and nothing shows that it was "
            "known on the day of the look; declare it in ml/register/features/catalogue and build again, or take it out"
        )

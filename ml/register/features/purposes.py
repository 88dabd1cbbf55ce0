"""Which features a purpose may have: those all of whose register columns it receives."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from ml.register.features.catalogue import FEATURES
from ml.register.features.catalogue.abilitator import ABILITATOR
from ml.register.features.feature import Feature
from ml.register.schema import TABLES, Sensitivity


@dataclass(frozen=True)
class Allowed:
    """The features of a purpose, in the order of the catalogue, and why others are left out.

    left_out  name → reason, one line
    """

    features: tuple[Feature, ...]
    left_out: dict[str, str]


def allowed_features(purpose: str, special: Collection[str]) -> Allowed:
    """Return the features that a purpose may have of an extract.

    special  the special-category columns ("table.column") that were delivered on a legal basis of their own
    """
    refused = {feature.name: _refusal(feature, purpose, special) for feature in (*FEATURES, *ABILITATOR)}
    allowed = tuple(feature for feature in (*FEATURES, *ABILITATOR) if refused[feature.name] is None)
    return Allowed(allowed, {name: reason for name, reason in refused.items() if reason is not None})


def _refusal(feature: Feature, purpose: str, special: Collection[str]) -> str | None:
    for source in feature.sources:
        table, column = source.split(".")
        declared = TABLES[table][column]
        if purpose not in declared.roles:
            return f"{source} is not for the purpose {purpose}"
        if declared.sensitivity is Sensitivity.SPECIAL_CATEGORY and source not in special:
            return f"{source} is a special category, and no legal basis was named"
    return None

"""What somebody does here, and which values of the provider's claim say so."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

PREFIXES = ("", "apualy-", "apualy_")


class Role(StrEnum):
    """What somebody, or another system, does here."""

    CASEWORKER = "caseworker"
    ETHICS_REVIEWER = "ethics_reviewer"
    DATA_SCIENTIST = "data_scientist"
    SERVICE_MANAGER = "service_manager"
    DATA_PROTECTION_OFFICER = "data_protection_officer"
    OPERATOR = "operator"
    INTEGRATION = "integration"


def own_names(role: Role) -> tuple[str, ...]:
    """Return the values that stand for a role when nobody says otherwise: its name, also with our prefix."""
    return tuple(prefix + role for prefix in PREFIXES)


def roles_of(claim: Any, meaning: Mapping[str, Role]) -> frozenset[Role]:
    """Return the roles that a claim names: a list of texts, or one text. What nobody knows names none."""
    values = claim if isinstance(claim, list) else [claim]
    return frozenset(meaning[value] for value in values if isinstance(value, str) and value in meaning)

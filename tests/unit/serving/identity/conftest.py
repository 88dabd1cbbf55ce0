"""A provider that signs what a test asks for, and what stands before it here."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from serving.identity.provider import Provider
from serving.identity.settings import ProviderSettings, provider_settings

from .signing import AUDIENCE, Signer, signing


@pytest.fixture
def signer() -> Iterator[Signer]:
    with signing() as signer:
        yield signer


@pytest.fixture
def settings(signer: Signer) -> ProviderSettings:
    found = provider_settings({"APUALY_OIDC_ISSUER": signer.issuer, "APUALY_OIDC_AUDIENCE": AUDIENCE})
    assert found is not None
    return found


@pytest.fixture
def seconds() -> list[float]:
    """Return the seconds that have passed, in a list of one, to be moved by hand."""
    return [0.0]


@pytest.fixture
def provider(settings: ProviderSettings, seconds: list[float]) -> Provider:
    return Provider(settings, steady=lambda: seconds[0])

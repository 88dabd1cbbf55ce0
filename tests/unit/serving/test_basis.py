"""A law in the place of consent must stand where jobseekers read it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from ml.errors import GateError
from ml.governance.registry import Approved
from ml.governance.signing.chain import Witness
from serving.models.basis import CONSENT, require_named

NAMED = {"fi": "laki 380/2023", "sv": "lagen 380/2023", "en": "Act 380/2023"}


def approved(**told: str) -> Approved:
    card = {"people": {"data": {"legal_basis": told}}}
    return Approved(
        "ltu-risk", 2, "sha256:0", card, "", "Oona", datetime(2031, 1, 1, tzinfo=UTC), (), Witness(1, "a" * 64)
    )


def test_consent_needs_no_law() -> None:
    require_named(CONSENT, approved())


def test_a_law_is_named_in_every_language() -> None:
    require_named("Act 380/2023 § 5", approved(**NAMED))


@pytest.mark.parametrize("language", ["fi", "sv", "en"])
@pytest.mark.parametrize("instead", ["suostumus", None, "laki 381/2023", "laki 1380/20231"])
def test_a_law_that_one_language_keeps_quiet_about_is_refused(language: str, instead: str | None) -> None:
    told = {code: text for code, text in {**NAMED, language: instead}.items() if text is not None}
    with pytest.raises(GateError, match=rf"does not name it \({language}\)"):
        require_named("Act 380/2023 § 5", approved(**told))

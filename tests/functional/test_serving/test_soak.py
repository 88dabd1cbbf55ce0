"""Under load for a while: no error, no growth of memory (`experiments.benchmarks.soak` at full length)."""

from __future__ import annotations

from pathlib import Path

import pytest

from experiments.benchmarks.soak import ALLOWED_GROWTH_MIB, measure


@pytest.mark.slow
def test_a_soak_without_errors_or_growth(own_home: Path) -> None:
    figures = measure(own_home, seconds=15, connections=8, workers=2, model="ltu-small")
    assert figures["errors"] == 0, figures["other_answers"]
    assert figures["answers"] > 200
    assert figures["growth_mib_a_worker"] < ALLOWED_GROWTH_MIB

"""What the unit tests of several rooms share: a generator, one thread, and follow-up whose truth is known."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import pytest
from threadpoolctl import threadpool_limits

from ml.contracts import Floats


@pytest.fixture(scope="session", autouse=True)
def one_thread() -> Iterator[None]:
    """Keep OpenMP to one thread: on so few rows, threads that wait for a busy machine take most of the time."""
    with threadpool_limits(1):
        yield


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(20261130)


@pytest.fixture(scope="session")
def followed() -> Callable[..., tuple[Floats, np.ndarray]]:
    """Return a maker of follow-up whose log-odds of still being unemployed at 6 months are as given.

    Exponential durations; a third of the spells is censored at a random time.
    """

    def make(log_odds: Floats, rng: np.random.Generator, censored: float = 1 / 3) -> tuple[Floats, np.ndarray]:
        rate = np.logaddexp(0, -log_odds) / 6  # exp(-6 rate) = expit(log odds)
        duration = rng.exponential(1 / rate)
        until = np.where(rng.random(len(rate)) < censored, rng.uniform(0, 14, len(rate)), np.inf)
        return np.minimum(duration, until), duration <= until

    return make

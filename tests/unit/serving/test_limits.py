"""How often somebody may ask, held against a bucket that is counted in the simplest way."""

from __future__ import annotations

from fractions import Fraction
from threading import Thread

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ml.errors import TooManyError
from serving.http import limits
from serving.http.limits import Limiter, Rate


class Seconds:
    """A clock in quarters of a second, so that nothing is rounded."""

    def __init__(self) -> None:
        self.quarters = 0

    def __call__(self) -> float:
        return self.quarters / 4


def passes(limiter: Limiter, caller: str = "ada") -> bool:
    try:
        limiter.check(caller)
    except TooManyError:
        return False
    return True


@given(
    st.sampled_from([0.5, 1.0, 2.0, 4.0]),
    st.integers(1, 6),
    st.lists(st.tuples(st.integers(0, 12), st.sampled_from(["ada", "ben"])), max_size=60),
)
def test_as_a_bucket_that_fills_evenly(per_second: float, burst: int, asked: list[tuple[int, str]]) -> None:
    clock = Seconds()
    limiter = Limiter(Rate(per_second, burst), clock)
    buckets = {name: (Fraction(burst), Fraction(0)) for name in ("ada", "ben")}  # tokens, and when they were counted
    for wait, caller in asked:
        clock.quarters += wait
        now = Fraction(clock.quarters, 4)
        tokens, counted = buckets[caller]
        tokens = min(Fraction(burst), tokens + (now - counted) * Fraction(per_second))
        allowed = tokens >= 1
        buckets[caller] = (tokens - 1 if allowed else tokens, now)
        assert passes(limiter, caller) is allowed


@given(st.sampled_from([0.25, 1.0, 5.0]), st.integers(1, 5))
def test_retry_after_is_long_enough_and_hardly_longer(per_second: float, burst: int) -> None:
    clock = Seconds()
    limiter = Limiter(Rate(per_second, burst), clock)
    assert [passes(limiter) for _ in range(burst + 1)] == [True] * burst + [False]
    with pytest.raises(TooManyError) as refused:
        limiter.check("ada")
    assert 0 < refused.value.seconds < 1 / per_second + 1
    clock.quarters += 4 * refused.value.seconds
    assert passes(limiter)


def test_refusals_cost_nothing() -> None:
    clock = Seconds()
    limiter = Limiter(Rate(1, 1), clock)
    assert passes(limiter)
    assert not any(passes(limiter) for _ in range(1000))
    clock.quarters += 4
    assert passes(limiter)


def test_only_so_many_callers_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "REMEMBERED", 3)
    limiter = Limiter(Rate(0.001, 1), Seconds())
    for caller in "abcd":
        assert passes(limiter, caller)
    assert [passes(limiter, caller) for caller in "dcb"] == [False] * 3
    assert passes(limiter, "a")  # forgotten, as one who has asked nothing for long


def test_threads_share_one_count() -> None:
    limiter, passed = Limiter(Rate(0.001, 50), Seconds()), list[bool]()

    def ask() -> None:
        passed.extend(passes(limiter) for _ in range(100))

    threads = [Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(passed) == 50

"""Shares in words: the same as the rest of the service says them, and never more certain than they are."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from serving.hints.risk_words import frequency_words
from serving.language import Language
from serving.pages.drawings.tenths import nearest, outwards, tenths

Languages = Mapping[str, Language]


@pytest.mark.parametrize(
    ("three", "roughly", "people", "interval", "percent", "percents"),
    [
        ((0.43, 0.31, 0.58), "about", "4 in 10", "3–6 in 10", "43\u00a0%", "31–58\u00a0%"),
        ((0.45, 0.449, 0.451), "about", "5 in 10", "4–5 in 10", "45\u00a0%", "44–46\u00a0%"),
        ((0.7, 0.7, 0.7), "about", "7 in 10", "7–8 in 10", "70\u00a0%", "70–71\u00a0%"),  # 0.7 × 10 > 7 to a machine
        ((0.0499, 0.02, 0.3), "under", "1 in 20", "0–3 in 10", "5\u00a0%", "2–30\u00a0%"),
        ((0.0, 0.0, 0.0), "under", "1 in 20", "0–1 in 10", "0\u00a0%", "0–1\u00a0%"),
        ((0.95, 0.9, 0.98), "over", "19 in 20", "9–10 in 10", "95\u00a0%", "90–98\u00a0%"),
        ((1.0, 1.0, 1.0), "over", "19 in 20", "9–10 in 10", "100\u00a0%", "99–100\u00a0%"),
    ],
)
def test_a_share_in_words(
    three: tuple[float, float, float],
    roughly: str,
    people: str,
    interval: str,
    percent: str,
    percents: str,
    languages: Languages,
) -> None:
    found = tenths(*three, languages["en"])
    assert (found.roughly, found.people, found.interval) == (roughly, people, interval)
    assert (found.percent, found.percent_interval) == (percent, percents)


@pytest.mark.parametrize(
    ("code", "share", "words"),
    [
        ("fi", 0.43, ("noin", "4/10", "3–9/10", "Noin 4 kymmenestä", "3–9 kymmenestä")),
        ("fi", 0.3, ("noin", "3/10", "3–9/10", "Noin 3 kymmenestä", "3–9 kymmenestä")),
        ("sv", 0.96, ("över", "19 av 20", "3–10 av 10", "Fler än 19 av 20", "3–10 av 10")),
        ("en", 0.04, ("under", "1 in 20", "0–9 in 10", "Fewer than 1 in 20", "0 to 9 in 10")),
    ],
)
def test_in_each_language(code: str, share: float, words: tuple[str, ...], languages: Languages) -> None:
    found = tenths(share, min(share, 0.3), max(share, 0.9), languages[code])
    assert (found.roughly, found.people, found.interval, found.in_words, found.interval_in_words) == words


@given(st.integers(0, 10_000))
@example(500)
@example(9500)
@example(9499)
def test_a_share_reads_as_it_does_in_the_sentences_of_a_hint(languages: Languages, share: int) -> None:
    found = tenths(share / 10_000, 0.0, 1.0, languages["en"])
    assert frequency_words(share / 10_000, "then", languages["en"]).startswith(f"{found.in_words} people ")


@given(st.tuples(*[st.integers(0, 10_000)] * 3).map(sorted), st.sampled_from([10, 100]))
def test_an_interval_holds_all_that_it_is_of(three: list[int], of: int) -> None:
    low, share, high = (each / 10_000 for each in three)
    first, last = outwards(low, high, of)
    assert 0 <= first < last <= of
    assert first <= low * of + 1e-9
    assert high * of - 1e-9 <= last
    assert first <= nearest(share, of) <= last

"""A share with its interval as it reads: people out of ten, out of twenty near none and all; and per cent."""

from __future__ import annotations

import math
from dataclasses import dataclass

from serving.language import Language, marked

DECIMALS = 6  # 0.7 × 10 is a little more than 7 to a machine
FEW, MANY = 0.05, 0.95  # as serving/hints/risk_words.py speaks: beyond them there is no "0 in 10", no "10 in 10"


@dataclass(frozen=True, slots=True)
class Tenths:
    """A share in words. An interval is told in whole steps outwards: it never reads narrower than it is.

    roughly, people, interval  short, for a drawing: "about", "7 in 10", "6–8 in 10"
    in_words, interval_in_words  the same, to be read out: "About 7 in 10", "6 to 8 in 10"
    percent, percent_interval  "71 %", "64–77 %"
    """

    roughly: str
    people: str
    interval: str
    in_words: str
    interval_in_words: str
    percent: str
    percent_interval: str


def tenths(probability: float, low: float, high: float, language: Language) -> Tenths:
    """Return a share and its 95 % interval (each 0 to 1) in a language."""
    if probability < FEW:
        roughly, people, whole = marked("under"), marked("1 in 20"), marked("Fewer than 1 in 20")
    elif probability >= MANY:
        roughly, people, whole = marked("over"), marked("19 in 20"), marked("More than 19 in 20")
    else:
        roughly, people, whole = marked("about"), marked("{tenths} in 10"), marked("About {tenths} in 10")
    count = str(nearest(probability, 10))
    first, last = (str(each) for each in outwards(low, high, 10))
    least, most = outwards(low, high, 100)
    return Tenths(
        language.gettext(roughly),
        language.gettext(people, tenths=count),
        language.gettext("{low}–{high} in 10", low=first, high=last),
        language.gettext(whole, tenths=count),
        language.gettext("{low} to {high} in 10", low=first, high=last),
        f"{nearest(probability, 100)}\u00a0%",
        f"{least}–{most}\u00a0%",
    )


def nearest(probability: float, of: int) -> int:
    """Return how many of so many; halves go up."""
    return math.floor(round(probability * of, DECIMALS) + 0.5)


def outwards(low: float, high: float, of: int) -> tuple[int, int]:
    """Return the whole numbers of so many around an interval, at least one apart."""
    first = min(math.floor(round(low * of, DECIMALS)), of - 1)
    return first, max(math.ceil(round(high * of, DECIMALS)), first + 1)

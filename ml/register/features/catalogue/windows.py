"""The windows before a look over which days and events are counted, in years, and why there are three of them."""

from __future__ import annotations

from ml.contracts import Kind
from ml.register.features.feature import Feature, over_windows
from ml.register.schema import Words

WINDOWS = {
    1: Words("in the last year", "viimeisen vuoden aikana", "under det senaste året"),
    3: Words("in the last three years", "kolmen viime vuoden aikana", "under de tre senaste åren"),
    5: Words("in the last five years", "viiden viime vuoden aikana", "under de fem senaste åren"),
}
WHY_SO_LONG = {
    1: "one year: how things stand now",
    3: "three years: whether it is new",
    5: "five years: what is usual",
}


def over_years(
    name: str, kind: Kind, words: Words, sources: tuple[str, ...], why: str, *, reason: str, counted: str = ""
) -> tuple[Feature, ...]:
    """Return the same number over each of the windows, each with why the fact and why the window is needed.

    counted  how it is counted, where that helps
    """
    return tuple(
        feature
        for years, over in WINDOWS.items()
        for feature in over_windows(
            name,
            {years: over},
            kind,
            words,
            sources,
            "; ".join(filter(None, (why, WHY_SO_LONG[years], counted))),
            reason=reason,
        )
    )

"""Why each input is needed: a reason for those who may ask to drop it, not a note on codes."""

from __future__ import annotations

import re

import pytest

from ml.register.features import FEATURES, PACE, WINDOWS, Feature
from ml.register.features.catalogue.abilitator import ABILITATOR

EVERY = (*FEATURES, PACE, *ABILITATOR)
LONGEST = 160
NO_REASON = re.compile(r"(counted|codes? \d|\d|missing|the latest|over \d)")  # how it is counted comes after why
CLAIMS = re.compile(r"\b(causes?|caused|because of|leads? to|results? in|due to)\b")


def _years(feature: Feature) -> str | None:
    found = re.search(r"_(\d)y$", feature.name)
    return found and found[1]


@pytest.mark.parametrize("feature", EVERY, ids=lambda feature: feature.name)
def test_a_why_begins_with_a_reason_and_fits_a_line_of_the_card(feature: Feature) -> None:
    assert not NO_REASON.match(feature.why)
    assert not CLAIMS.search(feature.why)
    assert len(feature.why) <= LONGEST
    assert "|" not in feature.why
    assert feature.why[-1] not in ".;"


def test_no_two_inputs_are_needed_for_the_same_reason() -> None:
    assert len({feature.why for feature in EVERY}) == len(EVERY)


@pytest.mark.parametrize("years", WINDOWS)
def test_a_window_is_told_apart_by_why_it_is_so_long(years: int) -> None:
    number = {1: "one year: ", 3: "three years: ", 5: "five years: "}[years]
    of_all = {feature.name[:-3] for feature in FEATURES if _years(feature) == "3"}
    assert len(of_all) == 9
    for feature in FEATURES:
        if feature.name[:-3] in of_all:
            assert (number in feature.why) == (_years(feature) == str(years))


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("education", "may tell of origin"),  # unknown of a quarter of foreign-language jobseekers: report 3.1.1
        ("occupation_group", "may tell of gender or origin"),
        ("months_since_plan", "of origin"),  # an integration plan stands in for an employment plan
        ("earnings_related_days_1y", "may tell of a union (not audited)"),  # membership of a fund
        ("benefit_kind", "a union (not audited)"),
        ("last_service", "may tell of age"),  # guidance centres are for the young
    ],
)
def test_what_may_tell_of_a_protected_ground_says_so(name: str, said: str) -> None:
    (feature,) = (feature for feature in FEATURES if feature.name == name)
    assert said in feature.why

"""What sets a group apart, in figures that may be shown and in three languages."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import mannwhitneyu

from ml.contracts import Column, ColumnType, Role
from ml.disclosure import redact
from ml.models.fractions.aggregate import showable
from ml.models.fractions.marks import Found, marks, shown_share
from ml.models.fractions.words import names, short_label, told

MEMBERS = np.arange(200) < 80


def one(values: object, kind: ColumnType = ColumnType.NUMBER, name: str = "days") -> tuple[Found, ...]:
    column = Column(name, kind, Role.FEATURE)
    return marks(pd.DataFrame({name: values}), [column], MEMBERS)


@pytest.mark.parametrize(
    ("sizes", "places"),
    [
        ([30, 20, 10], [0, 1, 2]),
        ([10, 30, 20], [1, 2, 0]),
        ([300, 200, 4], [0]),  # 4 alone would be the total less the others: 200 goes with it
        ([300, 3, 4], [0]),
        ([300, 0, 200], [0]),
        ([3, 4], []),
        ([5, 5], [0, 1]),
    ],
)
def test_which_groups_may_be_shown(sizes: list[int], places: list[int]) -> None:
    assert showable(sizes) == places


@settings(deadline=None)
@given(st.lists(st.integers(0, 40), min_size=2, max_size=8))
def test_never_is_one_hidden_alone_or_a_small_one_shown(sizes: list[int]) -> None:
    shown = showable(sizes)
    assert all(sizes[place] >= 5 for place in shown)
    assert len(sizes) - len(shown) != 1


@pytest.mark.parametrize(
    ("count", "people", "share"),
    [(0, 50, 0.0), (1, 50, None), (4, 50, None), (5, 50, 0.1), (45, 50, 0.9), (46, 50, None), (50, 50, 1.0),
     (23, 98, 0.25), (3, 4, None), (0, 0, None)],
)  # fmt: skip
def test_shares_are_made_of_rounded_counts_and_rest_on_nobody(count: int, people: int, share: float | None) -> None:
    assert shown_share(count, people) == share


@settings(deadline=None)
@given(st.integers(0, 300), st.integers(0, 300))
def test_one_person_less_moves_a_share_by_one_step_of_rounding_at_most(count: int, rest: int) -> None:
    before, after = shown_share(count, count + rest), shown_share(max(count - 1, 0), max(count - 1, 0) + rest)
    if before is not None and after is not None:
        step = 2 * 5 / (redact(count + rest) or 5)
        assert abs(before - after) <= step + 0.01


def test_a_number_tells_medians_with_two_digits() -> None:
    values = np.where(MEMBERS, 251.0, 83.0) + np.arange(200) % 3
    (mark,) = one(values)
    assert (mark.measure, mark.group, mark.everybody) == ("median", 250, 85)


def test_the_effect_is_that_of_mann_and_whitney(rng: np.random.Generator) -> None:
    values = rng.poisson(np.where(MEMBERS, 4.0, 3.0)).astype(np.float64)
    (mark,) = one(values)
    wins = mannwhitneyu(values[MEMBERS], values[~MEMBERS]).statistic / (80 * 120)
    assert mark.effect == pytest.approx((2 * wins - 1) * 120 / 200, abs=0.006)  # against everybody, members among them


def test_equal_medians_give_way_to_the_share_above() -> None:
    values = np.where(np.arange(200) % 10 < np.where(MEMBERS, 4, 1), 30.0, 0.0)
    (mark,) = one(values)
    assert (mark.measure, mark.value, mark.group, mark.everybody) == ("share", "over 0", 0.38, 0.23)


def test_a_missing_value_is_a_mark_too() -> None:
    (mark,) = one(np.where(MEMBERS & (np.arange(200) % 4 > 0), np.nan, 3.0))
    assert (mark.value, mark.group, mark.everybody) == ("missing", 0.75, 0.3)


def test_a_category_tells_the_level_that_is_more_common_than_elsewhere() -> None:
    levels = np.where(MEMBERS, np.where(np.arange(200) % 5 == 0, "b", "a"), "b").astype(object)
    (mark,) = one(levels, ColumnType.CATEGORY)
    assert (mark.value, mark.group, mark.everybody) == ("a", 0.81, 0.33)


def test_what_rests_on_few_people_is_no_mark() -> None:
    """Three of eighty have worked, nobody else: a true difference, and not to be told."""
    assert one((np.arange(200) < 77).astype(np.float64), ColumnType.BOOLEAN) == ()


def test_no_median_of_fewer_than_five_on_either_side() -> None:
    nine = np.arange(200) < 9
    frame, columns = (
        pd.DataFrame({"days": np.where(nine, 900.0, 5.0)}),
        [Column("days", ColumnType.NUMBER, Role.FEATURE)],
    )
    assert marks(frame, columns, nine) == ()
    (mark,) = marks(pd.DataFrame({"days": np.where(np.arange(200) < 10, 900.0, 5.0)}), columns, np.arange(200) < 10)
    assert (mark.measure, mark.group) == ("median", 900)


def test_a_group_like_everybody_has_no_marks() -> None:
    assert one((np.arange(200) % 7).astype(np.float64)) == ()


def test_one_mark_a_fact() -> None:
    rank = np.where(MEMBERS, 200.0, 5.0) + np.arange(200) % 2
    frame = pd.DataFrame({"days_1y": rank, "days_5y": rank * 5, "is_a": MEMBERS.astype(float), "is_b": 1.0 - MEMBERS})
    kinds = [ColumnType.NUMBER] * 2 + [ColumnType.BOOLEAN] * 2
    columns = [Column(str(name), kind, Role.FEATURE) for name, kind in zip(frame, kinds, strict=True)]
    assert [mark.column.name for mark in marks(frame, columns, MEMBERS)] == ["days_1y", "is_a"]


# ---------------------------------------------------------------- words

SUBSIDY = [
    Column(f"subsidy_{years}y", ColumnType.NUMBER, Role.FEATURE, label={
        "fi": f"Tukipäivät {fi} aikana", "sv": f"Dagar med stöd under {sv}", "en": f"Days of subsidy in the last {en}",
    })
    for years, fi, sv, en in ((1, "viimeisen vuoden", "det senaste året", "year"),
                              (5, "viiden viime vuoden", "de fem senaste åren", "five years"))
]  # fmt: skip
BENEFIT = Column("benefit", ColumnType.CATEGORY, Role.FEATURE, label={"fi": "Etuus", "sv": "Förmån", "en": "Benefit"},
                 translations={"fi": {"basic": "peruspäiväraha"}, "sv": {"basic": "grunddagpenning"}})  # fmt: skip
LISTED = Column("listed", ColumnType.BOOLEAN, Role.FEATURE, label={"fi": "Listalla", "sv": "På listan", "en": "Listed"})


@pytest.mark.parametrize(
    ("mark", "fi", "sv", "en"),
    [
        (Found(SUBSIDY[0], "median", None, 0.5, 250, 4.5),
         "Tukipäivät viimeisen vuoden aikana: mediaani 250, kaikilla 4,5",
         "Dagar med stöd under det senaste året: median 250, hos alla 4,5",
         "Days of subsidy in the last year: median 250, of everybody 4.5"),
        (Found(BENEFIT, "share", "basic", 0.4, 0.9, 0.29), "Etuus (peruspäiväraha): 90 %, kaikista 29 %",
         "Förmån (grunddagpenning): 90 %, av alla 29 %", "Benefit (basic): 90 %, of everybody 29 %"),
        (Found(LISTED, "share", "yes", -0.4, 0.0, 0.4), "Listalla (kyllä): 0 %, kaikista 40 %",
         "På listan (ja): 0 %, av alla 40 %", "Listed (yes): 0 %, of everybody 40 %"),
        (Found(SUBSIDY[1], "share", "over 2.5", 0.4, 0.9, 0.5, 2.5),
         "Tukipäivät viiden viime vuoden aikana (yli 2,5): 90 %, kaikista 50 %",
         "Dagar med stöd under de fem senaste åren (över 2,5): 90 %, av alla 50 %",
         "Days of subsidy in the last five years (over 2.5): 90 %, of everybody 50 %"),
        (Found(BENEFIT, "share", "missing", 0.4, 0.9, 0.5), "Etuus (ei kirjausta): 90 %, kaikista 50 %",
         "Förmån (ingen anteckning): 90 %, av alla 50 %", "Benefit (not recorded): 90 %, of everybody 50 %"),
    ],
)  # fmt: skip
def test_marks_in_three_languages(mark: Found, fi: str, sv: str, en: str) -> None:
    assert told(mark) == {"fi": fi, "sv": sv, "en": en}


def test_names_are_of_the_two_strongest_marks() -> None:
    group = [Found(SUBSIDY[1], "median", None, 0.5, 250, 4), Found(BENEFIT, "share", "basic", 0.2, 0.4, 0.2),
             Found(LISTED, "share", "yes", 0.2, 0.6, 0.2)]  # fmt: skip
    (name,) = names([group], SUBSIDY)
    assert name == {
        "fi": "Tukipäivät: paljon; Etuus: useammin peruspäiväraha",
        "sv": "Dagar med stöd: många; Förmån: oftare grunddagpenning",
        "en": "Days of subsidy: many; Benefit: more often basic",
    }


def test_groups_never_share_a_name() -> None:
    few, listed = Found(SUBSIDY[0], "median", None, -0.5, 2, 4), Found(LISTED, "share", "yes", -0.4, 0.0, 0.4)
    basic = Found(BENEFIT, "share", "basic", 0.4, 0.9, 0.5)
    english = [name["en"] for name in names([[few, listed, basic], [few, listed], [few, listed], [], []], SUBSIDY)]
    assert len(set(english)) == 5
    assert english[0] == "Days of subsidy: few; Listed: no; Benefit: basic"
    assert english[3:] == ["Like everybody (1)", "Like everybody (2)"]


def test_one_window_alone_keeps_its_label() -> None:
    assert short_label(SUBSIDY[0], SUBSIDY, "en") == "Days of subsidy"
    assert short_label(SUBSIDY[0], SUBSIDY[:1], "en") == "Days of subsidy in the last year"

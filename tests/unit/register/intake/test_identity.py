"""Identity codes taken apart."""

from __future__ import annotations

from datetime import date

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ml.register.intake.days import as_date, day_number
from ml.register.intake.identity import CENTURIES, CHECK_CHARACTERS, take_apart

SIGNS = {1800: "+", 1900: "-YXWVU", 2000: "ABCDEF"}


def code(born: date, sign: str, number: int) -> str:
    """Return the identity code of an artificial person, put together by DVV's rule."""
    digits = f"{born:%d%m}{born.year % 100:02}{number:03}"
    return f"{digits[:6]}{sign}{digits[6:]}{'0123456789ABCDEFHJKLMNPRSTUVWXY'[int(digits) % 31]}"


@given(
    st.lists(
        st.tuples(st.dates(date(1850, 1, 1), date(2099, 12, 31)), st.integers(0, 5), st.integers(900, 999)), min_size=1
    )
)
def test_every_code_put_together_by_the_rule_is_valid_and_says_the_day(people: list[tuple[date, int, int]]) -> None:
    signs = [SIGNS[born.year // 100 * 100] for born, *_ in people]
    codes = [
        code(born, sign[which % len(sign)], number) for (born, which, number), sign in zip(people, signs, strict=True)
    ]
    parts = take_apart(pa.array(codes))
    assert parts.valid.all()
    assert [as_date(day) for day in parts.born] == [born for born, *_ in people]
    assert parts.number.tolist() == [number for *_, number in people]
    assert parts.artificial.all()


@given(st.dates(date(1900, 1, 1), date(1999, 12, 31)), st.integers(900, 999), st.integers(0, 9), st.integers(1, 9))
def test_a_digit_changed_is_noticed(born: date, number: int, place: int, by: int) -> None:
    whole = code(born, "-", number)
    at = place + (place > 5) if place < 9 else 9
    changed = whole[:at] + str((int(whole[at]) + by) % 10) + whole[at + 1 :]
    assert not take_apart(pa.array([changed])).valid[0]


@pytest.mark.parametrize("text", ["", "x", "010180-901", "010180-90155", "ää0180-9015", "010180-9015\n", "💥" * 3])
def test_what_is_no_code_is_not_well_formed(text: str) -> None:
    parts = take_apart(pa.array([text, "010180-9015"]))
    assert parts.well_formed.tolist() == [False, True]
    assert parts.valid.tolist() == [False, True]


def test_no_codes_at_all_are_taken_apart_too() -> None:
    assert len(take_apart(pa.array([], pa.string())).valid) == 0


def test_signs_and_check_characters_are_those_of_the_decree() -> None:
    assert {year: "".join(s for s, y in CENTURIES.items() if y == year) for year in SIGNS} == SIGNS
    assert len(CHECK_CHARACTERS) == 31
    assert not set(b"GIOQZ") & set(CHECK_CHARACTERS)
    assert day_number(date(1970, 1, 2)) == 1

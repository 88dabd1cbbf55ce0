"""Identity codes of people who do not exist: valid, their own, and of the range that is given to nobody."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ml.errors import IDENTITY_CODE, UsageError
from ml.register.synthetic.identity import IdentityCodes

# The rule of the Digital and Population Data Services Agency, written down independently.
CHECK_CHARACTERS = "0123456789ABCDEFHJKLMNPRSTUVWXY"
CENTURY = {**dict.fromkeys("-YXWVU", 1900), **dict.fromkeys("ABCDEF", 2000)}


def complaint(code: str, born: date, gender: int) -> str | None:
    """Return what is wrong with a code, None when nothing is."""
    if len(code) != 11 or code[6] not in CENTURY:
        return "form"
    day, month, year = int(code[:2]), int(code[2:4]), int(code[4:6]) + CENTURY[code[6]]
    if (day, month, year) != (born.day, born.month, born.year):
        return "birth date"
    individual = int(code[7:10])
    if not 900 <= individual <= 999:
        return "range"
    if individual % 2 != gender % 2:
        return "gender"
    return None if code[10] == CHECK_CHARACTERS[int(code[:6] + code[7:10]) % 31] else "check character"


def give(codes: IdentityCodes, born: list[date], gender: list[int]) -> list[str]:
    days = np.array(born, dtype="datetime64[D]").astype(np.int32)
    given: list[str] = codes.give(days, np.array(gender, dtype=np.int16)).to_pylist()
    return given


def test_the_rule_of_this_test_knows_a_published_example() -> None:
    assert complaint("131052-308T", date(1952, 10, 13), 2) == "range"  # DVV's own example, of a living range
    assert CHECK_CHARACTERS[131052308 % 31] == "T"


people = st.lists(
    st.tuples(st.dates(date(1930, 1, 1), date(2012, 12, 31)), st.sampled_from([1, 2])), min_size=1, max_size=200
)


@given(first=people, second=people)
def test_each_code_is_valid_and_nobody_elses(first: list[tuple[date, int]], second: list[tuple[date, int]]) -> None:
    codes = IdentityCodes()
    given_codes = []
    for some in (first, second):
        born, gender = [person[0] for person in some], [person[1] for person in some]
        found = give(codes, born, gender)
        assert [complaint(*row) for row in zip(found, born, gender, strict=True)] == [None] * len(some)
        assert all(IDENTITY_CODE.search(code) for code in found), "an error message would not strike it out"
        given_codes += found
    assert len(set(given_codes)) == len(given_codes)


@pytest.mark.parametrize(("born", "signs"), [(date(1999, 12, 31), "-YXWVU"), (date(2000, 1, 1), "ABCDEF")])
def test_the_newer_century_signs_are_taken_when_the_older_are_used_up(born: date, signs: str) -> None:
    codes = IdentityCodes()
    found = give(codes, [born] * 300, [1] * 300)
    assert len(set(found)) == 300
    assert [code[6] for code in found] == [sign for sign in signs for _ in range(50)]
    assert give(codes, [born + timedelta(1 if born.year >= 2000 else -1)], [1])[0][6] == signs[0], (
        "another day has room"
    )
    with pytest.raises(UsageError, match="more people of one birth date than there are identity codes"):
        give(codes, [born], [1])


def test_everybody_of_a_register_has_one(raw: dict[str, pd.DataFrame], small_register: Path) -> None:
    people = raw["jobseekers"].drop_duplicates("identity_code")
    born = pd.to_datetime(people["birth_date"], format="%d.%m.%Y").dt.date
    found = zip(people["identity_code"], born, people["gender"].astype(int), strict=True)
    assert {complaint(*row) for row in found} == {None}

"""What is struck out of a line of the log, whatever stands around it."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from ml.errors import IDENTITY_CODE
from serving.logs import without_personal

# Independent of how the guard finds out which lines are worth a look.
ID = re.compile(r"(?<![0-9a-f])[0-9a-f]{32}(?![0-9a-f])")
AROUND = st.text(st.sampled_from(' {}":,-_./aæÅzZ0159\n'), max_size=8)


@given(before=AROUND, code=st.from_regex(IDENTITY_CODE, fullmatch=True), after=AROUND)
def test_no_identity_code_is_left(before: str, code: str, after: str) -> None:
    assert IDENTITY_CODE.search(without_personal(f"{before}{code}{after}")) is None


@given(before=AROUND, id=st.text("0123456789abcdef", min_size=32, max_size=32), after=AROUND)
def test_no_id_is_left_whole(before: str, id: str, after: str) -> None:
    assert ID.search(without_personal(f"{before}{id}{after}")) is None


@given(
    st.text(st.sampled_from("ghijklmnop ABCDEF-:.12345"), max_size=60).filter(
        lambda text: not re.search("[0-9]{6}", text)
    )
)
def test_a_line_without_either_stays_as_it_is(text: str) -> None:
    assert without_personal(text) == text

"""Finnish personal identity codes taken apart: day of birth, century sign, individual number, check character.

Source: Digital and Population Data Services Agency (DVV); Government Decree 690/2022 added the century signs
Y X W V U (born in the 1900s) and B C D E F (2000s) from 2023.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from ml.contracts import Bools
from ml.register.intake.days import NONE, Days, days_of

LENGTH = 11
CENTURIES = {"+": 1800, **dict.fromkeys("-YXWVU", 1900), **dict.fromkeys("ABCDEF", 2000)}
CHECK_CHARACTERS = b"0123456789ABCDEFHJKLMNPRSTUVWXY"
FIRST_NUMBER, FIRST_ARTIFICIAL = 2, 900  # individual numbers 900–999 are of artificial persons

_CENTURY_OF_BYTE = np.zeros(256, dtype=np.int32)
_CENTURY_OF_BYTE[[ord(sign) for sign in CENTURIES]] = list(CENTURIES.values())
_CHECK_CHARACTERS = np.frombuffer(CHECK_CHARACTERS, dtype=np.uint8)
_IS_CHECK_CHARACTER = np.isin(np.arange(256), _CHECK_CHARACTERS)
_DIGITS = [0, 1, 2, 3, 4, 5, 7, 8, 9]


@dataclass(frozen=True)
class Parts:
    """What n identity codes say; each of the first four only means something where those before it hold.

    born    (n,) days since 1970-01-01, NONE where the code has no such day
    number  (n,) individual number, odd for men, even for women
    """

    well_formed: Bools
    known_sign: Bools
    real_day: Bools
    right_check: Bools
    born: Days
    number: NDArray[np.int32]

    @property
    def valid(self) -> Bools:
        """Which codes are right in all four respects, (n,)."""
        return self.well_formed & self.known_sign & self.real_day & self.right_check

    @property
    def artificial(self) -> Bools:
        """Which codes are of artificial persons, (n,)."""
        return self.number >= FIRST_ARTIFICIAL


def take_apart(texts: Any) -> Parts:
    """Return what an Arrow array of texts without nulls says, read as identity codes."""
    fits = np.array(pc.equal(pc.binary_length(texts), LENGTH).to_numpy(zero_copy_only=False), dtype=bool)
    padded = pc.if_else(pa.array(fits), texts, "0" * LENGTH).cast(pa.binary(LENGTH))
    letters = np.frombuffer(b"".join(padded.to_pylist()), dtype=np.uint8).reshape(-1, LENGTH).T.copy()
    digits = letters - np.uint8(ord("0"))  # whatever is below 0 comes out above 9
    well_formed = fits & (digits[_DIGITS] <= 9).all(axis=0) & _IS_CHECK_CHARACTER[letters[10]]
    day, month, year = (_number(digits[at : at + 2]) for at in (0, 2, 4))
    number = _number(digits[7:10])
    century = _CENTURY_OF_BYTE[letters[6]]
    born = days_of(century + year, month, day)
    whole = _number(digits[_DIGITS])
    expected = _CHECK_CHARACTERS[np.where(well_formed, whole, 0) % len(_CHECK_CHARACTERS)]
    return Parts(
        well_formed & (number >= FIRST_NUMBER), century > 0, born != NONE, letters[10] == expected, born, number
    )


def _number(digits: NDArray[np.uint8]) -> NDArray[np.int32]:
    """Return the numbers that rows of digits say, read from the first row to the last; nine digits fit."""
    number = np.zeros(digits.shape[1], dtype=np.int32)
    for row in digits:
        number = number * 10 + row
    return number

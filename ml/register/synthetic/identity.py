"""Finnish identity codes of people who do not exist: individual numbers 900 to 999 are given to nobody (DVV)."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from ml.errors import UsageError
from ml.register.synthetic.months import Days
from ml.register.synthetic.population import Codes

CHECK = "0123456789ABCDEFHJKLMNPRSTUVWXY"
SIGNS = {19: "-YXWVU", 20: "ABCDEF"}  # of the centuries; the later ones by the reform of 2023
FIRST, COUNT = 900, 100
A_SIGN = COUNT // 2  # people of one birth date and gender that one sign has room for


class IdentityCodes:
    """Gives each person a code of their own."""

    def __init__(self) -> None:
        self._given: dict[int, int] = {}  # birth date and gender → how many were given

    def give(self, born: Days, gender: Codes) -> Any:
        """Return an Arrow array of codes, none of which was given before; odd individual numbers are men's.

        Raises UsageError when more are born on one day than there are codes.
        """
        key = born.astype(np.int64) * 4 + gender
        order = np.argsort(key, kind="stable")
        keys, first, size = np.unique(key[order], return_index=True, return_counts=True)
        before = np.array([self._given.get(each, 0) for each in keys.tolist()], np.int64)
        self._given.update(zip(keys.tolist(), (before + size).tolist(), strict=True))
        number = np.empty(len(key), np.int64)
        number[order] = np.arange(len(key)) - np.repeat(first - before, size)
        return pa.array(_written(born, gender, number))


def _written(born: Days, gender: Codes, number: NDArray[np.int64]) -> list[str]:
    date = born.astype("datetime64[D]")
    year = date.astype("datetime64[Y]").astype(np.int64) + 1970
    month = date.astype("datetime64[M]").astype(np.int64) % 12 + 1
    day = (date - date.astype("datetime64[M]")).astype(np.int64) + 1
    sign = number // A_SIGN
    if len(sign) and sign.max() >= len(SIGNS[19]):
        raise UsageError("more people of one birth date than there are identity codes; ask for fewer people")
    scattered = (number % A_SIGN * 17 + day * 7 + month * 3) % A_SIGN  # 17 and 50 share no factor: still unique
    individual = FIRST + 2 * scattered + gender % 2
    digits = ((day * 100 + month) * 100 + year % 100) * 1000 + individual
    rows = zip(digits.tolist(), (year // 100).tolist(), sign.tolist(), strict=True)
    return [f"{n // 1000:06d}{SIGNS[c][s]}{n % 1000:03d}{CHECK[n % 31]}" for n, c, s in rows]

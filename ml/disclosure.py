"""Counts that may be shown: small ones are withheld, the others are rounded.

A count of one to four can point out a person to those who know the rest of the group: it is withheld. The
rounding protects what was withheld: whoever subtracts shown counts from a shown total learns the rest only
within the rounding of every figure used (two persons each), never exactly. A true zero is shown: it tells of
nobody.

It protects single counts. It does not protect against many cross-tabulations of the same people, nor against
a count shown elsewhere without it: every number of people that leaves `ml` goes through here.
"""

from __future__ import annotations

THRESHOLD = 5  # the smallest count that is shown, and the smallest denominator of a shown rate
ROUNDING = 5  # shown counts are multiples of it


def redact(count: int) -> int | None:
    """Return the count as it may be shown: 0, None for 1 to THRESHOLD - 1, else the nearest ROUNDING.

    The result may be subtracted from other results only within rounding, and None is not zero.
    """
    if 0 < count < THRESHOLD:
        return None
    return (int(count) + ROUNDING // 2) // ROUNDING * ROUNDING

"""Unemployment benefits of simulated lives, paid in arrears."""

from __future__ import annotations

import numpy as np

from ml.contracts import Bools
from ml.register.synthetic.lives import Lives
from ml.register.synthetic.rows import Rows, on_working_days

KINDS = ("earnings_related", "basic_allowance", "labour_market_subsidy")  # as `lives` numbers them
MONTHS_TOGETHER = 3  # of a payment period; the first one is a month, so that a right is soon seen
REDUCED = 0.07  # periods paid in part: small work, waiting days, sanctions
SOONEST, LATEST = 2, 14  # days after a period's end


def benefits(lives: Lives, kept: Bools, last: int, rng: np.random.Generator) -> Rows:
    """Return the payment periods that were known on the last day, at most three months each."""
    faced = lives.faced
    at = np.flatnonzero(kept[faced.spell] & (faced.benefit >= 0) & (faced.until > faced.first))
    spell, kind, month = faced.spell[at], faced.benefit[at], faced.month[at]
    follows = np.append(False, (spell[1:] == spell[:-1]) & (kind[1:] == kind[:-1]) & (month[1:] == month[:-1] + 1))
    row = np.arange(len(at))
    place = row - np.maximum.accumulate(np.where(follows, 0, row))  # months since the payments began
    opens = np.flatnonzero(~follows | (place % MONTHS_TOGETHER == 1))
    closes = np.append(opens[1:], len(at)) - 1
    start, end = faced.first[at[opens]], faced.until[at[closes]] - 1
    days = np.rint((end - start + 1) * 5 / 7)
    days = np.where(rng.random(len(days)) < REDUCED, days * rng.uniform(0.3, 0.9, len(days)), days).astype(np.int32)
    entered = on_working_days(end + rng.integers(SOONEST, LATEST + 1, len(end), dtype=np.int32))
    person = lives.spells.person[spell[opens]]
    rows = Rows(
        person,
        {"kind": kind[opens], "start": start, "end": end, "days_paid": days, "entered": entered},
        {"kind": KINDS},
    ).only(entered <= last)
    order = np.lexsort((rows.columns["start"], rows.person))
    return Rows(rows.person[order], {name: values[order] for name, values in rows.columns.items()}, rows.texts)

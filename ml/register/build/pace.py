"""The pace at which people have left of late, month by month, as somebody who looks in a month can know it."""

from __future__ import annotations

from datetime import date
from importlib.resources import files

import duckdb

from ml.register.outcomes import SETTLED_MONTHS

FEWEST = 400  # exits of a quarter that tells more than its year does: they tell its pace to 5 %


def find_paces(db: duckdb.DuckDBPyConnection, as_of: date, opens: date | None) -> float | None:
    """Make the table `paces` (month, leaving_share) from `all_spells`, and return the share of the as-of date's month.

    leaving_share  of new spells, how many would end within a year at that pace, 0 to 1; NULL where nobody knows yet

    Nothing that ended after a month, or in the three months before it, moves what a look in it knows.
    """
    text = files(__package__).joinpath("pace.sql").read_text(encoding="utf-8")
    marks = {"{settled}": SETTLED_MONTHS, "{after}": SETTLED_MONTHS + 1, "{fewest}": FEWEST}
    for mark, value in marks.items():
        text = text.replace(mark, str(value))
    db.execute(text, {"as_of": as_of, "opens": opens})
    found = db.execute("SELECT leaving_share FROM paces WHERE month = date_trunc('month', $day::DATE)", {"day": as_of})
    row = found.fetchone()
    share: float | None = row[0] if row else None
    return share

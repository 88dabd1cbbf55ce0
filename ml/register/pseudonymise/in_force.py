"""Whose integration plan is in force on the extract's own day, and its days.

The rule of the integration entity asks for them: a right by law hangs on the day, so that neither a month nor
"suppressed" will do. Only those in force are told, on a legal basis of their own, and apart from all that is learnt.
"""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa

from ml.register.duck import open_database
from ml.register.pseudonymise.ladder import Numbers
from ml.register.schema.tables.jobseekers import PLAN_DAYS


def plans_in_force(jobseekers: Any, persons: Numbers, as_of: date) -> tuple[Numbers, Any]:
    """Return whose plan is in force, and an Arrow table of its first day and its last, null where none has been set.

    persons  of the rows of `jobseekers`; the version counts that held and had been entered on the day
    """
    names = ("valid_from", "entered", *PLAN_DAYS)
    versions = pa.table({"person": pa.array(persons), **{name: jobseekers.column(name) for name in names}})
    with open_database() as db:
        db.register("versions", versions)
        found: Any = db.sql(_QUERY, params={"day": as_of}).to_arrow_table()
    return np.asarray(found["person"].to_numpy(), dtype=np.int64), found.drop_columns(["person"])


_QUERY = """
WITH known AS (
    SELECT person,
        arg_max({'first': integration_plan_start, 'last': integration_plan_end}, (valid_from, entered)) AS plan
    FROM versions WHERE valid_from <= $day AND entered <= $day
    GROUP BY person
)
SELECT person, plan.first AS integration_plan_start, plan.last AS integration_plan_end
FROM known
WHERE plan.first <= $day AND coalesce(plan.last, $day) >= $day
ORDER BY person
"""

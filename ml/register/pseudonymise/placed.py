"""Whether an integration plan was in force on the day of each placement, as the register knew on the day before.

The rule of the integration entity asks for it, and nothing that is delivered of jobseekers could tell: their plans are
delivered as at the extract's own day. One of three texts a placement says less than the plan's dates would.
"""

from __future__ import annotations

from typing import Any

import pyarrow as pa

from ml.register.duck import open_database
from ml.register.pseudonymise.attributes import SUPPRESSED
from ml.register.pseudonymise.ladder import Numbers
from ml.register.pseudonymise.plan import PLAN
from ml.register.pseudonymise.seekers import Seekers

IN_FORCE, NOT_IN_FORCE = "in force", "not in force"


def plans_at_placements(jobseekers: Any, seekers: Seekers, dates: Any, persons: Numbers) -> Any:
    """Return one text a placement: IN_FORCE, NOT_IN_FORCE, or SUPPRESSED where the person's plan is.

    dates, persons  of the placements
    The version of a person's facts counts that held and had been entered on the day before; the plan must be in force
    on the day itself. Nothing known of a plan reads as NOT_IN_FORCE.
    """
    versions = pa.table(
        {
            "person": pa.array(seekers.persons),
            **{name: jobseekers.column(name) for name in ("valid_from", "entered")},
            "first": jobseekers.column("integration_plan_start"),
            "last": jobseekers.column("integration_plan_end"),
            "hidden": pa.array(seekers.generalised.levels[PLAN] == 0),
        }
    )
    placed = pa.table({"row": pa.array(range(len(persons)), pa.int64()), "person": pa.array(persons), "day": dates})
    with open_database() as db:
        db.register("versions", versions)
        db.register("placed", placed)
        texts = {"hidden": SUPPRESSED, "yes": IN_FORCE, "no": NOT_IN_FORCE}
        found: Any = db.sql(_QUERY, params=texts).to_arrow_table()
    return found.column("plan").combine_chunks()


_QUERY = """
WITH known AS (
    SELECT row, any_value(day) AS day, bool_or(hidden) AS hidden,
        arg_max({'first': first, 'last': last}, (valid_from, entered))
            FILTER (valid_from < day AND entered < day) AS plan
    FROM placed JOIN versions USING (person)
    GROUP BY row
)
SELECT CASE
        WHEN hidden THEN $hidden
        WHEN plan.first <= day AND coalesce(plan.last, day) >= day THEN $yes
        ELSE $no
    END::VARCHAR AS plan
FROM known
ORDER BY row
"""

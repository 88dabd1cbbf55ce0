"""What a jobseeker's situation is: one employment code (työllisyyskoodi) at a time."""

from __future__ import annotations

from ml.contracts import Kind, Role
from ml.register.schema.codes import EMPLOYMENT_CODES
from ml.register.schema.column import RegisterColumn, Table, ValueType, Words
from ml.register.schema.tables.shared import EVERYWHERE, end, end_entered, entered, identity_code, start, uses

EMPLOYMENT = Table(
    name="employment_codes",
    words=Words(
        "Employment codes of jobseekers, from the first day to the last",
        "Työnhakijoiden työllisyyskoodit alkamis- ja päättymispäivineen",
        "De arbetssökandes sysselsättningskoder med första och sista dag",
    ),
    columns=(
        identity_code(),
        RegisterColumn(
            "code",
            ValueType.CODE,
            Words("Employment code", "Työllisyyskoodi", "Sysselsättningskod"),
            roles=uses(Role.FEATURE, *EVERYWHERE),
            kind=Kind.CONTEXT,
            codes=EMPLOYMENT_CODES,
        ),
        start(EVERYWHERE),
        end(EVERYWHERE),
        entered(EVERYWHERE),
        end_entered(EVERYWHERE),
    ),
    key=("identity_code", "start"),
    happened="start",
    entered="entered",
    end="end",
    end_entered="end_entered",
    alone=True,
)

"""What was agreed and arranged with a jobseeker: plans, interviews, contacts, interview trips."""

from __future__ import annotations

from ml.contracts import Kind, Role
from ml.register.schema.column import RegisterColumn, Table, ValueType, Words
from ml.register.schema.tables.shared import day, entered, identity_code, uses

PLAN_KINDS = {
    "employment_plan": Words("employment plan", "työllistymissuunnitelma", "sysselsättningsplan"),
    "interview": Words("interview with the service", "työnhakuhaastattelu", "jobbsökarintervju"),
    "contact": Words("contact", "yhteydenotto", "kontakt"),
    "interview_trip": Words(
        "trip to a job interview, reimbursed",
        "korvattu työhaastattelumatka",
        "ersatt resa till anställningsintervju",
    ),
}

PLANS = Table(
    name="plans",
    words=Words(
        "Employment plans, interviews, contacts and reimbursed interview trips",
        "Työllistymissuunnitelmat, haastattelut, yhteydenotot ja korvatut haastattelumatkat",
        "Sysselsättningsplaner, intervjuer, kontakter och ersatta intervjuresor",
    ),
    columns=(
        identity_code(),
        RegisterColumn(
            "kind",
            ValueType.CODE,
            Words("What was arranged", "Tapahtuma", "Händelse"),
            roles=uses(Role.FEATURE),
            kind=Kind.CAN_CHANGE,
            codes=PLAN_KINDS,
        ),
        day("date", Words("Day", "Päivä", "Dag")),
        entered(),
    ),
    key=("identity_code", "kind", "date"),
    happened="date",
    entered="entered",
)

"""How jobseekers rate their own work ability (Kykyviisari), useful only when repeated. Special category."""

from __future__ import annotations

from ml.contracts import Kind, Role
from ml.register.schema.column import RegisterColumn, Sensitivity, Table, ValueType, Words
from ml.register.schema.tables.shared import day, entered, identity_code, uses


def _rating(name: str, words: Words) -> RegisterColumn:
    return RegisterColumn(
        name,
        ValueType.INTEGER,
        words,
        Sensitivity.SPECIAL_CATEGORY,
        uses(Role.FEATURE, "service-need"),  # health is no input of the risk model (domain 7)
        Kind.SERVICE_CAN_CHANGE,
        required=False,
        minimum=0,
        maximum=10,
    )


ABILITATOR = Table(
    name="abilitator",
    words=Words(
        "Self-ratings of work ability and functioning, 0 (worst) to 10 (best)",
        "Itsearviot työ- ja toimintakyvystä, 0 (huonoin) – 10 (paras)",
        "Självskattningar av arbets- och funktionsförmåga, 0 (sämst) – 10 (bäst)",
    ),
    columns=(
        identity_code(),
        day("date", Words("Day of the rating", "Arvion päivä", "Dag för skattningen"), purposes=("service-need",)),
        _rating("work_ability", Words("Work ability", "Työkyky", "Arbetsförmåga")),
        _rating("health", Words("Health", "Terveys", "Hälsa")),
        _rating("daily_life", Words("Managing daily life", "Arjessa selviytyminen", "Att klara vardagen")),
        _rating("inclusion", Words("Inclusion", "Osallisuus", "Delaktighet")),
        _rating("skills", Words("Skills", "Osaaminen", "Kunnande")),
        entered(("service-need",)),
    ),
    key=("identity_code", "date"),
    happened="date",
    entered="entered",
)

"""Features of plans, interviews and contacts."""

from __future__ import annotations

from ml.contracts import ColumnType, Kind
from ml.register.features.catalogue.windows import WINDOWS
from ml.register.features.feature import Feature, over_windows
from ml.register.schema import Words

DAYS = ("plans.kind", "plans.date")
LAST_YEAR = {1: WINDOWS[1]}

PLANS = (
    Feature(
        "months_since_plan",
        ColumnType.NUMBER,
        Kind.SERVICE_CAN_CHANGE,
        Words(
            "Months since the latest employment plan",
            "Kuukaudet viimeisimmästä työllistymissuunnitelmasta",
            "Månader sedan den senaste sysselsättningsplanen",
        ),
        DAYS,
        "a plan is made and kept up in an interview; missing without one in five years",
        missing=True,
        reason="contact",
    ),
    *over_windows(
        "interviews",
        LAST_YEAR,
        Kind.SERVICE_CAN_CHANGE,
        Words("Interviews with the service", "Työnhakuhaastattelut", "Jobbsökarintervjuer"),
        DAYS,
        "how closely the search for work is followed",
        reason="contact",
    ),
    *over_windows(
        "contacts",
        LAST_YEAR,
        Kind.SERVICE_CAN_CHANGE,
        Words("Contacts with the service", "Yhteydenotot", "Kontakter"),
        DAYS,
        "how closely the search for work is followed",
        reason="contact",
    ),
    *over_windows(
        "interview_trips",
        LAST_YEAR,
        Kind.CAN_CHANGE,
        Words(
            "Reimbursed trips to job interviews",
            "Korvatut työhaastattelumatkat",
            "Ersatta resor till anställningsintervjuer",
        ),
        DAYS,
        "the search reaches employers; many fruitless trips call for help of another kind (report 5.8)",
        reason="job_search",
    ),
)

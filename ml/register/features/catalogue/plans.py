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
        "an old plan or none may tell of loose contact, or of origin (audited), "
        "as integration plans are not read; missing: none in five years",
        missing=True,
        reason="contact",
    ),
    *over_windows(
        "interviews",
        LAST_YEAR,
        Kind.SERVICE_CAN_CHANGE,
        Words("Interviews with the service", "Työnhakuhaastattelut", "Jobbsökarintervjuer"),
        DAYS,
        "frequent meetings went together with more work in Danish trials (Maibom et al. 2017); "
        "one year: older talks say little of now",
        reason="contact",
    ),
    *over_windows(
        "contacts",
        LAST_YEAR,
        Kind.SERVICE_CAN_CHANGE,
        Words("Contacts with the service", "Yhteydenotot", "Kontakter"),
        DAYS,
        "how closely a search is followed between interviews, at the choice of staff; "
        "one year: older contacts say little of now",
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
        "the search reaches employers, yet many fruitless trips call for other help (report 5.8); "
        "one year: the search of now",
        reason="job_search",
    ),
)

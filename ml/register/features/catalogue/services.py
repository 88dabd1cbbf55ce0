"""Features of employment services."""

from __future__ import annotations

from ml.contracts import ColumnType, Kind
from ml.register.features.catalogue.windows import over_years
from ml.register.features.feature import Feature
from ml.register.schema import Words
from ml.register.schema.tables.services import SERVICE_ENDINGS, SERVICE_KINDS

DAYS = ("services.start", "services.end")

SERVICES = (
    *over_years(
        "service_days",
        Kind.SERVICE_CAN_CHANGE,
        Words("Days in employment services", "Palvelupäivät", "Dagar i sysselsättningsfrämjande service"),
        DAYS,
        "services go to those whom staff thought to need them, so past choices are in it",
        reason="services",
        counted="days in two count twice",
    ),
    *over_years(
        "services",
        Kind.SERVICE_CAN_CHANGE,
        Words("Employment services that began", "Alkaneet palvelut", "Påbörjad sysselsättningsfrämjande service"),
        DAYS,
        "tells many short services from one long one, which their days alone do not",
        reason="services",
    ),
    Feature(
        "last_service",
        ColumnType.CATEGORY,
        Kind.SERVICE_CAN_CHANGE,
        Words("Latest employment service", "Viimeisin palvelu", "Senaste service"),
        ("services.kind", "services.start"),
        "tells which need staff saw last; "
        "guidance centres may tell of age (audited), rehabilitative work of health; missing without one",
        missing=True,
        values=SERVICE_KINDS,
        reason="services",
    ),
    Feature(
        "last_service_ending",
        ColumnType.CATEGORY,
        Kind.SERVICE_CAN_CHANGE,
        Words("How the latest service ended", "Miten viimeisin palvelu päättyi", "Hur den senaste servicen avslutades"),
        ("services.ended", "services.end", "services.start"),
        "breaking off may tell of hindrances, health among them, that completing or finding work does not; "
        "missing if not recorded",
        missing=True,
        values={**SERVICE_ENDINGS, "under_way": Words("under way", "kesken", "pågår")},
        reason="services",
    ),
    Feature(
        "months_since_service",
        ColumnType.NUMBER,
        Kind.SERVICE_CAN_CHANGE,
        Words(
            "Months since an employment service ended",
            "Kuukaudet palvelun päättymisestä",
            "Månader sedan servicen avslutades",
        ),
        DAYS,
        "people in a service leave unemployment less often until it ends (van Ours 2004); 0 while under way; "
        "missing without one in five years",
        missing=True,
        reason="services",
    ),
)

"""Features of employment services."""

from __future__ import annotations

from ml.contracts import ColumnType, Kind
from ml.register.features.catalogue.windows import WINDOWS
from ml.register.features.feature import Feature, over_windows
from ml.register.schema import Words
from ml.register.schema.tables.services import SERVICE_ENDINGS, SERVICE_KINDS

DAYS = ("services.start", "services.end")

SERVICES = (
    *over_windows(
        "service_days",
        WINDOWS,
        Kind.SERVICE_CAN_CHANGE,
        Words("Days in employment services", "Palvelupäivät", "Dagar i sysselsättningsfrämjande service"),
        DAYS,
        "services go to those who are thought to need them; days in two at a time count twice",
        reason="services",
    ),
    *over_windows(
        "services",
        WINDOWS,
        Kind.SERVICE_CAN_CHANGE,
        Words("Employment services that began", "Alkaneet palvelut", "Påbörjad sysselsättningsfrämjande service"),
        DAYS,
        "many short services are something else than one long one",
        reason="services",
    ),
    Feature(
        "last_service",
        ColumnType.CATEGORY,
        Kind.SERVICE_CAN_CHANGE,
        Words("Latest employment service", "Viimeisin palvelu", "Senaste service"),
        ("services.kind", "services.start"),
        "missing without a service in five years",
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
        "missing without a service in five years, or when nobody wrote it down",
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
        "0 while one is under way; missing without a service in five years",
        missing=True,
        reason="services",
    ),
)

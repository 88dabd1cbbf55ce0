"""Features of unemployment benefits."""

from __future__ import annotations

from ml.contracts import ColumnType, Kind
from ml.register.features.catalogue.windows import over_years
from ml.register.features.feature import Feature
from ml.register.schema import Words
from ml.register.schema.tables.benefits import BENEFIT_KINDS

DAYS = ("benefits.kind", "benefits.start", "benefits.end", "benefits.days_paid")

BENEFITS = (
    *over_years(
        "earnings_related_days",
        Kind.CONTEXT,
        Words(
            "Days of earnings-related allowance paid", "Ansiopäivärahapäivät", "Dagar med inkomstrelaterad dagpenning"
        ),
        DAYS,
        "an insured right earned by work, of 400 days: how much is used; may tell of a union",
        reason="benefits",
    ),
    *over_years(
        "basic_allowance_days",
        Kind.CONTEXT,
        Words("Days of basic allowance paid", "Peruspäivärahapäivät", "Dagar med grunddagpenning"),
        DAYS,
        "an uninsured right earned by work, of 400 days: how much is used; may tell of no union",
        reason="benefits",
    ),
    *over_years(
        "subsidy_days",
        Kind.CONTEXT,
        Words("Days of labour-market subsidy paid", "Työmarkkinatukipäivät", "Dagar med arbetsmarknadsstöd"),
        DAYS,
        "paid when an allowance is used up or was never earned by work; may tell of youth or recent arrival",
        reason="benefits",
    ),
    Feature(
        "benefit_kind",
        ColumnType.CATEGORY,
        Kind.CONTEXT,
        Words("Latest benefit", "Viimeisin etuus", "Senaste förmån"),
        ("benefits.kind", "benefits.start"),
        "tells whether the right of today came from work; may tell of a union, youth or recent arrival; missing without one in five years",
        missing=True,
        values=BENEFIT_KINDS,
        reason="benefits",
    ),
    Feature(
        "on_payment_list",
        ColumnType.BOOLEAN,
        Kind.CONTEXT,
        Words(
            "On the municipal payment list",
            "Kunnan maksuosuuslistalla",
            "På kommunens betalningslista",
        ),
        DAYS,
        "the list is of people who are hard to employ (report 5.10.1); 300 days of labour-market subsidy in five years, and drawing it last",
        reason="benefits",
    ),
)

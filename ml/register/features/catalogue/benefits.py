"""Features of unemployment benefits."""

from __future__ import annotations

from ml.contracts import ColumnType, Kind
from ml.register.features.catalogue.windows import WINDOWS
from ml.register.features.feature import Feature, over_windows
from ml.register.schema import Words
from ml.register.schema.tables.benefits import BENEFIT_KINDS

DAYS = ("benefits.kind", "benefits.start", "benefits.end", "benefits.days_paid")

BENEFITS = (
    *over_windows(
        "earnings_related_days",
        WINDOWS,
        Kind.CONTEXT,
        Words(
            "Days of earnings-related allowance paid", "Ansiopäivärahapäivät", "Dagar med inkomstrelaterad dagpenning"
        ),
        DAYS,
        "the right to it lasts 400 days and comes from work",
        reason="benefits",
    ),
    *over_windows(
        "basic_allowance_days",
        WINDOWS,
        Kind.CONTEXT,
        Words("Days of basic allowance paid", "Peruspäivärahapäivät", "Dagar med grunddagpenning"),
        DAYS,
        "the right to it lasts 400 days and comes from work",
        reason="benefits",
    ),
    *over_windows(
        "subsidy_days",
        WINDOWS,
        Kind.CONTEXT,
        Words("Days of labour-market subsidy paid", "Työmarkkinatukipäivät", "Dagar med arbetsmarknadsstöd"),
        DAYS,
        "what remains when the right to an allowance is used up or was never earned",
        reason="benefits",
    ),
    Feature(
        "benefit_kind",
        ColumnType.CATEGORY,
        Kind.CONTEXT,
        Words("Latest benefit", "Viimeisin etuus", "Senaste förmån"),
        ("benefits.kind", "benefits.start"),
        "missing without a benefit in five years",
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
        "300 days of labour-market subsidy in five years, and drawing it last (report 5.10.1)",
        reason="benefits",
    ),
)

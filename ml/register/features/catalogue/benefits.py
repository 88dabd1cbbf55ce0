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
        "work is found oftener as the 400 days run out (Kyyrä et al. 2019); may tell of a union (not audited)",
        reason="benefits",
    ),
    *over_years(
        "basic_allowance_days",
        Kind.CONTEXT,
        Words("Days of basic allowance paid", "Peruspäivärahapäivät", "Dagar med grunddagpenning"),
        DAYS,
        "a right earned by work outside a fund, which ends after 400 days; may tell of no union (not audited)",
        reason="benefits",
    ),
    *over_years(
        "subsidy_days",
        Kind.CONTEXT,
        Words("Days of labour-market subsidy paid", "Työmarkkinatukipäivät", "Dagar med arbetsmarknadsstöd"),
        DAYS,
        "an allowance used up or never earned goes together with little recent work; "
        "may tell of age or origin (audited)",
        reason="benefits",
    ),
    Feature(
        "benefit_kind",
        ColumnType.CATEGORY,
        Kind.CONTEXT,
        Words("Latest benefit", "Viimeisin etuus", "Senaste förmån"),
        ("benefits.kind", "benefits.start"),
        "tells whether the right came from work; may tell of age, origin (audited) or a union (not audited); "
        "missing: none in five years",
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
        "the list is of people hard to employ (report 5.10.1); "
        "only restates two inputs: subsidy drawn last, and on 300 days in five years",
        reason="benefits",
    ),
)

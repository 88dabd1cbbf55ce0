"""Which unemployment benefits were paid: one record a payment period, never changed afterwards."""

from __future__ import annotations

from ml.contracts import Kind, Role
from ml.register.schema.column import RegisterColumn, Table, ValueType, Words
from ml.register.schema.tables.shared import EVERYWHERE, end, entered, identity_code, start, uses

BENEFIT_KINDS = {
    "earnings_related": Words("earnings-related allowance", "ansiopäiväraha", "inkomstrelaterad dagpenning"),
    "basic_allowance": Words("basic allowance", "peruspäiväraha", "grunddagpenning"),
    "labour_market_subsidy": Words("labour-market subsidy", "työmarkkinatuki", "arbetsmarknadsstöd"),
}

BENEFITS = Table(
    name="benefits",
    words=Words(
        "Unemployment benefits, one record a payment period",
        "Työttömyysetuudet maksujaksoittain",
        "Arbetslöshetsförmåner per utbetalningsperiod",
    ),
    columns=(
        identity_code(),
        RegisterColumn(
            "kind",
            ValueType.CODE,
            Words("Benefit", "Etuus", "Förmån"),
            roles=uses(Role.FEATURE, *EVERYWHERE),
            kind=Kind.CONTEXT,
            codes=BENEFIT_KINDS,
        ),
        start(EVERYWHERE),
        end(EVERYWHERE, required=True),
        RegisterColumn(
            "days_paid",
            ValueType.INTEGER,
            Words(
                "Benefit days paid in the period",
                "Jaksolta maksetut etuuspäivät",
                "Betalda förmånsdagar under perioden",
            ),
            roles=uses(Role.FEATURE, *EVERYWHERE),
            kind=Kind.CONTEXT,
            minimum=0,
            maximum=366,
        ),
        entered(EVERYWHERE),
    ),
    key=("identity_code", "kind", "start"),
    happened="start",
    entered="entered",
    end="end",
)

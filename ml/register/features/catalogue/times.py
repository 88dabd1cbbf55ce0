"""The times, told by a number: no feature of a person, and nothing that a model learns from."""

from __future__ import annotations

from ml.contracts import ColumnType, Kind
from ml.register.features.feature import Feature
from ml.register.schema import Words

PACE = Feature(
    "leaving_share",
    ColumnType.NUMBER,
    Kind.CONTEXT,
    Words(
        "Labour market now: share of new spells that end within a year",
        "Työmarkkinatilanne: vuodessa päättyvien uusien työttömyysjaksojen osuus",
        "Arbetsmarknadsläget: andel av nya arbetslöshetsperioder som upphör inom ett år",
    ),
    ("employment_codes.code", "employment_codes.start", "employment_codes.end"),
    "keeps the level of chances with the times: in good ones people leave sooner; the same for everybody who is looked "
    "at in a month, and not learnt from",
    missing=True,
    maximum=1,
)

"""A column recorded after the placement is suspected; what was known before is not."""

from __future__ import annotations

import numpy as np

from ml.contracts import Column, ColumnType, Placements, Role
from ml.models.encode import fit_encoder
from ml.models.needs.leaks import need_leaks
from ml.models.needs.split import NeedSplit
from ml.models.needs.train import entity_codes


def test_a_planted_column_is_named(placements: Placements, parts: NeedSplit) -> None:
    rows = parts.train.placed
    entity = entity_codes(placements, rows)
    features = placements.features.iloc[rows].assign(
        network_meetings=(entity == 1) * 3.0, agreed_service=np.array(["a", "b", "c"], dtype=object)[entity]
    )
    planted = (
        *placements.columns,
        Column("network_meetings", ColumnType.NUMBER, Role.FEATURE),
        Column("agreed_service", ColumnType.CATEGORY, Role.FEATURE),
    )
    encoder = fit_encoder(features, planted)
    found = need_leaks(encoder, encoder.frame(features), entity, 0.95, placements.person[rows])
    assert set(found) == {"network_meetings", "agreed_service"}
    assert all(value > 0.99 for value in found.values())


def test_an_honest_town_has_no_suspects(placements: Placements, parts: NeedSplit) -> None:
    rows = parts.train.placed
    features = placements.features.iloc[rows]
    encoder = fit_encoder(features, placements.columns)
    codes, entity = encoder.frame(features), entity_codes(placements, rows)
    assert need_leaks(encoder, codes, entity, 0.95, placements.person[rows]) == {}

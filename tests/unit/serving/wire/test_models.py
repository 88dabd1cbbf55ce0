"""How models in use are told of on the wire."""

from __future__ import annotations

import pytest

from ml.contracts import Column, ColumnType, Kind, Role
from serving.wire.models import describe


@pytest.mark.parametrize(("pace", "kind"), [(False, "context"), (True, "times")])
def test_an_input_that_is_the_same_for_everybody_is_told_apart(pace: bool, kind: str) -> None:
    column = Column("leaving", ColumnType.NUMBER, Role.FEATURE, Kind.CONTEXT, {"sv": "Läget"}, pace=pace)
    described = describe(column, "sv").model_dump(mode="json")
    assert (described["kind"], described["label"]) == (kind, "Läget")

"""Which right stands in the way, as a table: dates of rights in, the kind of refusal out."""

from __future__ import annotations

import pytest

from serving.refusals import right_in_the_way
from serving.store.clients import Client

TABLE = [
    # consent objection restriction erased | with consent needed | with another basis
    (None, None, None, None, "consent-missing", None),
    ("d", None, None, None, None, None),
    (None, "d", None, None, "objection", "objection"),
    ("d", "d", None, None, "objection", "objection"),
    (None, None, "d", None, "restriction", "restriction"),
    ("d", None, "d", None, "restriction", "restriction"),
    ("d", "d", "d", None, "objection", "objection"),
    (None, None, None, "d", "erased", "erased"),
    ("d", None, None, "d", "erased", "erased"),
    ("d", "d", "d", "d", "erased", "erased"),
]
Day = str | None


@pytest.mark.parametrize(("consent", "objection", "restriction", "erased", "on_consent", "on_law"), TABLE)
def test_which_right_stands_in_the_way(
    consent: Day, objection: Day, restriction: Day, erased: Day, on_consent: str | None, on_law: str | None
) -> None:
    client = Client("a" * 32, "cw", None, None, consent, objection, restriction, erased)
    for needs_consent, kind in ((True, on_consent), (False, on_law)):
        found = right_in_the_way(client, needs_consent=needs_consent)
        assert (None if found is None else found.kind) == kind
        if found is not None:
            assert found.status == 403
            assert "a" * 32 not in str(found)
            assert "no hint may be given" in str(found)

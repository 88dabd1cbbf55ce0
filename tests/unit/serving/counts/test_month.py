"""When a month is over, and when its counts can be made."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from serving.counts.month import Month, MonthOpenError


@pytest.mark.parametrize(
    ("month", "end"),
    [("2026-10", "2026-11-01"), ("2026-12", "2027-01-01"), ("2028-02", "2028-03-01"), ("2027-02", "2027-03-01")],
)
def test_a_month_ends_where_the_next_begins(month: str, end: str) -> None:
    assert Month(month).end == datetime.fromisoformat(end).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("now", "open_"),
    [("2026-10-15", True), ("2026-11-01", True), ("2026-11-02 23:59:59", True), ("2026-11-03", False)],
)
def test_counts_are_made_two_days_after_the_end(now: str, open_: bool) -> None:
    at = datetime.fromisoformat(now).replace(tzinfo=UTC)
    if not open_:
        Month("2026-10").require_closed(at)
        return
    with pytest.raises(MonthOpenError, match="from 2026-11-03 on"):
        Month("2026-10").require_closed(at)

"""A month that counts are made of, and when it is closed. Months are of UTC, as all times of the service are."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from ml.errors import ConflictError

CLOSES_AFTER = timedelta(days=2)  # feedback is counted until then


class MonthOpenError(ConflictError):
    """The month is under way, or has only just ended."""

    kind = "month-open"


@dataclass(frozen=True)
class Month:
    """A calendar month, as "2026-11"."""

    name: str

    @property
    def start(self) -> datetime:
        """Return its first moment."""
        return datetime.strptime(self.name, "%Y-%m").replace(tzinfo=UTC)

    @property
    def end(self) -> datetime:
        """Return the first moment of the next month."""
        return (self.start + timedelta(days=32)).replace(day=1)

    @property
    def before(self) -> Month:
        """Return the month before it."""
        return Month(f"{self.start - timedelta(days=1):%Y-%m}")

    @property
    def closes(self) -> datetime:
        """Return when its counts are made of what is there."""
        return self.end + CLOSES_AFTER

    def require_closed(self, now: datetime) -> None:
        """Raise MonthOpenError when the counts cannot be made yet."""
        if now < self.closes:
            raise MonthOpenError(f"the counts of {self.name} are made from {self.closes:%Y-%m-%d} on; ask again then")

    def require_begun(self, now: datetime) -> None:
        """Raise MonthOpenError when the month is still to come."""
        if now < self.start:
            raise MonthOpenError(f"{self.name} is still to come")

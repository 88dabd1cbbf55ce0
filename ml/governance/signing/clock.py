"""A clock that was set back is noticed: `<home>/review/seen` holds the latest time that was seen."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from ml.errors import ApualyError, GateError

from .private_file import rewrite

TOLERANCE = timedelta(minutes=5)  # clocks of two machines differ
EVERY = timedelta(minutes=1)


def require_clock(seen: Path, now: datetime, last_entry: datetime | None = None) -> None:
    """Raise GateError when now is well before what was seen, or before the review log's last entry (`Chain.at`)."""
    latest = max((moment for moment in (_read(seen), last_entry) if moment is not None), default=None)
    if latest is not None and now < latest - TOLERANCE:
        raise GateError(
            f"the clock was set back: it says {_said(now)}, and {_said(latest)} was seen already; set it right "
            f"(if it was ahead then, and the review log has no entry from then, delete {seen})"
        )


def note_time(seen: Path, now: datetime) -> None:
    """Remember that a time was seen, at most once a minute and never backwards. Raises ApualyError."""
    latest = _read(seen)
    if latest is not None and now < latest + EVERY:
        return
    try:
        rewrite(seen, f"{now.astimezone(UTC).isoformat()}\n".encode(), 0o600)
    except OSError as error:
        raise ApualyError(f"{seen}: the time cannot be written down ({error.strerror})") from None


def _read(seen: Path) -> datetime | None:
    try:
        moment = datetime.fromisoformat(seen.read_text(encoding="utf-8").strip())
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as problem:
        raise GateError(f"{seen}: the time seen last cannot be read ({problem}); see who wrote it, delete it") from None
    if moment.tzinfo is None:
        raise GateError(f"{seen}: the time seen last has no time zone; see who wrote it, and delete it")
    return moment


def _said(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds")

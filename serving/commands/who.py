"""Who runs a command, for the log."""

from __future__ import annotations

import getpass
from collections.abc import Mapping


def who(environ: Mapping[str, str]) -> str:
    """Return who is at the keyboard, or whose timer runs."""
    try:
        return environ.get("USER") or getpass.getuser()
    except (KeyError, OSError):  # an account without a name, as in some containers
        return "unknown"

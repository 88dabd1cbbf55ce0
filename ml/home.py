"""Where state lives: one folder (design.md 2.17)."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

POLICY = Path(__file__).parents[1] / "model_cards" / "policy.toml"  # the reviewers' policy


def home(environ: Mapping[str, str]) -> Path:
    """Return the folder that APUALY_HOME names, `var` otherwise."""
    return Path(environ.get("APUALY_HOME") or "var")

"""The table of who is signed in on the pages. It holds no session's id, only its digest: who reads it can be nobody."""

from __future__ import annotations

from sqlalchemy import Column, MetaData, String, Table

_TIME = String(27)  # UTC, as serving/store has it: 2026-11-28T14:05:06.123456Z


def session_table(metadata: MetaData) -> Table:
    """Return the table `sessions`, declared on `metadata`."""
    return Table(
        "sessions",
        metadata,
        Column("digest", String(64), primary_key=True),  # SHA-256 of who vouches and the id, hexadecimal
        Column("subject", String(255), nullable=False, index=True),
        Column("name", String(255), nullable=False),
        Column("roles", String(255), nullable=False),  # between spaces
        Column("office", String(100)),
        Column("created_at", _TIME, nullable=False),
        Column("seen_at", _TIME, nullable=False, index=True),
        Column("expires_at", _TIME, nullable=False, index=True),
        Column("csrf_token", String(43), nullable=False),
    )
